package dns_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

func TestD30NoPublicNameLeadsInside(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		if got := o.ask(t, "printer.example.com", edns(1232)); got != "60 s: NOERROR A 93.184.215.16 OPT EDE 17" {
			t.Error(got)
		}
		for _, inside := range []string{
			"10.1.1.1", "172.16.0.1", "192.168.0.1", "127.0.0.1", "0.0.0.0", "169.254.1.1", "100.64.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255",
		} {
			o.internet.set(func(n *internet) {
				n.zone["x"+inside+".example. A"] = []string{"x" + inside + ".example. 60 IN A " + inside}
			})
			if got := o.ask(t, "x"+inside+".example"); got != "NOERROR" {
				t.Errorf("%s: %s", inside, got)
			}
		}
		for i, inside := range []string{
			"::", "::1", "::ffff:10.0.0.1", "fe80::1", "fd00::1", "fec0::1", "ff02::1", "64:ff9b::a00:1", "2002:a00:1::", "::a00:1",
		} {
			name := fmt.Sprintf("y%d.example.", i)
			o.internet.set(func(n *internet) { n.zone[name+" AAAA"] = []string{name + " 60 IN AAAA " + inside} })
			if got := o.ask(t, name, func(m *wire.Msg) { m.Question[0].Qtype = wire.TypeAAAA }); got != "NOERROR" {
				t.Errorf("%s: %s", inside, got)
			}
		}
		o.internet.set(func(n *internet) {
			n.zone["h.example. HTTPS"] = []string{"h.example. 60 IN HTTPS 1 . ipv4hint=93.184.215.1,10.0.0.1"}
		})
		if got := o.ask(t, "h.example", func(m *wire.Msg) { m.Question[0].Qtype = wire.TypeHTTPS }); got != "NOERROR" {
			t.Error(got)
		}
	})
}

// A network that the hub is in by now: of public addresses, as some are.
func TestD30NoPublicNameLeadsIntoANetworkThatHasCome(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		if err := o.forwarder.SetOwn([]netip.Prefix{netip.MustParsePrefix("93.184.215.0/28")}); err != nil {
			t.Fatal(err)
		}
		if got := o.ask(t, "www.example.com", edns(1232)); got != "60 s: NOERROR CNAME web.example.com. OPT EDE 17" {
			t.Error(got)
		}
	})
}

func TestD30SomeNamesMayLeadInside(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		if got := o.ask(t, "printer.example.com"); got != "60 s: NOERROR A 192.168.1.9 A 93.184.215.16" {
			t.Error(got)
		}
	}, func(c *dns.ForwardConfig) { c.AllowPrivate = []string{"Example.com"} })
}

func TestOwnNamesAreTakenOutOfAnswers(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) {
			n.zone["trap.example.com. A"] = []string{"trap.example.com. 60 IN CNAME LAMPPOST.internal.", "lamppost.internal. 60 IN A 93.184.215.14"}
		})
		if got := o.ask(t, "trap.example.com", edns(1232)); got != "NOERROR OPT EDE 17" {
			t.Error(got)
		}
	}, func(c *dns.ForwardConfig) { c.AllowPrivate = []string{"example.com"} })
}

// FuzzReply is a server in the internet that answers what it likes: what a client
// hears of it is an answer to the client's question, and leads nowhere private.
func FuzzReply(f *testing.F) {
	for _, text := range []string{
		"www.example.com. 60 IN A 93.184.215.14", "www.example.com. 60 IN CNAME www.example.com.", "www.example.com. 4294967295 IN A 10.0.0.1",
		"www.example.com. 0 IN HTTPS 1 . ipv4hint=10.0.0.1", "example.com. 60 IN SOA . . 1 2 3 4 5", "www.example.com. 60 IN AAAA ::ffff:10.0.0.1",
	} {
		rr, err := wire.NewRR(text)
		if err != nil {
			f.Fatal(err)
		}
		var m wire.Msg
		m.SetQuestion("www.example.com.", wire.TypeA)
		m.Response, m.Answer, m.Ns = true, []wire.RR{rr}, []wire.RR{rr}
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, wire.TypeA)
		f.Add(b, wire.TypeHTTPS)
	}
	forwarder, err := dns.NewForwarder(dns.ForwardConfig{Own: []netip.Prefix{served}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, reply []byte, kind uint16) {
		told, ok := forwarder.Learn(query("www.example.com", kind, edns(1232)), reply)
		if !ok {
			return
		}
		var m wire.Msg
		if err := m.Unpack(told); err != nil || len(told) > 1232 {
			t.Fatalf("%x becomes %x: %v", reply, told, err)
		}
		if len(m.Question) != 1 || m.Question[0].Name != "www.example.com." || m.AuthenticatedData || m.Authoritative {
			t.Fatalf("%v", &m)
		}
		for _, rr := range m.Answer {
			if a, ok := rr.(*wire.A); ok && (a.A.IsPrivate() || a.A.IsLoopback() || a.A.IsUnspecified()) {
				t.Fatalf("%v", a)
			}
			if a, ok := rr.(*wire.AAAA); ok && (a.AAAA.IsPrivate() || a.AAAA.IsLoopback() || a.AAAA.IsLinkLocalUnicast()) {
				t.Fatalf("%v", a)
			}
		}
		for _, rr := range m.Ns {
			if rr.Header().Rrtype == wire.TypeNS || strings.HasSuffix(rr.Header().Name, ".org.") && rr.Header().Rrtype == wire.TypeA {
				t.Fatalf("%v was not asked for", rr)
			}
		}
	})
}
