package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// wire is a TCP proxy that counts what passes, both ways: everything but the
// heads of TCP and IP.
type wire struct {
	to     string
	ln     net.Listener
	passed atomic.Int64
	conns  sync.WaitGroup
	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// newWire makes a wire to an address.
func newWire(to string) (*wire, error) {
	ln, err := net.Listen("tcp", loopback)
	if err != nil {
		return nil, err
	}
	w := &wire{to: to, ln: ln, open: map[net.Conn]struct{}{}}
	w.conns.Go(w.accept)
	return w, nil
}

func (w *wire) addr() string { return w.ln.Addr().String() }

func (w *wire) accept() {
	for {
		a, err := w.ln.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = a.Close()
			continue
		}
		if !w.keep(a, b) {
			return
		}
		w.conns.Go(func() { w.carry(a, b) })
		w.conns.Go(func() { w.carry(b, a) })
	}
}

// keep notes connections to be closed, or closes them if it is too late.
func (w *wire) keep(cs ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range cs {
		if w.closed {
			_ = c.Close()
		}
		w.open[c] = struct{}{}
	}
	return !w.closed
}

// carry copies until either side ends, which ends both.
func (w *wire) carry(from, to net.Conn) {
	_, _ = io.Copy(counted{to, &w.passed}, from) // its end is no error here
	for _, c := range []net.Conn{from, to} {
		_ = c.Close()
		w.mu.Lock()
		delete(w.open, c)
		w.mu.Unlock()
	}
}

func (w *wire) close() {
	_ = w.ln.Close()
	w.mu.Lock()
	w.closed = true
	for c := range w.open {
		_ = c.Close()
	}
	w.mu.Unlock()
	w.conns.Wait()
}

type counted struct {
	io.Writer
	n *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n.Add(int64(n))
	return n, err
}
