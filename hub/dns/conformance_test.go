package dns_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
	"github.com/lamppost-hub/lamppost/hub/portal"
)

// The rows of captive-portal practice, one case or more each: what is asked, by a
// client in which state, and what it has to hear.
type row struct {
	row   string
	state dns.State
	ask   []byte
	want  string
}

const (
	captive, accepted = dns.Captive, dns.Accepted
	probe             = "captive.apple.com"
	toVirtual         = "NOERROR A 192.0.2.1"
)

func rows() []row {
	a := query("www.example.com", wire.TypeA)
	return []row{
		{"D1 A in mixed case", captive, query("wWw.ExAmPlE.cOm", wire.TypeA), toVirtual},
		{"D1 A of a probe", captive, query("CAPTIVE.apple.COM", wire.TypeA), toVirtual},
		{"D1 A of a probe", accepted, query("CAPTIVE.apple.COM", wire.TypeA), toVirtual},
		{"D2 AAAA", captive, query("www.example.com", wire.TypeAAAA), "NOERROR SOA"},
		{"D2 AAAA of a probe", accepted, query(probe, wire.TypeAAAA), "NOERROR SOA"},
		{"D3 HTTPS", captive, query("www.example.com", wire.TypeHTTPS), "NOERROR SOA"},
		{"D3 SVCB", captive, query("www.example.com", wire.TypeSVCB), "NOERROR SOA"},
		{"D3 HTTPS of a probe", accepted, query(probe, wire.TypeHTTPS), "NOERROR SOA"},
		{"D4 ANY", captive, query("www.example.com", wire.TypeANY), `NOERROR HINFO "RFC8482" ""`},
		{"D4 ANY of a probe", accepted, query(probe, wire.TypeANY), `NOERROR HINFO "RFC8482" ""`},
		{"D5 AXFR", captive, query("example.com", wire.TypeAXFR), "REFUSED"},
		{"D5 IXFR", captive, query("example.com", wire.TypeIXFR, func(m *wire.Msg) { m.SetIxfr("example.com.", 1, ".", ".") }), "REFUSED"},
		{"D6 CH version.bind", captive, query("version.bind", wire.TypeTXT, func(m *wire.Msg) { m.Question[0].Qclass = wire.ClassCHAOS }), "REFUSED"},
		{"D7 EDNS 1232", captive, query("www.example.com", wire.TypeA, edns(1232)), toVirtual + " OPT"},
		{"D7 EDNS 1232", accepted, query("www.example.com", wire.TypeA, edns(1232)), "SERVFAIL OPT EDE 23"},
		{"D7 EDNS with an option", captive, query("www.example.com", wire.TypeA, edns(1232), func(m *wire.Msg) {
			m.IsEdns0().Option = []wire.EDNS0{&wire.EDNS0_COOKIE{Code: wire.EDNS0COOKIE, Cookie: "0123456789abcdef"}}
		}), toVirtual + " OPT"},
		{"D8 EDNS version 1", captive, query("www.example.com", wire.TypeA, edns(1232), func(m *wire.Msg) { m.IsEdns0().SetVersion(1) }), "BADVERS OPT"},
		{"D9 two OPTs", captive, query("www.example.com", wire.TypeA, edns(1232), edns(512)), "FORMERR"},
		{"D10 no question", captive, counts(a, 0, 0, 0, 0), "FORMERR"},
		{"D10 no question, nothing else", captive, counts(a, 0, 0, 0, 0)[:12], "FORMERR"},
		{"D10 two questions", captive, counts(append(a[:len(a):len(a)], a[12:]...), 2, 0, 0, 0), "FORMERR"},
		{"D10 two questions said, one there", captive, counts(a, 2, 0, 0, 0), "FORMERR"},
		{"D10 one question said, none there", captive, a[:12], "FORMERR"},
		{"D11 empty", captive, nil, "nothing"},
		{"D11 one byte", captive, a[:1], "nothing"},
		{"D11 eleven bytes", captive, a[:11], "nothing"},
		{"D12 pointer to itself", captive, question(0xC0, 12), "FORMERR"},
		{"D12 pointers in a loop", captive, question(0xC0, 14, 0xC0, 12), "FORMERR"},
		{"D12 label and pointer in a loop", captive, question(1, 'a', 0xC0, 12), "FORMERR"},
		{"D12 pointer past the end", captive, question(0xFF, 0xFF), "FORMERR"},
		{"D13 label of 64", captive, question(append([]byte{64}, append(bytes.Repeat([]byte("a"), 64), 0)...)...), "FORMERR"},
		{"D13 label type 10", captive, question(0x80, 'a', 0), "FORMERR"},
		{"D14 name of 255", captive, question(nameOf(255)...), toVirtual},
		{"D14 name of 256", captive, question(nameOf(256)...), "FORMERR"},
		{"D14 name of 257", captive, question(nameOf(257)...), "FORMERR"},
		{"D14 name without an end", captive, a[:18], "FORMERR"},
		{"D15 an answer", captive, flags(a, 0x80, 0), "nothing"},
		{"D16 STATUS", captive, flags(a, wire.OpcodeStatus<<3, 0), "NOTIMP"},
		{"D16 UPDATE", captive, flags(a, wire.OpcodeUpdate<<3, 0), "NOTIMP"},
		{"D17 NOTIFY", captive, flags(a, wire.OpcodeNotify<<3, 0), "NOTIMP"},
		{"D18 TC in a query", captive, flags(a, 0x02, 0), "FORMERR"},
		{"D18 ARCOUNT says 1", captive, counts(a, 1, 0, 0, 1), "FORMERR"},
		{"D18 ARCOUNT says 65535", captive, counts(query("www.example.com", wire.TypeA, edns(1232)), 1, 0, 0, 65535), "FORMERR"},
		{"D18 NSCOUNT says 1", captive, counts(a, 1, 0, 1, 0), "FORMERR"},
		{"D19 ANCOUNT says 65535", captive, counts(a, 1, 65535, 0, 0), "FORMERR"},
		{"D20 the root", captive, query(".", wire.TypeA), toVirtual},
		{"D20 the root, AAAA", captive, query(".", wire.TypeAAAA), "NOERROR SOA"},
		{"D20 the root, NS", captive, query(".", wire.TypeNS), "NOERROR SOA"},
		{"D20 NUL in a label", captive, question(3, 'a', 0, 'b', 3, 'c', 'o', 'm', 0), toVirtual},
		{"D20 dot and backslash in a label", captive, question(3, '.', '\\', '"', 3, 'C', 'o', 'm', 0), toVirtual},
		{"D21 4000 bytes, padded by an option", captive, query("www.example.com", wire.TypeA, edns(1232), func(m *wire.Msg) {
			m.IsEdns0().Option = []wire.EDNS0{&wire.EDNS0_PADDING{Padding: make([]byte, 3900)}}
		}), toVirtual + " OPT"},
		{"D21 4000 bytes, padded behind the end", captive, append(a[:len(a):len(a)], make([]byte, 4000-len(a))...), toVirtual},
		{"D21 5000 bytes", captive, append(a[:len(a):len(a)], make([]byte, 5000-len(a))...), "nothing"},
		{"D31 DO while captive: unsigned", captive, query("www.example.com", wire.TypeA, func(m *wire.Msg) { m.SetEdns0(1232, true) }), toVirtual + " OPT"},

		{"21 dns.msftncsi.com", captive, query("dns.msftncsi.com", wire.TypeA), toVirtual},
		{"21 dns.msftncsi.com, AAAA", captive, query("dns.msftncsi.com", wire.TypeAAAA), "NOERROR SOA"},
		{"21 dns.msftncsi.com", accepted, query("dns.msftncsi.com", wire.TypeA), "NOERROR A 131.107.255.255"},
		{"21 dns.msftncsi.com, AAAA", accepted, query("dns.msftncsi.com", wire.TypeAAAA), "NOERROR AAAA fd3e:4f5a:5b81::1"},
		{"18 ipv6.msftconnecttest.com, AAAA", captive, query("ipv6.msftconnecttest.com", wire.TypeAAAA), "NOERROR SOA"},
		{"18 ipv6.msftconnecttest.com, AAAA", accepted, query("ipv6.msftconnecttest.com", wire.TypeAAAA), "NOERROR SOA"},

		{"an own name", captive, query("lamppost.internal", wire.TypeA), "NOERROR A 127.0.0.53"},
		{"an own name", accepted, query("LAMPPOST.internal", wire.TypeA), "NOERROR A 127.0.0.53"},
		{"an own name", dns.Open, query("lamppost.internal", wire.TypeA), "NOERROR A 127.0.0.53"},
		{"an own name, AAAA", captive, query("lamppost.internal", wire.TypeAAAA), "NOERROR AAAA fd00::53"},
		{"an own name, HTTPS", captive, query("lamppost.internal", wire.TypeHTTPS), "NOERROR SOA"},
		{"an own name without AAAA", captive, query("hub.internal", wire.TypeAAAA), "NOERROR SOA"},
		{"another hub's, near", captive, query("school.internal", wire.TypeA), "NOERROR A 127.0.0.9"},
		{"nobody's name", captive, query("nobody.internal", wire.TypeA), toVirtual},
		{"nobody's name", accepted, query("nobody.internal", wire.TypeA), "NXDOMAIN SOA"},
		{"an own address", accepted, query("53.0.0.127.in-addr.arpa", wire.TypePTR), "NOERROR PTR lamppost.internal."},
		{"an own address, TXT", accepted, query("53.0.0.127.in-addr.arpa", wire.TypeTXT), "NOERROR SOA"},
		{"nobody's address", accepted, query("1.0.0.10.in-addr.arpa", wire.TypePTR), "NXDOMAIN SOA"},
		{"an unknown name", accepted, query("www.example.com", wire.TypeA), "SERVFAIL"},
		{"an unknown name without a forwarder", dns.Open, query("www.example.com", wire.TypeA, edns(1232)), "SERVFAIL OPT EDE 23"},
		{"no wish for recursion", dns.Open, flags(a, -1, 0), "REFUSED"},
	}
}

