package mdns

import (
	"cmp"
	"encoding/hex"
	"net/netip"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/iface"
)

// Bounds of what is kept. Past them what is new is left out until something has
// expired.
const (
	MaxSeen   = 256 // hubs, each once a network
	maxOnLink = 128 // on one network

	maxWaiting = 64 // packets that came in and have not been looked at
)

// seen is who was heard, and until when that counts.
type seen struct {
	at map[spot]*sighting
}

// spot is a hub on a network.
type spot struct {
	index int // of the interface
	name  string
}

type sighting struct {
	addrs []netip.AddrPort
	heard time.Time
	until time.Time
}

func newSeen() seen { return seen{at: map[spot]*sighting{}} }

// note takes in what somebody at from says, and reports whether that changes who
// is there and where.
func (s *seen) note(on iface.Interface, one said, from netip.Addr, now time.Time) bool {
	at := spot{on.Index, one.name}
	old := s.at[at]
	if one.ttl == 0 {
		delete(s.at, at)
		return old != nil
	}
	if old == nil && s.full(on.Index) {
		return false
	}
	fresh := &sighting{heard: now, until: now.Add(one.ttl)}
	for _, a := range append([]netip.Addr{from}, one.addrs...) {
		if a.IsLinkLocalUnicast() && a.Is6() {
			a = a.WithZone(on.Name)
		}
		ap := netip.AddrPortFrom(a, one.port)
		if dialable(a) && len(fresh.addrs) < MaxAddrs && !slices.Contains(fresh.addrs, ap) {
			fresh.addrs = append(fresh.addrs, ap)
		}
	}
	slices.SortFunc(fresh.addrs, netip.AddrPort.Compare)
	s.at[at] = fresh
	return old == nil || !slices.Equal(old.addrs, fresh.addrs)
}

func (s *seen) full(index int) bool {
	n := 0
	for at := range s.at {
		if at.index == index {
			n++
		}
	}
	return n >= maxOnLink || len(s.at) >= MaxSeen
}

// only forgets what was heard on other interfaces than these.
func (s *seen) only(grounds map[int]*ground) (gone bool) {
	for at := range s.at {
		if g := grounds[at.index]; g == nil || g.asks == 0 {
			delete(s.at, at)
			gone = true
		}
	}
	return gone
}

func (s *seen) expire(now time.Time) (gone bool) {
	for at, one := range s.at {
		if !one.until.After(now) {
			delete(s.at, at)
			gone = true
		}
	}
	return gone
}

// next is when something expires.
func (s *seen) next() (first time.Time, ok bool) {
	for _, one := range s.at {
		if !ok || one.until.Before(first) {
			first, ok = one.until, true
		}
	}
	return first, ok
}

// known are those heard on an interface of whom nothing needs to be heard yet.
func (s *seen) known(index int, now time.Time) (out []said) {
	for at, one := range s.at {
		if left := one.until.Sub(now); at.index == index && left >= life/2 {
			out = append(out, said{name: at.name, ttl: left})
		}
	}
	slices.SortFunc(out, func(a, b said) int { return cmp.Or(cmp.Compare(b.ttl, a.ttl), cmp.Compare(a.name, b.name)) })
	return out
}

// list joins what was heard of each hub, in the order of keys.
func (s *seen) list() (out []Seen) {
	by, last := map[string][]netip.AddrPort{}, map[string]time.Time{}
	for at, one := range s.at {
		by[at.name] = append(by[at.name], one.addrs...)
		if one.heard.After(last[at.name]) {
			last[at.name] = one.heard
		}
	}
	for name, addrs := range by {
		b, err := hex.DecodeString(name)
		if err != nil || len(b) != len(Prefix{}) {
			continue // decode lets none in
		}
		slices.SortFunc(addrs, netip.AddrPort.Compare)
		addrs = slices.Compact(addrs)
		out = append(out, Seen{Prefix: Prefix(b), Addrs: addrs[:min(len(addrs), MaxAddrs)], At: last[name]})
	}
	slices.SortFunc(out, func(a, b Seen) int { return slices.Compare(a.Prefix[:], b.Prefix[:]) })
	return out
}
