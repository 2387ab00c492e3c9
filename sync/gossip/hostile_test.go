package gossip_test

import (
	"bytes"
	"compress/lzw"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
)

func TestForgedMemberIsAMarkedHint(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(2)
		within(t, 10*time.Second, "both there", func() bool { return agree(hubs...) })
		f := w.forger(9)
		victim := hubs[1].key
		f.packet(hubs[0], 1, alive("0123456789ab-00000001", at(9), says(t, victim, "10.0.0.9:4001"), 1, 5, 2, 0, 0, 0))
		within(t, time.Second, "the hint is there", func() bool { return len(hubs[0].Members()) == 2 })
		for _, m := range hubs[0].Members() {
			switch m.Addr.Addr() {
			case at(9):
				if m.Doubt != gossip.NameLies|gossip.KeyShared || m.Answered {
					t.Errorf("the forged member: %+v", m)
				}
			default:
				if m.Key != victim || m.Says.Addrs[0].Addr() != at(2) || m.Doubt != gossip.KeyShared {
					t.Errorf("the forged member touched the real one: %+v", m)
				}
			}
		}
		within(t, time.Minute, "nobody is there", func() bool { return agree(hubs...) })
	})
}

func TestMalformedMembersAreRefused(t *testing.T) {
	key := keyOf(99)
	name := "630000000000-0000000a"
	good := says(t, key, "10.0.0.9:4001")
	for what, msg := range map[string][]byte{
		"no metadata":          alive(name, at(9), nil, 1, 5, 2, 0, 0, 0),
		"absurd metadata":      alive(name, at(9), randomBytes(10_000), 1, 5, 2, 0, 0, 0),
		"truncated metadata":   alive(name, at(9), good[:len(good)-3], 1, 5, 2, 0, 0, 0),
		"no versions":          alive(name, at(9), good),
		"a lone version":       alive(name, at(9), good, 1),
		"a version of its own": alive(name, at(9), good, 5, 5, 5, 0, 0, 0),
		"an absurd name":       alive(strings.Repeat("x", 30_000), at(9), good, 1, 5, 2, 0, 0, 0),
		"an address as name":   alive("10.0.0.9", at(9), good, 1, 5, 2, 0, 0, 0),
		"a multicast address":  alive(name, netip.MustParseAddr("224.0.0.1"), good, 1, 5, 2, 0, 0, 0),
		"no address":           alive(name, netip.Addr{}, good, 1, 5, 2, 0, 0, 0),
	} {
		t.Run(what, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *town) {
				hubs := w.fill(2)
				within(t, 10*time.Second, "both there", func() bool { return agree(hubs...) })
				w.forger(9).packet(hubs[0], 1, msg)
				pass(time.Second)
				if !agree(hubs...) {
					t.Errorf("members: %+v", hubs[0].Members())
				}
			})
		})
	}
}

// Each of these ends or exhausts a memberlist that nobody guards.
func TestHostileMessagesAreDropped(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(2)
		within(t, 10*time.Second, "both there", func() bool { return agree(hubs...) })
		f := w.forger(9)
		f.packet(hubs[0], 0, bytes.Repeat([]byte{255}, 32)) // padding that is not there
		f.packet(hubs[0], 1, nil)
		f.packet(hubs[0], 1, []byte{7})
		f.packet(hubs[0], 1, []byte{7, 2, 0, 2, 0, 200, 0, 0})
		f.packet(hubs[0], 1, append([]byte{7, 1, 0, 4}, 7, 1, 0, 0))
		f.packet(hubs[0], 1, bomb(t))
		f.packet(hubs[0], 1, append([]byte{12, 0, 0, 0, 0}, bomb(t)...))
		f.packet(hubs[0], 1, append([]byte{8}, randomBytes(100)...))
		f.raw(hubs[0], []byte{244, 3, 1, 2, 3})
		f.raw(hubs[0], nil)
		f.raw(hubs[0], randomBytes(60_000))
		for _, m := range [][]byte{nil, {6}, {6, 0x83}, bomb(t), state(1_000_000, 0), state(0, 20_000_000), {8, 1, 2, 3}} {
			if got := f.stream(hubs[0], m); len(got) != 0 {
				t.Errorf("%.10x was answered with %d bytes", m, len(got))
			}
		}
		if got := f.stream(hubs[0], state(0, 0)); len(got) == 0 {
			t.Error("an honest request was not answered")
		}
		s := hubs[0].Status()
		if s.Malformed < 10 || s.Strangers < 3 || !agree(hubs...) {
			t.Errorf("status: %+v", s)
		}
	})
}

// bomb is a compressed message that grows a thousandfold.
func bomb(t *testing.T) []byte {
	var b bytes.Buffer
	z := lzw.NewWriter(&b, lzw.LSB, 8)
	if _, err := z.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	_ = z.Close()
	m := append(bin([]byte{9, 0x82}, "Algo"), 0)
	return bin(bin(m, "Buf"), b.String())
}

// state is the head of a message with everything a member knows.
func state(nodes, user uint32) []byte {
	b := append(bin([]byte{6, 0x83}, "Join"), 0xc3)
	b = append(bin(b, "Nodes"), 0xce, byte(nodes>>24), byte(nodes>>16), byte(nodes>>8), byte(nodes))
	return append(bin(b, "UserStateLen"), 0xce, byte(user>>24), byte(user>>16), byte(user>>8), byte(user))
}

func TestTenThousandMembersAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		hubs := w.fill(2)
		within(t, 10*time.Second, "all there", func() bool { return agree(hubs...) })
		f := w.forger(9)
		for i := range 10_000 {
			key := keyOf(1000 + i)
			name := fmt.Sprintf("%x-%08x", key[:6], i)
			f.packet(hubs[0], 1, alive(name, netip.AddrFrom4([4]byte{10, 0, byte(100 + i>>8), byte(i)}), says(t, key), 1, 5, 2, 0, 0, 0))
			if i%100 == 99 {
				pass(10 * time.Millisecond)
			}
		}
		pass(5 * time.Second)
		s := hubs[0].Status()
		if s.Members > gossip.MaxMembers || s.Members < gossip.MaxMembers-2 || s.Refused < 8000 {
			t.Errorf("%d members kept, %d refused", s.Members, s.Refused)
		}
		for _, h := range hubs[1:] {
			if !slices.ContainsFunc(hubs[0].Members(), func(m gossip.Member) bool { return m.Key == h.key }) {
				t.Error("a real member was pushed out")
			}
		}
		if n := len(hubs[0].log()); n > 2+200+700 {
			t.Errorf("%d events in some 6 s", n)
		}
	})
}

func TestSilentStrangersDoNotBlockStreams(t *testing.T) {
	inBubble(t, func(t *testing.T, w *town) {
		a := w.hub(1).start()
		pass(time.Second)
		f := w.forger(9)
		var silent []net.Conn
		for range 50 {
			if c, err := f.at.DialTimeout(a.addr(), time.Second); err == nil {
				silent = append(silent, c)
			}
			pass(time.Millisecond)
		}
		b := w.hub(2).start()
		within(t, 2*time.Second, "another hub joins", func() bool { return agree(a, b) })
		for _, c := range silent {
			_ = c.Close()
		}
	})
}
