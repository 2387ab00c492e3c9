package dns_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

// Addresses in these tests. The phone is on the loopback network.
var (
	virtual = netip.MustParseAddr("192.0.2.1")
	phone   = netip.MustParseAddr("127.0.0.1")
	lan     = netip.MustParseAddr("127.0.0.53") // the hub's own
	served  = netip.MustParsePrefix("127.0.0.0/8")
)

// street is a place where all clients are in one state.
type street struct{ state atomic.Uint32 }

func (s *street) State(netip.Addr) dns.State { return dns.State(s.state.Load()) }

func (s *street) set(state dns.State) { s.state.Store(uint32(state)) }

// place is a server, and who asks it.
type place struct {
	*dns.Server
	*street
	at string // UDP and TCP
}

func config(t testing.TB, clients dns.Clients) dns.Config {
	t.Helper()
	zone, err := dns.NewZone(
		dns.Host{Name: "lamppost.internal", Addrs: []netip.Addr{lan, netip.MustParseAddr("fd00::53")}},
		dns.Host{Name: "hub.internal", Addrs: []netip.Addr{lan}},
		dns.Host{Name: "school.internal", Addrs: addrs("10.9.0.1", "10.8.0.1", "127.0.0.9")},
	)
	if err != nil {
		t.Fatal(err)
	}
	return dns.Config{
		Served: []netip.Prefix{served}, Clients: clients, Virtual: virtual, Zone: zone,
		Probes: []string{"captive.apple.com", "connectivitycheck.gstatic.com", "www.msftconnecttest.com"},
		Limit:  dns.Limit{Exempt: []netip.Prefix{served}},
		Log:    slog.New(slog.DiscardHandler),
	}
}

func addrs(texts ...string) (out []netip.Addr) {
	for _, s := range texts {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// unserved is a server without sockets.
func unserved(t testing.TB) place {
	t.Helper()
	p := place{street: &street{}}
	var err error
	if p.Server, err = dns.New(config(t, p.street)); err != nil {
		t.Fatal(err)
	}
	return p
}

// open serves on a free port of loopback until the test ends.
func open(t testing.TB, change ...func(*dns.Config)) place {
	t.Helper()
	return openAt(t, "127.0.0.1:0", change...)
}

func openAt(t testing.TB, addr string, change ...func(*dns.Config)) place {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	conn, ln, err := dns.Listen(ctx, addr)
	if err != nil {
		t.Fatal(err)
	}
	p := place{street: &street{}, at: conn.LocalAddr().String()}
	cfg := config(t, p.street)
	cfg.UDP, cfg.TCP = []*net.UDPConn{conn}, []net.Listener{ln}
	for _, c := range change {
		c(&cfg)
	}
	if p.Server, err = dns.New(cfg); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p
}

// patience is how long an answer may take; quiet is how long none is waited for.
const (
	patience = 10 * time.Second
	quiet    = 100 * time.Millisecond
)

// send sends one packet over UDP and returns the answer, or nil for none.
func (p place) send(t testing.TB, packet []byte, wait time.Duration) []byte {
	t.Helper()
	conn, err := net.Dial("udp", p.at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(packet); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, wire.MaxMsgSize)
	n, err := conn.Read(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

// query is a packet that asks for one name, as a phone would.
func query(name string, kind uint16, change ...func(*wire.Msg)) []byte {
	m := new(wire.Msg)
	m.SetQuestion(wire.Fqdn(name), kind)
	for _, c := range change {
		c(m)
	}
	b, err := m.Pack()
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return b
}

func edns(size uint16) func(*wire.Msg) { return func(m *wire.Msg) { m.SetEdns0(size, false) } }

// said is an answer in short: "NOERROR A 192.0.2.1", "NXDOMAIN SOA", "SERVFAIL
// OPT EDE 23"; "nothing" for none.
func said(reply []byte) string {
	if reply == nil {
		return "nothing"
	}
	var m wire.Msg
	if err := m.Unpack(reply); err != nil {
		return "garbage: " + err.Error()
	}
	words := []string{wire.RcodeToString[m.Rcode]}
	if m.Rcode == wire.RcodeBadVers {
		words[0] = "BADVERS"
	}
	for _, rr := range m.Answer {
		words = append(words, wire.TypeToString[rr.Header().Rrtype], strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	for _, rr := range m.Ns {
		words = append(words, wire.TypeToString[rr.Header().Rrtype])
	}
	if opt := m.IsEdns0(); opt != nil {
		words = append(words, "OPT")
		for _, o := range opt.Option {
			if e, ok := o.(*wire.EDNS0_EDE); ok {
				words = append(words, fmt.Sprintf("EDE %d", e.InfoCode))
			}
		}
	}
	if m.Truncated {
		words = append(words, "TC")
	}
	return strings.Join(words, " ")
}
