package mdns_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/sync/iface"
	"github.com/lamppost-hub/lamppost/sync/mdns"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// town is networks in memory: interfaces of one name are on one network.
type town struct {
	t       *testing.T
	mu      sync.Mutex
	hubs    []*hub
	packets int
	bytes   int
}

type hub struct {
	*mdns.Finder
	town  *town
	key   record.Author
	leave context.CancelFunc
	hear  func(b []byte, from netip.Addr, index int)
	nets  []iface.Interface
	deaf  bool // and mute
}

// hub starts one of the community that is on these networks.
func (w *town) hub(community byte, networks ...string) *hub {
	n := len(w.hubs) + 1
	h := &hub{town: w, key: record.Author{31: 1, 0: byte(n)}}
	h.Finder = mdns.New(mdns.Config{Self: h.key, Community: record.Community{community}, Addrs: h.addrs})
	h.Through(mdns.Air{
		Use:  func([]iface.Interface) {},
		Send: h.send,
		Heed: func(hear func([]byte, netip.Addr, int)) { w.mu.Lock(); defer w.mu.Unlock(); h.hear = hear },
	})
	w.mu.Lock()
	w.hubs = append(w.hubs, h)
	w.mu.Unlock()
	h.on(networks...)
	ctx, cancel := context.WithCancel(w.t.Context())
	h.leave = cancel
	go h.Run(ctx)
	synctest.Wait()
	return h
}

// on has a hub on these networks, in place of those before.
func (h *hub) on(networks ...string) {
	var is []iface.Interface
	for i, name := range networks {
		addr := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, h.key[0]}), 24)
		is = append(is, iface.Interface{Name: name, Index: i + 1, Multicast: true, Addrs: []netip.Prefix{addr}})
	}
	h.town.mu.Lock()
	h.nets = is
	h.town.mu.Unlock()
	h.Use(is)
}

func (h *hub) addrs() (out []netip.AddrPort) {
	h.town.mu.Lock()
	defer h.town.mu.Unlock()
	for _, i := range h.nets {
		out = append(out, netip.AddrPortFrom(i.Addrs[0].Addr(), 4680))
	}
	return out
}

func (h *hub) send(b []byte, on iface.Interface) {
	w := h.town
	w.mu.Lock()
	defer w.mu.Unlock()
	w.packets, w.bytes = w.packets+1, w.bytes+len(b)
	for _, o := range w.hubs {
		for _, i := range o.nets {
			if i.Name == on.Name && o.hear != nil && !o.deaf && !h.deaf {
				go o.hear(b, on.Addrs[0].Addr(), i.Index) // its own too
			}
		}
	}
}

// sent is how much all hubs have sent since it was asked last.
func (w *town) sent() (packets, bytes int) {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	packets, bytes = w.packets, w.bytes
	w.packets, w.bytes = 0, 0
	return packets, bytes
}

// hears are the hubs that a hub has heard, by their number.
func (h *hub) hears() (out []int) {
	synctest.Wait()
	for _, s := range h.Seen() {
		out = append(out, int(s.Prefix[0]))
	}
	slices.Sort(out)
	return out
}

func (h *hub) mustHear(when string, others ...int) {
	h.town.t.Helper()
	if got := h.hears(); !slices.Equal(got, others) {
		h.town.t.Errorf("%s: hub %d hears %v, not %v", when, h.key[0], got, others)
	}
}

// inTown runs a scenario in simulated time.
func inTown(t *testing.T, run func(w *town)) {
	synctest.Test(t, func(t *testing.T) {
		w := &town{t: t}
		run(w)
		for _, h := range w.hubs {
			h.leave()
		}
		synctest.Wait()
	})
}

func TestHubsOnANetworkHearEachOther(t *testing.T) {
	inTown(t, func(w *town) {
		a, b := w.hub(1, "street"), w.hub(1, "street", "yard")
		c, other := w.hub(1, "yard"), w.hub(2, "street")
		time.Sleep(time.Second)
		a.mustHear("on one network", 2)
		b.mustHear("on two networks", 1, 3)
		c.mustHear("on the other", 2)
		other.mustHear("of another community")
		if at := a.Seen()[0].Addrs; !slices.Equal(at, []netip.AddrPort{netip.MustParseAddrPort("10.0.0.2:4680")}) {
			t.Errorf("a network is told an address of another: %v", at)
		}
	})
}

func TestWhoLeavesIsForgottenAtOnceAndWhoFallsSilentByAndBy(t *testing.T) {
	inTown(t, func(w *town) {
		a, b, c := w.hub(1, "street"), w.hub(1, "street"), w.hub(1, "street")
		time.Sleep(10 * time.Minute)
		a.mustHear("after long", 2, 3)
		b.leave()
		time.Sleep(time.Second)
		a.mustHear("left", 3)
		w.mu.Lock()
		c.deaf = true
		w.mu.Unlock()
		time.Sleep(125 * time.Second)
		a.mustHear("silent")
		w.mu.Lock()
		c.deaf = false
		w.mu.Unlock()
		time.Sleep(time.Minute + 10*time.Second)
		a.mustHear("back", 3)
		c.mustHear("back", 1)
	})
}

func TestInterfacesComeAndGo(t *testing.T) {
	inTown(t, func(w *town) {
		a, b := w.hub(1, "street"), w.hub(1)
		time.Sleep(time.Hour)
		a.mustHear("alone")
		b.on("street")
		time.Sleep(time.Second)
		a.mustHear("come", 2)
		b.mustHear("come", 1)
		b.on("yard")
		time.Sleep(time.Second)
		b.mustHear("elsewhere")
		b.on("yard", "street")
		time.Sleep(time.Second)
		b.mustHear("on both", 1)
	})
}

// Twenty hubs that have long found each other say little.
func TestFindingEachOtherIsCheap(t *testing.T) {
	inTown(t, func(w *town) {
		const hubs = 20
		for range hubs {
			w.hub(1, "street")
		}
		time.Sleep(2 * time.Second)
		for _, h := range w.hubs {
			if n := len(h.hears()); n != hubs-1 {
				t.Fatalf("hub %d hears %d others", h.key[0], n)
			}
		}
		time.Sleep(3 * time.Minute)
		w.sent()
		const minutes = 10
		time.Sleep(minutes * time.Minute)
		packets, size := w.sent()
		packets, size = packets/minutes/hubs, size/minutes/hubs
		t.Logf("each of %d hubs sends %d packets and %d bytes a minute", hubs, packets, size)
		if packets > 4 || size > 2000 {
			t.Errorf("that is much")
		}
		for _, h := range w.hubs {
			if n := len(h.hears()); n != hubs-1 {
				t.Errorf("hub %d hears %d others", h.key[0], n)
			}
		}
	})
}

// Whoever is on the network can make up hubs. They are kept within bounds, and
// those that were there stay.
func TestMadeUpHubsAreBounded(t *testing.T) {
	inTown(t, func(w *town) {
		a := w.hub(1, "street")
		w.hub(1, "street")
		time.Sleep(time.Second)
		for i := range 1000 {
			b, err := mdns.EncodeAnswer(mdns.Said{
				Name: fmt.Sprintf("ff%014x", i), Tag: a.Tag(), Port: 1, TTL: time.Hour, Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.99")},
			})
			if err != nil {
				t.Fatal(err)
			}
			a.hear(b, netip.MustParseAddr("10.0.0.99"), 1)
		}
		synctest.Wait()
		if seen := a.Seen(); len(seen) != 128 || seen[0].Prefix[0] != 2 {
			t.Errorf("%d hubs are kept, first %x", len(seen), seen[0].Prefix)
		}
		time.Sleep(3 * time.Minute)
		a.mustHear("they are not heard again", 2)
	})
}
