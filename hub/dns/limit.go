package dns

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Limit is how much one client may ask: so many queries at once, then so many a
// second. Zero values are the defaults. IPv4 clients count by their address. IPv6
// ones have as many addresses as they like, so they count by their network of 64
// bits, which has ten times as much: all phones of a place are in it.
type Limit struct {
	PerSecond int            // queries; 0 is 100
	Burst     int            // queries; 0 is 200
	Slip      int            // each so many-th of the rest is told to come over TCP; 0 is 4, 1 is each
	Exempt    []netip.Prefix // are not slowed, for measurements
}

const (
	defaultPerSecond = 100
	defaultBurst     = 200
	defaultSlip      = 4
	maxPerSecond     = 1_000_000
)

const (
	networkShare = 10 // how much more an IPv6 network may ask than an address

	sets = 1024 // of buckets: a client's is in the one that its address hashes to
	ways = 4    // buckets in a set
)

// allowed is what a limiter says to a query.
type allowed uint8

const (
	pass allowed = iota
	drop
	comeOverTCP
)

// limiter is response rate limiting. Its memory is fixed: where more clients meet
// in a set than it has buckets, the one that was silent longest is forgotten.
type limiter struct {
	pause  time.Duration // that a query costs
	burst  time.Duration // that may be owed
	slip   uint32
	exempt []netip.Prefix
	began  time.Time
	seed   maphash.Seed
	sets   [sets]bucketSet
}

type bucketSet struct {
	mu      sync.Mutex
	buckets [ways]bucket
}

// bucket is one client's account: each query moves until on by a pause.
type bucket struct {
	of    netip.Addr // the first address of its network
	until time.Duration
	over  uint32 // queries beyond the limit, in a row
}

func newLimiter(l Limit) (*limiter, error) {
	or := func(n, standard int) int {
		if n == 0 {
			return standard
		}
		return n
	}
	perSecond, burst, slip := or(l.PerSecond, defaultPerSecond), or(l.Burst, defaultBurst), or(l.Slip, defaultSlip)
	if min(perSecond, burst, slip) < 1 || max(perSecond, burst, slip) > maxPerSecond {
		return nil, fmt.Errorf("the limit of %d queries a second, %d at once, slip %d: each must be from 1 to %d", perSecond, burst, slip, maxPerSecond)
	}
	pause := time.Second / time.Duration(perSecond)
	return &limiter{
		pause: pause, burst: pause * time.Duration(burst), slip: uint32(slip),
		exempt: l.Exempt, began: time.Now(), seed: maphash.MakeSeed(),
	}, nil
}

// take counts one query of a client. It does not allocate.
func (l *limiter) take(addr netip.Addr) allowed {
	for _, p := range l.exempt {
		if p.Contains(addr) {
			return pass
		}
	}
	of, pause := addr, l.pause
	if addr.Is6() {
		b := addr.As16()
		clear(b[8:])
		of, pause = netip.AddrFrom16(b), l.pause/networkShare
	}
	now := time.Since(l.began)
	set := &l.sets[maphash.Comparable(l.seed, of)%sets]
	set.mu.Lock()
	defer set.mu.Unlock()
	b := set.bucket(of)
	if b.of != of {
		*b = bucket{of: of}
	}
	if until := max(b.until, now) + pause; until-now <= l.burst {
		b.until, b.over = until, 0
		return pass
	}
	if b.over++; b.over%l.slip == 0 {
		return comeOverTCP
	}
	return drop
}

// bucket is the one of a client, or the one to take for it.
func (s *bucketSet) bucket(of netip.Addr) *bucket {
	oldest := &s.buckets[0]
	for i := range s.buckets {
		b := &s.buckets[i]
		if b.of == of {
			return b
		}
		if b.until < oldest.until {
			oldest = b
		}
	}
	return oldest
}
