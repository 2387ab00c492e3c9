package peer_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// dead is an address at which nobody listens.
func dead(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func linkedWith(h *hub, p *hub) bool {
	for _, s := range h.Status() {
		if s.Linked() && s.Peer == p.ID() {
			return true
		}
	}
	return false
}

func TestAWantedHubIsFoundAmongDeadAddresses(t *testing.T) {
	a, c := start(t, key(1)), start(t, key(3))
	b := start(t, key(2))
	// The second is somebody else's by now.
	b.Seek([]peer.Want{{Peer: a.ID(), Addrs: []string{dead(t), c.Addrs()[0], a.Addrs()[0]}}})
	until(t, "the link", func() bool { return linkedWith(b, a) && linkedWith(a, b) })
	if linkedWith(b, c) {
		t.Error("linked with who was not wanted")
	}
	for _, s := range b.Status() {
		if !s.Dialled || s.Addr != a.Addrs()[0] || s.Local != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("%+v", s)
		}
	}
	until(t, "nothing else", func() bool { return b.Conns() == 1 && a.Conns() == 1 })
}

func TestAWantedHubThatIsLostIsDialledAgainUntilItIsNotWanted(t *testing.T) {
	a := start(t, key(1))
	b := start(t, key(2), hasty(5*time.Second, 20*time.Millisecond))
	b.Seek([]peer.Want{{Peer: a.ID(), Addrs: a.Addrs()}})
	until(t, "the link", func() bool { return linkedWith(b, a) })
	first := b.Status()[0].Since
	a.Drop(b.ID())
	until(t, "the next link", func() bool { s := b.Status(); return len(s) == 1 && s[0].Linked() && s[0].Since != first })
	b.Seek(nil)
	a.Drop(b.ID())
	until(t, "no link", func() bool { return !linkedWith(b, a) })
	if at := b.Attempts(); len(at) != 0 {
		t.Errorf("%+v", at)
	}
}

func TestWhoIsAtAnAddressIsFoundOut(t *testing.T) {
	a := start(t, key(1))
	b := start(t, key(2))
	b.Seek([]peer.Want{{Addrs: a.Addrs(), Idle: true}, {Addrs: b.Addrs(), Idle: true}})
	until(t, "the link", func() bool { return linkedWith(b, a) })
	until(t, "itself", func() bool {
		at := b.Attempts()
		return len(at) == 1 && errors.Is(at[0].Err, peer.ErrSelf)
	})
}

func TestALinkEndsWithItsAddress(t *testing.T) {
	a := start(t, key(1))
	b := start(t, key(2), peers(a.Addrs()...))
	b.link(t)
	first := b.Status()[0].Since
	b.Lost(func(local netip.Addr) bool { return local != netip.MustParseAddr("127.0.0.1") })
	if s := b.Status(); !s[0].Linked() {
		t.Fatal("another address's link ended")
	}
	b.Lost(func(local netip.Addr) bool { return local == netip.MustParseAddr("127.0.0.1") })
	until(t, "a new link", func() bool { s := b.Status(); return len(s) > 0 && s[0].Linked() && s[0].Since != first })
}

func hubKey(i int) record.Author { return record.Author{0: byte(i), 1: byte(i >> 8), 31: 1} }

// A book of dead addresses costs four dials a second while it is fresh, and one
// after an hour, and keeps nobody waiting who is there.
func TestDeadAddressesNeitherStarveNorBurn(t *testing.T) {
	s := peer.NewSeeker()
	start := time.Unix(1, 0)
	var wants []peer.Want
	for i := range 256 {
		wants = append(wants, peer.Want{Peer: hubKey(i + 1), Addrs: []string{fmt.Sprintf("10.0.0.1:%d", i+1)}, Idle: true})
	}
	good := peer.Want{Peer: hubKey(1000), Addrs: []string{"10.0.0.2:1"}}
	count := func(from, to time.Duration) (idle, urgent int) {
		for d := from; d < to; d += 50 * time.Millisecond {
			for _, w := range s.Due(start.Add(d), nil, errors.New("dead")) {
				if w.Idle {
					idle++
				} else {
					urgent++
				}
			}
		}
		return idle, urgent
	}
	s.Set(append(wants, good), start)
	if idle, urgent := count(0, time.Minute); idle < 200 || idle > 241 || urgent < 15 {
		t.Errorf("in the first minute %d idle ones and %d", idle, urgent)
	}
	count(time.Minute, 70*time.Minute)
	if idle, urgent := count(70*time.Minute, 80*time.Minute); idle < 256 || idle > 256*3 || urgent > 4 {
		t.Errorf("after an hour, in ten minutes, %d idle ones and %d", idle, urgent)
	}
	s.Hasten(start.Add(80 * time.Minute)) // an interface came up
	if _, urgent := count(80*time.Minute, 80*time.Minute+time.Second); urgent == 0 {
		t.Error("not dialled at once")
	}
}

func TestANewAddressIsTriedAtOnce(t *testing.T) {
	s := peer.NewSeeker()
	now := time.Unix(1, 0)
	w := peer.Want{Peer: hubKey(1), Addrs: []string{"10.0.0.1:1"}}
	s.Set([]peer.Want{w}, now)
	for end := now.Add(3 * time.Hour); ; now = now.Add(time.Second) {
		if tried := s.Due(now, nil, errors.New("dead")); len(tried) > 0 && now.After(end) {
			break
		}
	}
	s.Set([]peer.Want{w}, now)
	if len(s.Due(now, nil, errors.New("dead"))) != 0 {
		t.Error("dialled without a reason")
	}
	w.Addrs = append(w.Addrs, "10.0.0.9:1")
	s.Set([]peer.Want{w}, now)
	if len(s.Due(now, nil, nil)) != 1 {
		t.Error("not dialled")
	}
	if len(s.Due(now, map[record.Author]time.Time{w.Peer: now}, nil)) != 0 {
		t.Error("dialled though linked")
	}
	if now = now.Add(time.Minute); len(s.Due(now, nil, nil)) != 0 {
		t.Error("dialled in the moment the link ended")
	}
	if len(s.Due(now.Add(200*time.Millisecond), nil, nil)) != 1 {
		t.Error("a link that lasted is not missed at once")
	}
}
