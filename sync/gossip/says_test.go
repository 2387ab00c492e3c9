package gossip_test

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/gossip"
)

func TestSaysLeavesOutWhatNobodyCanDial(t *testing.T) {
	s := gossip.Says{}
	for _, a := range []string{
		"[fe80::1]:1", "[fe80::1%eth0]:1", "0.0.0.0:1", "[::]:1", "224.0.0.1:1", "255.255.255.255:1", "10.0.0.1:0",
		"10.0.0.1:1", "[::ffff:10.0.0.1]:1", "169.254.1.1:1", "[fd00::1]:1", "192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1",
		"192.0.2.4:1", "192.0.2.5:1", "192.0.2.6:1", "192.0.2.7:1",
	} {
		s.Addrs = append(s.Addrs, netip.MustParseAddrPort(a))
	}
	b, err := gossip.EncodeSays(keyOf(1), s)
	if err != nil {
		t.Fatal(err)
	}
	key, got, err := gossip.DecodeSays(b)
	if err != nil || key != keyOf(1) || len(got.Addrs) != gossip.MaxAddrs {
		t.Fatalf("%v %v %v", key, got, err)
	}
	if got.Addrs[0].String() != "10.0.0.1:1" || got.Addrs[1].String() != "169.254.1.1:1" || got.Addrs[2].String() != "[fd00::1]:1" {
		t.Errorf("says %v", got.Addrs)
	}
	if len(b) > 200 {
		t.Errorf("%d bytes", len(b))
	}
}

// What a hub says fits, however much there is of it.
func TestSaysFitsAtItsFullest(t *testing.T) {
	var s gossip.Says
	for i := range 100 {
		s.Addrs = append(s.Addrs, netip.AddrPortFrom(netip.AddrFrom16([16]byte{0xfd, 15: byte(i + 1)}), 4680))
		s.Links = append(s.Links, gossip.PrefixOf(keyOf(i)))
	}
	b, err := gossip.EncodeSays(keyOf(1), s)
	if err != nil || len(b) > gossip.MaxSays {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	_, got, err := gossip.DecodeSays(b)
	if err != nil || len(got.Addrs) != gossip.MaxAddrs || len(got.Links) != gossip.MaxLinks || got.Links[63] != gossip.PrefixOf(keyOf(63)) {
		t.Errorf("%d addresses, %d links, %v", len(got.Addrs), len(got.Links), err)
	}
	later := append([]byte{0xa2, 0x01, 0x58, 32}, make([]byte, 32)...)
	later[4] = 1
	later = append(later, 0x03, 0x45, 1, 2, 3, 4, 5) // not a whole number of prefixes
	if _, got, err := gossip.DecodeSays(later); err != nil || len(got.Links) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestSaysOfLaterVersionsIsRead(t *testing.T) {
	b, err := gossip.EncodeSays(keyOf(1), gossip.Says{})
	if err != nil {
		t.Fatal(err)
	}
	later := append([]byte{b[0] + 2}, b[1:]...)
	later = append(later, 0x02, 0x82, 0x43, 1, 2, 3, 0x46, 10, 0, 0, 1, 1, 0) // an address of an unknown kind, and one
	later = append(later, 0x09, 0x61, 'x')
	_, got, err := gossip.DecodeSays(later)
	if err != nil || len(got.Addrs) != 1 || got.Addrs[0].String() != "10.0.0.1:1" {
		t.Errorf("%v %v", got, err)
	}
}

func FuzzSays(f *testing.F) {
	for _, s := range []gossip.Says{{}, {Addrs: []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:1"), netip.MustParseAddrPort("[fd00::1]:4001")}}} {
		b, err := gossip.EncodeSays(keyOf(3), s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	linked, err := gossip.EncodeSays(keyOf(3), gossip.Says{Links: []gossip.Prefix{{1, 2, 3, 4}, {5}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(linked)
	f.Add([]byte{0xa1, 0x01, 0x5f})
	f.Fuzz(func(t *testing.T, b []byte) {
		key, s, err := gossip.DecodeSays(b)
		if err != nil {
			return
		}
		if len(s.Addrs) > gossip.MaxAddrs || len(s.Links) > gossip.MaxLinks {
			t.Fatalf("%d addresses, %d links", len(s.Addrs), len(s.Links))
		}
		again, err := gossip.EncodeSays(key, s)
		if err != nil || len(again) > gossip.MaxSays {
			t.Fatalf("%d bytes, %v", len(again), err)
		}
		key2, s2, err := gossip.DecodeSays(again)
		if err != nil || key2 != key || !slices.Equal(s.Addrs, s2.Addrs) || !slices.Equal(s.Links, s2.Links) {
			t.Fatalf("%v became %v: %v", s, s2, err)
		}
		if third, _ := gossip.EncodeSays(key2, s2); !bytes.Equal(again, third) {
			t.Fatal("two encodings of one thing")
		}
	})
}

// FuzzInspect looks for a message that the check itself cannot bear.
func FuzzInspect(f *testing.F) {
	f.Add([]byte{7, 2, 0, 2, 0, 1, 0, 0x80, 2})
	f.Add([]byte{12, 0, 0, 0, 0, 3, 0x80})
	f.Add(state(1, 0))
	f.Add(alive("a", netip.MustParseAddr("10.0.0.1"), nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if gossip.CheckPlainPacket(b) == nil && len(b) < 2 {
			t.Fatal("a packet of nothing passed")
		}
		if gossip.CheckPlainStream(b, true) == nil && b[0] != 0 && b[0] != 6 {
			t.Fatalf("a request of type %d passed", b[0])
		}
		_ = gossip.CheckPlainStream(b, false)
	})
}

func TestStatesThatExhaustAreRefused(t *testing.T) {
	for _, c := range []struct {
		nodes, user uint32
		more        int
		ok          bool
	}{{0, 0, 0, true}, {3, 0, 300, true}, {1000, 0, 300, false}, {1_000_000, 0, 0, false}, {1 << 31, 0, 0, false}, {0, 1, 0, false}, {0, 20_000_000, 0, false}} {
		err := gossip.CheckPlainStream(append(state(c.nodes, c.user), make([]byte, c.more)...), true)
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
