package join

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The pace at which a hub lets itself be asked. A joiner asks once; a whole town
// that joins from behind one router is within it.
const (
	perOrigin      = rate.Limit(0.5) // a second
	perOriginBurst = 30
	inAll          = rate.Limit(4)
	inAllBurst     = 60
	maxOrigins     = 1024
)

// Pace bounds how often is asked, from one origin (an IPv4 address or an IPv6 /64)
// and in all. It is safe for concurrent use. The zero value is not ready.
type Pace struct {
	mu   sync.Mutex
	all  *rate.Limiter
	from map[netip.Prefix]*rate.Limiter
}

// NewPace makes one.
func NewPace() *Pace {
	return &Pace{all: rate.NewLimiter(inAll, inAllBurst), from: map[netip.Prefix]*rate.Limiter{}}
}

// Allow counts one that asks, and reports whether it is to be answered. Now is any
// clock that does not go backwards.
func (p *Pace) Allow(from netip.Addr, now time.Time) bool {
	from = from.Unmap().WithZone("")
	size := from.BitLen()
	if from.Is6() {
		size = 64
	}
	origin, _ := from.Prefix(size) // an address that is none has an origin of its own
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.from[origin]
	if one == nil {
		if len(p.from) >= maxOrigins {
			p.forget(now)
		}
		one = rate.NewLimiter(perOrigin, perOriginBurst)
		p.from[origin] = one
	}
	// what one origin is denied does not count against all
	return one.AllowN(now, 1) && p.all.AllowN(now, 1)
}

// forget drops the origins that have nothing left to count; if none has, all of
// them: who is among so many is held by the pace of all.
func (p *Pace) forget(now time.Time) {
	for o, l := range p.from {
		if l.TokensAt(now) >= perOriginBurst {
			delete(p.from, o)
		}
	}
	if len(p.from) >= maxOrigins {
		clear(p.from)
	}
}
