package netnstest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"

	"github.com/jsimonetti/rtnetlink"
	"golang.org/x/sys/unix"
)

// Station is one of many devices at an access point: an interface with a hardware
// address of its own, in a namespace that it shares with the others. Each uses its own
// interface alone.
type Station struct {
	Dev    string
	MAC    net.HardwareAddr
	in     Space
	index  uint32
	kernel *kernel
}

// kernel is one connection to the kernel of a namespace, which stations share.
type kernel struct {
	mu   sync.Mutex
	conn *rtnetlink.Conn
}

// Stations makes n devices, at most 1000, on a cable to a switch. None has an address yet.
// Close ends their use.
func (n *Net) Stations(ctx context.Context, name string, at *Bridge, count int) (all []*Station, end func() error, _ error) {
	h, err := n.Host(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	cable, err := h.Plug(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	// Each answers for its own address alone, and takes what comes to it.
	for _, knob := range []string{"arp_ignore=1", "arp_announce=2", "rp_filter=0"} {
		if err := h.in(ctx, "sysctl", "-qw", "net.ipv4.conf.all."+knob, "net.ipv4.conf.default."+knob); err != nil {
			return nil, nil, err
		}
	}
	var script strings.Builder
	for i := range count {
		mac := net.HardwareAddr{2, 0, 0x5e, 0, byte(i >> 8), byte(i)}
		all = append(all, &Station{Dev: device("sta", i), MAC: mac, in: h.Space})
		fmt.Fprintf(&script, "link add link %s name %s address %s type macvlan mode bridge\nlink set %s up\n", cable.Dev, all[i].Dev, mac, all[i].Dev)
	}
	cmd := h.Command(ctx, "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(script.String())
	if err := ran(cmd); err != nil {
		return nil, nil, err
	}
	conn, err := within(h.Space, func() (*rtnetlink.Conn, error) { return rtnetlink.Dial(nil) })
	if err != nil {
		return nil, nil, err
	}
	k := &kernel{conn: conn}
	links, err := conn.Link.List()
	if err != nil {
		return nil, conn.Close, err
	}
	index := map[string]uint32{}
	for _, l := range links {
		index[l.Attributes.Name] = l.Index
	}
	for _, s := range all {
		s.index, s.kernel = index[s.Dev], k
	}
	return all, conn.Close, nil
}

// Configure gives the station an IPv4 address and the way out, as its lease says.
func (s *Station) Configure(addr netip.Prefix, router netip.Addr) error {
	s.kernel.mu.Lock()
	defer s.kernel.mu.Unlock()
	ip := net.IP(addr.Addr().AsSlice())
	if err := s.kernel.conn.Address.New(&rtnetlink.AddressMessage{
		Family: unix.AF_INET, PrefixLength: uint8(addr.Bits()), Index: s.index,
		Attributes: &rtnetlink.AddressAttributes{Address: ip, Local: ip},
	}); err != nil {
		return fmt.Errorf("%s gets %v: %w", s.Dev, addr, err)
	}
	if err := s.kernel.conn.Route.Add(&rtnetlink.RouteMessage{
		Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_BOOT, Scope: unix.RT_SCOPE_UNIVERSE, Type: unix.RTN_UNICAST,
		Attributes: rtnetlink.RouteAttributes{Gateway: net.IP(router.AsSlice()), OutIface: s.index, Priority: s.index},
	}); err != nil {
		return fmt.Errorf("%s gets a route by %v: %w", s.Dev, router, err)
	}
	return nil
}

// bound has a socket use the station's interface alone.
func (s *Station) bound(_, _ string, c syscall.RawConn) error {
	var wrong error
	err := c.Control(func(fd uintptr) {
		if wrong = unix.BindToDevice(int(fd), s.Dev); wrong == nil {
			wrong = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
		}
		if wrong == nil {
			wrong = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		}
	})
	if err != nil {
		return err
	}
	return wrong
}

// Dial connects from the station to an IP address with a port.
func (s *Station) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return within(s.in, func() (net.Conn, error) {
		return (&net.Dialer{Control: s.bound}).DialContext(ctx, network, addr)
	})
}

// ListenPacket receives datagrams at the station; it may send broadcasts.
func (s *Station) ListenPacket(ctx context.Context, network, addr string) (net.PacketConn, error) {
	return within(s.in, func() (net.PacketConn, error) {
		return (&net.ListenConfig{Control: s.bound}).ListenPacket(ctx, network, addr)
	})
}
