package dns

import (
	"container/list"
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

// connections knows who is connected. Beyond maxConns the one that has waited longest
// without a whole query makes room: who holds connections open keeps nobody out.
type connections struct {
	mu  sync.Mutex
	all *list.List // of *connection, the longest without a query first
	of  map[netip.Addr]int
}

// connection is one of a client.
type connection struct {
	net.Conn
	addr netip.Addr
	at   *list.Element // nil once it has left
}

func newConnections() *connections {
	return &connections{all: list.New(), of: make(map[netip.Addr]int)}
}

// enter returns nil if no more connections of addr are welcome.
func (c *connections) enter(conn net.Conn, addr netip.Addr) *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[addr] >= maxOfAddr {
		return nil
	}
	if c.all.Len() >= maxConns {
		if longest, ok := c.all.Front().Value.(*connection); ok {
			c.remove(longest)
			_ = longest.Close()
		}
	}
	one := &connection{Conn: conn, addr: addr}
	one.at = c.all.PushBack(one)
	c.of[addr]++
	return one
}

// heard notes that a whole query has come.
func (c *connections) heard(one *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one.at != nil {
		c.all.MoveToBack(one.at)
	}
}

func (c *connections) leave(one *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(one)
}

func (c *connections) remove(one *connection) {
	if one.at == nil {
		return
	}
	c.all.Remove(one.at)
	one.at = nil
	if c.of[one.addr]--; c.of[one.addr] == 0 {
		delete(c.of, one.addr)
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
		var one *connection
		if c, ok := s.who(addrOf(conn)); ok {
			one = s.conns.enter(conn, c.addr)
		}
		if one == nil {
			s.counts.dropped.Add(1)
			_ = conn.Close()
			continue
		}
		tasks.Go(func() {
			defer s.conns.leave(one)
			s.converse(ctx, one)
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
func (s *Server) converse(ctx context.Context, conn *connection) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	buf := make([]byte, 2+maxQuery)
	for ctx.Err() == nil {
		msg, err := readQuery(conn, buf)
		if err != nil || !isQuery(msg) || s.streams.take(conn.addr) != pass {
			return
		}
		s.conns.heard(conn)
		c, ok := s.who(conn.addr) // the state may have changed meanwhile
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
