package gossip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// Bounds on what is read from the network.
const (
	maxPacket = 2 * packetSize // bytes; members send none of more than packetSize
	maxPause  = time.Second    // after the system could not hand over a packet or a stream
)

// network is memberlist's Transport over UDP and TCP, on one port of both. That of
// memberlist itself makes a buffer of 64 KiB for each packet, whoever sent it.
type network struct {
	log     *slog.Logger
	udp     *net.UDPConn
	tcp     *net.TCPListener
	packets chan *memberlist.Packet
	streams chan net.Conn

	ctx    context.Context // ends with Shutdown
	cancel context.CancelFunc
	loops  sync.WaitGroup
}

// listen opens a port of both, for port 0 any that is free. An invalid address
// stands for all of this machine's.
func listen(addr netip.Addr, port uint16, log *slog.Logger) (*network, error) {
	// Any port is asked of TCP, and another program may have its number on UDP.
	for tries := 10; ; tries-- {
		n, err := listenOnce(addr, port, log)
		if err == nil || port != 0 || tries == 1 {
			return n, err
		}
	}
}

func listenOnce(addr netip.Addr, port uint16, log *slog.Logger) (*network, error) {
	ip := net.IP(addr.AsSlice())
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: int(port)})
	if err != nil {
		return nil, err
	}
	n := &network{log: log, tcp: tcp, packets: make(chan *memberlist.Packet), streams: make(chan net.Conn)}
	if n.udp, err = net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: int(n.port())}); err != nil {
		return nil, errors.Join(err, tcp.Close())
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.loops.Go(n.receive)
	n.loops.Go(n.accept)
	return n, nil
}

// port is the one that is open, which the system chose if it was asked to.
func (n *network) port() uint16 {
	a, _ := n.tcp.Addr().(*net.TCPAddr)
	return a.AddrPort().Port()
}

// receive hands over packets until the socket closes.
func (n *network) receive() {
	var b [maxPacket]byte
	for rest := (backoff{}); ; {
		size, from, err := n.udp.ReadFromUDPAddrPort(b[:])
		if err != nil {
			if !rest.after(n.ctx, func() { n.log.Warn("packets of the membership cannot be read", "err", err) }) {
				return
			}
			continue
		}
		rest = backoff{}
		if size == 0 {
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		p := &memberlist.Packet{Buf: bytes.Clone(b[:size]), From: net.UDPAddrFromAddrPort(from), Timestamp: time.Now()}
		select {
		case n.packets <- p:
		case <-n.ctx.Done():
			return
		}
	}
}

// accept hands over streams until the listener closes.
func (n *network) accept() {
	for rest := (backoff{}); ; {
		c, err := n.tcp.Accept()
		if err != nil {
			if !rest.after(n.ctx, func() { n.log.Warn("streams of the membership cannot be accepted", "err", err) }) {
				return
			}
			continue
		}
		rest = backoff{}
		select {
		case n.streams <- c:
		case <-n.ctx.Done():
			_ = c.Close()
			return
		}
	}
}

// backoff is how long a loop rests after failures in a row.
type backoff struct{ pause time.Duration }

// after tells of the first failure in a row, rests after each, longer than the last time,
// and reports whether to go on.
func (b *backoff) after(ctx context.Context, tell func()) bool {
	if b.pause == 0 && ctx.Err() == nil {
		tell()
	}
	b.pause = min(max(5*time.Millisecond, 2*b.pause), maxPause)
	t := time.NewTimer(b.pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// FinalAdvertiseAddr is of memberlist.Transport, like the rest: the address that was
// chosen, and the port that is open.
func (n *network) FinalAdvertiseAddr(ip string, _ int) (net.IP, int, error) {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return nil, 0, fmt.Errorf("address for the membership: %w", err)
	}
	return a.Unmap().AsSlice(), int(n.port()), nil
}

func (n *network) PacketCh() <-chan *memberlist.Packet { return n.packets }
func (n *network) StreamCh() <-chan net.Conn           { return n.streams }

func (n *network) WriteTo(b []byte, addr string) (time.Time, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return time.Time{}, fmt.Errorf("address of a member: %w", err)
	}
	_, err = n.udp.WriteToUDPAddrPort(b, netip.AddrPortFrom(to.Addr().Unmap(), to.Port()))
	return time.Now(), err
}

func (n *network) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(n.ctx, timeout)
	defer cancel()
	return n.DialContext(ctx, addr)
}

// DialContext is like a net.Dialer's.
func (n *network) DialContext(ctx context.Context, addr string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}

// Shutdown closes both and waits for what reads them.
func (n *network) Shutdown() error {
	n.cancel()
	err := errors.Join(n.tcp.Close(), n.udp.Close())
	n.loops.Wait()
	return err
}
