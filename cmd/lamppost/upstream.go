package main

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/lamppost-hub/lamppost/hub/dns"
	wire "github.com/miekg/dns"
)

// upstreams are the name servers to ask when there is internet.
func (c *runCommand) upstreams() ([]netip.AddrPort, error) {
	if len(c.Upstream) == 0 {
		return usualUpstreams("/etc/resolv.conf"), nil
	}
	if len(c.Upstream) > dns.MaxUpstreams {
		return nil, fmt.Errorf("--upstream: %d are more than %d", len(c.Upstream), dns.MaxUpstreams)
	}
	var all []netip.AddrPort
	for _, s := range c.Upstream {
		at, err := netip.ParseAddrPort(s)
		if err != nil {
			addr, bad := netip.ParseAddr(s)
			if bad != nil {
				return nil, fmt.Errorf("--upstream: %q is not the address of a name server; write it like \"9.9.9.9\"", s)
			}
			at = netip.AddrPortFrom(addr, dnsPort)
		}
		all = append(all, at)
	}
	return all, nil
}

const dnsPort = 53

// publicUpstreams are asked besides the machine's own: large ones of different people.
var publicUpstreams = []netip.Addr{netip.MustParseAddr("9.9.9.9"), netip.MustParseAddr("1.1.1.1")}

// usualUpstreams are the machine's own name servers, but for those on itself, and
// public ones.
func usualUpstreams(resolvConf string) (all []netip.AddrPort) {
	for _, a := range slices.Concat(nameServers(resolvConf), publicUpstreams) {
		if at := netip.AddrPortFrom(a, dnsPort); !a.IsLoopback() && !slices.Contains(all, at) && len(all) < dns.MaxUpstreams {
			all = append(all, at)
		}
	}
	return all
}

// nameServers are those that a machine is set to ask; none if that is not known.
func nameServers(resolvConf string) (all []netip.Addr) {
	c, err := wire.ClientConfigFromFile(resolvConf)
	if err != nil {
		return nil
	}
	for _, s := range c.Servers {
		if a, err := netip.ParseAddr(s); err == nil {
			all = append(all, a)
		}
	}
	return all
}

// networks reads networks that were typed.
func networks(typed []string) (all []netip.Prefix, _ error) {
	for _, s := range typed {
		n, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}
