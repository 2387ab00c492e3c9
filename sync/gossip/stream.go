package gossip

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"

	"github.com/hashicorp/memberlist"
)

// Bounds on streams, each of which holds one message a side.
const (
	maxStreams   = 16 // incoming
	maxStreamsIP = 4  // of them from one IPv4 address or IPv6 /64
	maxState     = 1 << 20
)

// stream is a connection whose other side's message is checked before the first
// byte of it is read.
type stream struct {
	net.Conn
	guard   *guard
	request bool // the other side began
	loaded  bool
	err     error
	message bytes.Reader
}

func (s *stream) Read(p []byte) (int, error) {
	if !s.loaded {
		if err := s.load(); err != nil {
			return 0, err
		}
	}
	if s.err != nil {
		return 0, s.err
	}
	return s.message.Read(p)
}

// load takes in the other side's message.
func (s *stream) load() error {
	s.loaded = true
	b, err := readSealed(s.Conn)
	if err == nil {
		err = s.guard.checkStream(b, s.request)
		if err != nil {
			s.guard.count(err)
		}
	}
	s.err = err
	s.message.Reset(b)
	return err
}

func (s *stream) Close() error {
	s.guard.door.leave(s)
	return s.Conn.Close()
}

// readSealed reads a message: its type, the length of what is sealed, and that.
func readSealed(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, streamHead); err != nil {
		return nil, err
	}
	if b.Bytes()[0] != encryptedMessage {
		return nil, errStranger
	}
	n := binary.BigEndian.Uint32(b.Bytes()[1:])
	if n > maxState {
		return nil, fmt.Errorf("%w: %d bytes", errMessage, n)
	}
	if _, err := io.CopyN(&b, r, int64(n)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// door counts streams, and knows all to close them.
type door struct {
	mu     sync.Mutex
	closed bool
	in     int
	conns  map[*stream]netip.Addr
}

// enter lets an incoming stream in, if there is room for one more of its origin.
func (d *door) enter(s *stream) bool {
	from := origin(s.RemoteAddr())
	d.mu.Lock()
	defer d.mu.Unlock()
	same := 0
	for other, a := range d.conns {
		if other.request && a == from {
			same++
		}
	}
	if d.closed || d.in >= maxStreams || same >= maxStreamsIP {
		return false
	}
	d.in++
	d.conns[s] = from
	return true
}

// keep notes a stream of our own.
func (d *door) keep(s *stream) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.conns[s] = netip.Addr{}
	}
	return !d.closed
}

func (d *door) leave(s *stream) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.conns[s]; ok && s.request {
		d.in--
	}
	delete(d.conns, s)
}

func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for s := range d.conns {
		_ = s.Conn.Close()
	}
}

// origin is who counts as one.
func origin(a net.Addr) netip.Addr {
	ip := addrOf(a).WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return ip
}

// dial connects, and gives up with ctx where the transport can.
func dial(ctx context.Context, t memberlist.Transport, addr string) (net.Conn, error) {
	if d, ok := t.(interface {
		DialContext(context.Context, string) (net.Conn, error)
	}); ok {
		return d.DialContext(ctx, addr)
	}
	return t.DialTimeout(addr, dialTimeout)
}
