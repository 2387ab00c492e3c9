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
	doubted = 30 * time.Second // one of which only its client says so
	settled = 5 * time.Minute  // a lease this old may be taken from a phone that is not there, if no other is left
	meeting = 3 * time.Second  // and one this old from a phone that nobody has met at all
	trial   = 2 * time.Minute  // a lease of an address that was not offered, until its phone is met there
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
	changed     map[string]netip.Addr // what is to be kept, since Changes; the zero Addr for a lease that is gone
	offers      []*lease              // the oldest first; some may have become leases
}

// lease is an address of somebody, or one that is shunned (no client).
type lease struct {
	client string
	at     netip.Addr
	state  state
	since  time.Duration
	until  time.Duration
	met    bool // somebody was met there since it is this client's; only such leases are kept
	whole  bool // it is for the whole of Term once it is asked for
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
			p.put(&lease{client: client, at: at, state: bound, since: now, until: now + Term, met: true, whole: true})
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

// put notes a lease in place of those that its client and its address had. A phone that
// was met at its address before counts as met.
func (p *Pool) put(l *lease) {
	if old := p.by[l.client]; old != nil {
		if old.at == l.at {
			l.met, l.whole = l.met || old.met, l.whole || old.met
		} else {
			p.drop(old)
		}
	}
	if old := p.at[l.at]; old != nil && old.client != l.client {
		p.drop(old)
	}
	p.at[l.at] = l
	if l.client != "" {
		p.by[l.client] = l
	}
}

// drop forgets a lease, also in what is kept.
func (p *Pool) drop(l *lease) {
	delete(p.at, l.at)
	if l.client != "" {
		delete(p.by, l.client)
	}
	if l.met {
		p.changed[l.client] = netip.Addr{}
	}
}

// live reports whether an address is not to be given to others.
func (l *lease) live(now time.Duration) bool { return l != nil && now < l.until }

// Offer finds an address for a client: the one it has or had, the one it wants, one
// that nobody had, the one that was given up longest ago, and if there is none the oldest
// of those that keep others out: one that was offered to somebody who has not asked for it,
// one of a phone that was never met, one that was declined, one of a phone that was not met
// for long. taken reports whether somebody else is known to use an address. It fails with
// ErrFull.
func (p *Pool) Offer(client string, want netip.Addr, taken func(netip.Addr) bool, now time.Duration) (netip.Addr, error) {
	free := func(a netip.Addr) bool {
		l := p.at[a]
		return p.has(a) && (l == nil || l.client == client || !l.live(now)) && !taken(a)
	}
	had := p.by[client]
	switch {
	case had != nil && had.live(now) && !taken(had.at):
		had.whole = true
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
		case l == nil && !taken(a):
			return p.reserve(client, a, now), nil
		case l != nil && !l.live(now) && (oldest == nil || l.until < oldest.until) && !taken(a):
			oldest = l
		}
	}
	if oldest == nil {
		oldest = p.idle(taken, now)
	}
	if oldest == nil {
		return netip.Addr{}, ErrFull
	}
	at := oldest.at
	p.drop(oldest)
	return p.reserve(client, at, now), nil
}

// idle is a lease that keeps others out for nothing; nil if there is none.
func (p *Pool) idle(taken func(netip.Addr) bool, now time.Duration) *lease {
	if l := p.unclaimed(taken); l != nil {
		return l
	}
	for _, of := range []func(*lease) bool{
		func(l *lease) bool { return l.state == bound && !l.met && now-l.since >= meeting },
		func(l *lease) bool { return l.state == shun },
		func(l *lease) bool { return l.state == bound && now-l.since >= settled },
	} {
		if l := p.oldest(of, taken); l != nil {
			return l
		}
	}
	return nil
}

// unclaimed is the oldest offer: who does not get its address asks again, and who never
// asks must not keep others out.
func (p *Pool) unclaimed(taken func(netip.Addr) bool) *lease {
	for _, l := range p.offers {
		if p.at[l.at] == l && l.state == offer && !taken(l.at) {
			return l
		}
	}
	return nil
}

// oldest is the oldest lease of some where nobody is seen.
func (p *Pool) oldest(of func(*lease) bool, taken func(netip.Addr) bool) (oldest *lease) {
	for a, l := range p.at {
		if (oldest == nil || l.since < oldest.since) && of(l) && !taken(a) {
			oldest = l
		}
	}
	return oldest
}

func (p *Pool) reserve(client string, at netip.Addr, now time.Duration) netip.Addr {
	l := &lease{client: client, at: at, state: offer, since: now, until: now + offered, whole: true}
	p.put(l)
	p.offers = append(p.offers, l)
	for most := min(max(p.size/offeredPart, leastOffered), mostOffered); len(p.offers) > most; p.offers = p.offers[1:] {
		if oldest := p.offers[0]; p.at[oldest.at] == oldest {
			p.drop(oldest)
		}
	}
	return at
}

// Confirm gives a client an address that it asks for: one offered, one it has, or one
// it remembers of which this hub knows nothing bad. That is for two minutes where nothing
// was offered and nobody was met there: anybody can ask for all addresses, in names that
// nobody has. It fails with ErrNotYours.
func (p *Pool) Confirm(client string, at netip.Addr, taken func(netip.Addr) bool, now time.Duration) error {
	l := p.at[at]
	if !p.has(at) || l.live(now) && l.client != client || taken(at) {
		return ErrNotYours
	}
	n := &lease{client: client, at: at, state: bound, since: now}
	if l != nil && l.client == client {
		n.whole = l.whole
		if l.state == bound && l.live(now) && !l.met { // who only asks again and again is not there for it
			n.since = l.since
		}
	}
	p.put(n)
	n.until = now + trial
	if n.whole {
		n.until = now + Term
	}
	return nil
}

// Met notes that a phone was met at the address that it has, which is for the whole of
// Term now and kept.
func (p *Pool) Met(at netip.Addr, now time.Duration) {
	l := p.at[at]
	if !l.live(now) || l.state != bound || l.met {
		return
	}
	l.met, l.whole, l.since, l.until = true, true, now, now+Term
	p.changed[l.client] = at
}

// unmet are the addresses of phones that were not met there yet.
func (p *Pool) unmet() (all []netip.Addr) {
	for at, l := range p.at {
		if l.state == bound && !l.met {
			all = append(all, at)
		}
	}
	return all
}

// left is how long a client still has an address.
func (p *Pool) left(at netip.Addr, now time.Duration) time.Duration {
	if l := p.at[at]; l.live(now) && l.state == bound {
		return l.until - now
	}
	return 0
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

// Decline notes that a client found somebody else at an address that it got; seen says
// that the hub knows of somebody there as well.
func (p *Pool) Decline(client string, at netip.Addr, seen bool, now time.Duration) {
	l := p.by[client]
	if l == nil || l.at != at {
		return
	}
	until := now + doubted
	if seen {
		until = now + shunned
	}
	p.drop(l)
	p.put(&lease{at: at, state: shun, since: now, until: until})
}

// declined reports whether an address was declined just now.
func (p *Pool) declined(at netip.Addr, now time.Duration) bool {
	l := p.at[at]
	return l != nil && l.state == shun && l.since == now
}

// Changes are the leases of phones that were met, new or gone (the zero Addr), since the
// last call.
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
