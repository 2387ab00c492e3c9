// Package dns is the name server that a hub's Wi-Fi hands out. It leads a phone
// that has just come to the hub's own page, tells it that all is well once its
// owner has chosen to stay, and passes on what it asks while there is internet.
// What it says depends on the client's state and on nothing that the client
// could forge but its address.
//
// It is no open resolver: whoever is not in one of the served networks hears
// nothing. It never writes down which names somebody looked up.
package dns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// State is what a client may have.
type State uint8

// The states of a client.
const (
	// Captive is a client that has just come: every name leads to the hub.
	Captive State = iota
	// Accepted is one that chose to stay while there is no internet for it: its
	// probes succeed, and other names are answered as far as they are known.
	Accepted
	// Open is one that chose to stay while there is all of it: what it asks is forwarded.
	Open
	// Listed is one that chose to stay while there is some of it, such as a few networks:
	// what it asks is forwarded, but its probes are answered as if it were Accepted.
	Listed
)

// Clients tells the state of whoever has an address. It is asked for each query,
// by several goroutines, so it answers from memory. IPv4 addresses are never in
// their IPv6 form, and no address has a zone.
type Clients interface {
	State(addr netip.Addr) State
}

// Config is what a Server is built from.
type Config struct {
	// UDP and TCP are the sockets to serve, as Listen makes them; Run closes them.
	UDP []*net.UDPConn
	TCP []net.Listener
	// Served are the networks that are answered; all else is dropped. SetServed
	// replaces them.
	Served []netip.Prefix
	// Clients tells who is in which state.
	Clients Clients
	// Virtual is the IPv4 address to which captured names lead. Outside the
	// private ranges, or Android takes the network for broken: 192.0.2.1 where
	// the hub is the phones' router, else the hub's own address. SetVirtual replaces it.
	Virtual netip.Addr
	// Probes are the host names that systems look up to tell whether they are
	// online. They lead to Virtual once a client is Accepted or Listed, too.
	Probes []string
	// Zone are the hub's own names; SetZone replaces them.
	Zone *Zone
	// Forwarder resolves names for Open and Listed clients and remembers them for Accepted
	// ones. Without it there is no internet. It is run by whoever made it.
	Forwarder *Forwarder
	// Limit slows who asks too much.
	Limit Limit
	// Log is for what the operator has to see, never for what somebody asked.
	Log *slog.Logger
}

// Server answers the clients of one hub.
type Server struct {
	cfg    Config
	policy atomic.Pointer[policy]
	zone   atomic.Pointer[Zone]
	served atomic.Pointer[[]netip.Prefix]
	// Who forges an address over UDP shall not close TCP to its owner.
	packets, streams *limiter
	conns            *connections
	jobs             *jobs
	counts           counts
}

// New checks the configuration. It starts nothing.
func New(cfg Config) (*Server, error) {
	if cfg.Clients == nil || cfg.Log == nil {
		return nil, errors.New("a DNS server needs to know its clients and where to log")
	}
	if !cfg.Virtual.Is4() {
		return nil, fmt.Errorf("the address for captured names is %v: give an IPv4 address", cfg.Virtual)
	}
	policy, err := newPolicy(cfg.Virtual, cfg.Probes)
	if err != nil {
		return nil, err
	}
	packets, err := newLimiter(cfg.Limit)
	if err != nil {
		return nil, err
	}
	streams, err := newLimiter(cfg.Limit)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, packets: packets, streams: streams, conns: newConnections(), jobs: newJobs()}
	s.policy.Store(policy)
	s.SetServed(cfg.Served)
	s.SetZone(cfg.Zone)
	return s, nil
}

// SetServed replaces the networks that are answered, as interfaces come and go. It may
// be called while the server runs.
func (s *Server) SetServed(networks []netip.Prefix) {
	networks = slices.Clone(networks)
	s.served.Store(&networks)
}

// SetVirtual replaces the address for captured names. What is no IPv4 address is passed
// over. It may be called while the server runs, by one goroutine.
func (s *Server) SetVirtual(a netip.Addr) {
	if p := *s.policy.Load(); a.Is4() && a != p.virtual {
		p.virtual = a
		s.policy.Store(&p)
	}
}

// SetZone replaces the hub's own names; nil is none. It may be called while the
// server runs.
func (s *Server) SetZone(z *Zone) {
	if z == nil {
		z = &Zone{}
	}
	s.zone.Store(z)
}

// Run serves until ctx ends or a socket fails for good. It closes the sockets and
// returns when all it started has ended.
func (s *Server) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	var tasks sync.WaitGroup
	start := func(task func(context.Context) error) {
		tasks.Go(func() {
			if err := task(ctx); err != nil {
				stop(err)
			}
		})
	}
	for range places {
		start(s.work)
	}
	for _, conn := range s.cfg.UDP {
		// One goroutine each: more would take turns at the socket's lock, which
		// costs more than it brings (measured).
		start(func(ctx context.Context) error { return s.serveUDP(ctx, conn) })
	}
	for _, ln := range s.cfg.TCP {
		start(func(ctx context.Context) error { return s.serveTCP(ctx, ln) })
	}
	<-ctx.Done()
	for _, conn := range s.cfg.UDP {
		_ = conn.Close()
	}
	for _, ln := range s.cfg.TCP {
		_ = ln.Close()
	}
	tasks.Wait()
	stop(nil)
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// plain is an address as Clients and the networks know it.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
