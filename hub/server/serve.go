package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
)

// stopping is how long requests may go on after the hub was told to stop.
const stopping = 3 * time.Second

// Serve answers what comes in at ln until ctx ends, then lets the requests at
// work finish for at most three seconds. It closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	return s.serveAt(ctx, s.bounded(ln))
}

// ServeTLS is Serve over TLS. What comes in that way counts as official, so conf must show
// no certificate but those of the community's own authority.
func (s *Server) ServeTLS(ctx context.Context, ln net.Listener, conf *tls.Config) error {
	conf = conf.Clone()
	conf.NextProtos = []string{"http/1.1"} // websockets know no other
	return s.serveAt(ctx, tls.NewListener(s.bounded(ln), conf))
}

func (s *Server) bounded(ln net.Listener) net.Listener {
	return newBounded(ln, s.cfg.Limits.Connections, s.cfg.Limits.PerAddress)
}

func (s *Server) serveAt(ctx context.Context, ln net.Listener) error {
	l := s.cfg.Limits
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	base := context.WithValue(context.WithoutCancel(ctx), servingKey{}, serving)
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: l.Header,
		ReadTimeout:       l.Body,
		WriteTimeout:      l.Body + l.Handling,
		IdleTimeout:       l.Idle,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	srv.RegisterOnShutdown(cancel) // also where serving fails
	return httpserve.Until(ctx, srv, ln, stopping, s.live.drained)
}

// bounded is a listener that closes at once what is beyond its bounds, so that
// a client who opens connections and says nothing keeps out nobody else.
type bounded struct {
	net.Listener
	open chan struct{}
	of   *perAddress
}

func newBounded(ln net.Listener, all, each int) *bounded {
	return &bounded{Listener: ln, open: make(chan struct{}, all), of: newPerAddress(each)}
}

// Accept waits for the next connection within the bounds.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := addressOf(c.RemoteAddr().String())
		if !b.of.enter(addr) {
			_ = c.Close() // nobody is told
			continue
		}
		select {
		case b.open <- struct{}{}:
			return &counted{Conn: c, from: b, addr: addr}, nil
		default:
			b.of.leave(addr)
			_ = c.Close() // nobody is told
		}
	}
}

// counted is a connection that gives its room back when it is closed. It waits for
// what is to come in a little shorter than it is told to, each time by another part of
// the time: those who stall all at once are not all dropped, and back, in one moment.
type counted struct {
	net.Conn
	from *bounded
	addr netip.Addr
	once sync.Once
}

// spread is the part of a time to wait that may be taken off it: one in so many.
const spread = 5

// SetReadDeadline sets until when reads wait; zero is for ever.
func (c *counted) SetReadDeadline(t time.Time) error {
	if wait := time.Until(t); wait >= spread {
		t = t.Add(-rand.N(wait / spread)) //nolint:gosec // nothing to guess
	}
	return c.Conn.SetReadDeadline(t)
}

// Close closes the connection.
func (c *counted) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		<-c.from.open
		c.from.of.leave(c.addr)
	})
	return err
}
