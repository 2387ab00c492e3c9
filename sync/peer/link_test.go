package peer_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// back is when a mended link has to be there: two seconds, and one for a busy
// machine.
const back = 3 * time.Second

func peers(addrs ...string) func(*peer.Config) {
	return func(c *peer.Config) { c.Peers = addrs }
}

func listen(addrs ...string) func(*peer.Config) {
	return func(c *peer.Config) { c.Listen = addrs }
}

// bothOrders runs a test with the deciding hub first and with it second.
func bothOrders(t *testing.T, f func(t *testing.T, a, b ed25519.PrivateKey)) {
	t.Helper()
	t.Run("first decides", func(t *testing.T) { t.Parallel(); f(t, lower(), higher()) })
	t.Run("second decides", func(t *testing.T) { t.Parallel(); f(t, higher(), lower()) })
}

func TestTwoHubsLinkAndBytesFlow(t *testing.T) {
	bothOrders(t, func(t *testing.T, ka, kb ed25519.PrivateKey) {
		a := start(t, ka)
		b := start(t, kb, peers(a.Addrs()...))
		la, lb := a.link(t), b.link(t)
		if la.Peer != b.ID() || lb.Peer != a.ID() {
			t.Errorf("linked with %s and %s, want %s and %s", la.Peer, lb.Peer, b.ID(), a.ID())
		}
		if la.Opener == lb.Opener {
			t.Error("both or none have opened the link")
		}
		if lb.Addr != a.Addrs()[0] {
			t.Errorf("link is with %s, dialled %s", lb.Addr, a.Addrs()[0])
		}
		echo(t, a, b)
		for _, h := range []*hub{a, b} {
			if s := h.Status(); len(s) != 1 || !s[0].Linked() || s[0].Err != nil {
				t.Errorf("status %+v", s)
			}
		}
	})
}

// A door that takes a linked hub for unproven would close the link.
func TestALinkOutlivesTheTimeForAHello(t *testing.T) {
	for name, at := range map[string]struct{ listen, dial string }{
		"IPv4":             {"127.0.0.1:0", "127.0.0.1"},
		"IPv6":             {"[::1]:0", "::1"},
		"every address":    {":0", "127.0.0.1"},
		"every IPv6":       {"[::]:0", "::1"},
		"another loopback": {"127.0.0.2:0", "127.0.0.2"},
		"by name":          {"127.0.0.1:0", "localhost"},
		"an outer address": {":0", outer(t, false)},
		"link-local":       {":0", outer(t, true)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if at.dial == "" {
				t.Skip("there is none here")
			}
			const patience = 300 * time.Millisecond
			a := start(t, lower(), listenOrSkip(t, at.listen), hasty(patience, time.Second))
			b := start(t, higher(), listen(), hasty(patience, time.Second), peers(join(at.dial, port(t, a))))
			a.link(t)
			echo(t, a, b)
			<-time.After(2 * patience)
			echo(t, a, b)
			if n := a.count() + b.count(); n != 2 {
				t.Errorf("%d links served, want 2", n)
			}
		})
	}
}

func TestAHubOfAnotherCommunityIsRefusedOnBothSides(t *testing.T) {
	bothOrders(t, func(t *testing.T, ka, kb ed25519.PrivateKey) {
		verdicts := make(chan error, 16)
		a := start(t, ka, func(c *peer.Config) {
			admit := c.Admit
			c.Admit = func(ctx context.Context, p record.Author, h peer.Hello) error {
				err := admit(ctx, p, h)
				select {
				case verdicts <- err:
				default:
				}
				return err
			}
		})
		b := start(t, kb, peers(a.Addrs()...), func(c *peer.Config) {
			c.Hello = func() peer.Hello { return peer.Hello{Founding: []byte("elsewhere")} }
		})
		b.untilStatus(t, peer.ErrForeign)
		if err := <-verdicts; !errors.Is(err, peer.ErrForeign) {
			t.Errorf("the dialled hub judged %v", err)
		}
		if n := a.count() + b.count(); n != 0 {
			t.Errorf("%d links served", n)
		}
		until(t, "the connection's end", func() bool { return a.Conns() == 0 && b.Conns() == 0 })
	})
}

