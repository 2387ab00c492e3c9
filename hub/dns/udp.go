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

// serveUDP answers what comes to conn until ctx ends and conn is closed.
func (s *Server) serveUDP(ctx context.Context, conn *net.UDPConn) error {
	p, err := newPackets(conn)
	if err != nil {
		return err
	}
	for failed := 0; ctx.Err() == nil; {
		n, err := p.receive()
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
		for i := range n {
			msg, from := p.at(i)
			switch reply, later := s.receive(p.answer(i), msg, from.Addr()); {
			case later != nil:
				s.later(conn, later, from, append([]byte(nil), p.via(i)...))
			case reply != nil:
				p.add(i, reply)
			default:
				s.counts.dropped.Add(1)
			}
		}
		s.counts.dropped.Add(uint64(p.send()))
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

// later has others asked. What there is no room for is dropped.
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
