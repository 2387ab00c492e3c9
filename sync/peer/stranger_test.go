package peer_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	lp "github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// stranger is an ordinary libp2p host that does as it likes with a hub.
type stranger struct {
	host.Host
	hub lp.ID
}

// visit connects a stranger with a hub.
func visit(t testing.TB, b *hub, identity crypto.PrivKey) *stranger {
	t.Helper()
	s, err := tryVisit(t, b, identity)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryVisit(t testing.TB, b *hub, identity crypto.PrivKey) (*stranger, error) {
	t.Helper()
	h, err := libp2p.New(libp2p.NoListenAddrs, libp2p.DisableMetrics(), libp2p.Identity(identity),
		libp2p.ResourceManager(&network.NullResourceManager{}), libp2p.Transport(tcp.NewTCPTransport))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	at, err := net.ResolveTCPAddr("tcp", b.Addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	m, err := manet.FromNetAddr(at)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	err = h.Connect(ctx, lp.AddrInfo{ID: b.LibP2P(), Addrs: []ma.Multiaddr{m}})
	return &stranger{Host: h, hub: b.LibP2P()}, err
}

func identity(t testing.TB, k []byte) crypto.PrivKey {
	t.Helper()
	p, err := crypto.UnmarshalEd25519PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *stranger) open(t testing.TB, p protocol.ID) network.Stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(network.WithNoDial(context.Background(), "one visit"), soon)
	defer cancel()
	st, err := s.NewStream(ctx, s.hub, p)
	if err != nil {
		t.Fatal(err)
	}
	_ = st.SetDeadline(time.Now().Add(soon))
	return st
}

// shut waits for the hub to end a stream, and returns what it sent before.
func shut(t testing.TB, st network.Stream) []byte {
	t.Helper()
	_ = st.SetReadDeadline(time.Now().Add(soon))
	b, err := io.ReadAll(st)
	if nerr, ok := errors.AsType[net.Error](err); ok && nerr.Timeout() {
		t.Fatal("the hub keeps the stream open")
	}
	return b
}

// until waits for something about connections, which no channel tells of.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(soon)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s does not come about", what)
		}
	}
}

func hasty(hello, redial time.Duration) func(*peer.Config) {
	return func(c *peer.Config) { peer.Hasten(c, hello, redial) }
}

func TestNothingIsServedBeforeTheHello(t *testing.T) {
	for name, keys := range map[string][2][]byte{
		"to the hub that decides":  {higher(), lower()},
		"by the hub that does not": {lower(), higher()},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, keys[0])
			s := visit(t, b, identity(t, keys[1]))
			for _, p := range []protocol.ID{peer.SyncProtocol, "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0", "/x"} {
				ctx, cancel := context.WithTimeout(network.WithNoDial(context.Background(), "one visit"), soon)
				st, err := s.NewStream(ctx, s.hub, p)
				if err == nil {
					_, _ = st.Write([]byte{1})
					if got := shut(t, st); len(got) > 0 && p == peer.SyncProtocol {
						t.Errorf("%s answers %x", p, got)
					}
				}
				cancel()
			}
			if n := b.count(); n != 0 {
				t.Errorf("%d links served", n)
			}
			if n := b.Conns(); n != 1 {
				t.Errorf("%d connections, want the stranger's: not the streams were shut but the connection", n)
			}
		})
	}
}