func TestTheOneRefusedIsToldWhy(t *testing.T) {
	for _, reason := range []error{peer.ErrRevoked, peer.ErrNoCertificate, peer.ErrForeign} {
		bothOrders(t, func(t *testing.T, ka, kb ed25519.PrivateKey) {
			refusing := func(c *peer.Config) {
				c.Admit = func(context.Context, record.Author, peer.Hello) error { return reason }
			}
			t.Run("by the dialled", func(t *testing.T) {
				a := start(t, ka, refusing)
				b := start(t, kb, peers(a.Addrs()...))
				b.untilStatus(t, reason)
				for _, s := range b.Status() {
					if told, ok := errors.AsType[*peer.ToldError](s.Err); !ok || s.Peer != a.ID() {
						t.Errorf("status %+v (%v)", s, told)
					}
				}
			})
			t.Run("by the dialler", func(t *testing.T) {
				a := start(t, ka)
				b := start(t, kb, peers(a.Addrs()...), refusing)
				b.untilStatus(t, reason)
				if n := a.count() + b.count(); n != 0 {
					t.Errorf("%d links served", n)
				}
			})
		})
	}
}

func TestDialHubsAtOnceManyTimesAndKeepOneLink(t *testing.T) {
	a := start(t, lower(), hasty(5*time.Second, time.Millisecond))
	b := start(t, higher(), hasty(5*time.Second, time.Millisecond))
	for _, d := range [][2]*hub{{a, b}, {b, a}} {
		if err := d[0].AddPeer(d[1].Addrs()[0]); err != nil {
			t.Fatal(err)
		}
	}
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	for round := range rounds {
		before := [2]int{a.count(), b.count()}
		until(t, "one connection that carries bytes", func() bool {
			return tryEcho(a, b) == nil && a.Conns() == 1 && b.Conns() == 1
		})
		echo(t, a, b)
		if la, lb := a.link(t), b.link(t); la.Opener == lb.Opener {
			t.Fatalf("round %d: both or none have opened the link", round)
		}
		var cut sync.WaitGroup
		cut.Go(func() { a.Drop(b.ID()) })
		cut.Go(func() { b.Drop(a.ID()) })
		cut.Wait()
		a.until(t, "a new link", func(ls []peer.Link, n int) bool { return len(ls) == 1 && n > before[0] })
		b.until(t, "a new link", func(ls []peer.Link, n int) bool { return len(ls) == 1 && n > before[1] })
	}
	// Now and then both sides drop one after the other; a link that flaps would
	// be served many times a round.
	if n := max(a.count(), b.count()); n > 3*rounds {
		t.Errorf("%d links served in %d rounds", n, rounds)
	}
}

func TestLinksThatBothDialSettleWithoutFlapping(t *testing.T) {
	rounds := 30
	if testing.Short() {
		rounds = 3
	}
	replaced := 0
	for range rounds {
		a := start(t, lower())
		b := start(t, higher())
		var add sync.WaitGroup
		add.Go(func() { _ = a.AddPeer(b.Addrs()[0]) })
		add.Go(func() { _ = b.AddPeer(a.Addrs()[0]) })
		add.Wait()
		echo(t, a, b)
		until(t, "one connection", func() bool { return a.Conns() == 1 && b.Conns() == 1 })
		if a.count() != 1 || b.count() != 1 {
			replaced++
		}
		a.stop()
		b.stop()
	}
	if replaced > 0 {
		t.Errorf("in %d of %d rounds the first link did not stay", replaced, rounds)
	}
}

func TestSeveralAddressesOfAHubMakeOneLink(t *testing.T) {
	a := start(t, lower(), listen("127.0.0.1:0", "127.0.0.2:0", "127.0.0.3:0"))
	b := start(t, higher(), peers(a.Addrs()...))
	echo(t, a, b)
	until(t, "one connection", func() bool { return a.Conns() == 1 && b.Conns() == 1 })
	until(t, "one line of status", func() bool { return len(b.Status()) == 1 })
}

