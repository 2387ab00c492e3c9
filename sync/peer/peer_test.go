package peer_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// town is the founding statement that hubs in these tests show by default.
const town = "a town"

// soon bounds every wait of these tests; none of them takes it when all is well.
const soon = 30 * time.Second

func key(n byte) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	return ed25519.NewKeyFromSeed(seed)
}

// lower and higher are two keys in the order in which hubs decide.
func lower() ed25519.PrivateKey  { a, _ := pair(1, 2); return a }
func higher() ed25519.PrivateKey { _, b := pair(1, 2); return b }

func pair(m, n byte) (lower, higher ed25519.PrivateKey) {
	a, b := key(m), key(n)
	if record.AuthorOf(a).String() > record.AuthorOf(b).String() {
		a, b = b, a
	}
	return a, b
}

// hub is a Host under test with the links it has served.
type hub struct {
	*peer.Host
	stop func() // ends Run and waits for it

	mu      sync.Mutex
	links   []peer.Link // living ones
	served  int
	changed chan struct{}
}

// start runs a hub on 127.0.0.1 that admits who shows the same founding
// statement.
func start(t testing.TB, k ed25519.PrivateKey, change ...func(*peer.Config)) *hub {
	t.Helper()
	b := &hub{changed: make(chan struct{})}
	cfg := peer.Config{
		Key:    k,
		Listen: []string{"127.0.0.1:0"},
		Hello:  func() peer.Hello { return peer.Hello{Founding: []byte(town), Now: 1} },
		Admit: func(_ context.Context, _ record.Author, h peer.Hello) error {
			if string(h.Founding) != town {
				return peer.ErrForeign
			}
			return nil
		},
		Serve: b.serve,
		Blobs: true,
	}
	if testing.Verbose() {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil)).With("hub", record.AuthorOf(k).Tag())
	}
	for _, f := range change {
		f(&cfg)
	}
	h, err := peer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.Host = h
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(soon):
			t.Error("Run does not end")
		}
	})
	t.Cleanup(b.stop)
	return b
}

// serve keeps a link until it ends, and echoes what comes.
func (b *hub) serve(ctx context.Context, l peer.Link) {
	b.update(func() { b.links = append(b.links, l); b.served++ })
	defer b.update(func() {
		for i := range b.links {
			if b.links[i].Stream == l.Stream {
				b.links = append(b.links[:i], b.links[i+1:]...)
				return
			}
		}
	})
	if l.Opener {
		<-ctx.Done()
		return
	}
	_, _ = io.Copy(l.Stream, l.Stream)
}

func (b *hub) update(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
	close(b.changed)
	b.changed = make(chan struct{})
}

// until waits for something to hold of the links.
func (b *hub) until(t testing.TB, what string, ok func(links []peer.Link, served int) bool) {
	t.Helper()
	deadline := time.After(soon)
	for {
		b.mu.Lock()
		holds, changed := ok(b.links, b.served), b.changed
		b.mu.Unlock()
		if holds {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%s: %s does not come about; status %+v", b.ID().Tag(), what, b.Status())
		}
	}
}

func (b *hub) untilLinks(t testing.TB, n int) {
	t.Helper()
	b.until(t, "links", func(ls []peer.Link, _ int) bool { return len(ls) == n })
}

func (b *hub) link(t testing.TB) peer.Link {
	t.Helper()
	b.untilLinks(t, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.links[0]
}

func (b *hub) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.served
}

// echo checks that bytes flow there and back.
func echo(t testing.TB, a, b *hub) {
	t.Helper()
	a.link(t)
	b.link(t)
	if err := tryEcho(a, b); err != nil {
		t.Fatal(err)
	}
}

func tryEcho(hubs ...*hub) error {
	for _, b := range hubs {
		b.mu.Lock()
		ls := slices.Clone(b.links)
		b.mu.Unlock()
		if len(ls) != 1 {
			return fmt.Errorf("%d links", len(ls))
		}
		if !ls[0].Opener {
			continue
		}
		const n = 100_000
		go func() { _, _ = ls[0].Stream.Write(make([]byte, n)) }()
		_ = ls[0].Stream.SetReadDeadline(time.Now().Add(soon))
		if got, err := io.CopyN(io.Discard, ls[0].Stream, n); err != nil {
			return fmt.Errorf("echo of %d bytes ended after %d: %w", n, got, err)
		}
	}
	return nil
}

// untilStatus waits for an error to show in a hub's status.
func (b *hub) untilStatus(t testing.TB, want error) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(soon)
	for {
		for _, s := range b.Status() {
			if errors.Is(s.Err, want) {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("status does not come to %v: %+v", want, b.Status())
		}
	}
}
