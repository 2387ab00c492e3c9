package main

import (
	"net/netip"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/accesspoint"
	"github.com/lamppost-hub/lamppost/hub/node"
)

func TestPagesAreWherePhonesAreLed(t *testing.T) {
	self := netip.MustParseAddr("10.44.0.1")
	for host, want := range map[string]bool{
		"": true, "0.0.0.0": true, "::": true, "10.44.0.1": true, "::ffff:10.44.0.1": true,
		"127.0.0.1": false, "::1": false, "192.168.7.2": false, "localhost": false,
	} {
		if got := meetsAt(host, self); got != want {
			t.Errorf("pages at %q: %v", host, got)
		}
	}
}

func TestHowFarPhonesReach(t *testing.T) {
	for _, c := range []struct {
		uplink, passes string
		want           node.Reach
	}{
		{"eth0", accesspoint.Everything, node.ReachAll},
		{"eth0", accesspoint.Listed, node.ReachListed},
		{"eth0", accesspoint.Nothing, node.ReachNothing},
		{"", accesspoint.Everything, node.ReachNothing},
	} {
		p := accesspoint.NewPlan("wlan0", c.uplink)
		p.Passes = c.passes
		if got := reach(p); got != c.want {
			t.Errorf("uplink %q, passes %s: %v", c.uplink, c.passes, got)
		}
	}
}
