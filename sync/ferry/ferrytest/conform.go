package ferrytest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"crypto/sha256"

	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Pair is two hubs, of which one opens streams that the other serves.
type Pair struct {
	Near, Far record.Author
	Network   ferry.Network // of Near
	Cut       func()        // the link between the two; it does not come back
}

// Served is who serves a stream.
type Served = func(ctx context.Context, hub record.Author, s ferry.Stream)

// Conform holds a ferry.Network to what a Ferry needs of it. made makes a new pair of which
// Far serves by a function; what it starts ends with the test.
func Conform(t *testing.T, made func(t *testing.T, serve Served) Pair) {
	t.Run("a file comes whole, and from its middle", func(t *testing.T) { comes(t, made) })
	t.Run("only a hub with a link is reached", func(t *testing.T) { reaches(t, made) })
	t.Run("a cut ends what waits", func(t *testing.T) { cuts(t, made) })
	t.Run("a deadline ends what waits", func(t *testing.T) { deadlines(t, made) })
	t.Run("who gives up is heard", func(t *testing.T) { hangsUp(t, made) })
}

func comes(t *testing.T, made func(*testing.T, Served) Pair) {
	var who atomic.Value
	there := ferryOf(t, &Network{})
	p := made(t, func(ctx context.Context, hub record.Author, s ferry.Stream) {
		who.Store(hub)
		there.Serve(ctx, hub, s)
	})
	raw := Bytes(1<<20 + 17)
	there.Share(t.Context(), Files(raw))
	here := ferryOf(t, p.Network)
	for _, at := range []int64{0, 1, 1 << 19, int64(len(raw))} {
		r, err := here.Open(t.Context(), p.Far, sha256.Sum256(raw), int64(len(raw)), at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, raw[at:]) {
			t.Errorf("from %d on: %d bytes, %v", at, len(got), err)
		}
	}
	if who.Load() != p.Near {
		t.Error("who asks is not who it is")
	}
	if _, err := here.Open(t.Context(), p.Far, [32]byte{1}, 10, 0); !errors.Is(err, ferry.ErrAbsent) {
		t.Errorf("what is not there: %v", err)
	}
}

func reaches(t *testing.T, made func(*testing.T, Served) Pair) {
	p := made(t, func(_ context.Context, _ record.Author, s ferry.Stream) { s.Close() })
	if all := p.Network.Linked(); !slices.Contains(all, p.Far) || slices.Contains(all, p.Near) {
		t.Errorf("linked are %v", all)
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	if s, err := p.Network.Open(ctx, record.Author{1, 2, 3}); err == nil {
		s.Close()
		t.Error("a hub that there is not was reached")
	}
}

func cuts(t *testing.T, made func(*testing.T, Served) Pair) {
	over := make(chan error, 1)
	p := made(t, func(_ context.Context, _ record.Author, s ferry.Stream) {
		_, err := s.Write([]byte{1})
		if err == nil {
			_, err = s.Read(make([]byte, 1))
		}
		over <- err
	})
	s := opened(t, p)
	if _, err := io.ReadFull(s, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Error("something came after the cut")
	}
	if err := <-over; err == nil {
		t.Error("who serves does not hear of the cut")
	}
	if slices.Contains(p.Network.Linked(), p.Far) {
		t.Error("there is still said to be a link")
	}
}

func deadlines(t *testing.T, made func(*testing.T, Served) Pair) {
	over := make(chan struct{})
	p := made(t, func(ctx context.Context, _ record.Author, s ferry.Stream) {
		select {
		case <-over:
		case <-ctx.Done():
		}
		s.Close()
	})
	s := opened(t, p)
	defer close(over)
	if err := s.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Error("something came of nothing")
	}
	if err := s.SetWriteDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	all, err := make([]byte, 1<<20), error(nil)
	for range 100 {
		if _, err = s.Write(all); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("who writes to nobody does not wait")
	}
}

func hangsUp(t *testing.T, made func(*testing.T, Served) Pair) {
	over := make(chan struct{})
	p := made(t, func(_ context.Context, _ record.Author, s ferry.Stream) {
		_, _ = io.Copy(io.Discard, s) // however it ends
		close(over)
		s.Close()
	})
	s := opened(t, p)
	if _, err := s.Write([]byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-over
}

func opened(t *testing.T, p Pair) ferry.Stream {
	t.Helper()
	s, err := p.Network.Open(t.Context(), p.Far)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func ferryOf(t *testing.T, n ferry.Network) *ferry.Ferry {
	t.Helper()
	f, err := ferry.New(ferry.Config{Network: n})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Bytes are n that do not repeat, the same ones each time.
func Bytes(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(raw) // it has no error
	return raw
}

// Files gives these, by their hashes.
func Files(all ...[]byte) ferry.Files {
	return func(_ context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
		for _, raw := range all {
			if sha256.Sum256(raw) == sum {
				return file{bytes.NewReader(raw)}, nil
			}
		}
		return nil, ferry.ErrAbsent
	}
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }
