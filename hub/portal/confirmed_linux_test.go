package portal

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/jsimonetti/rtnetlink"
	"golang.org/x/sys/unix"
)

func TestNeighborsThatLeftLongAgoAreNotConfirmed(t *testing.T) {
	hw := net.HardwareAddr{2, 0, 0, 0, 0, 7}
	entry := func(last byte, state uint16, ago time.Duration, hw net.HardwareAddr) rtnetlink.NeighMessage {
		return rtnetlink.NeighMessage{Family: unix.AF_INET, State: state, Attributes: &rtnetlink.NeighAttributes{
			Address: net.IP{10, 44, 0, last}, LLAddress: hw, CacheInfo: &rtnetlink.NeighCacheInfo{Confirmed: uint32(ago / tick)},
		}}
	}
	six := entry(6, unix.NUD_REACHABLE, 0, hw)
	six.Family, six.Attributes.Address = unix.AF_INET6, net.ParseIP("fe80::6")
	all := confirmed([]rtnetlink.NeighMessage{
		entry(1, unix.NUD_REACHABLE, 0, hw), entry(2, unix.NUD_STALE, 59*time.Second, hw), // these are there
		entry(3, unix.NUD_STALE, 61*time.Second, hw), entry(4, unix.NUD_FAILED, 0, hw), entry(5, unix.NUD_INCOMPLETE, 0, nil), six,
		{Family: unix.AF_INET, State: unix.NUD_REACHABLE},
	}, time.Minute)
	one, two := netip.MustParseAddr("10.44.0.1"), netip.MustParseAddr("10.44.0.2")
	if len(all) != 2 || all[one].String() != hw.String() || all[two].String() != hw.String() {
		t.Errorf("%v", all)
	}
}
