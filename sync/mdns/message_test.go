package mdns_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/sync/mdns"
)

func announcement() mdns.Said {
	return mdns.Said{
		Name: "0011223344556677", Tag: "8899aabbccddeeff", Port: 4680, TTL: 2 * time.Minute,
		Addrs: []netip.Addr{netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fd00::1")},
	}
}

func TestAnAnnouncementIsReadAsItWasWritten(t *testing.T) {
	want := announcement()
	b, err := mdns.EncodeAnswer(want)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mdns.Decode(b)
	if err != nil || m.Asks || len(m.Said) != 1 || !reflect.DeepEqual(m.Said[0], want) {
		t.Errorf("%+v, %v", m, err)
	}
	if len(b) > 300 {
		t.Errorf("%d bytes", len(b))
	}
}

func TestAQuestionNamesWhoIsKnown(t *testing.T) {
	var known []mdns.Said
	for i := range 100 {
		known = append(known, mdns.Said{Name: fmt.Sprintf("%016x", i), TTL: 90 * time.Second})
	}
	known[1].TTL = 30 * time.Second // to be heard anew
	b, err := mdns.EncodeQuestion(known...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mdns.Decode(b)
	if err != nil || !m.Asks || m.Known[0] != known[0].Name || m.Known[1] != known[2].Name || len(m.Said) != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	if len(b) > 1200 {
		t.Errorf("%d bytes", len(b))
	}
}

// What other programs announce and ask, and what somebody made up, is not a hub.
func TestWhatIsNoHubIsLeftOut(t *testing.T) {
	const hub = "0011223344556677._lamppost._tcp.local."
	whole := []string{
		"_lamppost._tcp.local. 120 IN PTR " + hub,
		hub + " 120 IN SRV 0 0 4680 h.local.",
		hub + " 120 IN TXT \"x\" \"c=8899aabbccddeeff\"",
		"h.local. 120 IN A 10.1.0.1",
	}
	for name, c := range map[string]struct {
		at   int // what is replaced
		with string
		hubs int
	}{
		"nothing":               {3, whole[3], 1},
		"another service":       {0, "_printer._tcp.local. 120 IN PTR " + hub, 0},
		"a name of words":       {0, "_lamppost._tcp.local. 120 IN PTR Fire-Station._lamppost._tcp.local.", 0},
		"a short name":          {0, "_lamppost._tcp.local. 120 IN PTR 0011._lamppost._tcp.local.", 0},
		"no port":               {1, hub + " 120 IN SRV 0 0 0 h.local.", 0},
		"another's port":        {1, "a." + hub + " 120 IN SRV 0 0 4680 h.local.", 0},
		"no community":          {2, hub + " 120 IN TXT \"x\"", 0},
		"an address of a group": {3, "h.local. 120 IN A 224.0.0.1", 0},
		"loopback":              {3, "h.local. 120 IN AAAA ::1", 0},
		"another's address":     {3, "i.local. 120 IN A 10.1.0.1", 0},
	} {
		m := new(dns.Msg)
		m.Response = true
		for i, line := range whole {
			if i == c.at {
				line = c.with
			}
			rr, err := dns.NewRR(line)
			if err != nil {
				t.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := mdns.Decode(b); err != nil || len(got.Said) != c.hubs {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAPacketIsBounded(t *testing.T) {
	m := new(dns.Msg)
	m.Response = true
	for range 65 {
		rr, err := dns.NewRR("a.local. 120 IN A 10.1.0.1")
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	many, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{nil, make([]byte, 11), make([]byte, 4097), many, []byte(strings.Repeat("\xff", 12))} {
		if _, err := mdns.Decode(b); err == nil {
			t.Errorf("%d bytes are read", len(b))
		}
	}
}

func FuzzDecode(f *testing.F) {
	leaves := announcement()
	leaves.TTL = 0
	for _, s := range []mdns.Said{announcement(), leaves} {
		b, err := mdns.EncodeAnswer(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	b, err := mdns.EncodeQuestion(announcement())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := mdns.Decode(bytes.Clone(b))
		if err != nil {
			return
		}
		if len(m.Said) > 64 || len(m.Known) > 64 {
			t.Fatalf("%d hubs, %d known", len(m.Said), len(m.Known))
		}
		for _, s := range m.Said {
			if len(s.Name) != 16 || len(s.Addrs) > mdns.MaxAddrs || s.TTL < 0 || s.TTL > 2*time.Minute {
				t.Fatalf("%+v", s)
			}
			if s.TTL > 0 && (s.Port == 0 || len(s.Addrs) == 0) {
				t.Fatalf("%+v", s)
			}
		}
	})
}
