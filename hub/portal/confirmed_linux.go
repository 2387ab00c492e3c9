package portal

import (
	"net"
	"net/netip"
	"time"

	"github.com/jsimonetti/rtnetlink"
	"golang.org/x/sys/unix"
)

// ConfirmedNeighbors are the IPv4 neighbors of which the kernel knew the hardware
// address within a time (NDA_CACHEINFO of rtnetlink(7)): its table also holds those that
// left long ago. Of more than 8,192 the rest is left out.
func ConfirmedNeighbors(within time.Duration) (map[netip.Addr]net.HardwareAddr, error) {
	c, err := rtnetlink.Dial(nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	table, err := c.Neigh.List()
	if err != nil {
		return nil, err
	}
	return confirmed(table, within), nil
}

// tick is the kernel's unit of times that it tells (USER_HZ, time(7)).
const tick = time.Second / 100

func confirmed(table []rtnetlink.NeighMessage, within time.Duration) map[netip.Addr]net.HardwareAddr {
	const known = unix.NUD_REACHABLE | unix.NUD_STALE | unix.NUD_DELAY | unix.NUD_PROBE | unix.NUD_PERMANENT
	all := map[netip.Addr]net.HardwareAddr{}
	for _, n := range table {
		if a := n.Attributes; n.Family == unix.AF_INET && n.State&known != 0 && a != nil && a.CacheInfo != nil && len(all) < maxNeighbors {
			at, ok := netip.AddrFromSlice(a.Address)
			if ok && len(a.LLAddress) > 0 && time.Duration(a.CacheInfo.Confirmed)*tick < within {
				all[at] = a.LLAddress
			}
		}
	}
	return all
}
