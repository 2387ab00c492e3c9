package gossip_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
)

// split parts the network between the first n addresses and the others.
func (w *town) split(n int) {
	low := func(a netip.Addr) bool { return a.Less(at(n + 1)) }
	w.net.Cut(func(from, to netip.Addr) bool { return low(from) != low(to) })
}

func TestMembersFindEachOther(t *testing.T) {
	for _, n := range []int{3, 20} {
		inBubble(t, func(t *testing.T, w *town) {
			hubs := w.fill(n)
			within(t, 10*time.Second, "all know all", func() bool { return agree(hubs...) })
			m := hubs[0].Members()[0]
			if m.Doubt != 0 || len(m.Says.Addrs) != 1 || m.Says.Addrs[0].Port() != 4001 || m.Addr.Addr() != m.Says.Addrs[0].Addr() {
				t.Errorf("a member is heard as %+v", m)
			}
			within(t, time.Minute, "a member answers", func() bool { return hubs[0].Members()[0].Answered })
			if s := hubs[0].Status(); s.Err != nil || s.Members != n-1 || s.Missing != 0 || len(s.Twins) != 0 || s.Malformed+s.Refused+s.Strangers != 0 {
				t.Errorf("status: %+v", s)
			}
		})
	}
}

func TestPartitionHeals(t *testing.T) {
	for _, c := range []struct {
		n      int
		parted time.Duration
	}{{4, 10 * time.Second}, {4, 30 * time.Second}, {4, time.Minute}, {4, 10 * time.Minute}, {20, time.Minute}} {
		inBubble(t, func(t *testing.T, w *town) {
			hubs, half := w.fill(c.n), c.n/2
			within(t, 20*time.Second, "all know all", func() bool { return agree(hubs...) })
			pass(20 * time.Second)
			w.split(half)
			pass(c.parted)
			if c.parted >= time.Minute && (!agree(hubs[:half]...) || !agree(hubs[half:]...)) {
				t.Errorf("after %v apart, a half is not what it knows", c.parted)
			}
			w.net.Mend()
			within(t, 10*time.Second, fmt.Sprintf("%d healed after %v", c.n, c.parted), func() bool { return agree(hubs...) })
		})
	}
}

func TestLonelyHubIsFoundAgainAfterAnHour(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(2)
		within(t, 20*time.Second, "all know all", func() bool { return agree(hubs...) })
		w.split(1)
		pass(65 * time.Minute)
		w.net.Mend()
		within(t, 5*time.Minute+10*time.Second, "healed by itself", func() bool { return agree(hubs...) })
		w.split(1)
		pass(65 * time.Minute)
		w.net.Mend()
		hubs[0].Refresh()
		within(t, 10*time.Second, "healed when told to look", func() bool { return agree(hubs...) })
	})
}

// An address book full of the dead does not delay who is still there.
func TestDeadAddressesDoNotStarveOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		w.net.Cut(func(_, to netip.Addr) bool { return to.As4()[1] == 9 })
		for i := range 4 {
			h := w.hub(i + 1)
			for j := range gossip.MaxKnown - 1 {
				h.known = append(h.known, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, byte(j), 1}), 7946).String())
			}
			if i == 3 {
				mid := len(h.known) / 2 // its one good address is amid the dead
				h.known[0], h.known[mid] = h.known[mid], h.known[0]
			}
			h.start()
		}
		within(t, 5*time.Second, "who knows best first are together", func() bool { return agree(w.hubs[:3]...) || agree(w.hubs...) })
		within(t, 40*time.Second, "all know all", func() bool { return agree(w.hubs...) })
		pass(time.Minute)
		low := func(a netip.Addr) bool { return a.Less(at(3)) }
		w.net.Cut(func(from, to netip.Addr) bool { return to.As4()[1] == 9 || low(from) != low(to) })
		pass(time.Minute)
		w.net.Cut(func(_, to netip.Addr) bool { return to.As4()[1] == 9 })
		within(t, 10*time.Second, "healed", func() bool { return agree(w.hubs...) })
		if s := w.hubs[0].Status(); s.Missing < 200 {
			t.Errorf("%d addresses are said to be missing", s.Missing)
		}
	})
}

func TestAnotherKeyIsAnotherNetwork(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(2)
		other := w.hub(3)
		cfg := other.config()
		cfg.Network = networkKey(8)
		other.startWith(cfg)
		pass(2 * time.Minute)
		if !agree(hubs[:2]...) || len(other.Members()) != 0 {
			t.Error("hubs with two keys see each other")
		}
		if hubs[0].Status().Strangers == 0 {
			t.Error("what another key sealed is not counted")
		}
		if hubs[0].Status().Malformed != 0 {
			t.Error("another key's messages pass for malformed ones of ours")
		}
	})
}

func TestRestartedHubReplacesItsFormerSelf(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(4)
		within(t, 20*time.Second, "all know all", func() bool { return agree(hubs...) })
		before := hubs[3].Status().Name
		hubs[3].crash()
		hubs[3].start()
		within(t, 30*time.Second, "one name again", func() bool {
			return agree(hubs...) && !slices.ContainsFunc(hubs[:3], func(h *hub) bool {
				return slices.ContainsFunc(h.Members(), func(m gossip.Member) bool { return m.Name == before })
			})
		})
		if now := hubs[3].Status().Name; now == before {
			t.Error("the name outlived the start")
		}
		pass(10 * time.Minute)
		for _, h := range hubs {
			if len(h.Twins()) != 0 {
				t.Errorf("hub %d takes a former self for a twin", h.key[0])
			}
		}
	})
}

