package mdns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/time/rate"

	"github.com/lamppost-hub/lamppost/sync/iface"
)

const (
	port       = 5353 // RFC 6762
	hops       = 255  // section 11: no router has passed it on
	packetRate = 100  // a second and family that are looked at
	packetOnce = 200
	sendLimit  = time.Second
)

func group4() *net.UDPAddr { return &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: port} }
func group6() *net.UDPAddr { return &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: port} }

// family is the socket of IPv4 or of IPv6.
type family interface {
	join(index int) error
	leave(index int) error
	send(b []byte, index int) error
	receive(b []byte) (n int, p packet, err error) // an index of 0 is to be dropped
	Close() error
}

// sockets are those of both families, or the one that the machine has.
type sockets struct {
	v4, v6  family // nil = none
	log     *slog.Logger
	joined  []iface.Interface
	readers sync.WaitGroup
	once    sync.Once
	broke   chan struct{}
}

// listen opens them. Both fail where another program has the port for itself.
func listen(heard chan<- packet, log *slog.Logger) (air, error) {
	s := &sockets{log: log, broke: make(chan struct{})}
	c4, err4 := listen4()
	if err4 == nil {
		s.v4 = c4
	}
	c6, err6 := listen6()
	if err6 == nil {
		s.v6 = c6
	}
	if err4 != nil && err6 != nil {
		return nil, fmt.Errorf("port %d for multicast DNS: %w", port, errors.Join(err4, err6))
	}
	for _, f := range s.families() {
		s.readers.Go(func() { s.read(f, heard) })
	}
	return s, nil
}

func (s *sockets) families() (out []family) {
	for _, f := range []family{s.v4, s.v6} {
		if f != nil {
			out = append(out, f)
		}
	}
	return out
}

func (s *sockets) broken() <-chan struct{} { return s.broke }

func (s *sockets) close() {
	for _, f := range s.families() {
		_ = f.Close() // nothing waits to be sent
	}
	s.readers.Wait()
}

func (s *sockets) read(f family, heard chan<- packet) {
	paced := rate.NewLimiter(packetRate, packetOnce)
	b := make([]byte, maxPacket+1)
	for {
		n, p, err := f.receive(b)
		if err != nil {
			s.once.Do(func() { close(s.broke) })
			return
		}
		if p.index == 0 || n > maxPacket || !paced.Allow() {
			continue
		}
		p.b = slices.Clone(b[:n])
		select {
		case heard <- p:
		default: // more than can be looked at: it is said again
		}
	}
}

// use joins the groups on each interface anew, since a change of its addresses may
// have ended that, and leaves those that are not used any more.
func (s *sockets) use(is []iface.Interface) {
	for _, f := range s.families() {
		for _, i := range s.joined {
			_ = f.leave(i.Index) // it may be gone
		}
		for _, i := range is {
			if err := f.join(i.Index); err != nil {
				s.log.Debug("an interface is not listened on for hubs", "interface", i.Name, "err", err)
			}
		}
	}
	s.joined = is
}

// send sends by each family of which the interface has an address.
func (s *sockets) send(b []byte, on iface.Interface) {
	for _, f := range s.families() {
		has := slices.ContainsFunc(on.Addrs, func(p netip.Prefix) bool { return p.Addr().Is4() == (f == s.v4) })
		if !has {
			continue
		}
		if err := f.send(b, on.Index); err != nil {
			s.log.Debug("hubs on a network could not be asked", "interface", on.Name, "err", err)
		}
	}
}

func bind(network, addr string) (net.PacketConn, error) {
	lc := net.ListenConfig{Control: share}
	return lc.ListenPacket(context.Background(), network, addr)
}

type conn4 struct{ *ipv4.PacketConn }

func listen4() (family, error) {
	c, err := bind("udp4", fmt.Sprintf("0.0.0.0:%d", port))
	if err != nil {
		return nil, err
	}
	p := ipv4.NewPacketConn(c)
	err = errors.Join(p.SetControlMessage(ipv4.FlagTTL|ipv4.FlagDst|ipv4.FlagInterface, true), p.SetMulticastTTL(hops))
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return conn4{p}, nil
}

func (c conn4) join(i int) error  { return c.JoinGroup(&net.Interface{Index: i}, group4()) }
func (c conn4) leave(i int) error { return c.LeaveGroup(&net.Interface{Index: i}, group4()) }

func (c conn4) send(b []byte, i int) error {
	if err := c.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		return err
	}
	_, err := c.WriteTo(b, &ipv4.ControlMessage{IfIndex: i}, group4())
	return err
}

func (c conn4) receive(b []byte) (int, packet, error) {
	n, cm, from, err := c.ReadFrom(b)
	if err != nil || cm == nil || cm.TTL != hops || !cm.Dst.Equal(group4().IP) {
		return n, packet{}, err
	}
	return n, packet{from: sender(from), index: cm.IfIndex}, nil
}

type conn6 struct{ *ipv6.PacketConn }

func listen6() (family, error) {
	c, err := bind("udp6", fmt.Sprintf("[::]:%d", port))
	if err != nil {
		return nil, err
	}
	p := ipv6.NewPacketConn(c)
	err = errors.Join(p.SetControlMessage(ipv6.FlagHopLimit|ipv6.FlagDst|ipv6.FlagInterface, true), p.SetMulticastHopLimit(hops))
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return conn6{p}, nil
}

func (c conn6) join(i int) error  { return c.JoinGroup(&net.Interface{Index: i}, group6()) }
func (c conn6) leave(i int) error { return c.LeaveGroup(&net.Interface{Index: i}, group6()) }

func (c conn6) send(b []byte, i int) error {
	if err := c.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		return err
	}
	_, err := c.WriteTo(b, &ipv6.ControlMessage{IfIndex: i}, group6())
	return err
}

func (c conn6) receive(b []byte) (int, packet, error) {
	n, cm, from, err := c.ReadFrom(b)
	if err != nil || cm == nil || cm.HopLimit != hops || !cm.Dst.Equal(group6().IP) {
		return n, packet{}, err
	}
	return n, packet{from: sender(from), index: cm.IfIndex}, nil
}

// sender is an address without its zone; invalid if it is none.
func sender(a net.Addr) netip.Addr {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.Addr{}
	}
	return u.AddrPort().Addr().Unmap().WithZone("")
}
