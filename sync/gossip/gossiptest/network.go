// Package gossiptest is a network in memory for members of sync/gossip: it can be
// cut, loses packets and counts what goes over it. It works inside a
// testing/synctest bubble.
package gossiptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/memberlist"
)

// Port is what every member has.
const Port = 7946

// Traffic is what members have sent.
type Traffic struct {
	Packets, PacketBytes int // as UDP carries them
	Streams, StreamBytes int // as TCP carries them
}

// Wire is the traffic with headers: 28 bytes a packet, and ten segments of 40 a
// stream for its beginning, its end and acknowledgements.
func (t Traffic) Wire() int { return t.PacketBytes + 28*t.Packets + t.StreamBytes + 400*t.Streams }

// Sub is the traffic since o.
func (t Traffic) Sub(o Traffic) Traffic {
	return Traffic{t.Packets - o.Packets, t.PacketBytes - o.PacketBytes, t.Streams - o.Streams, t.StreamBytes - o.StreamBytes}
}

// Network connects everybody until it is cut.
type Network struct {
	mu      sync.Mutex
	at      map[netip.Addr]*Transport
	cut     func(from, to netip.Addr) bool
	loss    float64
	rand    *rand.Rand
	traffic Traffic
}

// New is a network whose losses follow from the seed.
func New(seed uint64) *Network {
	return &Network{
		at:   map[netip.Addr]*Transport{},
		cut:  func(netip.Addr, netip.Addr) bool { return false },
		rand: rand.New(rand.NewPCG(seed, 0)),
	}
}

// Cut drops what goes from one address to another where the function says so.
func (n *Network) Cut(cut func(from, to netip.Addr) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut = cut
}

// Mend ends all cuts.
func (n *Network) Mend() { n.Cut(func(netip.Addr, netip.Addr) bool { return false }) }

// Lose drops that share of packets.
func (n *Network) Lose(share float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loss = share
}

// Traffic is what has been sent so far.
func (n *Network) Traffic() Traffic {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.traffic
}

// Transport attaches a machine with these addresses; the first is its own name
// for itself. It is detached by Shutdown.
func (n *Network) Transport(addrs ...netip.Addr) (*Transport, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, a := range addrs {
		if n.at[a] != nil {
			return nil, fmt.Errorf("listen on %s: %w", a, syscall.EADDRINUSE)
		}
	}
	t := &Transport{
		net: n, addrs: slices.Clone(addrs),
		packets: make(chan *memberlist.Packet, 256), streams: make(chan net.Conn, 16),
	}
	for _, a := range addrs {
		n.at[a] = t
	}
	return t, nil
}

// reach finds who is at an address, and the address it is reached from.
func (n *Network) reach(from *Transport, to string) (*Transport, netip.Addr, error) {
	ap, err := netip.ParseAddrPort(to)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	for _, a := range from.addrs {
		if n.at[a] == from && !n.cut(a, ap.Addr()) {
			if t := n.at[ap.Addr()]; t != nil && ap.Port() == Port {
				return t, a, nil
			}
			return nil, a, syscall.ECONNREFUSED
		}
	}
	return nil, netip.Addr{}, errLost
}

var errLost = errors.New("nothing comes back")

// Transport is one machine's memberlist.Transport.
type Transport struct {
	net     *Network
	addrs   []netip.Addr
	packets chan *memberlist.Packet
	streams chan net.Conn
}

// FinalAdvertiseAddr is of memberlist.Transport, like the rest.
func (t *Transport) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return t.addrs[0].AsSlice(), Port, nil
}

// WriteTo sends a packet, or loses it.
func (t *Transport) WriteTo(b []byte, to string) (time.Time, error) {
	n := t.net
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	n.traffic.Packets++
	n.traffic.PacketBytes += len(b)
	dest, from, err := n.reach(t, to)
	if err != nil || n.rand.Float64() < n.loss {
		return now, nil
	}
	p := &memberlist.Packet{Buf: bytes.Clone(b), From: net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, Port)), Timestamp: now}
	select {
	case dest.packets <- p:
	default: // a full buffer, as a kernel's
	}
	return now, nil
}

// PacketCh has the packets that arrive.
func (t *Transport) PacketCh() <-chan *memberlist.Packet { return t.packets }

// StreamCh has the streams that others open.
func (t *Transport) StreamCh() <-chan net.Conn { return t.streams }

// DialTimeout opens a stream.
func (t *Transport) DialTimeout(to string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return t.DialContext(ctx, to)
}

// DialContext opens a stream; where the way is cut it waits for ctx.
func (t *Transport) DialContext(ctx context.Context, to string) (net.Conn, error) {
	t.net.mu.Lock()
	dest, from, err := t.net.reach(t, to)
	t.net.mu.Unlock()
	if errors.Is(err, errLost) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	ap, err := netip.ParseAddrPort(to)
	if err != nil {
		return nil, err
	}
	here, there := net.Pipe()
	mine := &conn{Conn: here, net: t.net, from: from, to: ap.Addr()}
	theirs := &conn{Conn: there, net: t.net, from: ap.Addr(), to: from}
	select {
	case dest.streams <- theirs:
	default:
		return nil, syscall.ECONNREFUSED
	}
	t.net.mu.Lock()
	t.net.traffic.Streams++
	t.net.mu.Unlock()
	return mine, nil
}

// Shutdown detaches the machine.
func (t *Transport) Shutdown() error {
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	for _, a := range t.addrs {
		if t.net.at[a] == t {
			delete(t.net.at, a)
		}
	}
	return nil
}

// conn is one end of a stream.
type conn struct {
	net.Conn
	net      *Network
	from, to netip.Addr
}

func (c *conn) Write(b []byte) (int, error) {
	c.net.mu.Lock()
	c.net.traffic.StreamBytes += len(b)
	cut := c.net.cut(c.from, c.to)
	c.net.mu.Unlock()
	if cut {
		return 0, syscall.ECONNRESET
	}
	return c.Conn.Write(b)
}

func (c *conn) LocalAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.from, Port))
}

func (c *conn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.to, Port))
}
