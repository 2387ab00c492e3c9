package node

import (
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/dhcp"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/iface"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// examine is what the doctor finds.
func (n *Node) examine() control.Findings {
	return control.Findings{Findings: doctor.Examine(n.facts())}
}

// facts is what the doctor is to know of this hub.
func (n *Node) facts() doctor.Facts {
	d := n.disk()
	f := doctor.Facts{
		Standing: n.standing(),
		Disk:     doctor.Disk{Free: d.Free, Total: d.Total},
		Blobs:    n.blobFacts(),
		Clock:    timeFacts(n.clock.Account()),
		Network:  n.near.network(), Membership: n.near.membership(),
	}
	member := map[record.Author]bool{}
	for _, m := range n.near.members() {
		member[m.Key] = true
	}
	linked := n.linkedFor()
	state := n.store.Roster()
	for who, c := range state.Hubs() {
		if who != n.self && !state.Retired(who) {
			f.Hubs = append(f.Hubs, doctor.Hub{Label: c.Label, Linked: linked[who], Member: member[who]})
		}
	}
	f.Attempts, f.Copies = n.attempts(n.near.there(), len(linked) == 0), n.copies()
	f.Claimed, f.Reflected = n.near.claimed(), n.reflections()
	if n.wifi.api != nil {
		f.Portal = n.wifi.api.facts()
	}
	f.Portal.Official = n.sealed.facts()
	if n.wifi.leases != nil {
		f.Addresses = addressFacts(n.conf.Wifi.Lease, n.wifi.leases)
	}
	f.Copied, f.Shared = n.sharedBy()
	f.Rivals = state.Rivals()
	return f
}

// addressFacts is what is known of the addresses for phones.
func addressFacts(l Lease, s *dhcp.Server) doctor.Addresses {
	a := doctor.Addresses{Interface: l.Interface, Hub: l.Address, Refused: s.Refused()}
	a.Used, a.All = s.Leased()
	return a
}

// timeFacts is what is known of the time. The operator's word is believed before
// all others; its end matters only where nobody else says anything.
func timeFacts(a clock.Account) doctor.Clock {
	out := doctor.Clock{Now: a.Now, Wall: a.Wall, Plausible: a.Plausible, Leapt: a.Leapt}
	for _, w := range a.Words {
		switch {
		case w.Source == clock.Operator:
			out.Until = w.Until
		case !w.At.IsZero():
			out.Until = time.Time{}
			return out
		}
	}
	return out
}

// linkedFor is for how long there are links, by peer: more than 0.
func (n *Node) linkedFor() map[record.Author]time.Duration {
	out := map[record.Author]time.Duration{}
	for _, l := range n.host.Status() {
		if l.Linked() {
			out[l.Peer] = max(time.Since(l.Since), 1)
		}
	}
	return out
}

func (n *Node) standing() doctor.Standing {
	state := n.store.Roster()
	s := standingOf(state, n.self, n.conf.Folder.Label)
	if s == doctor.Certified && n.disowned(state) {
		return doctor.Disowned
	}
	return s
}

// disowned reports whether hubs of the community turn this one away for its
// certificate, and none links with it: one alone may be wrong.
func (n *Node) disowned(state *roster.State) bool {
	said := false
	say := func(by record.Author, err error) {
		_, member := state.Hub(by)
		said = said || member && peer.Outcast(err)
	}
	for _, l := range n.host.Status() {
		if l.Linked() {
			return false
		}
		say(l.Peer, l.Err)
	}
	for _, m := range n.host.Missed() {
		say(m.Peer, m.Err)
	}
	return said
}

// membership is how this hub stands among the members.
func (h *neighborhood) membership() doctor.Membership {
	m := doctor.Membership{Wanted: h.conf.Nearby.Membership != "", Key: h.conf.Folder.Network != nil}
	if _, port, err := net.SplitHostPort(h.conf.Nearby.Membership); err == nil {
		m.Port = port
	}
	if h.gossip != nil {
		s := h.gossip.Status()
		m.Strangers = s.Strangers
		if s.Err != nil {
			m.Problem = s.Err.Error()
		}
	}
	return m
}

func (h *neighborhood) twins() []gossip.Member {
	if h.gossip == nil {
		return nil
	}
	return h.gossip.Twins()
}

// network is how the machine stands among its networks.
func (h *neighborhood) network() doctor.Network {
	out := doctor.Network{LeftAlone: slices.Clone(h.conf.Nearby.LeaveAlone), Missing: iface.Missing(h.conf.Nearby.LeaveAlone)}
	for _, p := range h.prefixes() {
		if !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast() {
			out.Addrs++
		}
	}
	for _, addr := range h.host.Addrs() {
		at, err := netip.ParseAddrPort(addr)
		switch {
		case err != nil || at.Addr().IsUnspecified():
		case at.Addr().IsLoopback():
			out.Addrs++ // somebody wants it so
		case !h.own(addr):
			out.Gone = append(out.Gone, addr)
		}
	}
	return out
}