// D27: the special names, whatever the type.
func specialRows() (all []row) {
	names := []struct {
		name string
		want string
		open bool // answered here with internet, too
	}{
		{"use-application-dns.net", "NXDOMAIN SOA", false},
		{"mask.icloud.com", "NXDOMAIN SOA", false},
		{"mask-h2.icloud.com", "NXDOMAIN SOA", false},
		{"_dns.resolver.arpa", "NOERROR SOA", true},
		{"printer.local", "NXDOMAIN SOA", true},
		{"local", "NXDOMAIN SOA", true},
		{"a.b.onion", "NXDOMAIN SOA", true},
		{"a.invalid", "NXDOMAIN SOA", true},
		{"a.test", "NXDOMAIN SOA", true},
		{"1.1.168.192.in-addr.arpa", "NXDOMAIN SOA", true},
		{"9.31.172.in-addr.arpa", "NXDOMAIN SOA", true},
		{"7.64.100.in-addr.arpa", "NXDOMAIN SOA", true},
		{"f.d.f.ip6.arpa", "NXDOMAIN SOA", true},
		{"home.arpa", "NOERROR SOA", true},
		{"a.home.arpa", "NXDOMAIN SOA", true},
	}
	kinds := []uint16{wire.TypeA, wire.TypeAAAA, wire.TypeHTTPS, wire.TypeSVCB, wire.TypePTR, wire.TypeTXT, wire.TypeANY}
	for _, n := range names {
		for _, kind := range kinds {
			for _, state := range []dns.State{captive, accepted, dns.Open, dns.Listed} {
				want := n.want
				switch {
				case n.open || state != dns.Open:
				case kind == wire.TypeANY:
					want = `NOERROR HINFO "RFC8482" ""`
				default:
					want = "SERVFAIL" // it would be forwarded
				}
				all = append(all, row{fmt.Sprintf("D27 %s %s", n.name, wire.TypeToString[kind]), state, query(n.name, kind), want})
			}
		}
	}
	return all
}

