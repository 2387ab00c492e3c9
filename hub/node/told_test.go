package node_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/iface"
)

// The address that stands in a code is the one that a hub nearby most likely
// reaches, with or without a router.
func TestWhichAddressIsTold(t *testing.T) {
	bridge := iface.Interface{Name: "docker0", Addrs: []netip.Prefix{netip.MustParsePrefix("172.17.0.1/16")}}
	for name, c := range map[string]struct{ have, want []string }{
		"none":           {},
		"link-local":     {[]string{"[fe80::1]:4680"}, nil}, // it holds for one link alone
		"home network":   {[]string{"[2001:db8::1]:4680", "[fd00::1]:4680", "192.168.1.7:4680"}, []string{"192.168.1.7:4680", "[fd00::1]:4680", "[2001:db8::1]:4680"}},
		"containers":     {[]string{"172.17.0.1:4680", "[fd00::1]:4680"}, []string{"[fd00::1]:4680", "172.17.0.1:4680"}},
		"no DHCP server": {[]string{"169.254.3.4:4680", "[fd00::1]:4680"}, []string{"[fd00::1]:4680", "169.254.3.4:4680"}},
		"tests":          {[]string{"127.0.0.1:4680"}, []string{"127.0.0.1:4680"}},
		"mesh radio":     {[]string{"[2001:db8::1]:4680", "44.1.2.3:4680"}, []string{"44.1.2.3:4680", "[2001:db8::1]:4680"}},
	} {
		var have []netip.AddrPort
		for _, a := range c.have {
			have = append(have, netip.MustParseAddrPort(a))
		}
		var got []string
		for _, a := range node.Told(have, []iface.Interface{bridge}) {
			got = append(got, a.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}
