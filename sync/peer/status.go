package peer

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// LinkStatus is a link, or an address that has none.
type LinkStatus struct {
	Peer  record.Author // zero where nobody has answered yet
	Addr  string        // where the peer was dialled or came from; the address as given where there is no link
	Since time.Time     // of the link; zero where there is none
	Err   error         // why there is none, or nil while that is being found out

	Dialled bool       // by this hub
	Local   netip.Addr // this hub's end of a link
}

// Linked reports whether it is a link.
func (s LinkStatus) Linked() bool { return !s.Since.IsZero() }

// Status is every link, then every address without one, each in order of key
// and address.
func (h *Host) Status() []LinkStatus {
	all := h.book.status()
	linked := make(map[record.Author]bool, len(all))
	for _, s := range all {
		linked[s.Peer] = true
	}
	for _, a := range h.peers.all() {
		a.mu.Lock()
		if !linked[a.last] {
			all = append(all, LinkStatus{Peer: a.last, Addr: a.text, Err: a.err})
		}
		a.mu.Unlock()
	}
	return all
}

func (b *book) status() []LinkStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ss []LinkStatus
	for p, l := range b.links {
		if l.alive() {
			ss = append(ss, LinkStatus{Peer: p, Addr: l.session.addr, Since: l.since, Dialled: l.session.dialled, Local: l.session.at.local.Addr()})
		}
	}
	slices.SortFunc(ss, func(a, b LinkStatus) int { return strings.Compare(a.Peer.String(), b.Peer.String()) })
	return ss
}
