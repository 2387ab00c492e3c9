package dns

import (
	"fmt"
	"net/netip"
)

// states is a set of State.
type states uint8

func in(all ...State) (s states) {
	for _, one := range all {
		s |= 1 << one
	}
	return s
}

func (s states) has(one State) bool { return s&(1<<one) != 0 }

// special is a name, with all below it, that is answered here because of what it
// means, and that no server elsewhere is asked for.
type special struct {
	zone   string
	answer kind
	in     states
}

// specials are the names with a meaning of their own. The one nearest to a
// question decides.
func specials() []special {
	always, offline := in(Captive, Accepted, Open, Listed), in(Captive, Accepted, Listed)
	all := []special{
		// Who finds these missing does not go around the name server that the
		// network hands out: Firefox, and iCloud Private Relay.
		{"use-application-dns.net", noName, offline},
		{"mask.icloud.com", noName, offline},
		{"mask-h2.icloud.com", noName, offline},
		// Whether this server also speaks DNS over TLS or HTTPS: RFC 9462.
		{"resolver.arpa", noData, always},
		// RFC 6761, 6762, 7686, 9476.
		{"local", noName, always},
		{"onion", noName, always},
		{"invalid", noName, always},
		{"test", noName, always},
		{"alt", noName, always},
		{"localhost", loopback, always},
		// RFC 8375; and the names for private use, of which the hub's own are some.
		{"home.arpa", emptyZone, always},
		{"internal", noName, in(Accepted, Open, Listed)},
	}
	for _, zone := range privateReverse() {
		all = append(all, special{zone, noName, always})
	}
	return all
}

// privateReverse lists the zones of the addresses that mean something else in
// each network: RFC 6303 and 7793.
func privateReverse() []string {
	zones := []string{
		"0.in-addr.arpa", "10.in-addr.arpa", "127.in-addr.arpa", "254.169.in-addr.arpa", "168.192.in-addr.arpa",
		"2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa", "113.0.203.in-addr.arpa", "255.255.255.255.in-addr.arpa",
		"c.f.ip6.arpa", "d.f.ip6.arpa", "8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa",
		"8.b.d.0.1.0.0.2.ip6.arpa",
		reverse(netip.IPv6Unspecified()), reverse(netip.IPv6Loopback()),
	}
	for i := 16; i < 32; i++ {
		zones = append(zones, fmt.Sprintf("%d.172.in-addr.arpa", i))
	}
	for i := 64; i < 128; i++ {
		zones = append(zones, fmt.Sprintf("%d.100.in-addr.arpa", i))
	}
	return zones
}

// fixed is a probe that compares the addresses it gets with those it knows.
type fixed struct {
	host  string
	addrs []netip.Addr
}

// fixedProbes are answered with just these addresses once a client is Accepted or Listed.
func fixedProbes() []fixed {
	return []fixed{
		{"dns.msftncsi.com", []netip.Addr{ // Windows
			netip.AddrFrom4([4]byte{131, 107, 255, 255}),
			netip.AddrFrom16([16]byte{0: 0xfd, 1: 0x3e, 2: 0x4f, 3: 0x5a, 4: 0x5b, 5: 0x81, 15: 1}),
		}},
	}
}
