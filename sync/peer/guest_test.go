package peer_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const deskProtocol = "/town/desk/1"

// desk serves guests: it tells them who they are and repeats what they say.
type desk struct{ served, now, most atomic.Int64 }

func (d *desk) at(c *peer.Config) {
	c.Guests = map[string]func(context.Context, peer.Guest){deskProtocol: func(_ context.Context, g peer.Guest) {
		d.served.Add(1)
		if n := d.now.Add(1); n > d.most.Load() {
			d.most.Store(n)
		}
		defer d.now.Add(-1)
		_, _ = io.WriteString(g.Stream, g.Peer.Tag()+" from "+g.From.String()+": ")
		_, _ = io.Copy(g.Stream, g.Stream)
	}}
}

func TestAGuestIsServedWithoutAHello(t *testing.T) {
	d := &desk{}
	b := start(t, key(1), d.at)
	q, err := peer.Ask(t.Context(), key(7), b.Addrs()[0], deskProtocol)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if q.Peer != b.ID() || q.Addr.String() != b.Addrs()[0] {
		t.Errorf("%s at %s answers", q.Peer, q.Addr)
	}
	if _, err := io.WriteString(q, "good evening"); err != nil {
		t.Fatal(err)
	}
	if err := q.Stream.(network.MuxedStream).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(q)
	if want := record.AuthorOf(key(7)).Tag() + " from 127.0.0.1: good evening"; err != nil || string(all) != want {
		t.Errorf("%q, %v; want %q", all, err, want)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
	until(t, "the connection's end", func() bool { return b.Conns() == 0 && b.Unproven() == 0 })
	if n := b.count(); n != 0 {
		t.Errorf("%d links", n)
	}
}

func TestAGuestHasOneStreamAndNoLink(t *testing.T) {
	d := &desk{}
	b := start(t, higher(), d.at)
	s := visit(t, b, identity(t, lower()))
	first := s.open(t, deskProtocol)
	_, _ = first.Write([]byte("x"))
	if _, err := io.ReadFull(first, make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{deskProtocol, string(peer.HelloProtocol), string(peer.SyncProtocol)} {
		ctx, cancel := context.WithTimeout(network.WithNoDial(t.Context(), "one visit"), soon)
		if st, err := s.NewStream(ctx, s.hub, protocol.ID(p)); err == nil {
			_, _ = st.Write([]byte{1})
			if got := shut(t, st); len(got) > 0 {
				t.Errorf("%s besides answers %q", p, got)
			}
		}
		cancel()
	}
	if b.count() != 0 || d.served.Load() != 1 {
		t.Errorf("%d links, %d served", b.count(), d.served.Load())
	}

	// nor after a hello
	s = visit(t, b, identity(t, key(9)))
	if err := s.greet(t, peer.Hello{Founding: []byte(town)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(network.WithNoDial(t.Context(), "one visit"), soon)
	defer cancel()
	if st, err := s.NewStream(ctx, s.hub, deskProtocol); err == nil {
		if got := shut(t, st); len(got) > 0 {
			t.Errorf("after the hello the desk answers %q", got)
		}
	}
	if d.served.Load() != 1 {
		t.Errorf("%d served", d.served.Load())
	}
}

func TestAThousandStreamsServeOne(t *testing.T) {
	d := &desk{}
	b := start(t, key(1), d.at)
	s := visit(t, b, identity(t, key(66)))
	for range 1000 {
		ctx, cancel := context.WithTimeout(network.WithNoDial(t.Context(), "one visit"), time.Second)
		st, err := s.NewStream(ctx, s.hub, deskProtocol)
		cancel()
		if err != nil {
			continue
		}
		_, _ = st.Write([]byte("x"))
	}
	if n := d.served.Load(); n != 1 {
		t.Errorf("%d served", n)
	}
	q, err := peer.Ask(t.Context(), key(7), b.Addrs()[0], deskProtocol)
	if err != nil {
		t.Fatalf("another guest: %v", err)
	}
	q.Close()
}

// One origin holds as many guests as the door allows, however many it sends.
func TestManyGuestsFromOneOrigin(t *testing.T) {
	d := &desk{}
	b := start(t, key(1), d.at)
	for i := range 24 {
		q, err := peer.Ask(t.Context(), key(byte(100+i)), b.Addrs()[0], deskProtocol)
		if err == nil {
			defer q.Close()
		}
	}
	if n := d.most.Load(); n > 16 {
		t.Errorf("%d guests at a time", n)
	}
	if b.Unproven() > 16 {
		t.Errorf("%d connections", b.Unproven())
	}
}

func TestASlowGuestIsSentAway(t *testing.T) {
	d := &desk{}
	b := start(t, key(1), d.at, func(c *peer.Config) { peer.HastenGuests(c, 200*time.Millisecond) })
	s := visit(t, b, identity(t, key(66)))
	st := s.open(t, deskProtocol)
	_, _ = st.Write([]byte("and then"))
	shut(t, st)
	until(t, "the connection's end", func() bool { return b.Conns() == 0 && d.now.Load() == 0 })
}

// A guest may take longer than a hello.
func TestAGuestOutlivesTheHellosPatience(t *testing.T) {
	d := &desk{}
	b := start(t, key(1), d.at, hasty(300*time.Millisecond, time.Second))
	q, err := peer.Ask(t.Context(), key(7), b.Addrs()[0], deskProtocol)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	timer := time.NewTimer(600 * time.Millisecond)
	defer timer.Stop()
	<-timer.C
	if _, err := io.WriteString(q, "still here"); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for !strings.HasSuffix(all.String(), "still here") {
		var one [1]byte
		if _, err := io.ReadFull(q, one[:]); err != nil {
			t.Fatalf("%q, then %v", all.String(), err)
		}
		all.Write(one[:])
	}
}

func TestAskingWhereNobodyAnswers(t *testing.T) {
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	b := start(t, key(1))
	ask := func(k byte, addr string) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		q, err := peer.Ask(ctx, key(k), addr, deskProtocol)
		if err == nil {
			q.Close()
		}
		return err
	}
	for addr, want := range map[string]error{b.Addrs()[0]: peer.ErrUnanswered, deaf.Addr().String(): peer.ErrUnanswered, gone.Addr().String(): nil} {
		if err := ask(7, addr); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", addr, err, want)
		}
	}
	if err := ask(1, b.Addrs()[0]); !errors.Is(err, peer.ErrSelf) {
		t.Errorf("its own key: %v", err)
	}
}
