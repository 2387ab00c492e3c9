// Package ferry brings large files from hub to hub on request, in pieces, from where an
// earlier try left off: street maps, which are too large for what every hub keeps (see
// package haul). A file is named by its SHA-256 and its size. Whoever wants it asks a hub
// that has said that it has it.
//
// It goes over a stream of its own on the link with a hub, and gives way to everything
// else there. Nothing is sent that was not asked for, and so much is asked for at a time
// that what waits on the way waits no longer than a tenth of a second, by how long pieces
// take to come (as in LEDBAT, RFC 6817): where records or messages are under way, pieces
// take longer, and fewer are asked for. A hub that knows that it has something to say on a
// link holds pieces back besides (Config.Busy).
//
// What comes is what the hub at the other end gave, as the link proves; whether that is the
// file its hash says once it is whole, which is for the caller to see.
//
// A Ferry starts no goroutine. What it serves runs in its caller's, what it fetches in that
// of whoever reads.
package ferry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"golang.org/x/time/rate"
)

// Protocol is the name of the streams.
const Protocol = "/lamppost/ferry/1"

// Bounds of what is given.
const (
	MaxServed   = 4       // streams at once, one of each hub
	DefaultRate = 4 << 20 // bytes a second, of all streams together

	mayAsk    = 10 * time.Second // for the first word of a stream
	mayThink  = time.Minute      // between a piece and what is asked for next
	mayTake   = 30 * time.Second // for one piece
	mayStay   = time.Hour        // on one stream
	holdMost  = time.Second      // that a piece gives way where Busy says so
	holdLook  = 20 * time.Millisecond
	againMin  = 64 << 20 // bytes that a hub is given beyond the file, twice
	againSec  = 64 << 10 // and for each second
	maxGuests = 256      // hubs of which is known what they were given
)

// Bounds of what is asked for.
const (
	patience = time.Minute // for a piece
	opening  = 30 * time.Second
)

// What a hub answers that gives nothing.
var (
	// ErrAbsent is that it does not have the file, or not any more.
	ErrAbsent = errors.New("the other hub does not have this file")
	// ErrBusy is that it gives no more for now: too many ask, or enough was given.
	ErrBusy = errors.New("the other hub gives no more files just now")
	// ErrProtocol is that it says what makes no sense.
	ErrProtocol = errors.New("the other hub breaks the rules of fetching files")
)

// Stream is a reliable ordered stream of bytes to one hub, with deadlines. Close ends both
// directions.
type Stream interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Network is how this hub reaches others of its community: those that have proven it, and
// no others.
type Network interface {
	// Open opens a stream of Protocol to a hub. What its other end is handed to is that
	// hub's Serve.
	Open(ctx context.Context, hub record.Author) (Stream, error)
	// Linked are the hubs to which one can be opened now.
	Linked() []record.Author
}

// Files opens a file by its SHA-256, for others; an error where it is not there.
type Files = func(ctx context.Context, sum [32]byte) (io.ReadSeekCloser, error)

// Config is what a Ferry is made of. Network is needed.
type Config struct {
	Self    record.Author // this hub
	Network Network
	// Busy reports whether something else waits to be sent to a hub. A piece is held back
	// as long, up to a second: whatever else there is, a file does not stand still. Nil:
	// never.
	Busy func(hub record.Author) bool
	Rate int          // bytes a second that are given, in all; 0 = DefaultRate
	Log  *slog.Logger // nil = none
}

// Ferry gives files and fetches them. It is safe for concurrent use.
type Ferry struct {
	conf Config
	rate *rate.Limiter

	mu     sync.Mutex
	shared []*Files
	served map[record.Author]*serving
	given  map[record.Author]*account
}

// New makes one that gives nothing yet.
func New(c Config) (*Ferry, error) {
	if c.Network == nil {
		return nil, errors.New("ferry: a Network is needed")
	}
	if c.Rate <= 0 {
		c.Rate = DefaultRate
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Busy == nil {
		c.Busy = func(record.Author) bool { return false }
	}
	return &Ferry{
		conf: c, rate: rate.NewLimiter(rate.Limit(c.Rate), max(c.Rate/8, maxPiece)),
		served: map[record.Author]*serving{}, given: map[record.Author]*account{},
	}, nil
}

// Self is this hub.
func (f *Ferry) Self() record.Author { return f.conf.Self }

// Linked are the hubs that can be asked now.
func (f *Ferry) Linked() []record.Author { return f.conf.Network.Linked() }

// Share gives files to others who ask, until the context ends. Several may share.
func (f *Ferry) Share(ctx context.Context, open Files) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := &open
	f.shared = append(f.shared, one)
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.shared = slices.DeleteFunc(f.shared, func(o *Files) bool { return o == one })
	})
}

// open opens a file that is shared, of exactly that size.
func (f *Ferry) open(ctx context.Context, a ask) (io.ReadSeekCloser, error) {
	f.mu.Lock()
	all := slices.Clone(f.shared)
	f.mu.Unlock()
	for _, open := range all {
		file, err := (*open)(ctx, a.sum)
		if err != nil {
			continue
		}
		size, err := file.Seek(0, io.SeekEnd)
		if err == nil && size == a.size {
			return file, nil
		}
		file.Close()
	}
	return nil, ErrAbsent
}
