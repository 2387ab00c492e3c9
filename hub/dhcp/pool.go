// Package dhcp gives the phones on a hub's Wi-Fi their addresses (RFC 2131).
//
// It is part of the program, so that a box needs nothing else installed, and ends
// with it. The packets are read and made by github.com/insomniacslk/dhcp; who gets
// which address is decided here.
package dhcp

import (
	"errors"
	"hash/fnv"
	"net/netip"
	"time"
)

// Times of a lease. A phone asks again after half of it, so that all come by again
// soon after a hub was replaced.
const (
	Term    = 4 * time.Hour
	offered = 10 * time.Second // an address that was offered is kept so long, unless many others are
	shunned = 10 * time.Minute // one that somebody else has
	settled = 5 * time.Minute  // a lease this old may be taken from a phone that is not there, if no other is left
	maxPool = 8192             // addresses

	// Of a pool's addresses one in offeredPart is kept for those to whom it was offered and
	// who have not asked for it yet, from leastOffered to mostOffered: anybody can have
	// offers made without end, in names that nobody has.
	offeredPart  = 8
	leastOffered = 4
	mostOffered  = 256
)

// Errors of a pool.
var (
	ErrFull     = errors.New("all addresses are in use")
	ErrNotYours = errors.New("the address is somebody else's, or not of this network")
)

// Pool knows who has which address. It is not safe for concurrent use, and knows no
// clock but the running time that is handed in.
type Pool struct {
	first, last netip.Addr
	size        int
	by          map[string]*lease
	at          map[netip.Addr]*lease
	changed     map[string]netip.Addr // since Changes; the zero Addr for a lease that is gone
	offers      []*lease              // the oldest first; some may have become leases
}

// lease is an address of somebody, or one that is shunned (no client).
type lease struct {
	client string
	at     netip.Addr
	state  state
	since  time.Duration
	until  time.Duration
}

type state int

const (
	offer state = iota
	bound
	shun
)

