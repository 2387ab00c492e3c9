package hub

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// What an App may do besides, found by type assertion when it is mounted.
type (
	// Bannerer tops every page of the hub, whatever app it belongs to.
	Bannerer interface {
		// Banner is what stands there; a Page without a Template for nothing, whose Topics
		// and Until count all the same. It is asked for each page that anybody opens, and
		// is the same for all who read in one language: the Request names nobody. What it
		// says is left out above a page of the app with Tops, and above what the app itself
		// has for paper: its card in the printed bulletin, and its Report. Where
		// $.Here.Wall is set nothing in it leads away. What stands in its first element
		// with the attribute data-say is read out when it comes to an open page, and the
		// attribute's few words lead up to it from further down. An error is logged, and
		// costs no page more than its banner.
		Banner(Snapshot, Request) (Page, error)
	}
	// Printer has a card in the printed bulletin, the one page that hangs on a door.
	Printer interface {
		// Print is the card; a Page without a Template for none. It is for people without
		// a device, so nothing in it is to be pressed. The page has room for about forty
		// lines of large type for all apps, in their order: what does not fit is not
		// printed, so what matters most comes first. The Request names nobody.
		Print(Snapshot, Request) (Page, error)
	}
	// Foreseer is an App in which others see something else once somebody's word counts no
	// more: what they have ended holds again, say.
	Foreseer interface {
		// Without is what is different once somebody may not do any more what takes these
		// roles, all that they have at the most, and what they did by them does not count.
		// It is told before that is decided, so that whoever decides it knows, and after.
		// The Request names nobody.
		Without(Snapshot, Request, record.Author, roster.Roles) ([]Effect, error)
	}
	// Router answers HTTP below its own path by itself: what is no page, such as an
	// upload or a feed.
	Router interface {
		// Routes are handlers by pattern, as http.ServeMux has them, below the app's
		// path: "GET /feed.atom", "POST /upload". They take GET or POST, and come before
		// the app's pages of the same path and method.
		Routes(Host) map[string]Handler
	}
	// Handler answers one request, or returns where whoever asked goes on, as Returner
	// has it. An error is shown to them, of a form on the page of the same path, as one
	// of Act is; nothing may have been written by then.
	//
	// The hub has checked host, session, origin and the number of open requests. A POST
	// takes a form, also one with files, of at most MaxUpload bytes, or as many as an
	// Uploader says, and only from a page of this hub: the form begins with {{template "hidden" $}}. Request.Form has the
	// fields that come before the first file; the body is there from its beginning, for
	// the handler to read and to bound. The request's path is below the app's.
	Handler func(http.ResponseWriter, *http.Request, Request) (to string, _ error)
	// Uploader is a Router of which some forms bring more than MaxUpload, or less.
	Uploader interface {
		// Uploads are how many bytes the forms of routes bring at the most, by pattern, as
		// Routes has it. What exceeds MaxUpload takes as long as it takes, while it comes
		// in no slower than a phone at the edge of a Wi-Fi sends. The handler writes it to
		// disk as it comes, and sees to it that there is room.
		Uploads() map[string]int64
	}
	// Receiver is an Answerer that takes documents of programs as they are, such as a file of
	// places.
	Receiver interface {
		// Documents are what a POST may bring in place of JSON with fields, by path below
		// /api/v1/{name}/.
		Documents() map[string]Document
		// Receive reads one to its end, and gives what Act and Written find of it in the form,
		// beside the fields in Request.Form, which are those of the query. It may wait, as long
		// as the context holds. leave is called when the request is over; nil for nothing.
		Receive(_ context.Context, _ Host, _ Request, body io.Reader) (form url.Values, leave func() error, _ error)
	}
	// Runner works while the hub runs, such as to ask for what is news elsewhere.
	Runner interface {
		// Run returns when its context ends. An error is logged and ends it alone; it is
		// not started again.
		Run(context.Context, Host) error
	}
	// Commander answers "lamppost {app} {verb}" on the hub's machine.
	Commander interface {
		Commands() map[string]Command // by verb
	}
)

// Document is what a program sends as it is.
type Document struct {
	Media string // its type (RFC 6838): "application/geo+json"
	Most  int64  // bytes. What exceeds MaxUpload may take as long as a form of an Uploader.
}

// Effect is what a decision does to things that people see.
type Effect struct {
	Says string   // what becomes of them, in the reader's language: "These hold again:"
	Of   []string // the things, a line each; at least one, and a few dozen at the most
}

// MaxUpload is how much a form with files brings at the most, in bytes.
const MaxUpload = 6 << 20

// Command is one verb of an app on the command line. It runs within the hub, for the
// user to whom the hub's folder belongs.
type Command struct {
	Usage string // what follows the verb: "FILE", "[ID…]"
	Help  string // one line, in English
	// File says that the first argument names a file of whoever asks, "-" for what is
	// piped in: it is read there, and comes as in.
	File bool
	// Into says that the first argument may name a file, by a name with an ending: what Run
	// writes goes into it, which must not be there yet. Any other, or none, goes to where the
	// output of whoever asks goes.
	Into bool
	// Most is how many bytes it reads; 0 = 64 MB.
	Most int64
	// Run answers at out. It ends with its context, which ends with whoever asked and
	// with the hub. An error is told in words of its own, and is a failed exit.
	Run func(ctx context.Context, h Host, args []string, in io.Reader, out io.Writer) error
}

// Host is what an app's Router, Runner or Command may ask of its hub.
type Host interface {
	// Read shows f one consistent moment, as the app sees it.
	Read(context.Context, func(Snapshot) error) error
	// Write signs drafts with the hub's own key; they are on disk on return.
	Write(context.Context, ...Draft) ([]record.Record, error)
	// Watch tells, with nothing lost but repetitions, when what is under one of the
	// terms has changed. The channel is closed when the context ends.
	Watch(context.Context, ...Term) <-chan struct{}
	Blobs() Blobs
	// Online reports whether the internet is known to work.
	Online() bool
}

// Blobs holds what exceeds a record, by its hash, in bounded space.
type Blobs interface {
	// Put keeps what r gives, at most so many bytes, and says how a record names it.
	Put(ctx context.Context, r io.Reader, most int64) (record.Blob, error)
	// Open reads one that is here; a NotFound where it is not, or not yet.
	Open(ctx context.Context, sum [32]byte) (io.ReadSeekCloser, error)
}
