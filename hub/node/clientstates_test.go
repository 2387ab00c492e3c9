package node

import (
	"net/netip"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

func TestAPhoneIsOpenAsFarAsTheInternetIs(t *testing.T) {
	at := netip.MustParseAddr("10.44.0.10")
	yes, no := func(netip.Addr) bool { return true }, func(netip.Addr) bool { return false }
	for _, c := range []struct {
		what             string
		accepted, passes func(netip.Addr) bool
		online           bool
		reach            Reach
		want             dns.State
	}{
		{"has just come", no, no, true, ReachAll, dns.Captive},
		{"let through, no internet", yes, yes, false, ReachAll, dns.Accepted},
		{"let through, the gate is open", yes, yes, true, ReachAll, dns.Open},
		{"over its budget", yes, no, true, ReachAll, dns.Accepted},
		{"only what is listed passes", yes, yes, true, ReachListed, dns.Listed},
		{"only what is listed passes, no internet", yes, yes, false, ReachListed, dns.Accepted},
		{"only what is listed passes, over its budget", yes, no, true, ReachListed, dns.Accepted},
		{"only what is listed passes, has just come", no, no, true, ReachListed, dns.Captive},
		{"nothing passes", yes, yes, true, ReachNothing, dns.Accepted},
		{"nothing passes, no gate", yes, nil, true, ReachNothing, dns.Accepted},
		{"somebody else's gate", yes, nil, true, ReachAll, dns.Open},
		{"nobody is asked", nil, nil, true, ReachAll, dns.Open},
	} {
		s := clientStates{accepted: c.accepted, passes: c.passes, online: func() bool { return c.online }, reach: c.reach}
		if got := s.State(at); got != c.want {
			t.Errorf("%s: state %d, want %d", c.what, got, c.want)
		}
	}
}
