package dns_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

// frame is a packet as it goes over TCP.
func frame(packet []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(packet))), packet...)
}

// hear reads one answer from a connection.
func hear(t testing.TB, conn io.Reader) []byte {
	t.Helper()
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil
	}
	reply := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

// dial connects to the place over TCP until the test ends.
func (p place) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func write(t testing.TB, conn io.Writer, b []byte) {
	t.Helper()
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

func TestD22WhatIsTooLongComesOverTCP(t *testing.T) {
	long := strings.Repeat("l", 63) + ".internal"
	zone, err := dns.NewZone(dns.Host{Name: long, Addrs: addrs("10.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, func(c *dns.Config) { c.Zone = zone })
	packet := query("1.0.0.10.in-addr.arpa", wire.TypePTR)
	reply := p.send(t, packet, patience)
	if got := said(reply); got != "NOERROR TC" {
		t.Fatalf("over UDP: %s", got)
	}
	holds(t, packet, reply)
	conn := p.dial(t)
	write(t, conn, frame(packet))
	if got := said(hear(t, conn)); got != "NOERROR PTR "+long+"." {
		t.Errorf("over TCP: %s", got)
	}
}

func TestD23ManyQueriesInOneConnection(t *testing.T) {
	p := open(t)
	conn := p.dial(t)
	var all []byte
	const n = 20
	for i := range n {
		packet := query("www.example.com", wire.TypeA, func(m *wire.Msg) { m.Id = uint16(i) })
		all = append(all, frame(packet)...)
	}
	for _, part := range [][]byte{all[:1], all[1:7], all[7:50], all[50:]} { // wherever it is torn
		write(t, conn, part)
	}
	for i := range n {
		reply := hear(t, conn)
		if said(reply) != toVirtual || binary.BigEndian.Uint16(reply) != uint16(i) {
			t.Fatalf("answer %d: %s", i, said(reply))
		}
	}
	for _, bad := range [][]byte{frame(nil), frame([]byte("not a query")), {0xFF, 0xFF}, frame(flags(query(".", wire.TypeA), 0x80, 0))} {
		conn := p.dial(t)
		write(t, conn, bad)
		if reply := hear(t, conn); reply != nil {
			t.Errorf("%x got %s", bad, said(reply))
		}
	}
	conn = p.dial(t)
	write(t, conn, frame(query("www.example.com", wire.TypeA, edns(1232), edns(512))))
	if got := said(hear(t, conn)); got != "FORMERR" {
		t.Errorf("two OPTs got %s", got)
	}
}

// door is a listener for connections in memory.
type door chan net.Conn

func (d door) Accept() (net.Conn, error) {
	conn, ok := <-d
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (d door) Close() error   { close(d); return nil }
func (d door) Addr() net.Addr { return &net.TCPAddr{} }

// coming is a connection from an address.
type coming struct {
	net.Conn
	from netip.Addr
}

func (c coming) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.from, 9)) }

func (d door) knock(from netip.Addr) net.Conn {
	ours, theirs := net.Pipe()
	d <- coming{theirs, from}
	return ours
}

// inside runs what a test does at a door, in a time of its own.
func inside(t *testing.T, do func(t *testing.T, p place, d door)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		d := make(door)
		p := place{street: &street{}}
		cfg := config(t, p.street)
		cfg.TCP = []net.Listener{d}
		var err error
		if p.Server, err = dns.New(cfg); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		do(t, p, d)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestD23SomebodyWhoWritesAByteASecond(t *testing.T) {
	inside(t, func(t *testing.T, _ place, d door) {
		conn, began := d.knock(phone), time.Now()
		for _, b := range frame(query("www.example.com", wire.TypeA)) {
			if _, err := conn.Write([]byte{b}); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if took := time.Since(began); took > dns.Idle+time.Second {
			t.Errorf("was cut off only after %v", took)
		}
	})
}

func TestD23SomebodyWhoDoesNotListen(t *testing.T) {
	inside(t, func(t *testing.T, _ place, d door) {
		conn := d.knock(phone)
		write(t, conn, frame(query("www.example.com", wire.TypeA)))
		time.Sleep(dns.Idle + time.Second)
		if _, err := conn.Write([]byte{0}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the connection is still open: %v", err)
		}
	})
}

func TestD23AThousandIdleConnections(t *testing.T) {
	inside(t, func(t *testing.T, _ place, d door) {
		open := func(conns []net.Conn) (n int) {
			synctest.Wait()
			for _, c := range conns {
				_ = c.SetReadDeadline(time.Now().Add(time.Nanosecond))
				if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
					n++
				}
			}
			return n
		}
		var one, many []net.Conn
		for range 1000 {
			one = append(one, d.knock(phone))
		}
		if n := open(one); n != dns.MaxOfAddr {
			t.Errorf("%d connections of one address are open, want %d", n, dns.MaxOfAddr)
		}
		for i := range 1000 {
			many = append(many, d.knock(netip.AddrFrom4([4]byte{127, 1, byte(i / 8), byte(i % 8)})))
		}
		if n, before := open(many), open(one); n != dns.MaxConns || before != 0 {
			t.Errorf("%d of the later and %d of the first are open, want %d and none", n, before, dns.MaxConns)
		}
		late := d.knock(netip.MustParseAddr("127.8.0.1"))
		write(t, late, frame(query("www.example.com", wire.TypeA)))
		if got := said(hear(t, late)); got != toVirtual {
			t.Errorf("who comes last: %s", got)
		}
		time.Sleep(dns.Idle + time.Second)
		if n := open(append(one, many...)); n != 0 {
			t.Errorf("%d are still open after %v", n, dns.Idle)
		}
		conn := d.knock(phone)
		write(t, conn, frame(query("www.example.com", wire.TypeA)))
		if got := said(hear(t, conn)); got != toVirtual {
			t.Errorf("after all have gone: %s", got)
		}
	})
}

func TestD23WhoAsksTooMuchIsCutOff(t *testing.T) {
	p := open(t, func(c *dns.Config) { c.Limit = dns.Limit{PerSecond: 1, Burst: 5} })
	conn := p.dial(t)
	answers := 0
	for range 6 {
		if _, err := conn.Write(frame(query("www.example.com", wire.TypeA))); err == nil && hear(t, conn) != nil {
			answers++
		}
	}
	if answers != 5 {
		t.Errorf("%d answers, want 5", answers)
	}
}
