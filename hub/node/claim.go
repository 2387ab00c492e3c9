package node

import (
	"errors"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

// maxClaims bounds the addresses that are dialled because a member there says that it
// has this hub's key.
const maxClaims = 8

// claims are the addresses at which members with this hub's own key say that they
// are. Whoever has the network's key can say so; so they are dialled, and whether the
// key answers there is for the handshake to prove.
func (h *neighborhood) claims() (out []string) {
	self := h.reachable()
	for _, m := range h.twins() {
		for _, a := range m.Says.Addrs[:min(len(m.Says.Addrs), maxDoubtedAddrs)] {
			if addr := a.String(); len(out) < maxClaims && !slices.Contains(self, a) && !slices.Contains(out, addr) {
				out = append(out, addr)
			}
		}
	}
	return out
}

// proofs are the dials that show whether a claim is true.
func (h *neighborhood) proofs() (out []peer.Want) {
	for _, addr := range h.claims() {
		out = append(out, peer.Want{Addrs: []string{addr}, Idle: true})
	}
	return out
}

// claimed are the addresses of members that say this hub's key and have not proved it.
func (h *neighborhood) claimed() (out []string) {
	for _, m := range h.twins() {
		if addr := m.Addr.String(); !slices.Contains(out, addr) && len(out) < maxClaims {
			out = append(out, addr)
		}
	}
	return out
}

// copies are the addresses at which another machine has proved this hub's own key.
func (n *Node) copies() []string { return n.ownKeyAt(peer.Twin) }

// reflections are the addresses that members with this hub's own key say and that lead
// back to this hub: somebody passes on to it what arrives there. Other addresses that
// lead back, as by a router, are nobody's business.
func (n *Node) reflections() []string {
	claims := n.near.claims()
	return slices.DeleteFunc(n.ownKeyAt(peer.Itself), func(at string) bool { return !slices.Contains(claims, at) })
}

// ownKeyAt are the addresses at which this hub's own key answered from such a bearer.
func (n *Node) ownKeyAt(b peer.Bearer) (out []string) {
	note := func(err error) {
		// One of the addresses answered; the others are those of who was sought.
		if at, ok := errors.AsType[*peer.SelfError](err); ok && at.Bearer == b {
			out = append(out, at.Addr)
		}
	}
	for _, l := range n.host.Status() {
		note(l.Err)
	}
	for _, m := range n.host.Missed() {
		note(m.Err)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