func TestServesReturnClosesTheLink(t *testing.T) {
	var served atomic.Int32
	a := start(t, lower(), func(c *peer.Config) {
		c.Serve = func(context.Context, peer.Link) { served.Add(1) }
	})
	b := start(t, higher(), peers(a.Addrs()...), hasty(time.Second, time.Millisecond))
	b.until(t, "links one after the other", func(_ []peer.Link, n int) bool { return n >= 3 })
	if n := served.Load(); n < 2 {
		t.Errorf("%d links served", n)
	}
}

func TestAPeerIsServedOneLinkAtATime(t *testing.T) {
	var serving, most atomic.Int32
	a := start(t, lower(), func(c *peer.Config) {
		serve := c.Serve
		c.Serve = func(ctx context.Context, l peer.Link) {
			most.Store(max(most.Load(), serving.Add(1)))
			defer serving.Add(-1)
			serve(ctx, l)
			<-time.After(50 * time.Millisecond) // slow to notice
		}
	})
	b := start(t, higher(), peers(a.Addrs()...), hasty(time.Second, time.Millisecond))
	for n := 1; n <= 10; n++ {
		b.until(t, "a link", func(ls []peer.Link, served int) bool { return len(ls) == 1 && served >= n })
		a.until(t, "a link", func(_ []peer.Link, served int) bool { return served >= n })
		b.Drop(a.ID())
	}
	if n := most.Load(); n != 1 {
		t.Errorf("%d links with one peer served at a time", n)
	}
}

func TestDropIsFollowedByANewHello(t *testing.T) {
	var revoked atomic.Bool
	a := start(t, lower(), func(c *peer.Config) {
		c.Admit = func(context.Context, record.Author, peer.Hello) error {
			if revoked.Load() {
				return peer.ErrRevoked
			}
			return nil
		}
	})
	b := start(t, higher(), peers(a.Addrs()...), hasty(time.Second, time.Millisecond))
	echo(t, a, b)
	revoked.Store(true)
	a.Drop(b.ID())
	b.untilStatus(t, peer.ErrRevoked)
	a.untilLinks(t, 0)
}

func TestABlockedPeerComesBackWhenUnblocked(t *testing.T) {
	bothOrders(t, func(t *testing.T, ka, kb ed25519.PrivateKey) {
		for name, blocker := range map[string]func(a, b *hub) (*hub, *hub){
			"by the dialled": func(a, b *hub) (*hub, *hub) { return a, b },
			"by the dialler": func(a, b *hub) (*hub, *hub) { return b, a },
		} {
			t.Run(name, func(t *testing.T) {
				a := start(t, ka)
				b := start(t, kb, peers(a.Addrs()...))
				echo(t, a, b)
				by, of := blocker(a, b)
				by.Block(of.ID())
				a.untilLinks(t, 0)
				b.untilLinks(t, 0)
				until(t, "an attempt in vain", func() bool {
					s := b.Status()
					return len(s) == 1 && s[0].Err != nil
				})
				if by == b {
					b.untilStatus(t, peer.ErrBlocked)
				}
				by.Unblock(of.ID())
				mended := time.Now()
				echo(t, a, b)
				if d := time.Since(mended); d > back {
					t.Errorf("link is back after %v", d)
				}
			})
		}
	})
}

func TestAHubThatStartsAgainIsLinkedSoon(t *testing.T) {
	bothOrders(t, func(t *testing.T, ka, kb ed25519.PrivateKey) {
		a := start(t, ka)
		at := a.Addrs()
		b := start(t, kb, peers(at...))
		echo(t, a, b)
		a.stop()
		b.untilLinks(t, 0)
		until(t, "an attempt in vain", func() bool { return b.Status()[0].Err != nil })
		a = start(t, ka, listen(at...))
		begun := time.Now()
		echo(t, a, b)
		if d := time.Since(begun); d > back {
			t.Errorf("link is back after %v", d)
		}
	})
}

func TestAnotherHubAtAnAddress(t *testing.T) {
	a := start(t, key(3))
	at := a.Addrs()
	pinned := "/ip4/127.0.0.1/tcp/" + port(t, a) + "/p2p/" + a.LibP2P().String()
	anyone := start(t, key(4), peers(at...))
	expecting := start(t, key(5), peers(pinned))
	anyone.link(t)
	expecting.link(t)
	a.stop()
	anyone.untilLinks(t, 0)
	expecting.untilLinks(t, 0)

	c := start(t, key(6), listen(at...))
	if l := anyone.link(t); l.Peer != c.ID() {
		t.Errorf("linked with %s, at the address is %s", l.Peer, c.ID())
	}
	expecting.untilStatus(t, peer.ErrOtherHub)
	if n := expecting.count(); n != 1 {
		t.Errorf("%d links served where another hub was expected", n)
	}
}

