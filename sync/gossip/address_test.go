package gossip_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
)

func prefixes(s string) []netip.Prefix {
	var out []netip.Prefix
	for p := range strings.FieldsSeq(s) {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func TestAdvertisedAddress(t *testing.T) {
	addr := func(s string) netip.Addr {
		if s == "" {
			return netip.Addr{}
		}
		return netip.MustParseAddr(s)
	}
	for _, c := range []struct{ what, have, bind, now, want string }{
		{what: "nothing"},
		{what: "loopback only", have: "127.0.0.1/8 ::1/128"},
		{what: "link-local IPv6 only", have: "fe80::1/64"},
		{what: "private", have: "127.0.0.1/8 fe80::1/64 10.0.0.2/24 2001:db8::1/64", want: "10.0.0.2"},
		{what: "no private one", have: "127.0.0.1/8 192.0.2.1/24", want: "192.0.2.1"},
		{what: "unique local IPv6 only", have: "::1/128 fe80::1/64 fd00::1/64", want: "fd00::1"},
		{what: "unconfigured", have: "169.254.3.4/16 fe80::1/64", want: "169.254.3.4"},
		{what: "same in any order", have: "10.0.0.9/24 10.0.0.2/24", want: "10.0.0.2"},
		{what: "the current one stays", have: "10.0.0.2/24 192.0.2.1/24", now: "192.0.2.1", want: "192.0.2.1"},
		{what: "the current one went", have: "10.0.0.2/24", now: "192.0.2.1", want: "10.0.0.2"},
		{what: "a stopgap gives way", have: "169.254.3.4/16 10.0.0.2/24", now: "169.254.3.4", want: "10.0.0.2"},
		{what: "a stopgap stays among its like", have: "169.254.3.4/16 169.254.3.5/16 169.254.3.3/16", now: "169.254.3.4", want: "169.254.3.4"},
		{what: "bound", have: "10.0.0.2/24 10.0.1.2/24", bind: "10.0.1.2", want: "10.0.1.2"},
		{what: "bound, not there yet", have: "10.0.0.2/24", bind: "10.0.1.2"},
		{what: "bound to loopback", have: "127.0.0.1/8 10.0.0.2/24", bind: "127.0.0.1", want: "127.0.0.1"},
	} {
		t.Run(c.what, func(t *testing.T) {
			have := prefixes(c.have)
			for range 2 {
				if got := gossip.Advertised(have, addr(c.bind), addr(c.now)); got != addr(c.want) {
					t.Errorf("%v, not %s", got, c.want)
				}
				slices.Reverse(have)
			}
		})
	}
}

func TestBadConfigurations(t *testing.T) {
	good := gossip.Config{Key: keyOf(1), Network: networkKey(1), Bind: ":0"}
	if _, err := gossip.New(good); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*gossip.Config){
		"no key":          func(c *gossip.Config) { c.Key = keyOf(0); c.Key[2], c.Key[31] = 0, 0 },
		"short network":   func(c *gossip.Config) { c.Network = make([]byte, 16) },
		"no bind":         func(c *gossip.Config) { c.Bind = "" },
		"no port":         func(c *gossip.Config) { c.Bind = "10.0.0.1" },
		"a name":          func(c *gossip.Config) { c.Bind = "example.org:1" },
		"port too large":  func(c *gossip.Config) { c.Bind = ":70000" },
		"multicast":       func(c *gossip.Config) { c.Bind = "224.0.0.1:1" },
		"link-local IPv6": func(c *gossip.Config) { c.Bind = "[fe80::1%lo]:1" },
	} {
		cfg := good
		change(&cfg)
		if _, err := gossip.New(cfg); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestNoNetworkAtStartIsNoError(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := []*hub{w.hub(1).start(), w.hub(2)}
		home := hubs[1].have
		hubs[1].move()
		hubs[1].start()
		pass(5 * time.Minute)
		if err := hubs[1].Status().Err; err == nil || !strings.Contains(err.Error(), "waiting for a network") {
			t.Errorf("without an address: %v", err)
		}
		hubs[1].move(home...)
		within(t, 15*time.Second, "on the network", func() bool { return agree(hubs...) })
		hubs[1].move(prefixes("fe80::2/64")...)
		within(t, 10*time.Second, "off the network", func() bool { return hubs[1].Status().Err != nil })
		within(t, 30*time.Second, "nobody there", func() bool { return len(hubs[1].Members()) == 0 })
		hubs[1].move(home...)
		hubs[1].Refresh()
		within(t, 2*time.Second, "on it again", func() bool { return agree(hubs...) })
	})
}

func TestHubThatMovesIsFollowed(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(4)
		within(t, 10*time.Second, "all there", func() bool { return agree(hubs...) })
		hubs[2].move(netip.PrefixFrom(at(77), 16))
		within(t, 10*time.Second, "the others know", func() bool {
			return agree(hubs...) && slices.ContainsFunc(hubs[0].Members(), func(m gossip.Member) bool { return m.Addr.Addr() == at(77) })
		})
		pass(5 * time.Minute)
		if log := hubs[2].log(); len(log) != 3 {
			t.Errorf("to the hub that moved, others seemed to come and go: %q", log)
		}
		for _, h := range hubs {
			if len(h.Twins()) > 0 || !h.sees(hubs...) {
				t.Errorf("hub %d: %+v", h.key[0], h.Status())
			}
		}
	})
}

// A hub on two networks advertises its address on one of them and is reached on
// the other nevertheless; who is behind it stays known through it.
func TestHubOnTwoNetworksJoinsThem(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		near := func(a, b netip.Addr) bool { return netip.PrefixFrom(a, 24).Masked().Contains(b) }
		w.net.Cut(func(from, to netip.Addr) bool { return !near(from, to) })
		place := func(h *hub, s string) *hub {
			h.have, h.addrs = prefixes(s), nil
			for _, p := range h.have {
				h.addrs = append(h.addrs, netip.AddrPortFrom(p.Addr(), 4001))
			}
			h.known = []string{"10.1.0.2:7946", "10.2.0.2:7946"}
			return h.start()
		}
		a := place(w.hub(1), "10.1.0.1/24")
		b := place(w.hub(2), "10.1.0.2/24 10.2.0.2/24")
		c := place(w.hub(3), "10.2.0.3/24")
		within(t, 20*time.Second, "all know all", func() bool { return agree(a, b, c) })
		complete := 0
		for range 300 {
			pass(time.Second)
			if agree(a, b, c) {
				complete++
			}
		}
		t.Logf("complete %.1f %% of the time", float64(complete)/3)
		if complete < 295 {
			t.Errorf("complete in %d of 300 seconds", complete)
		}
	})
}