func TestEveryRowIsAnsweredAsItMustBe(t *testing.T) {
	p := open(t, func(c *dns.Config) { c.Probes = portal.Hosts() })
	for _, r := range append(rows(), specialRows()...) {
		t.Run("row "+r.row+" in "+[]string{"C", "A", "O", "L"}[r.state], func(t *testing.T) {
			p.set(r.state)
			wait := patience
			if r.want == "nothing" {
				wait = quiet
			}
			reply := p.send(t, r.ask, wait)
			if got := said(reply); got != r.want {
				t.Fatalf("%s, want %s", got, r.want)
			}
			if reply != nil {
				holds(t, r.ask, reply)
			}
		})
	}
}

// Every host that a phone of whatever kind asks leads to the hub before and after
// its owner chose to stay.
func TestEveryProbeOfThePortalLeadsToTheHub(t *testing.T) {
	p := open(t, func(c *dns.Config) { c.Probes = portal.Hosts() })
	for _, host := range portal.Hosts() {
		for _, state := range []dns.State{captive, accepted} {
			p.set(state)
			if got := said(p.send(t, query(host, wire.TypeA), patience)); got != toVirtual {
				t.Errorf("%s in state %d: %s", host, state, got)
			}
			for _, kind := range []uint16{wire.TypeAAAA, wire.TypeHTTPS} {
				if got := said(p.send(t, query(host, kind), patience)); got != "NOERROR SOA" {
					t.Errorf("%s %s in state %d: %s", host, wire.TypeToString[kind], state, got)
				}
			}
		}
	}
}

