package node

import (
	"net/netip"

	"github.com/lamppost-hub/lamppost/hub/dns"
	"github.com/lamppost-hub/lamppost/hub/gateway"
)

// Reach is how much of the internet phones get to once they are let through.
type Reach uint8

// How much it is.
const (
	ReachAll     Reach = iota // as far as Wifi.Gate is open
	ReachListed               // some networks alone
	ReachNothing              // nothing of it
)

// clientStates tells the name server who has been let through, and how far.
type clientStates struct {
	accepted func(netip.Addr) bool // by somebody's tap; nil = nobody is asked
	online   func() bool           // the hub is
	reach    Reach
	passes   func(netip.Addr) bool // the gate is open; nil = there is none
}

func (n *Node) clientStates() clientStates {
	c := clientStates{online: n.online, reach: n.conf.Wifi.Reach}
	if n.wifi.portal != nil {
		c.accepted = n.wifi.portal.Accepted
	}
	if n.wifi.gate != nil {
		c.passes = n.wifi.gate.passes
	}
	return c
}

// online reports whether the hub has internet.
func (n *Node) online() bool { return n.internet() == gateway.Up }

// State is that of the phone at an address. Who cannot reach what probes look for is
// not led there: a phone whose probes fail leaves the Wi-Fi.
func (c clientStates) State(at netip.Addr) dns.State {
	switch {
	case c.accepted != nil && !c.accepted(at):
		return dns.Captive
	case c.reach == ReachNothing || !c.online() || c.passes != nil && !c.passes(at):
		return dns.Accepted
	case c.reach == ReachListed:
		return dns.Listed
	}
	return dns.Open
}
