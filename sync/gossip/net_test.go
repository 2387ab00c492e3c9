package gossip_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
)

// box is a hub on this machine's own loopback, with real sockets and time.
type box struct {
	*gossip.Gossip
	events chan string
	stop   func()
}

func startReal(t *testing.T, i int, bind string, change func(*gossip.Config), known ...string) *box {
	t.Helper()
	r := &box{events: make(chan string, 100)}
	cfg := gossip.Config{
		Key: keyOf(i), Network: networkKey(7), Bind: bind,
		Known: func() []string { return known },
		Heard: func(m gossip.Member, e gossip.Event) { r.events <- fmt.Sprintf("%s %d", e, m.Key[0]) },
	}
	if change != nil {
		change(&cfg)
	}
	g, err := gossip.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Gossip = g
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	r.stop = func() {
		start := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 3*time.Second { // a second on a machine that is not busy
			t.Errorf("stopping took %v", took)
		}
		r.stop = func() {}
	}
	t.Cleanup(func() { r.stop() })
	return r
}

// hears waits for an event.
func (r *box) hears(t *testing.T, what string) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e := <-r.events:
			if e == what {
				return
			}
		case <-timeout:
			t.Fatalf("never heard %q: %+v", what, r.Status())
		}
	}
}

// until waits for what no event tells.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for !f() {
		select {
		case <-timeout:
			t.Fatalf("never: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freePort is one that nobody listens on at this moment.
func freePort(t *testing.T, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Skipf("no %s here: %v", host, err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestRealSockets(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			first := freePort(t, host)
			a := startReal(t, 1, first, nil)
			b := startReal(t, 2, net.JoinHostPort(host, "0"), nil, first)
			a.hears(t, "up 2")
			b.hears(t, "up 1")
			c := startReal(t, 3, net.JoinHostPort(host, "0"), nil, first)
			b.hears(t, "up 3")
			c.hears(t, "up 2")
			c.stop()
			a.hears(t, "down 3")
			if s := b.Status(); s.Malformed+s.Strangers+s.Refused != 0 || s.Err != nil {
				t.Errorf("status: %+v", s)
			}
		})
	}
}

// A port that is taken is waited for, and said.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := startReal(t, 1, l.Addr().String(), nil)
	b := startReal(t, 2, "127.0.0.1:0", nil, l.Addr().String())
	until(t, "the trouble is told", func() bool {
		err := a.Status().Err
		return err != nil && strings.Contains(err.Error(), "address already in use")
	})
	_ = l.Close()
	a.Refresh()
	b.hears(t, "up 1")
	a.hears(t, "up 2")
}

// The machine has no address at first, then one, loses it and has it again.
func TestRealAddressComesAndGoes(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var have []netip.Prefix
	turn := func(g *box, to ...netip.Prefix) {
		mu.Lock()
		have = to
		mu.Unlock()
		g.Refresh()
	}
	addr := netip.MustParsePrefix(machineAddr(t))
	a := startReal(t, 1, netip.AddrPortFrom(addr.Addr(), 0).String(), nil)
	until(t, "a is there", func() bool { return a.Status().Err == nil })
	b := startReal(t, 2, ":0", func(c *gossip.Config) {
		c.Interfaces = func() []netip.Prefix {
			mu.Lock()
			defer mu.Unlock()
			return have
		}
	}, a.Status().Addr.String())
	until(t, "b waits", func() bool { s := b.Status(); return s.Err != nil && !s.Addr.IsValid() })
	turn(b, prefixes("127.0.0.1/8")...)
	turn(b, addr)
	a.hears(t, "up 2")
	b.hears(t, "up 1")
	before := b.Status()
	turn(b)
	a.hears(t, "down 2")
	turn(b, addr)
	a.hears(t, "up 2")
	if after := b.Status(); after.Addr != before.Addr || after.Name == before.Name {
		t.Errorf("from %+v to %+v", before, after)
	}
}

// machineAddr is an address of this machine that is not loopback.
func machineAddr(t *testing.T) string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip(err)
	}
	i := slices.IndexFunc(addrs, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Is4() && !p.Addr().IsLoopback()
	})
	if i < 0 {
		t.Skip("this machine has loopback only")
	}
	return addrs[i].String()
}
