package dns_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

// upstream is a name server on loopback, over UDP. It hands each query to answer,
// with a way to send from where it was asked.
func upstream(t testing.TB, answer func(q *wire.Msg, from net.Addr, send func(*wire.Msg))) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	t.Cleanup(func() { conn.Close(); done.Wait() })
	done.Go(func() {
		buf := make([]byte, wire.MaxMsgSize)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			q := new(wire.Msg)
			if err := q.Unpack(buf[:n]); err != nil {
				t.Error(err)
				return
			}
			answer(q, from, func(m *wire.Msg) {
				if b, err := m.Pack(); err == nil {
					_, _ = conn.WriteTo(b, from)
				}
			})
		}
	})
	return netip.MustParseAddrPort(conn.LocalAddr().String())
}

// upstreamWithTCP is one at a port that is free for TCP as well.
func upstreamWithTCP(t testing.TB, answer func(q *wire.Msg, from net.Addr, send func(*wire.Msg))) (at netip.AddrPort, ln net.Listener) {
	t.Helper()
	var err error
	for range 20 {
		at = upstream(t, answer)
		if ln, err = net.Listen("tcp", at.String()); err == nil {
			return at, ln
		}
	}
	t.Fatal(err)
	return at, nil
}

// silent is a name server that does not answer.
func silent(t testing.TB) netip.AddrPort {
	return upstream(t, func(*wire.Msg, net.Addr, func(*wire.Msg)) {})
}

// forwarding runs a forwarder to one server until the test ends.
func forwarding(t testing.TB, server netip.AddrPort, change ...func(*dns.ForwardConfig)) *dns.Forwarder {
	t.Helper()
	cfg := dns.ForwardConfig{Upstreams: []netip.AddrPort{server}, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&cfg)
	}
	f, err := dns.NewForwarder(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return f
}

// with is an answer with one address.
func with(q *wire.Msg, addr string) *wire.Msg {
	m := new(wire.Msg)
	m.SetReply(q)
	m.Answer = []wire.RR{&wire.A{
		Hdr: wire.RR_Header{Name: q.Question[0].Name, Rrtype: wire.TypeA, Class: wire.ClassINET, Ttl: 60},
		A:   net.ParseIP(addr),
	}}
	return m
}

const right, wrong = "93.184.215.14", "93.184.215.66"

func TestD28AForgedAnswerIsIgnored(t *testing.T) {
	for what, forge := range map[string]func(m *wire.Msg){
		"wrong ID":             func(m *wire.Msg) { m.Id++ },
		"another name":         func(m *wire.Msg) { m.Question[0].Name = "www.example.org." },
		"another type":         func(m *wire.Msg) { m.Question[0].Qtype = wire.TypeAAAA },
		"another class":        func(m *wire.Msg) { m.Question[0].Qclass = wire.ClassCHAOS },
		"the name in capitals": func(m *wire.Msg) { m.Question[0].Name = "WWW.EXAMPLE.COM." },
		"no question":          func(m *wire.Msg) { m.Question = nil },
		"no answer":            func(m *wire.Msg) { m.Response = false },
	} {
		t.Run(what, func(t *testing.T) {
			f := forwarding(t, upstream(t, func(q *wire.Msg, _ net.Addr, send func(*wire.Msg)) {
				m := with(q, wrong)
				forge(m)
				send(m)
				send(with(q, right))
			}))
			p := open(t, func(c *dns.Config) { c.Forwarder = f })
			p.set(dns.Open)
			if got := said(p.send(t, query("www.example.com", wire.TypeA), patience)); got != "NOERROR A "+right {
				t.Error(got)
			}
		})
	}
}

func TestD28AnAnswerFromElsewhereIsIgnored(t *testing.T) {
	f := forwarding(t, upstream(t, func(q *wire.Msg, from net.Addr, send func(*wire.Msg)) {
		other, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return
		}
		defer other.Close()
		b, err := with(q, wrong).Pack()
		if err != nil {
			t.Error(err)
		}
		if _, err := other.WriteTo(b, from); err != nil {
			t.Error(err)
		}
		send(with(q, right))
	}))
	p := open(t, func(c *dns.Config) { c.Forwarder = f })
	p.set(dns.Open)
	if got := said(p.send(t, query("www.example.com", wire.TypeA), patience)); got != "NOERROR A "+right {
		t.Error(got)
	}
}

func TestD28NobodyCanGuessPortAndID(t *testing.T) {
	var mu sync.Mutex
	ports, ids, cased := map[string]bool{}, map[uint16]bool{}, 0
	f := forwarding(t, upstream(t, func(q *wire.Msg, from net.Addr, send func(*wire.Msg)) {
		mu.Lock()
		defer mu.Unlock()
		ports[from.String()], ids[q.Id] = true, true
		if name := q.Question[0].Name; name != wire.CanonicalName(name) {
			cased++
		}
		if opt := q.IsEdns0(); opt == nil || len(opt.Option) != 0 || len(q.Extra) != 1 {
			t.Errorf("it tells more than the question: %v", q)
		}
		send(with(q, right))
	}), func(c *dns.ForwardConfig) { c.MixedCase = true })
	p := open(t, func(c *dns.Config) { c.Forwarder = f })
	p.set(dns.Open)
	const n = 20
	for i := range n {
		name := string(rune('a'+i)) + "-long-enough-to-vary.example.com"
		if got := said(p.send(t, query(name, wire.TypeA), patience)); got != "NOERROR A "+right {
			t.Error(got)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(ports) < n-2 || len(ids) < n-2 || cased < n-2 {
		t.Errorf("%d questions from %d ports with %d IDs, %d in mixed case", n, len(ports), len(ids), cased)
	}
}

// What does not fit, and what somebody keeps forging, is asked over TCP.
func TestWhatUDPCannotCarryIsAskedOverTCP(t *testing.T) {
	for what, over := range map[string]func(q *wire.Msg, send func(*wire.Msg)){
		"truncated": func(q *wire.Msg, send func(*wire.Msg)) {
			m := with(q, wrong)
			m.Truncated = true
			send(m)
		},
		"forged again and again": func(q *wire.Msg, send func(*wire.Msg)) {
			for i := range 8 {
				m := with(q, wrong)
				m.Id += uint16(i + 1)
				send(m)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			at, ln := upstreamWithTCP(t, func(q *wire.Msg, _ net.Addr, send func(*wire.Msg)) { over(q, send) })
			var done sync.WaitGroup
			t.Cleanup(func() { ln.Close(); done.Wait() })
			done.Go(func() {
				for {
					conn, err := ln.Accept()
					if err != nil {
						return
					}
					done.Go(func() {
						defer conn.Close()
						var q wire.Msg
						if err := q.Unpack(hear(t, conn)); err != nil {
							return
						}
						b, err := with(&q, right).Pack()
						if err != nil {
							t.Error(err)
						}
						_, _ = io.Copy(conn, bytes.NewReader(frame(b)))
					})
				}
			})
			p := open(t, func(c *dns.Config) { c.Forwarder = forwarding(t, at) })
			p.set(dns.Open)
			if got := said(p.send(t, query("www.example.com", wire.TypeA), patience)); got != "NOERROR A "+right {
				t.Error(got)
			}
		})
	}
}