// holds checks what is so for every answer that is made here.
func holds(t *testing.T, ask, reply []byte) {
	t.Helper()
	if !bytes.Equal(ask[:2], reply[:2]) {
		t.Error("the answer has another ID")
	}
	if reply[2]&0x80 == 0 || reply[2]&0x04 != 0 || reply[3]&0x60 != 0 {
		t.Errorf("flags %x: an answer that is neither authoritative nor authentic", reply[2:4])
	}
	if (reply[2]^ask[2])&0x79 != 0 {
		t.Errorf("flags %x for %x: the opcode and RD are the query's", reply[2:4], ask[2:4])
	}
	if len(reply) > 3*len(ask) || len(reply) > 512 {
		t.Errorf("%d bytes for %d", len(reply), len(ask))
	}
	var m wire.Msg
	if err := m.Unpack(reply); err != nil {
		t.Fatal(err)
	}
	if len(m.Question) == 1 {
		end := 12 + bytes.IndexByte(ask[12:], 0) + 5
		if !strings.Contains(m.Question[0].Name, `\`) && !bytes.Equal(reply[12:end], ask[12:end]) {
			t.Errorf("the question came back as %q", reply[12:end])
		}
	}
	for _, rr := range append(m.Answer, m.Ns...) {
		if rr.Header().Ttl != 5 {
			t.Errorf("%v: holds for %d s", rr, rr.Header().Ttl)
		}
		soa, ok := rr.(*wire.SOA)
		if ok && (soa.Minttl != 5 || !wire.IsSubDomain(soa.Hdr.Name, m.Question[0].Name)) {
			t.Errorf("%v does not speak for %s", soa, m.Question[0].Name)
		}
		if ok && m.Rcode == wire.RcodeNameError && strings.EqualFold(soa.Hdr.Name, m.Question[0].Name) {
			t.Errorf("%v: what is missing says so itself", soa)
		}
	}
	if opt := m.IsEdns0(); opt != nil && (opt.UDPSize() != dns.MaxUDP || opt.Version() != 0) {
		t.Errorf("%v", opt)
	}
}

// question is a query for a name given in bytes.
func question(name ...byte) []byte {
	b := []byte{0xAB, 0xCD, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	b = append(b, name...)
	return append(b, 0, byte(wire.TypeA), 0, wire.ClassINET)
}

// nameOf is a name of so many bytes on the wire.
func nameOf(size int) (name []byte) {
	for size -= 1; size > 0; {
		label := min(63, size-1)
		if size-1-label == 1 { // a lone length byte would be left over
			label--
		}
		name = append(append(name, byte(label)), bytes.Repeat([]byte("n"), label)...)
		size -= 1 + label
	}
	return append(name, 0)
}

// counts is a packet with the counts in its header changed.
func counts(packet []byte, n ...uint16) []byte {
	out := bytes.Clone(packet)
	for i, c := range n {
		binary.BigEndian.PutUint16(out[4+2*i:], c)
	}
	return out
}

// flags is a packet with flags set; -1 clears the first byte.
func flags(packet []byte, first, second int) []byte {
	out := bytes.Clone(packet)
	if first < 0 {
		out[2] = 0
	} else {
		out[2] |= byte(first)
	}
	out[3] |= byte(second)
	return out
}
