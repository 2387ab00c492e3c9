package dns_test

import (
	"bytes"
	"net/netip"
	"testing"

	wire "github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

// What is answered in the fast way is what the library would have answered, byte
// for byte.
func TestBothWaysSayTheSame(t *testing.T) {
	p, taken := unserved(t), 0
	rapid.Check(t, func(t *rapid.T) {
		p.set(dns.State(rapid.IntRange(0, 3).Draw(t, "state")))
		packet := queries().Draw(t, "query")
		quick, ok := p.Quick(packet, phone)
		if !ok {
			return
		}
		taken++
		slow, later := p.Slow(packet, phone, true)
		if later || !bytes.Equal(quick, slow) {
			t.Fatalf("%x:\n%x, but the library says\n%x (%s, %s)", packet, quick, slow, said(quick), said(slow))
		}
	})
	if taken == 0 {
		t.Error("no query was taken")
	}
}

// queries are those of phones, and what is nearly one.
func queries() *rapid.Generator[[]byte] {
	label := rapid.StringMatching(`[A-Za-z0-9_-]{1,12}`)
	return rapid.Custom(func(t *rapid.T) []byte {
		name := rapid.OneOf(
			rapid.SampledFrom([]string{
				".", "captive.apple.com", "Lamppost.INTERNAL", "school.internal", "dns.msftncsi.com", "a.localhost",
				"localhost", "_dns.resolver.arpa", "use-application-dns.net", "53.0.0.127.in-addr.arpa", "home.arpa",
			}),
			rapid.Custom(func(t *rapid.T) string {
				var s string
				for _, l := range rapid.SliceOfN(label, 1, 6).Draw(t, "labels") {
					s += l + "."
				}
				return s
			}),
		).Draw(t, "name")
		kind := rapid.SampledFrom([]uint16{wire.TypeA, wire.TypeA, wire.TypeAAAA, wire.TypeHTTPS, wire.TypePTR, wire.TypeANY, wire.TypeOPT, wire.TypeAXFR, 65535}).Draw(t, "type")
		packet := query(name, kind, func(m *wire.Msg) {
			m.RecursionDesired = rapid.Bool().Draw(t, "rd")
			m.CheckingDisabled = rapid.Bool().Draw(t, "cd")
			m.AuthenticatedData = rapid.Bool().Draw(t, "ad")
			if rapid.Bool().Draw(t, "edns") {
				m.SetEdns0(rapid.Uint16().Draw(t, "size"), rapid.Bool().Draw(t, "do"))
			}
		})
		if rapid.IntRange(0, 3).Draw(t, "torn") == 0 {
			packet[rapid.IntRange(0, len(packet)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
			packet = packet[:rapid.IntRange(0, len(packet)).Draw(t, "length")]
		}
		return packet
	})
}

// FuzzPacket sends what nobody should: no panic, no long answer, no answer to an
// answer, and both ways agree.
func FuzzPacket(f *testing.F) {
	for _, r := range rows() {
		f.Add(r.ask, uint8(r.state))
	}
	p := unserved(f)
	out := make([]byte, 0, dns.MaxUDP)
	f.Fuzz(func(t *testing.T, packet []byte, state uint8) {
		p.set(dns.State(state % 4))
		if quick, ok := p.Quick(packet, phone); ok {
			if slow, later := p.Slow(packet, phone, true); later || !bytes.Equal(quick, slow) {
				t.Fatalf("%x:\n%x, but the library says\n%x", packet, quick, slow)
			}
		}
		reply := p.Receive(out, packet, netip.MustParseAddr("127.1.2.3"))
		if reply == nil {
			return
		}
		if len(packet) < 12 || packet[2]&0x80 != 0 {
			t.Fatalf("%x is no query, and got %x", packet, reply)
		}
		if len(reply) > 3*len(packet) || len(reply) > dns.MaxUDP || !bytes.Equal(reply[:2], packet[:2]) || reply[2]&0x80 == 0 {
			t.Fatalf("%x got %x", packet, reply)
		}
		var m wire.Msg
		if err := m.Unpack(reply); err != nil {
			t.Fatalf("%x got %x: %v", packet, reply, err)
		}
	})
}

func TestAPlainQueryIsAnsweredWithoutAllocating(t *testing.T) {
	p, packet, out := unserved(t), query("connectivitycheck.gstatic.com", wire.TypeA, edns(1232)), make([]byte, 0, dns.MaxUDP)
	if n := testing.AllocsPerRun(100, func() { p.Receive(out, packet, phone) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCapturedA(b *testing.B) {
	p, packet := unserved(b), query("connectivitycheck.gstatic.com", wire.TypeA, edns(1232))
	b.Run("fast", func(b *testing.B) {
		out := make([]byte, 0, dns.MaxUDP)
		b.ReportAllocs()
		for b.Loop() {
			if p.Receive(out, packet, phone) == nil {
				b.Fatal("no answer")
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if reply, _ := p.Slow(packet, phone, true); reply == nil {
				b.Fatal("no answer")
			}
		}
	})
}
