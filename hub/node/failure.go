package node

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// failureOf is what an attempt to link came to, as far as somebody can do
// something about it.
func failureOf(err error) doctor.Failure {
	timeout, isNet := errors.AsType[net.Error](err)
	_, told := errors.AsType[*peer.ToldError](err)
	switch {
	case errors.Is(err, peer.ErrForeign):
		return doctor.Foreign
	case told:
		return doctor.Unwelcome
	case errors.Is(err, peer.ErrNoCertificate), errors.Is(err, peer.ErrRevoked):
		return doctor.Outcast
	case errors.Is(err, peer.ErrOtherHub):
		return doctor.Other
	case errors.Is(err, peer.ErrUnanswered):
		return doctor.NoHub
	case errors.Is(err, syscall.ECONNREFUSED):
		return doctor.Refused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return doctor.NoRoute
	case errors.Is(err, context.DeadlineExceeded), isNet && timeout.Timeout():
		return doctor.Silent
	}
	return doctor.Unknown
}

// attempts are the addresses that were dialled in vain.
func (n *Node) attempts(up map[record.Author]bool, alone bool) (vain []doctor.Attempt) {
	state, claims := n.store.Roster(), n.near.claims()
	note := func(who record.Author, addrs []string, err error) {
		c, _ := state.Hub(who)
		switch {
		case errors.Is(err, peer.ErrSelf), errors.Is(err, peer.ErrBlocked), errors.Is(err, peer.ErrBusy), errors.Is(err, context.Canceled):
		default:
			one := doctor.Attempt{Label: c.Label, Addr: shown(addrs), Failure: failureOf(err)}
			if one.Failure == doctor.NoRoute && slices.ContainsFunc(addrs, n.near.beside) {
				one.Failure = doctor.Absent
			}
			if !slices.Contains(vain, one) { // an address may be known in two ways
				vain = append(vain, one)
			}
		}
	}
	for _, l := range n.host.Status() {
		if l.Err != nil {
			note(l.Peer, []string{l.Addr}, l.Err)
		}
	}
	for _, m := range n.host.Missed() {
		claim := m.Peer == (record.Author{}) && slices.Contains(claims, m.Addrs[0]) // nobody may be there
		if (alone || up[m.Peer]) && !claim {                                        // one that is switched off is no trouble of ours
			note(m.Peer, m.Addrs, m.Err)
		}
	}
	return vain
}

// shown is one address of a hub, and one more if it is of another kind of network:
// link-local ones only where it has no others.
func shown(addrs []string) string {
	of := func(v6 bool) (out []string) {
		for _, addr := range addrs {
			a, err := netip.ParseAddrPort(addr)
			if err != nil && !v6 || err == nil && a.Addr().Is6() == v6 && !a.Addr().IsLinkLocalUnicast() {
				return []string{addr}
			}
		}
		return nil
	}
	if some := slices.Concat(of(false), of(true)); len(some) > 0 {
		return strings.Join(some, ", ")
	}
	return addrs[0]
}

// there are the hubs that are heard on a network, or that others say are up. What was
// heard by multicast counts for minutes; that somebody is no member any more shows
// within seconds, and counts until something is heard again.
func (h *neighborhood) there() map[record.Author]bool {
	out := map[record.Author]bool{}
	for _, c := range h.candidates() {
		if c.up && !c.down {
			out[c.key] = true
		}
	}
	return out
}

// own reports whether an address is this machine's, or may be: a name is not
// looked up.
func (h *neighborhood) own(addr string) bool {
	a, err := netip.ParseAddrPort(addr)
	if err != nil || a.Addr().IsLoopback() {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, i := range h.nets.all {
		if slices.ContainsFunc(i.Addrs, func(p netip.Prefix) bool { return p.Addr() == a.Addr().WithZone("") }) {
			return true
		}
	}
	return false
}

// beside reports whether an address is another machine's on a network of this one.
func (h *neighborhood) beside(addr string) bool {
	a, err := netip.ParseAddrPort(addr)
	return err == nil && !h.own(addr) && slices.ContainsFunc(h.prefixes(), func(p netip.Prefix) bool {
		return p.Contains(a.Addr().Unmap().WithZone(""))
	})
}
