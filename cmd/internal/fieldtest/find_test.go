package fieldtest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// finding is how soon hubs that were told no address have to have found each other.
const finding = 10 * time.Second

func TestHubsFindEachOtherByMulticast(t *testing.T) {
	t.Parallel()
	for _, net := range []struct{ name, addr string }{{"IPv4", "10.1.0.%d/24"}, {"IPv6 alone", "fd00:1::%d/64"}} {
		t.Run(net.name, func(t *testing.T) {
			t.Parallel()
			f := open(t)
			street := f.bridge("street")
			var hubs []*fieldtest.Hub
			for i := range 3 {
				h := f.hub(fmt.Sprintf("Place %d", i+1))
				f.plug(h, street, fmt.Sprintf(net.addr, i+1))
				hubs = append(hubs, h)
			}
			f.found(hubs...)
			begun := time.Now()
			f.start(hubs...)
			for _, h := range hubs {
				f.post(f.person(h, "Somebody at "+h.Label), 1, "found")
			}
			f.agree("told no address,", finding-time.Since(begun), 3, hubs...)
			f.figure("since they were started", time.Since(begun), finding)
		})
	}
}

// A hub that gets another address while all run, and one that does while it is
// off, are found again with no address given. There is no multicast: what others
// know of them is the membership, and what they themselves remember.
func TestAHubThatMovesIsFoundAgain(t *testing.T) {
	t.Parallel()
	f := open(t)
	street := f.bridge("street")
	hubs, ports := f.street(street, 3)
	a, b, c := hubs[0], hubs[1], hubs[2]
	for _, h := range hubs {
		f.ok(h.Host.Rules(f.ctx, "no-multicast"))
	}
	knows(a, "10.1.0.2", "10.1.0.3")
	f.start(hubs...)
	f.linked(15*time.Second, c, a, b)

	f.ok(ports[2].Renumber(f.ctx, "10.1.0.33/24"))
	keys := f.post(f.person(c, "Cem"), 1, "moved")
	f.read("moved while it ran, a post is at the first", 15*time.Second, a, keys...)
	f.read("and at the second", 15*time.Second, b, keys...)
	f.linked(30*time.Second, c, a, b)

	f.stop(b)
	f.ok(ports[1].Renumber(f.ctx, "10.1.0.22/24"))
	f.start(b)
	f.linked(15*time.Second, b, a, c)
	f.agree("moved while it was off,", 10*time.Second, 1, hubs...)
}

// Addresses pass from one hub to another when leases change. That a hub's own address
// was another's is no sign that its card was copied.
func TestHubsThatSwapAddressesAreNoCopies(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, ports := f.street(f.bridge("street"), 2)
	a, b := hubs[0], hubs[1]
	f.start(hubs...)
	f.linked(15*time.Second, a, b)
	f.stop(a)
	f.stop(b)
	f.ok(ports[0].Renumber(f.ctx, "10.1.0.9/24"))
	f.ok(ports[1].Renumber(f.ctx, "10.1.0.1/24"))
	f.ok(ports[0].Renumber(f.ctx, "10.1.0.2/24"))
	f.start(hubs...)
	f.linked(30*time.Second, a, b)
	for _, one := range [][2]*fieldtest.Hub{{a, b}, {b, a}} { // either may have dialled the other
		stays, goes := one[0], one[1]
		f.stop(goes)
		f.pause(10 * time.Second) // it is dialled some times meanwhile
		s, err := stays.Console().Status(f.ctx)
		f.ok(err)
		for _, w := range s.Warnings {
			if w.Code == "identity" {
				t.Errorf("%s: %s %s", stays.Label, w.Text, w.Todo)
			}
		}
		f.start(goes)
		f.linked(30*time.Second, a, b)
	}
}

// A hub that starts with no network at all takes part when its cable is plugged in.
func TestAnInterfaceThatComesLaterIsUsed(t *testing.T) {
	t.Parallel()
	f := open(t)
	street := f.bridge("street")
	a, b := f.hub("Ash"), f.hub("Birch")
	f.plug(a, street, "10.1.0.1/24")
	f.found(a, b)
	f.start(a, b)
	keys := f.post(f.person(b, "Ben"), 1, "alone")
	f.plug(b, street, "10.1.0.2/24")
	f.read("plugged in, its post is at the other", finding, a, keys...)
}

// Two networks between which nothing is routed have one hub in common. It carries
// between them, however many hubs there are.
func TestAHubOnTwoNetworksCarries(t *testing.T) {
	t.Parallel()
	f := open(t)
	east, west := f.bridge("east"), f.bridge("west")
	n := sized(5, 2) // on each side; five and one more are more than are all linked
	var hubs []*fieldtest.Hub
	for i := range 2 * n {
		h := f.hub(fmt.Sprintf("Place %d", i+1))
		if i < n {
			f.plug(h, east, fmt.Sprintf("10.1.0.%d/24", i+1))
		} else {
			f.plug(h, west, fmt.Sprintf("10.2.0.%d/24", i+1))
		}
		hubs = append(hubs, h)
	}
	both := f.hub("Bridge")
	f.plug(both, east, "10.1.0.100/24")
	f.plug(both, west, "10.2.0.100/24")
	hubs = append(hubs, both)
	f.found(hubs...)
	f.start(hubs...)
	var keys []string
	for _, h := range []*fieldtest.Hub{hubs[0], hubs[n]} {
		keys = append(keys, f.post(f.person(h, "Somebody at "+h.Label), 1, "across")...)
	}
	f.agree("on two networks,", 20*time.Second, len(keys), hubs...)
	east1 := f.person(hubs[0], "Ana")
	f.read("a post crosses from one network to the other", 3*time.Second, hubs[n], f.post(east1, 1, "live")...)

	f.ok(both.Kill())
	f.pause(sized(30*time.Second, 3*time.Second))
	f.post(east1, 5, "while nobody carries")
	f.start(both)
	f.agree("the hub that carries is back,", 20*time.Second, len(keys)+6, hubs...)
}

// A hub that lost power is missed within seconds, though what it said by multicast was
// to last for minutes.
func TestAHubThatLostPowerIsMissedSoon(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, _ := f.street(f.bridge("street"), 3)
	a, b, c := hubs[0], hubs[1], hubs[2]
	f.start(hubs...)
	f.linked(15*time.Second, c, a, b)
	f.pause(5 * time.Second) // all have heard of all, in every way
	f.ok(c.Kill())
	took, err := fieldtest.Await(f.ctx, 25*time.Second, 250*time.Millisecond, "it is missed", func(ctx context.Context) (bool, error) {
		s, err := a.Console().Status(ctx)
		for _, h := range s.Hubs {
			if h.Label == c.Label {
				return !h.Up && !h.Linked, err
			}
		}
		return false, err
	})
	f.ok(err)
	f.figure("since the power failed", took, 25*time.Second)
}