func TestAnAddressIsLookedAtAgainWhenItsHubHasMoved(t *testing.T) {
	x := start(t, key(3), listenOrSkip(t, "127.0.0.2:0"))
	at := x.Addrs()
	b := start(t, key(4), peers(at...), hasty(5*time.Second, 10*time.Millisecond), func(c *peer.Config) {
		peer.LookOften(c, 20*time.Millisecond)
	})
	b.link(t)
	x.stop()
	b.untilLinks(t, 0)
	x = start(t, key(3), peers(b.Addrs()...))
	b.link(t)
	y := start(t, key(5), listen(at...))
	b.until(t, "a link with both", func(ls []peer.Link, _ int) bool { return len(ls) == 2 })
	if l := y.link(t); l.Peer != b.ID() {
		t.Errorf("linked with %s", l.Peer)
	}
	if n := x.count(); n != 1 {
		t.Errorf("the hub that moved was linked %d times", n)
	}
}

func TestAHubWithAllItsLinksSaysSo(t *testing.T) {
	a := start(t, lower())
	a.FillLinks()
	b := start(t, higher(), peers(a.Addrs()...))
	b.untilStatus(t, peer.ErrBusy)
	if n := a.count() + b.count(); n != 0 {
		t.Errorf("%d links served", n)
	}
}

func TestAHubDoesNotLinkWithItself(t *testing.T) {
	a := start(t, key(1), listen("127.0.0.1:0", "127.0.0.2:0"))
	for _, at := range a.Addrs() {
		if err := a.AddPeer(at); err != nil {
			t.Fatal(err)
		}
	}
	a.untilStatus(t, peer.ErrSelf)
	for _, l := range a.Status() {
		if self, ok := errors.AsType[*peer.SelfError](l.Err); ok && !slices.Contains(a.Addrs(), self.Addr) {
			t.Errorf("its key is said to answer at %s", self.Addr)
		}
	}
	copied := start(t, key(1), peers(a.Addrs()[0]))
	copied.untilStatus(t, peer.ErrSelf)
	if n := a.count() + copied.count(); n != 0 {
		t.Errorf("%d links served", n)
	}
	if err := a.AddPeer("/ip4/192.0.2.1/tcp/1/p2p/" + a.LibP2P().String()); !errors.Is(err, peer.ErrSelf) {
		t.Errorf("own key is taken as a peer: %v", err)
	}
}

func TestRunEndsInTheMiddleOfTraffic(t *testing.T) {
	a := start(t, lower(), func(c *peer.Config) {
		c.Serve = func(_ context.Context, l peer.Link) {
			for {
				if _, err := l.Stream.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}
	})
	b := start(t, higher(), peers(a.Addrs()...), func(c *peer.Config) {
		serve := c.Serve
		c.Serve = func(ctx context.Context, l peer.Link) {
			var first [1]byte
			_, _ = io.ReadFull(l.Stream, first[:])
			l.Opener = true // does not read on
			serve(ctx, l)
		}
	})
	b.link(t)
	begun := time.Now()
	a.stop()
	b.untilLinks(t, 0)
	b.stop()
	if d := time.Since(begun); d > 2*time.Second {
		t.Errorf("both have stopped after %v", d)
	}
}

func TestRunEndsInTheMiddleOfAHello(t *testing.T) {
	judging := make(chan struct{}, 1)
	a := start(t, lower(), func(c *peer.Config) {
		c.Admit = func(ctx context.Context, _ record.Author, _ peer.Hello) error {
			judging <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}
	})
	start(t, higher(), peers(a.Addrs()...))
	<-judging
	begun := time.Now()
	a.stop()
	if d := time.Since(begun); d > 2*time.Second {
		t.Errorf("stopped after %v", d)
	}
}
