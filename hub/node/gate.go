package node

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/lamppost-hub/lamppost/hub/portal"
)

// Gate lets phones through to the internet and counts what they use of it. A phone is
// known by both its addresses, as each can write another's IP address.
type Gate interface {
	Open(phone netip.Addr, hardware net.HardwareAddr) error
	Close(phone netip.Addr, hardware net.HardwareAddr) error
	// Shut closes it to all.
	Shut() error
	// Used is the bytes to and from each that is open, since it was opened.
	Used() (map[netip.Addr]uint64, error)
}

// gateEvery is between two looks at who may pass: somebody who has just tapped waits
// for it.
const gateEvery = time.Second

// doorkeeper opens the gate to phones that were let through, while there is internet,
// until they have used what one may in a day. What was used is not kept across
// restarts: a hub that restarts gives everybody a new day.
type doorkeeper struct {
	gate    Gate
	clients *portal.Clients
	up      func() bool
	budget  uint64 // bytes a phone and day; 0 = no end
	elapsed func() time.Duration
	log     *slog.Logger

	swept   bool                  // what was open before this hub ran is shut
	begun   time.Duration         // of the day
	open    map[netip.Addr]string // whose address it was when it was opened
	counted map[netip.Addr]uint64
	spent   map[string]uint64

	passing atomic.Pointer[map[netip.Addr]string] // open after the last look, for others to read
	without atomic.Pointer[without]
}

// without are the phones that would pass, had they not used up what one may, and when
// that ends; it is not changed.
type without struct {
	phones map[netip.Addr]string
	until  time.Duration
}

// UsedUp reports whether the phone at an address is kept from the internet for what it
// has used, and for how long. It may be called by everybody.
func (d *doorkeeper) UsedUp(at netip.Addr) (left time.Duration, used bool) {
	w := d.without.Load()
	if w == nil {
		return 0, false
	}
	_, used = w.phones[at.Unmap()]
	return w.until - d.elapsed(), used
}

// passes reports whether the gate is open for the phone at an address. It may be called
// by everybody.
func (d *doorkeeper) passes(at netip.Addr) bool {
	open := d.passing.Load()
	if open == nil {
		return false
	}
	_, ok := (*open)[at]
	return ok
}

// tell lets others know who passes.
func (d *doorkeeper) tell() {
	if told := d.passing.Load(); told == nil || !maps.Equal(*told, d.open) {
		open := maps.Clone(d.open)
		d.passing.Store(&open)
	}
}

// tellWithout lets others know who of those present has used up what one may.
func (d *doorkeeper) tellWithout(present map[netip.Addr]string) {
	if d.budget == 0 {
		return
	}
	now := without{phones: map[netip.Addr]string{}, until: d.begun + day}
	for at, who := range present {
		if d.used(who) {
			now.phones[at] = who
		}
	}
	if told := d.without.Load(); told == nil || told.until != now.until || !maps.Equal(told.phones, now.phones) {
		d.without.Store(&now)
	}
}

func (d *doorkeeper) run(ctx context.Context) error {
	d.open, d.counted, d.spent = map[netip.Addr]string{}, map[netip.Addr]uint64{}, map[string]uint64{}
	tick := time.NewTicker(gateEvery)
	defer tick.Stop()
	for {
		if err := d.look(); err != nil {
			d.log.Warn("the way to the internet was not set for a phone; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			if err := d.sweep(); err != nil {
				d.log.Warn("the way to the internet stays open for phones, as it could not be shut; “lamppost portal down” shuts it", "err", err)
			}
			return nil
		case <-tick.C:
		}
	}
}

// sweep shuts the gate to all: whoever has an address now need not be who had it when
// it was opened, and while no hub runs nobody looks.
func (d *doorkeeper) sweep() error {
	if err := d.gate.Shut(); err != nil {
		return err
	}
	clear(d.open)
	clear(d.counted)
	return nil
}

const day = 24 * time.Hour

// look brings the gate to what it should be.
func (d *doorkeeper) look() error {
	defer d.tell()
	if !d.swept {
		if err := d.sweep(); err != nil {
			return err
		}
		d.swept = true
	}
	if now := d.elapsed(); now-d.begun >= day {
		d.begun = now
		clear(d.spent)
	}
	if len(d.open) > 0 {
		if err := d.count(); err != nil {
			return err
		}
	}
	present := map[netip.Addr]string{}
	if d.up() {
		present = d.clients.Present()
	}
	for at, who := range d.open {
		if present[at] == who && !d.used(who) {
			continue
		}
		hw, _ := hardware(who)
		if err := d.gate.Close(at, hw); err != nil {
			return err
		}
		delete(d.open, at)
		delete(d.counted, at)
	}
	d.tellWithout(present)
	for at, who := range present {
		if _, open := d.open[at]; open || d.used(who) {
			continue
		}
		hw, known := hardware(who)
		if !known {
			continue
		}
		if err := d.gate.Open(at, hw); err != nil {
			return err
		}
		d.open[at] = who
	}
	return nil
}

// hardware is the hardware address by which a phone is known; false if it is not, or is
// none of Wi-Fi or Ethernet.
func hardware(who string) (hw net.HardwareAddr, known bool) {
	hw, err := net.ParseMAC(who)
	return hw, err == nil && len(hw) == 6
}

func (d *doorkeeper) used(who string) bool { return d.budget > 0 && d.spent[who] >= d.budget }

// count adds what was used since the last look.
func (d *doorkeeper) count() error {
	used, err := d.gate.Used()
	if err != nil {
		return err
	}
	for at, n := range used {
		if who, open := d.open[at]; open && n >= d.counted[at] {
			d.spent[who] += n - d.counted[at]
			d.counted[at] = n
		}
	}
	for at := range d.open {
		if _, still := used[at]; !still { // portal up has made the rules anew: it is to be opened again
			delete(d.open, at)
			delete(d.counted, at)
		}
	}
	return nil
}
