package node

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/sync/iface"
)

// toldAddrs are the addresses of this hub that mean the same machine to another,
// the likeliest to be reached from there first.
func (h *neighborhood) toldAddrs() []netip.AddrPort {
	h.mu.Lock()
	on := h.nets.all
	h.mu.Unlock()
	return told(h.reachable(), on)
}

func told(reachable []netip.AddrPort, on []iface.Interface) []netip.AddrPort {
	out := slices.DeleteFunc(slices.Clone(reachable), func(a netip.AddrPort) bool {
		return a.Addr().Is6() && a.Addr().IsLinkLocalUnicast()
	})
	within := map[netip.Addr]bool{} // of networks that lie within this machine
	for _, i := range on {
		for _, p := range i.Addrs {
			within[p.Addr()] = inside(i.Name)
		}
	}
	far := func(a netip.AddrPort) int {
		if within[a.Addr()] {
			return furthest + remoteness(a.Addr())
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

// furthest is the most that remoteness says.
const furthest = 5

// remoteness orders addresses by how likely a hub nearby can use them. Those of
// IPv4 make a join code half as long.
func remoteness(a netip.Addr) int {
	switch {
	case a.IsLoopback():
		return furthest
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