// greet says hello as a hub would and returns the hub's verdict.
func (s *stranger) greet(t testing.TB, h peer.Hello) error {
	t.Helper()
	b, err := peer.EncodeHello(h)
	if err != nil {
		t.Fatal(err)
	}
	st := s.open(t, peer.HelloProtocol)
	if err := peer.WriteFrame(st, b); err != nil {
		t.Fatal(err)
	}
	if _, err := peer.ReadFrame(st); err != nil {
		t.Fatal(err)
	}
	var code [1]byte
	if _, err := io.ReadFull(st, code[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Write([]byte{0}); err != nil {
		t.Fatal(err)
	}
	if code[0] == 0 {
		_ = st.CloseWrite()
	}
	return peer.TellCode(code[0])
}

func TestWhoDecidesOffersTheLink(t *testing.T) {
	hello := peer.Hello{Founding: []byte(town)}
	t.Run("taken", func(t *testing.T) {
		b := start(t, higher())
		s := visit(t, b, identity(t, lower()))
		if err := s.greet(t, hello); err != nil {
			t.Fatal(err)
		}
		st := s.open(t, peer.SyncProtocol)
		_, _ = st.Write([]byte{1, 'h', 'i'})
		var got [3]byte
		if _, err := io.ReadFull(st, got[:]); err != nil || got != [3]byte{1, 'h', 'i'} {
			t.Fatalf("answer %q, %v", got, err)
		}
		second := s.open(t, peer.SyncProtocol)
		_, _ = second.Write([]byte{2})
		if got := shut(t, second); !bytes.Equal(got, []byte{2}) {
			t.Errorf("a spare link is answered %x", got)
		}
		b.untilLinks(t, 1)
	})
	t.Run("not by the other", func(t *testing.T) {
		b := start(t, lower())
		s := visit(t, b, identity(t, higher()))
		s.SetStreamHandler(peer.SyncProtocol, func(network.Stream) {}) // leaves the hub's own offer unanswered
		if err := s.greet(t, hello); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(network.WithNoDial(context.Background(), "one visit"), soon)
		defer cancel()
		if st, err := s.NewStream(ctx, s.hub, peer.SyncProtocol); err == nil {
			_, _ = st.Write([]byte{1})
			if got := shut(t, st); len(got) > 0 || b.Conns() != 1 {
				t.Errorf("answered %x, or kept as long as the connection", got)
			}
		}
		if n := b.count(); n != 0 {
			t.Errorf("%d links served", n)
		}
	})
	t.Run("unknown offer", func(t *testing.T) {
		b := start(t, higher())
		s := visit(t, b, identity(t, lower()))
		if err := s.greet(t, hello); err != nil {
			t.Fatal(err)
		}
		st := s.open(t, peer.SyncProtocol)
		_, _ = st.Write([]byte{9})
		if got := shut(t, st); len(got) > 0 || b.count() > 0 {
			t.Errorf("answered %x, %d links served", got, b.count())
		}
	})
	t.Run("not when refused", func(t *testing.T) {
		b := start(t, higher())
		s := visit(t, b, identity(t, lower()))
		if err := s.greet(t, peer.Hello{Founding: []byte("elsewhere")}); !errors.Is(err, peer.ErrForeign) {
			t.Fatalf("verdict %v", err)
		}
		st := s.open(t, peer.SyncProtocol)
		_, _ = st.Write([]byte{1})
		if got := shut(t, st); len(got) > 0 || b.count() > 0 {
			t.Errorf("answered %x, %d links served", got, b.count())
		}
	})
}

func TestWhoDoesNotAnswerAsAHubIsGivenUp(t *testing.T) {
	for name, serve := range map[string]func(c net.Conn){
		"silence": func(net.Conn) {},
		"HTTP":    func(c net.Conn) { _, _ = fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); _ = c.Close() },
		"at once": func(c net.Conn) { _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			accepted := make(chan struct{})
			var conns []net.Conn
			go func() {
				defer close(accepted)
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					conns = append(conns, c)
					serve(c)
				}
			}()
			b := start(t, key(1), peers(l.Addr().String()), hasty(200*time.Millisecond, 10*time.Millisecond))
			b.untilStatus(t, peer.ErrUnanswered)
			b.stop()
			_ = l.Close()
			<-accepted
			for _, c := range conns {
				_ = c.Close()
			}
		})
	}
	t.Run("a hello that never comes", func(t *testing.T) {
		h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics(),
			libp2p.ResourceManager(&network.NullResourceManager{}), libp2p.Transport(tcp.NewTCPTransport))
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		h.SetStreamHandler(peer.HelloProtocol, func(network.Stream) {})
		_, at, err := manet.DialArgs(h.Addrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		b := start(t, key(1), peers(at), hasty(200*time.Millisecond, 10*time.Millisecond))
		b.untilStatus(t, peer.ErrUnanswered)
	})
}

func TestABadHelloIsToldAndClosed(t *testing.T) {
	frame := func(b []byte) []byte {
		var w bytes.Buffer
		if err := peer.WriteFrame(&w, b); err != nil {
			t.Fatal(err)
		}
		return w.Bytes()
	}
	for name, sent := range map[string][]byte{
		"garbage":             frame([]byte("GET / HTTP/1.1\r\n")),
		"announced too large": append([]byte{0xff, 0xff}, make([]byte, 1<<17)...),
		"announced empty":     {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, key(1))
			s := visit(t, b, identity(t, key(2)))
			st := s.open(t, peer.HelloProtocol)
			go func() { _, _ = st.Write(sent) }()
			if _, err := peer.ReadFrame(st); err != nil {
				t.Fatalf("the hub's own hello: %v", err)
			}
			var code [1]byte
			if _, err := io.ReadFull(st, code[:]); err != nil || !errors.Is(peer.TellCode(code[0]), peer.ErrHello) {
				t.Errorf("verdict %x, %v; want %v", code, err, peer.ErrHello)
			}
			_, _ = st.Write([]byte{0})
			_ = st.CloseWrite()
			until(t, "the connection's end", func() bool { return b.Conns() == 0 && b.Unproven() == 0 })
		})
	}
}

