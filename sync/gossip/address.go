package gossip

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// parseBind reads "host:port". An empty or unspecified host gives the zero Addr.
func parseBind(s string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q for the membership is not host:port: %w", s, err)
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q for the membership: the port is a number from 0 to 65535", s)
	}
	if host == "" {
		return netip.AddrPortFrom(netip.Addr{}, uint16(p)), nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q for the membership: the host is an IP address of this machine, or empty: %w", s, err)
	}
	ip = ip.Unmap()
	if ip.IsUnspecified() {
		ip = netip.Addr{}
	} else if !unicast(ip) {
		return netip.AddrPort{}, fmt.Errorf("address %q for the membership: %w", s, errUnreachable)
	}
	return netip.AddrPortFrom(ip, uint16(p)), nil
}

var errUnreachable = errors.New("other hubs cannot reach such an address (multicast, or link-local IPv6)")

// unicast reports whether an address can be one machine's, seen from another. A
// link-local IPv6 address cannot, because its zone does not travel.
func unicast(a netip.Addr) bool {
	switch {
	case !a.IsValid(), a.IsUnspecified(), a.IsMulticast(), a.Zone() != "":
		return false
	case a.Is4():
		return a != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && a.As4()[0] != 0
	}
	return !a.Is4In6() && !a.IsLinkLocalUnicast()
}

// machine are the addresses of the interfaces that are up.
func machine() []netip.Prefix {
	ifs, err := net.Interfaces()
	if err != nil {
		return nil // no network is not an error; it is asked again
	}
	var out []netip.Prefix
	for _, i := range ifs {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went away in between
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				out = append(out, netip.PrefixFrom(p.Addr().Unmap(), p.Bits()))
			}
		}
	}
	return out
}

// advertised chooses the address to tell others. The current one stays for as
// long as it is there, unless it is a stopgap and there is a better one.
func advertised(have []netip.Prefix, bind, current netip.Addr) netip.Addr {
	var best netip.Addr
	for _, p := range have {
		a := p.Addr()
		if bind.IsValid() && a != bind || rank(a, bind) == 0 {
			continue
		}
		if a == current && rank(a, bind) >= lasting {
			return a
		}
		ra, rb := rank(a, bind), rank(best, bind)
		if ra > rb || ra == rb && (a == current || best != current && a.Less(best)) {
			best = a
		}
	}
	return best
}

// lasting is the least rank of an address that is not a stopgap.
const lasting = 3

// rank orders addresses by how likely other hubs share their network; 0 is
// never. Loopback is for several hubs on one machine, which bind to it.
func rank(a, bind netip.Addr) int {
	switch {
	case !unicast(a):
		return 0
	case a.IsLoopback():
		if bind.IsLoopback() {
			return 1
		}
		return 0
	case a.IsLinkLocalUnicast():
		return 2
	case a.Is6() && !a.IsPrivate():
		return lasting
	case a.Is6():
		return lasting + 1
	case !a.IsPrivate():
		return lasting + 2
	}
	return lasting + 3
}

func onLink(have []netip.Prefix, a netip.Addr) bool {
	for _, p := range have {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
