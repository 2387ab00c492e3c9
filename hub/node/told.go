package node

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// toldAddrs are the addresses of this hub that mean the same machine to another,
// the likeliest to be reached from there first.
func (h *neighborhood) toldAddrs() []netip.AddrPort {
	out := slices.DeleteFunc(h.reachable(), func(a netip.AddrPort) bool {
		return a.Addr().Is6() && a.Addr().IsLinkLocalUnicast()
	})
	h.mu.Lock()
	within := map[netip.Addr]bool{} // of networks that lie within this machine
	for _, i := range h.nets.all {
		for _, p := range i.Addrs {
			within[p.Addr()] = inside(i.Name)
		}
	}
	h.mu.Unlock()
	far := func(a netip.AddrPort) int {
		if within[a.Addr()] {
			return 10
		}
		return remoteness(a.Addr())
	}
	slices.SortStableFunc(out, func(a, b netip.AddrPort) int { return cmp.Compare(far(a), far(b)) })
	return slices.Compact(out)
}

// inside reports whether an interface is by its name one that containers and
// virtual machines on this machine are on.
func inside(name string) bool {
	return slices.ContainsFunc([]string{"docker", "br-", "veth", "virbr", "lxc", "cni", "podman"}, func(of string) bool {
		return strings.HasPrefix(name, of)
	})
}

// remoteness orders addresses by how likely a hub nearby can use them. Those of
// IPv4 make a join code half as long.
func remoteness(a netip.Addr) int {
	switch {
	case a.IsLoopback():
		return 5
	case a.IsLinkLocalUnicast():
		return 4
	case a.Is4() && a.IsPrivate(): // RFC 1918
		return 0
	case a.Is4():
		return 1
	case a.IsPrivate(): // unique local, RFC 4193
		return 2
	}
	return 3
}
