package gossip_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip/gossiptest"
)

// counted is how many packets and streams went to and from addresses that are left
// alone.
type counted struct {
	mu       sync.Mutex
	to, from int
}

// of counts what passes, by its two ends, and cuts nothing.
func (c *counted) of(self netip.Addr, wifi netip.Prefix) func(from, to netip.Addr) bool {
	return func(from, to netip.Addr) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if from == self && wifi.Contains(to) {
			c.to++
		}
		if to == self && wifi.Contains(from) {
			c.from++
		}
		return false
	}
}

func (c *counted) both() (to, from int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.to, c.from
}

// A member that was met, addresses that are remembered and one that others tell of lie
// where nothing is to be spoken with.
func TestNothingIsSentToWhatIsLeftAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		wifi := netip.MustParsePrefix("10.44.0.0/20")
		there := netip.MustParsePrefix("10.44.0.7/20")
		us, third, other := w.hub(1), w.hub(2), w.hub(3)
		other.have, other.addrs = []netip.Prefix{there}, nil
		us.known = append(us.known, fmt.Sprintf("10.44.0.7:%d", gossiptest.Port), fmt.Sprintf("10.44.0.8:%d", gossiptest.Port))
		other.known = append(other.known, us.known...)

		var shut atomic.Bool
		var n counted
		w.net.Cut(n.of(at(1), wifi))
		conf := us.config()
		conf.Refuse = func(_, remote netip.Addr) bool { return shut.Load() && wifi.Contains(remote) }
		us.startWith(conf)
		third.start()
		other.start()
		within(t, 20*time.Second, "all are members", func() bool { return agree(us, third, other) })
		if to, _ := n.both(); to == 0 {
			t.Fatal("the count does not count")
		}

		shut.Store(true) // the phones' interface gets its address
		before, _ := n.both()
		us.Refresh()
		pass(5 * time.Minute)
		to, from := n.both()
		if to != before {
			t.Errorf("%d packets and streams went there", to-before)
		}
		if from == 0 {
			t.Error("the other does not even try")
		}
		if s := us.Status(); s.Missing != 0 {
			t.Errorf("%d addresses are missed that are left alone", s.Missing)
		}
		if !us.sees(third, other) {
			t.Errorf("who is reached by way of a third is no member any more: %+v", us.Members())
		}

		shut.Store(false)
		us.Refresh()
		within(t, 20*time.Second, "it is spoken with again", func() bool { to, _ := n.both(); return to > before })
	})
}

// A hub on two networks tells others an address on the one that is left alone, and is
// reached at the other, though that lies beyond a router.
func TestAMemberIsReachedAtAnotherAddressThanTheOneLeftAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		wifi := netip.MustParsePrefix("10.44.0.0/20")
		us, other := w.hub(1), w.hub(3)
		us.have = []netip.Prefix{netip.PrefixFrom(at(1), 24)}
		other.have = []netip.Prefix{netip.MustParsePrefix("10.44.0.7/20"), netip.MustParsePrefix("10.70.0.3/24")}
		other.addrs = []netip.AddrPort{netip.MustParseAddrPort("[fe80::7]:4001"), netip.MustParseAddrPort("10.44.0.7:4001"), netip.MustParseAddrPort("10.70.0.3:4001")}
		var n counted
		count := n.of(at(1), wifi)
		w.net.Cut(func(from, to netip.Addr) bool {
			count(from, to)
			return from == at(1) && wifi.Contains(to) || wifi.Contains(from)
		})
		conf := us.config()
		conf.Refuse = func(_, remote netip.Addr) bool { return wifi.Contains(remote) }
		us.startWith(conf)
		other.start()
		within(t, 20*time.Second, "they are members", func() bool { return agree(us, other) })
		if m := us.Members(); m[0].Addr.Addr() != netip.MustParseAddr("10.44.0.7") {
			t.Fatalf("it tells %v", m[0].Addr)
		}
		pass(3 * time.Minute)
		if !agree(us, other) || !us.Members()[0].Answered {
			t.Errorf("%+v", us.Members())
		}
		if to, _ := n.both(); to != 0 {
			t.Errorf("%d packets and streams went to what is left alone", to)
		}
	})
}
