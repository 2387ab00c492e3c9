package ferry

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// serving is one stream that is served.
type serving struct{ end context.CancelFunc }

// account is what a hub was given lately: it shrinks by againSec a second.
type account struct {
	bytes float64
	at    time.Time
}

// Serve serves one stream that another hub of the community has opened, and returns when
// that ends. A second one of the same hub ends the first, of which this hub may not have
// heard yet that it broke.
func (f *Ferry) Serve(ctx context.Context, hub record.Author, s Stream) {
	ctx, cancel := context.WithTimeout(ctx, mayStay)
	defer cancel()
	defer s.Close()
	stop := context.AfterFunc(ctx, func() { end(s) })
	defer stop()
	in := bufio.NewReaderSize(s, 1<<10)
	if s.SetReadDeadline(time.Now().Add(mayAsk)) != nil || s.SetWriteDeadline(time.Now().Add(mayAsk)) != nil {
		return
	}
	a, err := readAsk(in)
	if err != nil {
		f.told(ctx, hub, err)
		return
	}
	mine := &serving{cancel}
	if !f.enter(hub, mine) {
		_, _ = s.Write([]byte{kNo, noBusy}) // it is ended either way
		return
	}
	defer f.leave(hub, mine)
	file, err := f.open(ctx, a)
	if err != nil {
		_, _ = s.Write([]byte{kNo, noAbsent})
		return
	}
	defer file.Close()
	if _, err = s.Write([]byte{kHere}); err == nil {
		err = f.give(ctx, hub, s, in, file, a.size)
	}
	f.told(ctx, hub, err)
}

// end ends a stream, and whoever waits for it.
func end(s Stream) {
	_ = s.SetReadDeadline(time.Unix(1, 0))
	_ = s.SetWriteDeadline(time.Unix(1, 0)) // where it has ended these fail
	s.Close()
}

// told logs what a hub does that it should not.
func (f *Ferry) told(ctx context.Context, hub record.Author, err error) {
	if errors.Is(err, ErrProtocol) && ctx.Err() == nil {
		f.conf.Log.Warn("another hub asked for a file in a way that makes no sense", "peer", hub.Tag(), "err", err)
	}
}

// give sends the pieces that are asked for, one after the other.
func (f *Ferry) give(ctx context.Context, hub record.Author, s Stream, in io.Reader, file io.ReadSeeker, size int64) error {
	out := make([]byte, 0, wantBytes+maxPiece)
	for {
		if err := s.SetReadDeadline(time.Now().Add(mayThink)); err != nil {
			return err
		}
		w, err := readWant(in, size)
		if errors.Is(err, io.EOF) {
			return nil // it has what it wants
		}
		if err != nil {
			return err
		}
		if !f.charge(hub, w.count, size) {
			_, err := s.Write([]byte{kNo, noBusy})
			return err
		}
		out = w.append(out[:0], kPiece)
		out = out[:wantBytes+w.count]
		if _, err = file.Seek(w.from, io.SeekStart); err == nil {
			_, err = io.ReadFull(file, out[wantBytes:])
		}
		if err != nil { // it was taken away meanwhile, or cannot be read
			_, _ = s.Write([]byte{kNo, noAbsent})
			return err
		}
		if err := f.yield(ctx, hub, w.count); err != nil {
			return err
		}
		if err := s.SetWriteDeadline(time.Now().Add(mayTake)); err != nil {
			return err
		}
		if _, err := s.Write(out); err != nil {
			return err
		}
	}
}

// yield waits while something else is to be sent to a hub, and until so many bytes may be
// given.
func (f *Ferry) yield(ctx context.Context, hub record.Author, n int) error {
	if f.conf.Busy(hub) {
		look, end := time.NewTicker(holdLook), time.Now().Add(holdMost)
		defer look.Stop()
		for f.conf.Busy(hub) && time.Now().Before(end) {
			select {
			case <-look.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return f.rate.WaitN(ctx, n)
}

// enter takes a place for a stream; false if there is none.
func (f *Ferry) enter(hub record.Author, s *serving) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.served[hub]; old != nil {
		old.end()
	} else if len(f.served) >= MaxServed {
		return false
	}
	f.served[hub] = s
	return true
}

func (f *Ferry) leave(hub record.Author, s *serving) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.served[hub] == s {
		delete(f.served, hub)
	}
}

// charge counts what a hub is given; false if that is enough for now: twice what it asks
// for, and some more with the time.
func (f *Ferry) charge(hub record.Author, n int, size int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	a := f.given[hub]
	if a == nil {
		if len(f.given) >= maxGuests {
			f.forget(now)
		}
		a = &account{at: now}
		f.given[hub] = a
	}
	a.settle(now)
	if a.bytes+float64(n) > float64(2*size+againMin) {
		return false
	}
	a.bytes += float64(n)
	return true
}

func (a *account) settle(now time.Time) {
	if d := now.Sub(a.at); d > 0 {
		a.bytes, a.at = max(0, a.bytes-againSec*d.Seconds()), now
	}
}

// forget drops the account that matters least. f.mu is held.
func (f *Ferry) forget(now time.Time) {
	var least record.Author
	var of *account
	for hub, a := range f.given {
		if a.settle(now); of == nil || a.bytes < of.bytes {
			least, of = hub, a
		}
	}
	delete(f.given, least)
}
