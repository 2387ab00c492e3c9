package peer_test

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

// alone is an address of this machine with which no hub is spoken while it is shut.
type alone struct{ shut atomic.Bool }

func (a *alone) refuse(local, remote netip.Addr) bool {
	there := netip.MustParseAddr("127.0.0.2")
	return a.shut.Load() && (local == there || remote == there)
}

func (a *alone) of(c *peer.Config) { c.Refuse = a.refuse }

// came reports whether anybody connected, and forgets it.
func came(t *testing.T, l net.Listener) bool {
	t.Helper()
	if err := l.(*net.TCPListener).SetDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

func TestNothingIsSentWhereNoHubIsSpokenWith(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("cannot listen on 127.0.0.2 here: %v", err)
	}
	defer l.Close()
	at := l.Addr().String()
	var wifi alone
	wifi.shut.Store(true)
	a := start(t, key(1))
	b := start(t, key(2), wifi.of)
	absent := start(t, key(3), listen())
	b.Seek([]peer.Want{
		{Peer: a.ID(), Addrs: []string{at, a.Addrs()[0]}}, // the better one is refused
		{Peer: absent.ID(), Addrs: []string{at}},
		{Addrs: []string{at}},
	})
	left := func() bool {
		as := b.Attempts()
		return len(as) == 2 && errors.Is(as[0].Err, peer.ErrLeftAlone) && errors.Is(as[1].Err, peer.ErrLeftAlone)
	}
	until(t, "the link, and that the others are left alone", func() bool { return linkedWith(b, a) && left() })
	for range 10 {
		b.Redial()
	}
	until(t, "again", left)
	if came(t, l) {
		t.Error("somebody was dialled where no hub is spoken with")
	}
	wifi.shut.Store(false)
	b.Redial()
	until(t, "it is dialled once that is over", func() bool { return came(t, l) })
}

func TestALinkEndsWhereNoHubIsSpokenWithAnyMore(t *testing.T) {
	for name, dialled := range map[string]bool{"dialled": true, "come in": false} {
		t.Run(name, func(t *testing.T) {
			var wifi alone
			a := start(t, key(1), listenOrSkip(t, "127.0.0.2:0"))
			b := start(t, key(2), listenOrSkip(t, "127.0.0.2:0"), wifi.of)
			if dialled {
				b.Seek([]peer.Want{{Peer: a.ID(), Addrs: a.Addrs()}})
			} else {
				a.Seek([]peer.Want{{Peer: b.ID(), Addrs: b.Addrs()}})
			}
			until(t, "the link", func() bool { return linkedWith(b, a) })
			wifi.shut.Store(true)
			b.Lost(func(netip.Addr) bool { return false })
			until(t, "its end", func() bool { return !linkedWith(b, a) && !linkedWith(a, b) })
			a.Redial()
			b.Redial()
			until(t, "a try", func() bool {
				as := append(a.Attempts(), b.Attempts()...)
				return len(as) == 1 && as[0].Fails > 1
			})
			if linkedWith(b, a) {
				t.Error("they are linked again")
			}
			wifi.shut.Store(false)
			until(t, "the link again", func() bool { return linkedWith(b, a) })
		})
	}
}

// Who names an address wants it dialled, wherever it lies, and is told so once.
func TestAnAddressThatSomebodyNamesIsDialledAllTheSame(t *testing.T) {
	var wifi alone
	wifi.shut.Store(true)
	var said diary
	a := start(t, key(1), listenOrSkip(t, "127.0.0.2:0"))
	b := start(t, key(2), peers(a.Addrs()...), wifi.of, func(c *peer.Config) { c.Log = slog.New(slog.NewTextHandler(&said, nil)) })
	until(t, "the link", func() bool { return linkedWith(b, a) })
	b.Lost(func(netip.Addr) bool { return false })
	if !linkedWith(b, a) {
		t.Error("the link ended")
	}
	b.Drop(a.ID())
	until(t, "the link again", func() bool { return b.count() > 1 && linkedWith(b, a) })
	if n := said.count("it is dialled because it was asked for"); n != 1 {
		t.Errorf("said %d times", n)
	}
}
