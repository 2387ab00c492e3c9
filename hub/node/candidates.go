package node

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/mdns"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// maxUncertified bounds the members, and the hubs heard by multicast, that are
// dialled though no certificate of theirs is known: they may have been certified
// elsewhere, or made up.
const maxUncertified = 8

// maxHeardAddrs bounds the addresses heard by multicast that one hub is dialled
// at: there is room for those in the book.
const maxHeardAddrs = 4

// Bounds of the addresses that are taken from members of whom something is not
// true, such as one with the key of another.
const (
	maxDoubtedAddrs = 2 // of one
	maxDoubtedOfHub = 6 // of all with one key
)

// candidate is a hub to be linked with, or an address where one may be.
type candidate struct {
	key       record.Author // zero = not known
	addrs     []string      // the best first
	up        bool          // a member, or heard by multicast
	down      bool          // heard by multicast, and no member any more since
	certified bool
	says      gossip.Says // of a member that nothing speaks against
}

// candidates are the hubs that could be dialled, but revoked ones and this one.
func (h *neighborhood) candidates() []candidate {
	state := h.roster()
	var out []candidate
	at := map[record.Author]int{}
	get := func(key record.Author) *candidate {
		i, ok := at[key]
		if !ok {
			_, certified := state.Hub(key)
			i = len(out)
			at[key] = i
			out = append(out, candidate{key: key, certified: certified})
		}
		return &out[i]
	}
	excluded := func(key record.Author) bool { return key == h.self || state.Revoked(key) }
	for _, m := range h.members() {
		if excluded(m.Key) {
			continue
		}
		c := get(m.Key)
		c.up = true
		addrs := h.nearFirst(m.Says.Addrs)
		if m.Doubt == 0 {
			c.says = m.Says
		} else { // whoever lies leaves room for others
			addrs = addrs[:min(len(addrs), maxDoubtedAddrs, max(0, maxDoubtedOfHub-len(c.addrs)))]
		}
		for _, a := range addrs {
			if !a.Addr().IsLoopback() || m.Addr.Addr().IsLoopback() {
				c.add(a.String())
			}
		}
	}
	named := h.heard(state, func(key record.Author, addrs []string, last time.Time) {
		if excluded(key) {
			return
		}
		c := get(key)
		c.down = !c.up && h.fell(key).After(last)
		c.up = true
		for _, a := range addrs {
			c.add(a)
		}
	})
	for _, a := range h.book.Addresses() {
		switch {
		case a.Kind != local.SyncAddress || excluded(a.Hub):
		case a.Hub == record.Author{}:
			named = append(named, a.Addr)
		default:
			get(a.Hub).add(a.Addr)
		}
	}
	self := h.reachable()             // where others were once: addresses pass from one to another
	never := func(addr string) bool { // it is this hub's own, or lies where no hub is spoken with
		a, err := netip.ParseAddrPort(addr)
		return err == nil && (slices.Contains(self, a) || h.alone.Holds(netip.Addr{}, a.Addr()))
	}
	for i := range out {
		out[i].addrs = slices.DeleteFunc(out[i].addrs, never)
	}
	named = slices.DeleteFunc(named, never)
	out = slices.DeleteFunc(out, func(c candidate) bool { return len(c.addrs) == 0 })
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.rank(), a.rank()) })
	uncertified := 0
	out = slices.DeleteFunc(out, func(c candidate) bool {
		if c.certified {
			return false
		}
		uncertified++
		return uncertified > maxUncertified
	})
	for _, addr := range named {
		if !slices.ContainsFunc(out, func(c candidate) bool { return slices.Contains(c.addrs, addr) }) {
			out = append(out, candidate{addrs: []string{addr}})
		}
	}
	return out
}

// heard tells each certified hub that was heard by multicast, and returns addresses
// of others.
func (h *neighborhood) heard(state *roster.State, tell func(record.Author, []string, time.Time)) (others []string) {
	if h.finder == nil {
		return nil
	}
	certified := map[mdns.Prefix]record.Author{}
	for key := range state.Hubs() {
		certified[mdns.PrefixOf(key)] = key
	}
	for _, s := range h.finder.Seen() {
		var addrs []string
		for _, a := range h.nearFirst(s.Addrs) {
			addrs = append(addrs, a.String())
		}
		if key, ok := certified[s.Prefix]; ok {
			tell(key, addrs[:min(len(addrs), maxHeardAddrs)], s.At)
		} else if len(addrs) > 0 && len(others) < maxUncertified {
			others = append(others, addrs[0])
		}
	}
	return others
}

func (c *candidate) add(addr string) {
	if len(c.addrs) < peer.MaxWantAddrs && !slices.Contains(c.addrs, addr) {
		c.addrs = append(c.addrs, addr)
	}
}

func (c *candidate) rank() int {
	switch {
	case c.up && c.certified:
		return 2
	case c.certified:
		return 1
	}
	return 0
}

// nearFirst puts the addresses that lie in one of this machine's networks first.
func (h *neighborhood) nearFirst(addrs []netip.AddrPort) []netip.AddrPort {
	have := h.prefixes()
	near := func(a netip.AddrPort) bool {
		return slices.ContainsFunc(have, func(p netip.Prefix) bool { return p.Contains(a.Addr()) })
	}
	out := slices.Clone(addrs)
	slices.SortStableFunc(out, func(a, b netip.AddrPort) int {
		switch na, nb := near(a), near(b); {
		case na == nb:
			return 0
		case na:
			return -1
		}
		return 1
	})
	return out
}
