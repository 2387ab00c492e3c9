package peer_test

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

// bearer is whose machine a hub says has its key at an address, once it says so.
func (b *hub) bearer(t *testing.T, addr string) (who peer.Bearer) {
	t.Helper()
	until(t, "its own key answers at "+addr, func() bool {
		for _, m := range b.Missed() {
			if self, ok := errors.AsType[*peer.SelfError](m.Err); ok && self.Addr == addr {
				who = self.Bearer
				return true
			}
		}
		return false
	})
	return who
}

func TestAnAddressThatLeadsBackIsNoTwin(t *testing.T) {
	a := start(t, key(1))
	for what, at := range map[string]string{"its own": a.Addrs()[0], "a forwarder's": relay(t, a.Addrs()[0]).Addr().String()} {
		a.Seek([]peer.Want{{Addrs: []string{at}}})
		if who := a.bearer(t, at); who != peer.Itself {
			t.Errorf("%s address leads to bearer %d", what, who)
		}
	}
	until(t, "nothing is left of it", func() bool { return a.Conns() == 0 && a.Unproven() == 0 && a.Mirrors() == 0 })
}

func TestACopyOfTheKeyIsATwinAtBoth(t *testing.T) {
	a, copied := start(t, key(1)), start(t, key(1))
	forwarded := relay(t, a.Addrs()[0]).Addr().String()
	for _, at := range []string{a.Addrs()[0], forwarded} {
		copied.Seek([]peer.Want{{Addrs: []string{at}}})
		if who := copied.bearer(t, at); who != peer.Twin {
			t.Errorf("at %s answers bearer %d", at, who)
		}
	}
	a.Seek([]peer.Want{{Addrs: copied.Addrs()}})
	if who := a.bearer(t, copied.Addrs()[0]); who != peer.Twin {
		t.Errorf("bearer %d", who)
	}
	until(t, "nothing is left of it", func() bool {
		return a.Conns()+copied.Conns()+a.Unproven()+copied.Unproven()+a.Mirrors()+copied.Mirrors() == 0
	})
}

// Whoever passes connections on to us and keeps the end of each handshake has us
// believe that it went well, and has not our key.
func TestWhoKeepsTheEndOfAHandshakeIsNoTwin(t *testing.T) {
	for what, hangUp := range map[string]bool{"and hangs up": true, "and says nothing": false} {
		t.Run(what, func(t *testing.T) {
			a := start(t, key(1), hasty(time.Second, 50*time.Millisecond))
			k := keeper(t, a.Addrs()[0], hangUp)
			a.Seek([]peer.Want{{Addrs: []string{k.Addr().String()}}})
			if who := a.bearer(t, k.Addr().String()); who != peer.Unsure {
				t.Errorf("bearer %d", who)
			}
			if k.kept.Load() == 0 {
				t.Error("the test is none: no handshake came to its end")
			}
		})
	}
}

// endKeeper forwards what comes, but the end of a Noise handshake.
type endKeeper struct {
	net.Listener
	kept atomic.Int32
}

func keeper(t *testing.T, to string, hangUp bool) *endKeeper {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &endKeeper{Listener: l}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			k.pass(in, to, hangUp)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return k
}

// pass forwards one connection at a time.
func (k *endKeeper) pass(in net.Conn, to string, hangUp bool) {
	defer in.Close()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	var proven atomic.Bool // the hub has sent the message that proves its key
	back := make(chan struct{})
	go func() {
		defer close(back)
		b := make([]byte, 4096)
		for {
			n, err := out.Read(b)
			if n > 100 {
				proven.Store(true)
			}
			if _, werr := in.Write(b[:n]); err != nil || werr != nil {
				return
			}
		}
	}()
	b := make([]byte, 4096)
	for {
		n, err := in.Read(b)
		if err != nil {
			break
		}
		if !proven.Load() {
			_, _ = out.Write(b[:n])
			continue
		}
		k.kept.Add(1)
		if !hangUp {
			_, _ = io.Copy(io.Discard, in) // until the other has enough of it
		}
		break
	}
	_ = out.Close()
	<-back
}
