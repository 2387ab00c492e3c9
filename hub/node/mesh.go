package node

import (
	"bytes"
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/mesh"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// view is what the choice of links is made from: the candidates that are
// certified and up, and the links that there are.
func (h *neighborhood) view(cs []candidate) mesh.View {
	keys := map[gossip.Prefix]record.Author{gossip.PrefixOf(h.self): h.self}
	for _, c := range cs {
		if c.certified {
			keys[gossip.PrefixOf(c.key)] = c.key
		}
	}
	failing := h.host.Failing()
	networks := h.networks()
	var v mesh.View
	for i := range networks {
		v.Nets = append(v.Nets, i)
	}
	for _, c := range cs {
		if !c.up || !c.certified {
			continue
		}
		one := mesh.Hub{Key: c.key, Nets: netsOf(networks, c.addrs), Failing: failing[c.key] > 0}
		for _, p := range c.says.Links {
			if key, ok := keys[p]; ok {
				one.Links = append(one.Links, key)
			}
		}
		v.Hubs = append(v.Hubs, one)
	}
	for _, l := range h.host.Status() {
		if l.Linked() { // one that the configuration names is dialled whatever is chosen
			v.Links = append(v.Links, mesh.Link{Peer: l.Peer, Dialled: l.Dialled && !slices.Contains(h.conf.Peers, l.Addr)})
		}
	}
	return v
}

// networks are those that this machine is on.
func (h *neighborhood) networks() (out []netip.Prefix) {
	for _, p := range h.prefixes() {
		if a := p.Addr(); !a.IsLoopback() && (a.Is4() || !a.IsLinkLocalUnicast()) && !slices.Contains(out, p.Masked()) {
			out = append(out, p.Masked())
		}
	}
	return out
}

// netsOf is on which of the networks some of the addresses lie.
func netsOf(networks []netip.Prefix, addrs []string) (out []int) {
	for i, n := range networks {
		if slices.ContainsFunc(addrs, func(s string) bool {
			a, err := netip.ParseAddrPort(s)
			return err == nil && n.Contains(a.Addr())
		}) {
			out = append(out, i)
		}
	}
	return out
}

// wantsOf are the candidates to be dialled: those that are chosen, and when there
// is time those that are not up, or not certified while links are missing.
func wantsOf(cs []candidate, links int, c mesh.Choice, lost []record.Author) (out []peer.Want) {
	var idle []peer.Want
	for _, one := range cs {
		w := peer.Want{Peer: one.key, Addrs: one.addrs, Idle: true}
		switch {
		case slices.Contains(c.Want, one.key):
			w.Idle = false
			out = append(out, w)
		case slices.Contains(c.Retry, one.key), slices.Contains(lost, one.key):
			idle = append(idle, w)
		case !one.certified && links < mesh.Many:
			idle = append(idle, w)
		}
	}
	return append(out, idle...)
}

// lostTurn is how long a hub that is not up has its turn.
const lostTurn = 10 * time.Second

// lostOf are certified hubs that are not up and may be there all the same. Who has
// no link looks for all of them, and so do a few. Of many one is looked for all the
// time, and one in turn, by each hub others: when a network that fell in two is
// whole again not everybody links with everybody.
func lostOf(cs []candidate, self record.Author, links int, ran time.Duration) (out []record.Author) {
	type drawn struct {
		lot [sha256.Size]byte
		key record.Author
	}
	var all []drawn
	certified := 1
	for _, c := range cs {
		if !c.certified {
			continue
		}
		certified++
		if !c.up {
			all = append(all, drawn{sha256.Sum256(slices.Concat(self[:], c.key[:])), c.key})
		}
	}
	slices.SortFunc(all, func(a, b drawn) int { return bytes.Compare(a.lot[:], b.lot[:]) })
	turn := 0
	if len(all) > 1 {
		turn = 1 + int(ran/lostTurn)%(len(all)-1)
	}
	for i, one := range all {
		if links == 0 || certified <= mesh.Small || i == 0 || i == turn {
			out = append(out, one.key)
		}
	}
	return out
}
