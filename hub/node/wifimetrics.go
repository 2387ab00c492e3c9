package node

import (
	"github.com/lamppost-hub/lamppost/hub/gateway"
	"github.com/lamppost-hub/lamppost/hub/metrics"
)

// figures are what the metrics tell of phones.
func (n *Node) figures() (w metrics.Wifi) {
	if s := n.wifi.names; s != nil {
		c := s.Counts()
		w.Queries = map[string]uint64{
			"quick": c.Quick, "slow": c.Slow, "forwarded": c.Forwarded, "dropped": c.Dropped, "slipped": c.Slipped,
		}
	}
	if f := n.wifi.forward; f != nil {
		w.Cached, w.CacheBytes = f.Remembered()
		w.Servers = map[string]bool{}
		for at, up := range f.Servers() {
			w.Servers[at.String()] = up
		}
	}
	if l := n.wifi.leases; l != nil {
		w.Leased, w.Leases = l.Leased()
	}
	if p := n.wifi.portal; p != nil {
		accepted, captive := p.Phones()
		through := "accepted"
		if n.internet() == gateway.Up {
			through = "open"
		}
		w.Phones = map[string]int{"captive": captive, through: accepted}
	}
	return w
}
