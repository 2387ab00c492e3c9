package dns

import (
	"context"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// Bounds that the tests go up to.
const (
	MaxConns  = maxConns
	MaxOfAddr = maxOfAddr
	Idle      = idle
	MaxUDP    = maxUDP
)

// Quick answers a packet in the fast way alone.
func (s *Server) Quick(msg []byte, from netip.Addr) ([]byte, bool) {
	c, _ := s.who(from)
	return s.quick(nil, msg, c.asker)
}

// Slow answers a packet with the library alone. later tells that there is
// something to ask elsewhere.
func (s *Server) Slow(msg []byte, from netip.Addr, udp bool) (reply []byte, later bool) {
	c, _ := s.who(from)
	reply, ask := s.slow(nil, msg, c, udp)
	return reply, ask != nil
}

// Receive does with a packet what is done with one from a socket, as far as it
// needs nobody else.
func (s *Server) Receive(dst, msg []byte, from netip.Addr) []byte {
	reply, _ := s.receive(dst, msg, from)
	return reply
}

// Whole does with a packet over UDP all that is done, and waits for it.
func (s *Server) Whole(ctx context.Context, msg []byte, from netip.Addr) []byte {
	reply, later := s.receive(nil, msg, from)
	if later != nil {
		reply = s.resolve(ctx, nil, later)
	}
	return reply
}

// Through replaces the network.
func (f *Forwarder) Through(ask func(ctx context.Context, server netip.AddrPort, packet []byte) ([]byte, error)) {
	f.exchange = ask
}

// Learn is what a client hears who asks for packet, after a server answered with
// reply. ok is false for a packet or a reply that is none.
func (f *Forwarder) Learn(packet, reply []byte) (told []byte, ok bool) {
	a, _ := parse(nil, packet, true)
	m := new(dns.Msg)
	if a == nil || m.Unpack(reply) != nil {
		return nil, false
	}
	now := time.Now()
	e, err := f.scrub.Load().entry(keyOf(a), m, now)
	if err != nil {
		return nil, false
	}
	return a.tell(nil, e, now.Add(time.Second)), true
}
