package node

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/hub/portal"
)

// doors is a Gate in memory.
type doors struct {
	open map[netip.Addr]uint64
	fail error
}

func (d *doors) Open(a netip.Addr, hw net.HardwareAddr) error {
	if len(hw) != 6 {
		return errors.New("it has no hardware address")
	}
	if d.fail == nil {
		d.open[a] = 0
	}
	return d.fail
}

func (d *doors) Close(a netip.Addr, hw net.HardwareAddr) error {
	if len(hw) != 6 {
		return errors.New("it has no hardware address")
	}
	delete(d.open, a)
	return d.fail
}

func (d *doors) Shut() error {
	clear(d.open)
	return d.fail
}

func (d *doors) Used() (map[netip.Addr]uint64, error) { return maps.Clone(d.open), d.fail }

// kept keeps nobody.
type kept struct{}

func (kept) Accepted() map[string]time.Duration { return nil }
func (kept) Accept(string) error                { return nil }
func (kept) SeenDevice(string)                  {}
func (kept) ForgetDevice(string)                {}

func TestWhoWasLetThroughPassesWhileThereIsInternet(t *testing.T) {
	one, two := netip.MustParseAddr("10.44.0.10"), netip.MustParseAddr("10.44.0.11")
	near := map[netip.Addr]net.HardwareAddr{one: {2, 0, 0, 0, 0, 1}, two: {2, 0, 0, 0, 0, 2}}
	var ran time.Duration
	up := true
	clients := portal.NewClients(kept{}, func() (map[netip.Addr]net.HardwareAddr, error) { return near, nil }, func() time.Duration { return ran }, slog.New(slog.DiscardHandler))
	gate := &doors{open: map[netip.Addr]uint64{}}
	d := &doorkeeper{
		gate: gate, clients: clients, up: func() bool { return up }, budget: 1000, elapsed: func() time.Duration { return ran },
		open: map[netip.Addr]string{}, counted: map[netip.Addr]uint64{}, spent: map[string]uint64{},
	}
	passes := func(what string, want ...netip.Addr) {
		t.Helper()
		if err := d.look(); err != nil {
			t.Fatal(err)
		}
		ok := len(gate.open) == len(want)
		for _, a := range want {
			_, open := gate.open[a]
			ok = ok && open && d.passes(a)
		}
		if !ok {
			t.Errorf("%s: %v pass", what, gate.open)
		}
	}
	passes("nobody was let through")
	for _, a := range []netip.Addr{one, two} {
		if err := clients.Accept(a); err != nil {
			t.Fatal(err)
		}
	}
	passes("both were", one, two)
	gate.open[one] = 600
	passes("one used some", one, two)
	clear(gate.open)
	passes("the rules were made anew", one, two)
	up = false
	passes("there is no internet")
	up = true
	passes("there is again", one, two)
	gate.open[one] = 400 // and the 600 of before
	if _, used := d.UsedUp(one); used {
		t.Error("one is told too early that it has used what it may")
	}
	passes("one has used what it may", two)
	if left, used := d.UsedUp(one); !used || left != 24*time.Hour {
		t.Errorf("one is told: %v %v", left, used)
	}
	if _, used := d.UsedUp(two); used {
		t.Error("two is told so as well")
	}
	if d.passes(one) {
		t.Error("others are told that one passes")
	}
	ran += 23 * time.Hour
	passes("still", two)
	if left, used := d.UsedUp(one); !used || left != time.Hour {
		t.Errorf("an hour before, one is told: %v %v", left, used)
	}
	clients.Accepted(one)
	clients.Accepted(two)
	ran += 2 * time.Hour
	passes("the next day", one, two)
	if _, used := d.UsedUp(one); used {
		t.Error("the next day one is still told so")
	}
	gate.fail = errors.New("no table")
	if d.look() == nil {
		t.Error("a gate that fails is not told of")
	}
}

// TestTheGateIsShutToWhomNobodyKnows: what a hub before this one has opened is shut at
// the start, and all is at the end.
func TestTheGateIsShutToWhomNobodyKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, stranger := netip.MustParseAddr("10.44.0.10"), netip.MustParseAddr("10.44.0.11")
		near := map[netip.Addr]net.HardwareAddr{one: {2, 0, 0, 0, 0, 1}, stranger: {2, 0, 0, 0, 0, 2}}
		log := slog.New(slog.DiscardHandler)
		clients := portal.NewClients(kept{}, func() (map[netip.Addr]net.HardwareAddr, error) { return near, nil }, nil, log)
		if err := clients.Accept(one); err != nil {
			t.Fatal(err)
		}
		gate := &doors{open: map[netip.Addr]uint64{one: 5, stranger: 7}}
		d := &doorkeeper{gate: gate, clients: clients, up: func() bool { return true }, elapsed: func() time.Duration { return 0 }, log: log}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.run(ctx) }()
		synctest.Wait()
		if _, open := gate.open[stranger]; open || len(gate.open) != 1 {
			t.Errorf("at the start %v pass", gate.open)
		}
		cancel()
		if err := <-ended; err != nil || len(gate.open) > 0 {
			t.Errorf("at the end %v pass: %v", gate.open, err)
		}
	})
}

// TestWhoIsNotKnownByItsHardwareDoesNotPass, and keeps nobody else from it.
func TestWhoIsNotKnownByItsHardwareDoesNotPass(t *testing.T) {
	one, strange := netip.MustParseAddr("10.44.0.10"), netip.MustParseAddr("10.44.0.11")
	near := map[netip.Addr]net.HardwareAddr{one: {2, 0, 0, 0, 0, 1}, strange: {2, 0, 0, 0, 0, 0, 0, 2}}
	clients := portal.NewClients(kept{}, func() (map[netip.Addr]net.HardwareAddr, error) { return near, nil }, nil, slog.New(slog.DiscardHandler))
	for _, a := range []netip.Addr{one, strange, netip.MustParseAddr("10.44.0.12")} {
		if err := clients.Accept(a); err != nil {
			t.Fatal(err)
		}
	}
	gate := &doors{open: map[netip.Addr]uint64{}}
	d := &doorkeeper{
		gate: gate, clients: clients, up: func() bool { return true }, elapsed: func() time.Duration { return 0 },
		open: map[netip.Addr]string{}, counted: map[netip.Addr]uint64{}, spent: map[string]uint64{},
	}
	if err := d.look(); err != nil {
		t.Error(err)
	}
	if _, open := gate.open[one]; !open || len(gate.open) != 1 {
		t.Errorf("%v pass", gate.open)
	}
}
