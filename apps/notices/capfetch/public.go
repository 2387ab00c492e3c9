package capfetch

import "net/netip"

// special are those addresses that look like the internet's and are not (IANA's registries
// of special-purpose addresses for IPv4 and IPv6, RFC 6890).
func special() []string {
	return []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/3",
		"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	}
}

// Public reports whether an address is one of the internet's. One that holds an IPv4
// address is what that is: behind NAT64 (RFC 6052) there is nothing else.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return false
	}
	if a.Is6() {
		if netip.MustParsePrefix("64:ff9b::/96").Contains(a) {
			b := a.As16()
			return Public(netip.AddrFrom4([4]byte(b[12:])))
		}
		if !netip.MustParsePrefix("2000::/3").Contains(a) { // all that was ever given out
			return false
		}
	}
	for _, s := range special() {
		if netip.MustParsePrefix(s).Contains(a) {
			return false
		}
	}
	return true
}
