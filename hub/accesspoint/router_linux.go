package accesspoint

import (
	"errors"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"github.com/jsimonetti/rtnetlink"
	"golang.org/x/sys/unix"
)

// forgetRouters takes away what an interface has learned from routers of IPv6 (RFC
// 4861) while it listened to them, as any phone may have passed for one: their routes,
// addresses and MTU. What somebody set by hand stays. Of what is to last for ever the
// addresses stay as well, with their own /64: they look like those.
func forgetRouters(index int) (err error) {
	c, err := rtnetlink.Dial(nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	addrs, err := c.Address.List()
	if err != nil {
		return err
	}
	var stay []netip.Prefix
	for _, a := range addrs {
		p, ok := prefixOf(a)
		switch {
		case !ok || a.Family != unix.AF_INET6 || int(a.Index) != index:
		case a.Flags&unix.IFA_F_PERMANENT != 0:
			stay = append(stay, p.Masked())
		default:
			if err := vanished(c.Address.Delete(&a)); err != nil {
				return err
			}
		}
	}
	routes, err := c.Route.List()
	if err != nil {
		return err
	}
	for _, r := range routes {
		if int(r.Attributes.OutIface) == index && learned(r, stay) {
			if err := vanished(c.Route.Delete(&r)); err != nil {
				return err
			}
		}
	}
	l, err := c.Link.Get(uint32(index))
	if err != nil {
		return err
	}
	file := "/proc/sys/net/ipv6/conf/" + l.Attributes.Name + "/mtu"
	return vanished(os.WriteFile(file, []byte(strconv.Itoa(int(l.Attributes.MTU))), 0o644))
}

// learned reports whether a route may be from a router: neither set by hand nor that of
// an address.
func learned(r rtnetlink.RouteMessage, addrs []netip.Prefix) bool {
	if r.Family != unix.AF_INET6 || r.Type != unix.RTN_UNICAST || r.Protocol != unix.RTPROT_RA && r.Protocol != unix.RTPROT_KERNEL {
		return false
	}
	at := netip.IPv6Unspecified()
	if r.DstLength > 0 {
		at, _ = netip.AddrFromSlice(r.Attributes.Dst)
	}
	return !at.IsLinkLocalUnicast() && !at.IsMulticast() && !slices.Contains(addrs, netip.PrefixFrom(at, int(r.DstLength)))
}

// vanished is nil where what was to be taken away has gone by itself.
func vanished(err error) error {
	if errors.Is(err, unix.ESRCH) || errors.Is(gone(err), errGone) {
		return nil
	}
	return err
}
