package node

import (
	"net/netip"
	"testing"
)

func TestTheAddressesThatAreGivenOut(t *testing.T) {
	for network, want := range map[string][2]string{
		"10.44.0.1/20":  {"10.44.0.10", "10.44.15.254"},
		"10.44.0.1/24":  {"10.44.0.10", "10.44.0.254"},
		"10.44.0.1/26":  {"10.44.0.9", "10.44.0.62"},
		"10.44.0.17/28": {"10.44.0.19", "10.44.0.30"},
		"10.44.0.9/29":  {"10.44.0.10", "10.44.0.14"},
		"10.44.0.1/16":  {"10.44.0.10", "10.44.32.9"}, // 8,192 at most
	} {
		first, last := Lease{Address: netip.MustParsePrefix(network)}.leases()
		if first.String() != want[0] || last.String() != want[1] {
			t.Errorf("of %s: from %v to %v", network, first, last)
		}
	}
}
