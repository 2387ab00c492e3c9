package gossip_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"
	"go.uber.org/goleak"

	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/gossip/gossiptest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// TestMain looks for goroutines that are left. memberlist's last probe cannot be
// waited for; it ends by itself in some seconds.
func TestMain(m *testing.M) {
	code := m.Run()
	var err error
	for start := time.Now(); code == 0 && time.Since(start) < 15*time.Second; {
		if err = goleak.Find(); err == nil {
			break
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// town is some hubs on one simulated network, all in a synctest bubble.
type town struct {
	t    *testing.T
	net  *gossiptest.Network
	hubs []*hub
}

// hub is one of them, with what a machine keeps between starts.
type hub struct {
	*gossip.Gossip
	town *town
	key  record.Author
	stop func()

	mu     sync.Mutex
	have   []netip.Prefix
	addrs  []netip.AddrPort // says
	known  []string
	events []string
	hold   chan struct{} // closed = Heard returns
}

func networkKey(b byte) []byte { return slices.Repeat([]byte{b}, gossip.KeySize) }

func keyOf(i int) record.Author { return record.Author{0: byte(i), 1: byte(i >> 8), 2: 0xaa, 31: 1} }

func at(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}) }

// inBubble runs a scenario, then stops its hubs and lets memberlist's own
// goroutines, which nobody can wait for, run out.
func inBubble(t *testing.T, f func(*testing.T, *town)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &town{t: t, net: gossiptest.New(1)}
		defer func() {
			for _, h := range w.hubs {
				h.stop()
			}
			time.Sleep(time.Minute)
		}()
		f(t, w)
	})
}

// hub adds the i-th hub without starting it. The first one is known to all.
func (w *town) hub(i int) *hub {
	h := &hub{town: w, key: keyOf(i), stop: func() {}}
	h.have = []netip.Prefix{netip.PrefixFrom(at(i), 16)}
	h.addrs = []netip.AddrPort{netip.AddrPortFrom(at(i), 4001)}
	h.known = []string{fmt.Sprintf("10.0.0.1:%d", gossiptest.Port)}
	w.hubs = append(w.hubs, h)
	return h
}

// town adds n started hubs.
func (w *town) fill(n int) []*hub {
	for i := range n {
		w.hub(i + 1).start()
	}
	return w.hubs
}

func (h *hub) config() gossip.Config {
	return gossip.Config{
		Key: h.key, Network: networkKey(7), Bind: ":7946",
		Interfaces: func() []netip.Prefix { return read(h, func() []netip.Prefix { return slices.Clone(h.have) }) },
		Says:       func() gossip.Says { return gossip.Says{Addrs: read(h, func() []netip.AddrPort { return h.addrs })} },
		Known:      func() []string { return read(h, func() []string { return h.known }) },
		Heard:      h.heard,
		Transport: func(netip.Addr) (memberlist.Transport, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			var all []netip.Addr
			for _, p := range h.have {
				all = append(all, p.Addr())
			}
			return h.town.net.Transport(all...)
		},
	}
}

func read[T any](h *hub, f func() T) T {
	h.mu.Lock()
	defer h.mu.Unlock()
	return f()
}

func (h *hub) heard(m gossip.Member, e gossip.Event) {
	h.mu.Lock()
	hold := h.hold
	h.events = append(h.events, fmt.Sprintf("%s %d", e, m.Key[0]))
	h.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

// pass lets the bubble's time go by, which takes none.
func pass(d time.Duration) { time.Sleep(d) }

func (h *hub) log() []string { return read(h, func() []string { return slices.Clone(h.events) }) }

func (h *hub) start() *hub { return h.startWith(h.config()) }

func (h *hub) startWith(cfg gossip.Config) *hub {
	t := h.town.t
	t.Helper()
	g, err := gossip.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.Gossip = g
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := g.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	h.stop = func() { cancel(); <-done; h.stop = func() {} }
	return h
}

// crash takes a hub off the network without a word.
func (h *hub) crash() {
	addr := h.have[0].Addr()
	h.town.net.Cut(func(from, to netip.Addr) bool { return from == addr || to == addr })
	h.stop()
	h.town.net.Mend()
}

// move gives the machine other addresses.
func (h *hub) move(to ...netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.have = to
}

// sees reports whether a hub has exactly these as members that are up.
func (h *hub) sees(others ...*hub) bool {
	var want, got []byte
	for _, o := range others {
		if o != h {
			want = append(want, o.key[0])
		}
	}
	for _, m := range h.Members() {
		got = append(got, m.Key[0])
	}
	slices.Sort(want)
	slices.Sort(got)
	return slices.Equal(want, got)
}

func agree(hubs ...*hub) bool {
	return !slices.ContainsFunc(hubs, func(h *hub) bool { return !h.sees(hubs...) })
}

// within waits for something, and says how long it took.
func within(t *testing.T, limit time.Duration, what string, f func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !f() {
		if time.Since(start) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
		time.Sleep(50 * time.Millisecond)
	}
	took := time.Since(start)
	t.Logf("%s: %v", what, took)
	return took
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
