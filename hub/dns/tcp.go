package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Bounds of connections.
const (
	maxConns  = 512 // in all
	maxOfAddr = 16  // of one client
	// idle is how long a client may take to send a whole query, from when the
	// server is ready for it, and as long again to take the answer.
	idle = 5 * time.Second
)

// connections counts who is connected.
type connections struct {
	mu  sync.Mutex
	all int
	of  map[netip.Addr]int
}

func newConnections() *connections { return &connections{of: make(map[netip.Addr]int)} }

// enter reports whether one more connection of addr is welcome.
func (c *connections) enter(addr netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= maxConns || c.of[addr] >= maxOfAddr {
		return false
	}
	c.all++
	c.of[addr]++
	return true
}

func (c *connections) leave(addr netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.of[addr]--; c.of[addr] == 0 {
		delete(c.of, addr)
	}
}

// serveTCP answers who connects to ln until ctx ends and ln is closed. It returns
// when all connections are closed.
func (s *Server) serveTCP(ctx context.Context, ln net.Listener) error {
	var tasks sync.WaitGroup
	defer tasks.Wait()
	failed := 0
	for {
		conn, err := ln.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return closed(ctx, err)
		case err != nil: // such as too many open files
			if failed++; failed >= maxFailures {
				return fmt.Errorf("accepting at %v: %w", ln.Addr(), err)
			}
			pause(ctx, acceptPause)
			continue
		}
		failed = 0
		c, ok := s.who(addrOf(conn))
		if !ok || !s.conns.enter(c.addr) {
			s.counts.dropped.Add(1)
			_ = conn.Close()
			continue
		}
		tasks.Go(func() {
			defer s.conns.leave(c.addr)
			s.converse(ctx, conn, c.addr)
		})
	}
}

// acceptPause is how long to wait after an error of accepting.
const acceptPause = 100 * time.Millisecond

// pause waits, but not longer than ctx lasts.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func addrOf(conn net.Conn) netip.Addr {
	if at, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return plain(at.AddrPort().Addr())
	}
	return netip.Addr{}
}

// converse answers the queries of one connection, one after the other, until the
// client leaves, is too slow, asks too much or sends what is no query. It closes
// the connection.
func (s *Server) converse(ctx context.Context, conn net.Conn, addr netip.Addr) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	buf := make([]byte, 2+maxQuery)
	for ctx.Err() == nil {
		msg, err := readQuery(conn, buf)
		if err != nil || !isQuery(msg) || s.streams.take(addr) != pass {
			return
		}
		c, ok := s.who(addr) // the state may have changed meanwhile
		if !ok {
			return
		}
		reply, later := s.answer(nil, msg, c, false)
		if later != nil {
			reply = s.resolve(ctx, nil, later)
		}
		if reply == nil || writeReply(conn, reply) != nil {
			return
		}
	}
}

var errTooLong = errors.New("a query is longer than any that is meant")

// readQuery reads one query into buf.
func readQuery(conn net.Conn, buf []byte) ([]byte, error) {
	if err := conn.SetDeadline(time.Now().Add(idle)); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(conn, buf[:2]); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint16(buf))
	if size > maxQuery {
		return nil, errTooLong
	}
	_, err := io.ReadFull(conn, buf[2:2+size])
	return buf[2 : 2+size], err
}

// writeReply writes one answer with its length, in one packet where it fits.
func writeReply(conn net.Conn, reply []byte) error {
	if err := conn.SetDeadline(time.Now().Add(idle)); err != nil {
		return err
	}
	framed := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(reply)), uint16(len(reply)))
	_, err := conn.Write(append(framed, reply...))
	return err
}
