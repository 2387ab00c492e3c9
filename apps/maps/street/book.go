package street

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"
)

// Config is what a book needs.
type Config struct {
	File  string // where it remembers what was learned; empty: nowhere
	Tiles Tiles
	// Wanted is which maps are here, by whatever changes with them, and around which point
	// streets are wanted. It is false if there is nothing to learn now.
	Wanted func() (maps string, around orb.Point, ok bool)
	Log    *slog.Logger // nil: nothing is logged
}

// How a book learns: it looks for something new so often, rests so long after each tile,
// and after what went wrong.
const (
	lookEvery  = 30 * time.Second
	rest       = 10 * time.Millisecond
	afterError = 10 * time.Minute
	moved      = 2_000 // meters
)

// Book is the streets of a hub, which are learned again when its maps or its place
// change. It is safe for concurrent use.
type Book struct {
	conf    Config
	learned atomic.Pointer[Learned]
}

// Open opens a book with what it remembers. What cannot be read is learned again by Run.
func Open(c Config) *Book {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	b := &Book{conf: c}
	b.learned.Store(&Learned{Index: put(nil, nil, nil, 0)})
	if c.File == "" {
		return b
	}
	l, err := readFile(c.File)
	switch {
	case err == nil:
		b.learned.Store(&l)
	case !errors.Is(err, fs.ErrNotExist):
		c.Log.Warn("the streets that were learned cannot be read, and are learned again", "error", err)
	}
	return b
}

func readFile(path string) (Learned, error) {
	f, err := os.Open(path)
	if err != nil {
		return Learned{}, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return Learned{}, err
	}
	return Read(raw)
}

// Learned is what is known now.
func (b *Book) Learned() Learned { return *b.learned.Load() }

// Run learns whenever there is something new, until its context ends.
func (b *Book) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		wait := lookEvery
		if err := b.Look(ctx); err != nil && ctx.Err() == nil {
			b.conf.Log.Warn("the streets could not be learned", "error", err)
			wait = afterError
		}
		pause(ctx, wait)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Look learns once, if there is something new. The error is that of the tiles, of the file or
// of the context.
func (b *Book) Look(ctx context.Context) error {
	maps, around, ok := b.conf.Wanted()
	if !ok || len(maps) > maxFrom {
		return nil
	}
	now := b.learned.Load()
	if now.From == maps && away(pointOf(now.Around), pointOf(around)) < moved {
		return nil
	}
	x, err := b.learn(ctx, around)
	if err != nil {
		return err
	}
	l := &Learned{x, maps, around}
	b.learned.Store(l)
	b.conf.Log.Info("the streets around here were learned", "names", x.Names(), "crossings", x.Crossings())
	if b.conf.File == "" {
		return nil
	}
	temp := b.conf.File + ".new"
	if err := os.WriteFile(temp, l.Append(nil), 0o644); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return os.Rename(temp, b.conf.File)
}

// learn learns from tiles that may be anybody's: what was not foreseen in one is an error.
func (b *Book) learn(ctx context.Context, around orb.Point) (x *Index, err error) {
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("panic: %v\n%s", what, debug.Stack())
		}
	}()
	return Learn(ctx, b.conf.Tiles, around, func() { pause(ctx, rest) })
}
