package dns

import (
	"context"
	"net/netip"
	"sync/atomic"
)

// client is who sent a query.
type client struct {
	asker
	addr netip.Addr // as Clients know it
}

// counts is what has been done since the start.
type counts struct {
	quick, slow, forwarded, dropped, slipped atomic.Uint64
}

// Counts tells how many queries were answered in which way.
type Counts struct {
	Quick     uint64 // at once, without the library
	Slow      uint64 // at once, with it
	Forwarded uint64 // from another server, or what was learned from it
	Dropped   uint64 // not at all: not for us, malformed, or too many
	Slipped   uint64 // with nothing but to come again over TCP
}

// Counts is how it stands now.
func (s *Server) Counts() Counts {
	c := &s.counts
	return Counts{
		Quick: c.quick.Load(), Slow: c.slow.Load(), Forwarded: c.forwarded.Load(),
		Dropped: c.dropped.Load(), Slipped: c.slipped.Load(),
	}
}

// who tells who asks from an address. ok is false for somebody whom this server
// does not serve.
func (s *Server) who(from netip.Addr) (c client, ok bool) {
	c.addr = plain(from)
	for _, p := range *s.served.Load() {
		if p.Contains(c.addr) {
			c.state, c.subnet = s.cfg.Clients.State(c.addr), p
			return c, true
		}
	}
	return client{}, false
}

// answer answers what can be answered at once, appended to dst. A reply of nil is
// none at all, unless there is something to ask elsewhere later.
func (s *Server) answer(dst, msg []byte, c client, udp bool) (reply []byte, later *ask) {
	if reply, ok := s.quick(dst, msg, c.asker); ok {
		s.counts.quick.Add(1)
		return reply, nil
	}
	reply, later = s.slow(dst, msg, c, udp)
	if reply != nil {
		s.counts.slow.Add(1)
	}
	return reply, later
}

// resolve answers what has to be asked elsewhere. It takes as long as the
// forwarder does.
func (s *Server) resolve(ctx context.Context, dst []byte, a *ask) []byte {
	s.counts.forwarded.Add(1)
	if s.cfg.Forwarder == nil {
		return a.failure(dst)
	}
	return s.cfg.Forwarder.resolve(ctx, dst, a)
}

// remembered answers an Accepted client with what was learned before.
func (s *Server) remembered(dst []byte, a *ask) []byte {
	if s.cfg.Forwarder == nil {
		return a.failure(dst)
	}
	return s.cfg.Forwarder.remembered(dst, a)
}
