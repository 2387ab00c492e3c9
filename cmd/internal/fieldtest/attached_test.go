package fieldtest_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// attached is a hub with so many phones that were let through, and their addresses.
func (f *field) attached(count int) (*fieldtest.Hub, []*fieldtest.Guest, func(*fieldtest.Guest) netip.Addr) {
	f.Helper()
	h, guests := f.crowdedHub(count)
	errs := make([]error, count)
	var all sync.WaitGroup
	for i, g := range guests {
		all.Go(func() { errs[i] = g.Stay(f.ctx) })
	}
	all.Wait()
	f.ok(errs...)
	return h, guests, func(g *fieldtest.Guest) netip.Addr {
		f.Helper()
		at, err := g.Renew(f.ctx)
		f.ok(err)
		return at
	}
}

// TestPhonesStayWhenTheirHubIsStartedAgain: nobody has to tap again, and each has the
// address that it had, after a stop as after a power cut, when the kernel has met none yet.
func TestPhonesStayWhenTheirHubIsStartedAgain(t *testing.T) {
	t.Parallel()
	f := open(t)
	h, guests, renews := f.attached(sized(50, 15))
	for what, end := range map[string]func() error{"a stop": h.Stop, "a power cut": h.Kill} {
		f.pause(5 * time.Second) // who has which address is written every two
		f.ok(end())
		f.machine(h.Host).does("ip", "neigh", "flush", "all")
		f.start(h)
		for _, g := range guests {
			if err := g.IsFree(f.ctx, "example.org"); err != nil {
				t.Errorf("after %s, the first name of %v: %v", what, g.Addr, err)
			}
			if err := g.IsStaying(f.ctx); err != nil {
				t.Errorf("after %s: %v", what, err)
			}
			if at := renews(g); at != g.Addr {
				t.Errorf("after %s: %v is %v now", what, g.Addr, at)
			}
		}
	}
}

// TestTheAdapterIsPulledOutWhilePhonesAreServed and plugged in again: the hub goes on,
// and after portal up phones go on as well, without a restart of the hub.
func TestTheAdapterIsPulledOutWhilePhonesAreServed(t *testing.T) {
	t.Parallel()
	f := open(t)
	h, guests, renews := f.attached(3)
	wifi := f.wifi[h]
	before, err := h.Usage()
	f.ok(err)
	f.ok(wifi.Vanish(f.ctx))
	f.pause(4 * time.Second)
	f.post(f.person(h, "Ana"), 1, "at the hub itself")
	after, err := h.Usage()
	f.ok(err)
	if spent := after.CPU - before.CPU; spent > 2*time.Second {
		t.Errorf("without the adapter the hub took %v in 4 s", spent)
	}
	f.ok(wifi.Return(f.ctx))
	f.machine(h.Host).does(h.Program, f.portalUp(h)...)
	took, err := fieldtest.Await(f.ctx, 15*time.Second, 200*time.Millisecond, "phones are served again", func(ctx context.Context) (bool, error) {
		_, err := guests[0].Renew(ctx)
		return err == nil, nil
	})
	f.ok(err)
	f.figure("plugged in again, phones get their addresses", took, 15*time.Second)
	for _, g := range guests {
		if at := renews(g); at != g.Addr {
			t.Errorf("%v is %v now", g.Addr, at)
		}
		f.ok(g.IsStaying(f.ctx))
	}
}

// TestNoAddressIsLeft: who has one keeps it, and whoever comes is told nothing bad.
func TestNoAddressIsLeft(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.address = "10.44.0.1/29" // of 6 addresses the last five are for phones
	const room = 5
	h, guests := f.crowdedHub(room + 1)
	for _, g := range guests[:room] {
		f.ok(g.Stay(f.ctx))
	}
	if at, err := guests[room].Renew(f.ctx); err == nil {
		t.Errorf("one too many got %v", at)
	}
	f.finds(h, "addresses", "All 5 addresses for phones on ", "--address 10.44.0.1/27")
	for _, g := range guests[:room] {
		f.ok(g.IsStaying(f.ctx))
	}
	f.post(f.person(h, "Ana"), 1, "all the same")
}

// TestNobodyTakesTheAddressOfAPhoneThatIsThere by speaking in its name.
func TestNobodyTakesTheAddressOfAPhoneThatIsThere(t *testing.T) {
	t.Parallel()
	f := open(t)
	_, guests := f.crowdedHub(2)
	f.ok(guests[0].Stay(f.ctx))
	for _, kind := range []dhcpv4.MessageType{dhcpv4.MessageTypeRelease, dhcpv4.MessageTypeDecline} {
		if err := guests[1].TakeFrom(f.ctx, guests[0], kind); err != nil {
			t.Errorf("after a %s: %v", kind, err)
		}
		if at, err := guests[0].Renew(f.ctx); err != nil || at != guests[0].Addr {
			t.Errorf("after a %s %v is %v now: %v", kind, guests[0].Addr, at, err)
		}
		f.ok(guests[0].IsStaying(f.ctx))
	}
}

// TestAPhoneComesWhileAnotherAsksForAddressesWithoutEnd gets one soon, whether the other
// has them offered, takes them, or declines them.
func TestAPhoneComesWhileAnotherAsksForAddressesWithoutEnd(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.address = "10.44.0.1/26" // fewer addresses than one device may ask for in the time
	first, room := netip.MustParseAddr("10.44.0.9"), 54
	_, guests := f.crowdedHub(12)
	for _, kind := range []dhcpv4.MessageType{dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest, dhcpv4.MessageTypeDecline} {
		flood, liar := make(chan error, 1), guests[0]
		go func() { flood <- liar.Flood(f.ctx, kind, first, room, 5_000, 9*time.Second) }()
		f.pause(8 * time.Second)
		for _, g := range guests[1:4] {
			f.ok(g.Stay(f.ctx))
			const bound = 3 * time.Second
			f.figure("a phone that comes has an address", g.Lease, bound)
			if g.Lease > bound {
				t.Errorf("%s: an address after %v", kind, g.Lease)
			}
		}
		guests = guests[4:]
		f.ok(<-flood)
	}
}
