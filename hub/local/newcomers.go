package local

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Newcomers limits how many new residents, or tries at one, an address gets
// within an hour. It is kept in memory only, bounded, and safe for concurrent
// use. A jump of the clock frees everybody rather than nobody.
//
// IPv6 addresses count by their /64, as one device can have all of one: on a
// LAN that is everybody there, so those share ten times as much.
type Newcomers struct {
	perHour int
	mu      sync.Mutex
	seen    map[netip.Prefix][]time.Time // ascending, at most the limit
}

// Limits of Newcomers.
const (
	maxAddresses = 4096
	sharedBy     = 10
	maxPerHour   = 1000
)

// NewNewcomers makes a limiter of so many an hour, 1–1000.
func NewNewcomers(perHour int) *Newcomers {
	return &Newcomers{perHour: min(max(perHour, 1), maxPerHour), seen: map[netip.Prefix][]time.Time{}}
}

// Allow counts one more from the address, or returns a hub.TooMany that says
// how long to wait. What was refused is not counted.
func (c *Newcomers) Allow(addr netip.Addr, now time.Time) error {
	from, limit := c.group(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	times := recent(c.seen[from], now)
	if len(times) >= limit {
		c.seen[from] = times
		wait := times[0].Add(time.Hour).Sub(now)
		return hub.Later(wait, hub.Errorf(hub.TooMany, "", "Many people have just started from this device or network. Try again in %d minutes. Until then you can read everything.", int(wait/time.Minute)+1))
	}
	if _, known := c.seen[from]; !known && len(c.seen) >= maxAddresses {
		c.makeRoom(now)
	}
	c.seen[from] = append(times, now)
	return nil
}

func (c *Newcomers) group(addr netip.Addr) (netip.Prefix, int) {
	addr = plainAddr(addr)
	if addr.Is6() {
		p, _ := addr.Prefix(64) // 64 bits are within an IPv6 address
		return p, c.perHour * sharedBy
	}
	return netip.PrefixFrom(addr, 32), c.perHour
}

// recent leaves out what is more than an hour ago or, after a jump of the
// clock, yet to come.
func recent(times []time.Time, now time.Time) []time.Time {
	kept := times[:0]
	for _, t := range times {
		if d := now.Sub(t); d >= 0 && d < time.Hour {
			kept = append(kept, t)
		}
	}
	return kept
}

// makeRoom forgets who has nothing left to count, and if that is not enough the
// quarter that came least lately, so that it need not be done again at once.
func (c *Newcomers) makeRoom(now time.Time) {
	type visit struct {
		from netip.Prefix
		last time.Time
	}
	visits := make([]visit, 0, len(c.seen))
	for from, times := range c.seen {
		times = recent(times, now)
		if len(times) == 0 {
			delete(c.seen, from)
			continue
		}
		c.seen[from] = times
		visits = append(visits, visit{from, times[len(times)-1]})
	}
	if len(visits) < maxAddresses {
		return
	}
	slices.SortFunc(visits, func(a, b visit) int { return a.last.Compare(b.last) })
	for _, v := range visits[:maxAddresses/4] {
		delete(c.seen, v.from)
	}
}
