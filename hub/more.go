package hub

import (
	"context"
	"io"
	"net/http"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// What an App may do besides, found by type assertion when it is mounted.
type (
	// Bannerer tops every page of the hub, whatever app it belongs to.
	Bannerer interface {
		// Banner is what stands there; a Page without a Template for nothing.
		Banner(Snapshot, Request) (Page, error)
	}
	// Printer has a card in the printed bulletin.
	Printer interface {
		// Print is the card; a Page without a Template for none.
		Print(Snapshot, Request) (Page, error)
	}
	// Router answers raw HTTP below its own path: what is no page, such as an upload
	// or a feed.
	Router interface {
		// Routes are handlers by pattern, as http.ServeMux has them, below the app's
		// path: "GET /feed.atom", "POST /upload". The hub has checked host, session,
		// origin and the number of open requests; the size of a body is the handler's
		// to bound.
		Routes(Host) map[string]http.Handler
	}
	// Runner works while the hub runs, such as to ask for what is news elsewhere.
	Runner interface {
		// Run returns when its context ends. An error is logged, and ends it alone.
		Run(context.Context, Host) error
	}
	// Commander answers "lamppost {app} {verb}" on the hub's machine.
	Commander interface {
		Commands() map[string]Command
	}
	// Command is one verb: with what stands behind it, what is piped in, and where
	// it answers. It runs within the hub.
	Command func(ctx context.Context, h Host, args []string, in io.Reader, out io.Writer) error
)

// Host is what an app's Router, Runner or Command may ask of its hub.
type Host interface {
	// Read shows f one consistent moment.
	Read(context.Context, func(Snapshot) error) error
	// Write signs drafts with the hub's own key; they are on disk on return.
	Write(context.Context, ...Draft) ([]record.Record, error)
	// Watch tells, with nothing lost but repetitions, when what is under one of the
	// terms has changed. It ends with the context.
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
