package accesspoint

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// someInterfaces are those of a machine with two Wi-Fi adapters.
func someInterfaces() []Interface {
	at := func(all ...string) (out []netip.Prefix) {
		for _, a := range all {
			out = append(out, netip.MustParsePrefix(a))
		}
		return out
	}
	return []Interface{
		{Name: "lo", Index: 1, Loopback: true, Addrs: at("127.0.0.1/8", "::1/128")},
		{Name: "eth0", Index: 2, Default: true, Addrs: at("192.168.7.2/24", "fe80::1/64")},
		{Name: "wlan0", Index: 3, Addrs: at("fe80::2/64")},
		{Name: "wlan1", Index: 4, Master: "br0"},
		{Name: "br0", Index: 5, Addrs: at("172.20.0.1/16")},
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	address := func(p *Plan, a string) { p.Address = netip.MustParsePrefix(a) }
	for name, c := range map[string]struct {
		change func(*Plan)
		says   string // "" if it can be
	}{
		"as it is":                     {func(*Plan) {}, ""},
		"no uplink":                    {func(p *Plan) { p.Uplink = "" }, ""},
		"an uplink that is not yet up": {func(p *Plan) { p.Uplink = "br0" }, ""},
		"no interface":                 {func(p *Plan) { p.Interface = "" }, "no interface was named"},
		"no such interface":            {func(p *Plan) { p.Interface = "wlan9" }, `no interface "wlan9": there is eth0, wlan0, wlan1, br0`},
		"no such uplink":               {func(p *Plan) { p.Uplink = "usb0" }, `no interface "usb0" to lead to the internet`},
		"loopback":                     {func(p *Plan) { p.Interface = "lo" }, "way to itself"},
		"loopback as the uplink":       {func(p *Plan) { p.Uplink = "lo" }, "leads nowhere else"},
		"both the same":                {func(p *Plan) { p.Uplink = "wlan0" }, "it takes two"},
		"the machine's own uplink":     {func(p *Plan) { p.Interface, p.Uplink = "eth0", "" }, "has the default route"},
		"part of a bridge":             {func(p *Plan) { p.Interface = "wlan1" }, "give br0 as the phones' interface"},
		"a network that is there":      {func(p *Plan) { address(p, "192.168.7.129/25") }, "overlaps with that of eth0, which has 192.168.7.2/24"},
		"a network around one":         {func(p *Plan) { address(p, "192.168.0.1/16") }, "overlaps with that of eth0"},
		"the network's address":        {func(p *Plan) { address(p, "10.44.16.0/20") }, "take 10.44.16.1"},
		"the broadcast address":        {func(p *Plan) { address(p, "10.44.31.255/20") }, "take 10.44.16.1"},
		"an address of the internet":   {func(p *Plan) { address(p, "8.8.8.1/24") }, "belongs to somebody in the internet"},
		"a link-local address":         {func(p *Plan) { address(p, "169.254.7.1/16") }, "link-local: devices give themselves such an address where nobody gives them one. Take an address for private use, such as 10.44.0.1/20"},
		"an address of many":           {func(p *Plan) { address(p, "224.1.0.1/16") }, "is multicast: it stands for many machines"},
		"an address of itself":         {func(p *Plan) { address(p, "127.0.0.1/16") }, "is loopback: it leads every machine to itself"},
		"too small a network":          {func(p *Plan) { address(p, "10.44.0.1/30") }, "no room for phones: take a length from 16 to 29"},
		"too large a network":          {func(p *Plan) { address(p, "10.44.0.1/8") }, "length from 16 to 29"},
		"IPv6":                         {func(p *Plan) { address(p, "fd00::1/64") }, "such as 10.44.0.1/20"},
		"no address":                   {func(p *Plan) { p.Address = netip.Prefix{} }, "such as 10.44.0.1/20"},
		"a virtual address inside":     {func(p *Plan) { p.Virtual = netip.MustParseAddr("10.44.0.9") }, "outside the phones' network"},
		"a virtual address elsewhere":  {func(p *Plan) { p.Virtual = netip.MustParseAddr("192.168.7.9") }, "of the network of eth0"},
		"no virtual address":           {func(p *Plan) { p.Virtual = netip.Addr{} }, "such as 192.0.2.1"},
		"a multicast address":          {func(p *Plan) { p.Virtual = netip.MustParseAddr("224.0.0.1") }, "such as 192.0.2.1"},
		"no port":                      {func(p *Plan) { p.HTTP = 0 }, "two different ports"},
		"one port":                     {func(p *Plan) { p.HTTP = 53 }, "two different ports"},
		"passes what":                  {func(p *Plan) { p.Passes = "all" }, `everything, listed or nothing, not "all"`},
		"a list that is not asked for": {func(p *Plan) { p.Allowed = listedForTest() }, "make that listed"},
		"an empty network in the list": {func(p *Plan) { p.Passes, p.Allowed = Listed, make([]netip.Prefix, 1) }, "no IPv4 network"},
		"too long a list":              {func(p *Plan) { p.Passes, p.Allowed = Listed, make([]netip.Prefix, 1025) }, "at most 1024"},
		"a private network": {func(p *Plan) {
			p.Passes, p.Allowed = Listed, append(listedForTest(), netip.MustParsePrefix("192.168.7.0/24"))
		}, "192.168.0.0/16 is closed to phones"},
		"no list":                       {func(p *Plan) { p.Passes = Listed }, "list one, such as"},
		"a small network":               {func(p *Plan) { address(p, "10.44.0.1/29") }, ""},
		"a list":                        {func(p *Plan) { p.Passes, p.Allowed = Listed, listedForTest() }, ""},
		"a list of all":                 {func(p *Plan) { p.Passes, p.Allowed = Listed, []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")} }, ""},
		"the address is there already":  {func(p *Plan) { address(p, "172.20.0.1/16"); p.Interface = "br0" }, ""},
		"another one there of that net": {func(p *Plan) { address(p, "172.20.0.2/16"); p.Interface = "br0" }, "overlaps with that of br0"},
	} {
		p := NewPlan("wlan0", "eth0")
		c.change(&p)
		err := p.check(someInterfaces())
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := Plan{}
	if err := p.check(nil); err == nil || len(strings.Split(err.Error(), "\n")) < 3 {
		t.Errorf("not all that is wrong is said at once: %v", err)
	}
}

func listedForTest() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("9.9.9.0/24")} }

func TestSpansHoldWhatTheNetworksHoldAndNeverTouch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		network := rapid.Custom(func(t *rapid.T) netip.Prefix {
			// Few different ones, at both ends of all addresses.
			high := rapid.SampledFrom([]byte{0, 9, 255}).Draw(t, "high")
			low := rapid.SampledFrom([]byte{0, 1, 2, 3, 254, 255}).Draw(t, "low")
			return netip.PrefixFrom(netip.AddrFrom4([4]byte{high, high, high, low}), rapid.IntRange(24, 32).Draw(t, "bits"))
		})
		all := rapid.SliceOfN(network, 0, 8).Draw(t, "networks")
		spans := merge(all)
		for i, s := range spans {
			if s.last.Less(s.first) || i > 0 && !spans[i-1].last.Next().Less(s.first) {
				t.Fatalf("%v of %v", spans, all)
			}
		}
		for _, high := range []byte{0, 9, 255} {
			for low := range 256 {
				at := netip.AddrFrom4([4]byte{high, high, high, byte(low)})
				want := slices.ContainsFunc(all, func(n netip.Prefix) bool { return n.Contains(at) })
				got := slices.ContainsFunc(spans, func(s span) bool { return !at.Less(s.first) && !s.last.Less(at) })
				if got != want {
					t.Fatalf("%s: %v of %v", at, spans, all)
				}
			}
		}
	})
}
