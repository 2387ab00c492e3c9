package gossip

import (
	"cmp"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// MaxKnown bounds the known addresses that are tried.
const MaxKnown = 256

// How often an address is tried.
const (
	eager    = time.Second     // for the first brisk: at a start, or where a link flickered
	brisk    = 5 * time.Second // while no member answers there
	briskFor = time.Hour
	slow     = 5 * time.Minute // after that; and where a member answered that tells others another address
	atOnce   = 32              // how many are tried at the same time
)

// heal is the plan by which addresses are tried. It does nothing itself.
type heal struct {
	refuse func(local, remote netip.Addr) bool

	mu     sync.Mutex
	places map[string]*place
	downs  int

	longest bool // whose turn it is: who waited longest, or who is best known
}

type place struct {
	addr    string
	order   int
	live    bool      // a member that is up advertises it
	seen    time.Time // when a member answered here last; zero = never
	missing time.Time // since
	tried   time.Time
	trying  bool
	joined  bool // it answered as a hub does, and nobody went down since
}

func newHeal(refuse func(local, remote netip.Addr) bool) *heal {
	return &heal{refuse: refuse, places: map[string]*place{}}
}

// update takes in what is known. Addresses that are nobody's any more are left, and
// those that are not to be spoken with.
func (h *heal) update(now time.Time, known []string, r *roll, self netip.AddrPort) {
	live, seen, downs := r.places()
	wanted := map[string]int{} // to the order in which they are known
	for i, k := range known[:min(len(known), MaxKnown)] {
		if addr, ok := canonical(k); ok {
			wanted[addr] = i
		}
	}
	for a := range seen {
		if _, ok := wanted[a.String()]; !ok {
			wanted[a.String()] = MaxKnown
		}
	}
	delete(wanted, self.String())
	maps.DeleteFunc(wanted, func(addr string, _ int) bool {
		a, err := netip.ParseAddrPort(addr)
		return err == nil && h.refuse(netip.Addr{}, a.Addr())
	})

	h.mu.Lock()
	defer h.mu.Unlock()
	for addr, p := range h.places {
		if _, ok := wanted[addr]; !ok && !p.trying {
			delete(h.places, addr)
		}
	}
	for addr, order := range wanted {
		p := h.places[addr]
		if p == nil {
			p = &place{addr: addr, missing: now}
			h.places[addr] = p
		}
		a, err := netip.ParseAddrPort(addr)
		wasLive := p.live
		p.live, p.seen, p.order = err == nil && live[a], seen[a], order
		if wasLive && !p.live {
			p.missing = now
		}
		if downs != h.downs {
			p.joined = false
		}
	}
	h.downs = downs
}

// hasten makes everything missing due: the network may have changed.
func (h *heal) hasten(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.places {
		p.missing, p.tried, p.joined = now, time.Time{}, false
	}
}

func (p *place) due(now time.Time) bool {
	if p.live || p.trying {
		return false
	}
	wait := brisk
	switch {
	case p.joined && p.seen.IsZero():
		wait = slow
	case now.Sub(p.missing) < brisk:
		wait = eager
	case now.Sub(p.missing) >= briskFor:
		wait = slow
	}
	return p.tried.IsZero() || now.Sub(p.tried) >= wait
}

// pick chooses what to try now, and counts it as being tried. Two orders take
// turns: the places where a member was seen last, then the best known; and those
// that waited longest, then the least known, so that nothing in a book of dead
// addresses starves. The turn outlives a call: attempts end one by one.
func (h *heal) pick(now time.Time) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var best []*place
	free := atOnce
	for _, p := range h.places {
		if p.trying {
			free--
		} else if p.due(now) {
			best = append(best, p)
		}
	}
	slices.SortFunc(best, func(a, b *place) int { return cmp.Or(b.seen.Compare(a.seen), cmp.Compare(a.order, b.order)) })
	waited := slices.Clone(best)
	slices.SortFunc(waited, func(a, b *place) int { return cmp.Or(a.tried.Compare(b.tried), cmp.Compare(b.order, a.order)) })
	var out []string
	for n := min(free, len(best)); len(out) < n; {
		from := &best
		if h.longest {
			from = &waited
		}
		p := (*from)[0]
		*from = (*from)[1:]
		if p.trying {
			continue // the other order had it first
		}
		h.longest = !h.longest
		p.trying, p.tried = true, now
		out = append(out, p.addr)
	}
	return out
}

// done notes how an attempt ended.
func (h *heal) done(addr string, joined bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.places[addr]; p != nil {
		p.trying, p.joined = false, joined
	}
}

func (h *heal) missing() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, p := range h.places {
		if !p.live && !p.joined {
			n++
		}
	}
	return n
}

// canonical is an address in the one form it is compared in.
func canonical(s string) (string, bool) {
	if a, err := netip.ParseAddrPort(s); err == nil {
		a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
		return a.String(), a.Port() != 0 && unicast(a.Addr())
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || len(host) > 253 {
		return "", false
	}
	p, err := strconv.ParseUint(port, 10, 16)
	return s, err == nil && p != 0
}