// NewPool gives out the addresses from first to last, and knows who had which. It
// fails if these are not IPv4 addresses in order, or too many.
func NewPool(first, last netip.Addr, had map[string]netip.Addr, now time.Duration) (*Pool, error) {
	if !first.Is4() || !last.Is4() || last.Less(first) {
		return nil, errors.New("not a range of IPv4 addresses")
	}
	size := int(number(last)-number(first)) + 1
	if size > maxPool {
		return nil, errors.New("a range of more than 8,192 addresses")
	}
	p := &Pool{first: first, last: last, size: size, by: map[string]*lease{}, at: map[netip.Addr]*lease{}, changed: map[string]netip.Addr{}}
	for client, at := range had {
		if p.has(at) && p.at[at] == nil {
			// How long ago that was nobody knows: the phone may just have asked.
			p.put(&lease{client: client, at: at, state: bound, since: now, until: now + Term})
		}
	}
	return p, nil
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func (p *Pool) nth(i int) netip.Addr {
	n := number(p.first) + uint32(i)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func (p *Pool) has(a netip.Addr) bool {
	return a.Is4() && !a.Less(p.first) && !p.last.Less(a)
}

func (p *Pool) put(l *lease) {
	if old := p.by[l.client]; old != nil && l.client != "" {
		delete(p.at, old.at)
	}
	if old := p.at[l.at]; old != nil {
		delete(p.by, old.client)
	}
	p.at[l.at] = l
	if l.client != "" {
		p.by[l.client] = l
	}
}

func (p *Pool) drop(l *lease) {
	delete(p.at, l.at)
	if l.client != "" {
		delete(p.by, l.client)
	}
}

// live reports whether an address is not to be given to others.
func (l *lease) live(now time.Duration) bool { return l != nil && now < l.until }

// Offer finds an address for a client: the one it has or had, the one it wants, one
// that nobody had, the one that was given up longest ago, one that was offered to somebody
// who has not asked for it. taken reports whether somebody else is known to use an
// address. It fails with ErrFull.
func (p *Pool) Offer(client string, want netip.Addr, taken func(netip.Addr) bool, now time.Duration) (netip.Addr, error) {
	free := func(a netip.Addr) bool {
		l := p.at[a]
		return p.has(a) && (l == nil || l.client == client || !l.live(now)) && !taken(a)
	}
	had := p.by[client]
	switch {
	case had != nil && had.live(now) && !taken(had.at):
		return had.at, nil
	case had != nil && free(had.at):
		return p.reserve(client, had.at, now), nil
	case free(want):
		return p.reserve(client, want, now), nil
	}
	// Everybody begins elsewhere, and where a hub knows nothing any more at the
	// address that it gave before.
	h := fnv.New32a()
	_, _ = h.Write([]byte(client))
	begin := int(h.Sum32() % uint32(p.size))
	var oldest *lease
	for i := range p.size {
		a := p.nth((begin + i) % p.size)
		switch l := p.at[a]; {
		case taken(a):
		case l == nil:
			return p.reserve(client, a, now), nil
		case !l.live(now) && (oldest == nil || l.until < oldest.until):
			oldest = l
		}
	}
	if oldest == nil {
		oldest = p.unclaimed(taken)
	}
	if oldest == nil {
		oldest = p.absent(taken, now)
	}
	if oldest == nil {
		return netip.Addr{}, ErrFull
	}
	at := oldest.at
	p.forget(oldest)
	return p.reserve(client, at, now), nil
}

// unclaimed is the oldest offer: who does not get its address asks again, and who never
// asks must not keep others out.
func (p *Pool) unclaimed(taken func(netip.Addr) bool) *lease {
	for _, l := range p.offers {
		if p.at[l.at] == l && !taken(l.at) {
			return l
		}
	}
	return nil
}

// absent is the oldest lease of a phone that nobody sees.
func (p *Pool) absent(taken func(netip.Addr) bool, now time.Duration) (oldest *lease) {
	for a, l := range p.at {
		if l.state == bound && now-l.since >= settled && !taken(a) && (oldest == nil || l.since < oldest.since) {
			oldest = l
		}
	}
	return oldest
}

func (p *Pool) reserve(client string, at netip.Addr, now time.Duration) netip.Addr {
	l := &lease{client: client, at: at, state: offer, since: now, until: now + offered}
	p.put(l)
	p.offers = append(p.offers, l)
	for most := min(max(p.size/offeredPart, leastOffered), mostOffered); len(p.offers) > most; p.offers = p.offers[1:] {
		if oldest := p.offers[0]; p.at[oldest.at] == oldest {
			p.drop(oldest)
		}
	}
	return at
}

// forget drops a lease, also from what is kept.
func (p *Pool) forget(l *lease) {
	if l.state == bound {
		p.changed[l.client] = netip.Addr{}
	}
	p.drop(l)
}

// Confirm gives a client an address that it asks for: one offered, one it has, or one
// it remembers of which this hub knows nothing bad. It fails with ErrNotYours.
func (p *Pool) Confirm(client string, at netip.Addr, taken func(netip.Addr) bool, now time.Duration) error {
	l := p.at[at]
	if !p.has(at) || l.live(now) && l.client != client || taken(at) {
		return ErrNotYours
	}
	if l != nil && l.client != client {
		p.forget(l)
	}
	if old := p.by[client]; old == nil || old.at != at || old.state != bound {
		p.changed[client] = at
	}
	p.put(&lease{client: client, at: at, state: bound, since: now, until: now + Term})
	return nil
}

// holds reports whether a client has a lease of an address.
func (p *Pool) holds(client string, at netip.Addr, now time.Duration) bool {
	l := p.by[client]
	return l.live(now) && l.state == bound && l.at == at
}

// Release ends a client's lease; the address stays its own until somebody needs it.
func (p *Pool) Release(client string, at netip.Addr, now time.Duration) {
	if l := p.by[client]; l != nil && l.at == at && l.live(now) {
		l.until = now
	}
}

// Decline notes that somebody else was found to use an address that a client got.
func (p *Pool) Decline(client string, at netip.Addr, now time.Duration) {
	if l := p.by[client]; l != nil && l.at == at {
		p.forget(l)
		p.put(&lease{at: at, state: shun, since: now, until: now + shunned})
	}
}

// Changes are the leases that are new or gone (the zero Addr) since the last call.
func (p *Pool) Changes() map[string]netip.Addr {
	changed := p.changed
	p.changed = map[string]netip.Addr{}
	return changed
}

// Free is how many addresses are left.
func (p *Pool) Free(now time.Duration) int {
	n := p.size
	for _, l := range p.at {
		if l.live(now) {
			n--
		}
	}
	return n
}
