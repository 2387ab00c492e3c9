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

	Places     = places
	MaxWaiting = maxWaiting
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

// Later does with a packet over UDP all that is done, in its turn while the server runs.
// told is what the client hears, if it hears anything.
func (s *Server) Later(msg []byte, from netip.Addr, told func(reply []byte)) {
	if reply, later := s.receive(nil, msg, from); later == nil {
		told(reply)
	} else if !s.jobs.add(job{ask: later, addr: from, send: told}) {
		s.counts.dropped.Add(1)
	}
}

// Jobs is how many clients wait or are worked for, what waits, and which places are free.
func (s *Server) Jobs() (clients, waiting, free int) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	return len(s.jobs.of), len(s.jobs.waiting), s.jobs.free
}

// Through replaces the network.
func (f *Forwarder) Through(ask func(ctx context.Context, server netip.AddrPort, packet []byte) ([]byte, error)) {
	f.exchange = ask
}

// Dead is how many names nobody answered lately, as far as is remembered, and what they take
// in bytes.
func (f *Forwarder) Dead() (names, bytes int) {
	f.dead.mu.Lock()
	defer f.dead.mu.Unlock()
	return len(f.dead.of), f.dead.used
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