func TestAHelloThatNeverEndsIsCut(t *testing.T) {
	for name, send := range map[string]func(w io.Writer, stop <-chan struct{}){
		"silence": func(_ io.Writer, stop <-chan struct{}) { <-stop },
		"byte by byte": func(w io.Writer, stop <-chan struct{}) {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			_, _ = w.Write([]byte{0x3f, 0xff})
			for {
				select {
				case <-tick.C:
					if _, err := w.Write([]byte{0x58}); err != nil {
						return
					}
				case <-stop:
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, key(1), hasty(200*time.Millisecond, time.Second))
			s := visit(t, b, identity(t, key(2)))
			st := s.open(t, peer.HelloProtocol)
			stop := make(chan struct{})
			defer close(stop)
			go send(st, stop)
			begun := time.Now()
			shut(t, st)
			until(t, "the connection's end", func() bool { return b.Conns() == 0 && b.Unproven() == 0 })
			if d := time.Since(begun); d > 5*time.Second {
				t.Errorf("cut after %v", d)
			}
		})
	}
}

func TestAConnectionWithoutHelloIsClosed(t *testing.T) {
	b := start(t, key(1), hasty(100*time.Millisecond, time.Second))
	visit(t, b, identity(t, key(2)))
	until(t, "the connection's end", func() bool { return b.Conns() == 0 && b.Unproven() == 0 })
}

func TestNothingIsKeptOfWhoIsGone(t *testing.T) {
	b := start(t, key(1), hasty(100*time.Millisecond, time.Second))
	before := b.Noted()
	for i := range 3 {
		visit(t, b, identity(t, key(byte(2+i))))
	}
	until(t, "all visitors' end", func() bool { return b.Conns() == 0 && b.Noted() == before })
}

func TestASecondHelloOnAConnectionIsReset(t *testing.T) {
	b := start(t, key(1))
	s := visit(t, b, identity(t, key(2)))
	first := s.open(t, peer.HelloProtocol)
	if _, err := peer.ReadFrame(first); err != nil {
		t.Fatal(err)
	}
	if got := shut(t, s.open(t, peer.HelloProtocol)); len(got) > 0 {
		t.Errorf("a second hello is answered: %x", got)
	}
}

func TestOtherKeysThanEd25519AreRefused(t *testing.T) {
	for name, gen := range map[string]func() (crypto.PrivKey, crypto.PubKey, error){
		"secp256k1": func() (crypto.PrivKey, crypto.PubKey, error) { return crypto.GenerateSecp256k1Key(rand.Reader) },
		"ECDSA":     func() (crypto.PrivKey, crypto.PubKey, error) { return crypto.GenerateECDSAKeyPair(rand.Reader) },
		"RSA":       func() (crypto.PrivKey, crypto.PubKey, error) { return crypto.GenerateRSAKeyPair(2048, rand.Reader) },
	} {
		t.Run(name, func(t *testing.T) {
			priv, pub, err := gen()
			if err != nil {
				t.Fatal(err)
			}
			id, err := lp.IDFromPublicKey(pub)
			if err != nil {
				t.Fatal(err)
			}
			if a, err := peer.AuthorOf(id); err == nil {
				t.Errorf("its id is read as %s", a)
			}
			b := start(t, key(1))
			_, _ = tryVisit(t, b, priv)
			until(t, "the connection's end", func() bool { return b.Conns() == 0 && b.Unproven() == 0 })
		})
	}
}

func TestAKeyAndItsIDAreOneAnother(t *testing.T) {
	a := record.AuthorOf(key(1))
	id, err := peer.IDOf(a)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(id.String(), "12D3") {
		t.Errorf("id %s", id)
	}
	if back, err := peer.AuthorOf(id); err != nil || back != a {
		t.Errorf("id of %s is read as %s, %v", a, back, err)
	}
	for _, id := range []lp.ID{"", "x", lp.ID(strings.Repeat("\x00", 40))} {
		if a, err := peer.AuthorOf(id); err == nil {
			t.Errorf("id %q is read as %s", string(id), a)
		}
	}
}

func TestHostileConnectionsDoNotKeepAnHonestHubOut(t *testing.T) {
	b := start(t, lower())
	from := func(n int) *net.Dialer {
		return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 9, byte(n))}, Timeout: soon}
	}
	probe, err := from(1).Dial("tcp", b.Addrs()[0])
	if err != nil {
		t.Skipf("other loopback addresses cannot be used here: %v", err)
	}
	defer probe.Close()
	for i := range 200 {
		c, err := from(1+i%20).Dial("tcp", b.Addrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%2 == 0 {
			_, _ = fmt.Fprint(c, "\x13/multistream/1.0.0\n")
		}
	}
	until(t, "a full door", func() bool { return b.Unproven() == peer.MaxUnproven })
	honest := start(t, higher(), peers(b.Addrs()...))
	honest.link(t)
	echo(t, b, honest)
	if n := b.Unproven(); n > peer.MaxUnproven {
		t.Errorf("%d connections are unproven, at most %d", n, peer.MaxUnproven)
	}
}

func TestAThousandHellosAtOnceAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	b := start(t, key(1))
	addr := b.Addrs()[0]
	for range 1000 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if n := b.Unproven(); n > peer.MaxUnproven {
		t.Errorf("%d connections are unproven, at most %d", n, peer.MaxUnproven)
	}
	honest := start(t, key(2), peers(addr))
	echo(t, b, honest)
}
