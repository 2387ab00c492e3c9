package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// maxFailures is how many reads of a socket may fail in a row. An interface that
// goes away is one or two, what does not end is a socket that is broken.
const maxFailures = 100

// receiveBuffer is what the kernel keeps for a socket, in bytes: a burst of 200
// phones waits there.
const receiveBuffer = 1 << 20

// serveUDP answers what comes to conn until ctx ends and conn is closed.
func (s *Server) serveUDP(ctx context.Context, conn *net.UDPConn) error {
	in, out := make([]byte, maxQuery+1), make([]byte, 0, maxUDP)
	oob, failed := make([]byte, oobSize), 0
	for ctx.Err() == nil {
		n, oobn, _, from, err := conn.ReadMsgUDPAddrPort(in, oob)
		switch {
		case errors.Is(err, net.ErrClosed):
			return closed(ctx, err)
		case err != nil:
			if failed++; failed >= maxFailures {
				return fmt.Errorf("reading %v: %w", conn.LocalAddr(), err)
			}
			continue
		}
		failed = 0
		via := fromWhere(oob[:oobn])
		reply, later := s.receive(out, in[:n], from.Addr())
		if later != nil {
			s.later(conn, later, from, append([]byte(nil), via...))
		} else if reply == nil || !send(conn, reply, via, from) {
			s.counts.dropped.Add(1)
		}
	}
	return nil
}

// closed is the error of a socket that was closed: none if it was to be.
func closed(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// receive answers one packet.
func (s *Server) receive(dst, msg []byte, from netip.Addr) (reply []byte, later *ask) {
	if !isQuery(msg) || len(msg) > maxQuery {
		return nil, nil
	}
	c, ok := s.who(from)
	if !ok {
		return nil, nil
	}
	switch s.packets.take(c.addr) {
	case drop:
		return nil, nil
	case comeOverTCP:
		s.counts.slipped.Add(1)
		return slip(dst, msg), nil
	}
	return s.answer(dst, msg, c, true)
}

// later has a worker answer. What there is no room for is dropped.
func (s *Server) later(conn *net.UDPConn, a *ask, to netip.AddrPort, via []byte) {
	one := job{ask: a, addr: plain(to.Addr()), send: func(reply []byte) {
		if !send(conn, reply, via, to) {
			s.counts.dropped.Add(1)
		}
	}}
	if !s.jobs.add(one) {
		s.counts.dropped.Add(1)
	}
}

// send reports whether an answer could be sent. One that cannot is lost like one
// on the way: the client asks again.
func send(conn *net.UDPConn, reply, via []byte, to netip.AddrPort) bool {
	_, _, err := conn.WriteMsgUDPAddrPort(reply, via, to)
	return err == nil
}

// Listen opens the sockets of an address such as "10.0.0.1:53", ":53" or
// "[::]:53": UDP and TCP at the same port. Port 0 is a free one. On an address of
// all interfaces, clients are answered from the one that they asked.
func Listen(ctx context.Context, addr string) (*net.UDPConn, net.Listener, error) {
	const tries = 16 // for a port that is free for both
	var err error
	for range tries {
		var lc net.ListenConfig
		var packets net.PacketConn
		packets, err = lc.ListenPacket(ctx, "udp", addr)
		if err != nil {
			break
		}
		conn, ok := packets.(*net.UDPConn)
		if !ok {
			_ = packets.Close()
			return nil, nil, fmt.Errorf("%s is no address of UDP", addr)
		}
		var ln net.Listener
		ln, err = lc.Listen(ctx, "tcp", conn.LocalAddr().String())
		if err == nil {
			if err = prepare(conn); err == nil {
				return conn, ln, nil
			}
			_ = ln.Close()
		}
		_ = conn.Close()
		if _, port, split := net.SplitHostPort(addr); split != nil || port != "0" {
			break
		}
	}
	return nil, nil, fmt.Errorf("cannot serve DNS at %s: %w", addr, err)
}

// prepare sets what a socket is to tell about each packet. A smaller buffer than
// wished for only loses bursts.
func prepare(conn *net.UDPConn) error {
	if err := conn.SetReadBuffer(receiveBuffer); err != nil {
		return err
	}
	if at, ok := conn.LocalAddr().(*net.UDPAddr); ok && !at.IP.IsUnspecified() {
		return nil // there is only one address to answer from
	}
	return tellWhere(conn)
}