func TestCleanStopIsQuickAndHeard(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(3)
		within(t, 20*time.Second, "all know all", func() bool { return agree(hubs...) })
		start := time.Now()
		hubs[2].stop()
		if took := time.Since(start); took >= time.Second {
			t.Errorf("leaving took %v", took)
		}
		within(t, time.Second, "its leave is known", func() bool { return agree(hubs[:2]...) })
		w.split(1)
		start = time.Now()
		hubs[0].stop()
		if took := time.Since(start); took >= time.Second {
			t.Errorf("leaving with nobody in reach took %v", took)
		}
	})
}

func TestTwinsAreReportedOnBothAndLive(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(3)
		clone := w.hub(4)
		clone.key = hubs[1].key
		clone.start()
		within(t, 10*time.Second, "both know", func() bool { return len(hubs[1].Twins()) == 1 && len(clone.Twins()) == 1 })
		pass(5 * time.Minute)
		if len(hubs[1].Twins()) != 1 || !hubs[1].sees(hubs[0], hubs[2]) || !clone.sees(hubs[0], hubs[2]) {
			t.Error("a hub suffers from its twin")
		}
		if n := len(slices.DeleteFunc(clone.log(), func(s string) bool { return s != "twin 2" })); n != 1 {
			t.Errorf("the twin was reported %d times", n)
		}
		shared := 0
		for _, m := range hubs[0].Members() {
			if m.Key == clone.key && m.Doubt == gossip.KeyShared {
				shared++
			}
		}
		if shared != 2 {
			t.Errorf("a third hub marks %d members as sharing a key", shared)
		}
		clone.stop()
		within(t, 5*time.Second, "the alarm ends", func() bool { return len(hubs[1].Twins()) == 0 })
	})
}

func TestFlappingLinkSettles(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(4)
		within(t, 20*time.Second, "all know all", func() bool { return agree(hubs...) })
		for i := range 26 {
			w.split(2)
			pass(time.Duration(1+i%13) * time.Second)
			w.net.Mend()
			pass(time.Duration(1+i%7) * time.Second)
		}
		within(t, 10*time.Second, "settled", func() bool { return agree(hubs...) })
		pass(5 * time.Minute)
		up := map[string]int{}
		for _, e := range hubs[0].log() {
			switch e[:2] {
			case "up":
				up[e[3:]]++
			case "do":
				up[e[5:]]--
			}
		}
		for who, n := range up {
			if n != 1 {
				t.Errorf("ups less downs of hub %s: %d", who, n)
			}
		}
	})
}

func TestLossyLinksHoldTogether(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		w.net.Lose(0.3)
		hubs := w.fill(5)
		within(t, 75*time.Second, "all know all, at the latest from an exchange of states", func() bool { return agree(hubs...) })
		together := 0
		for range 300 {
			pass(time.Second)
			if agree(hubs...) {
				together++
			}
		}
		t.Logf("complete %.1f %% of the time at 30 %% loss", float64(together)/3)
		if together < 285 {
			t.Errorf("complete only in %d of 300 seconds", together)
		}
	})
}

func TestSaysReachesAll(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(5)
		within(t, 20*time.Second, "all know all", func() bool { return agree(hubs...) })
		news := netip.MustParseAddrPort("[fd00::5]:4002")
		hubs[1].mu.Lock()
		hubs[1].addrs = []netip.AddrPort{news, netip.MustParseAddrPort("[fe80::1%eth0]:4002")}
		hubs[1].mu.Unlock()
		hubs[1].Refresh()
		within(t, 3*time.Second, "all have heard", func() bool {
			for _, h := range hubs[2:] {
				if !slices.Contains(h.log(), "changed 2") {
					return false
				}
			}
			return true
		})
		for _, m := range hubs[4].Members() {
			if m.Key == hubs[1].key && !slices.Equal(m.Says.Addrs, []netip.AddrPort{news}) {
				t.Errorf("heard %v", m.Says.Addrs)
			}
		}
	})
}

func TestSlowConsumerGetsTheLatest(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		slow := w.hub(1)
		slow.hold = make(chan struct{})
		slow.start()
		for i := range 3 {
			w.hub(i + 2).start()
		}
		within(t, 20*time.Second, "the slow one is not slow in gossip", func() bool { return agree(w.hubs...) })
		for range 3 {
			w.hubs[3].stop()
			pass(2 * time.Second)
			w.hubs[3].start()
			pass(20 * time.Second)
		}
		if n := len(slow.log()); n != 1 {
			t.Fatalf("%d events while the first was being handled", n)
		}
		w.hubs[2].stop()
		pass(2 * time.Second)
		close(slow.hold)
		pass(time.Second)
		log := slow.log()
		if len(log) > 4 || !slices.Contains(log, "up 4") {
			t.Errorf("events: %q", log)
		}
	})
}

// Nobody pays for bytes that say nothing new.
func TestIdleTraffic(t *testing.T) {
	for _, n := range []int{3, 20} {
		inBubble(t, func(t *testing.T, w *town) {
			hubs := w.fill(n)
			within(t, 10*time.Second, "all know all", func() bool { return agree(hubs...) })
			pass(time.Minute)
			before := w.net.Traffic()
			pass(time.Minute)
			d := w.net.Traffic().Sub(before)
			minute := d.Wire() / n
			t.Logf("%d members: each sends %d bytes a minute (%d packets, %.1f streams)", n, minute, d.Packets/n, float64(d.Streams)/float64(n))
			if minute > 16_000 {
				t.Errorf("%d members: each sends %d bytes a minute", n, minute)
			}
		})
	}
}
