package peer_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	ma "github.com/multiformats/go-multiaddr"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outer is an address of the machine that is not loopback: an IPv4 one, or a
// link-local IPv6 one with its zone. Empty if there is none.
func outer(t testing.TB, linkLocal bool) string {
	t.Helper()
	ifs, err := net.Interfaces()
	if err != nil {
		return ""
	}
	for _, i := range ifs {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			ip, ok := a.(*net.IPNet)
			switch {
			case !ok:
			case linkLocal && ip.IP.To4() == nil && ip.IP.IsLinkLocalUnicast():
				return ip.IP.String() + "%" + i.Name
			case !linkLocal && ip.IP.To4() != nil:
				return ip.IP.String()
			}
		}
	}
	return ""
}

func join(host, port string) string { return net.JoinHostPort(host, port) }

func port(t testing.TB, b *hub) string {
	t.Helper()
	_, p, err := net.SplitHostPort(b.Addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// listenOrSkip listens where the machine can.
func listenOrSkip(t testing.TB, addr string) func(*peer.Config) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("cannot listen on %s here: %v", addr, err)
	}
	_ = l.Close()
	return listen(addr)
}

func bare() peer.Config {
	return peer.Config{
		Key:   key(1),
		Hello: func() peer.Hello { return peer.Hello{} },
		Admit: func(context.Context, record.Author, peer.Hello) error { return nil },
		Serve: func(context.Context, peer.Link) {},
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := bare()
	cfg.Listen = []string{"127.0.0.1:0", l.Addr().String()}
	_, err = peer.New(cfg)
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) || !strings.Contains(err.Error(), "another program") {
		t.Errorf("error %v", err)
	}
}

func TestAnAddressThatIsNotThereYetIsNotFatal(t *testing.T) {
	a := start(t, lower(), listen("127.0.0.1:0", "198.51.100.77:4001", "[2001:db8::77]:4001"))
	if n := len(a.Addrs()); n != 1 {
		t.Errorf("listening on %v", a.Addrs())
	}
	b := start(t, higher(), listen(), peers(a.Addrs()...))
	echo(t, a, b)
}

func TestBadConfigurationIsAnError(t *testing.T) {
	for name, change := range map[string]func(*peer.Config){
		"no key":              func(c *peer.Config) { c.Key = nil },
		"no Admit":            func(c *peer.Config) { c.Admit = nil },
		"port without number": listen("127.0.0.1:http+"),
		"listen without port": listen("127.0.0.1"),
		"peer without port":   peers("192.0.2.1"),
		"peer without host":   peers(":4001"),
		"peer at port 0":      peers("192.0.2.1:0"),
		"peer over UDP":       peers("/ip4/192.0.2.1/udp/4001"),
		"peer of another key": peers("/ip4/192.0.2.1/tcp/4001/p2p/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"),
		"no multiaddr":        peers("/ip4/"),
		"nothing":             peers(""),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := bare()
			change(&cfg)
			h, err := peer.New(cfg)
			if err == nil {
				_ = h.Close()
				t.Error("taken")
			}
		})
	}
}

func TestAHostThatNeverRanCloses(t *testing.T) {
	cfg := bare()
	cfg.Listen, cfg.Peers = []string{"127.0.0.1:0"}, []string{"127.0.0.1:9"}
	h, err := peer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.Close(), h.Close()); err != nil {
		t.Error(err)
	}
	if err := h.AddPeer("127.0.0.1:10"); err == nil {
		t.Error("a closed host takes an address to dial")
	}
}

func TestAPeerThatIsRemovedIsNotDialled(t *testing.T) {
	b := start(t, key(1), hasty(time.Second, time.Millisecond))
	if err := b.AddPeer("127.0.0.1:9"); err != nil {
		t.Fatal(err)
	}
	until(t, "an attempt in vain", func() bool { return b.Status()[0].Err != nil })
	b.RemovePeer("127.0.0.1:9")
	if s := b.Status(); len(s) != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestALostHubIsDialledBrisklyThenForEver(t *testing.T) {
	for fails := 1; fails < 100; fails++ {
		if d := peer.Redial(fails, time.Minute); d > 2*time.Second {
			t.Errorf("after %d failures in a minute the wait is up to %v", fails, d)
		}
		if d := peer.Redial(fails, 24*time.Hour); d > 6*time.Second {
			t.Errorf("after %d failures in a day the wait is up to %v", fails, d)
		}
	}
	if brisk, slow := peer.Redial(9, time.Minute), peer.Redial(9, time.Hour); slow <= brisk {
		t.Errorf("the wait is %v at first and %v later", brisk, slow)
	}
}

// libp2p's defaults allow an address one connection in five seconds, and eight
// in all, except from loopback.
func TestRediallingIsNotRateLimited(t *testing.T) {
	rm, err := peer.NewLimits()
	if err != nil {
		t.Fatal(err)
	}
	defer rm.Close()
	for i := range 100 {
		c, err := rm.OpenConnection(network.DirOutbound, true, ma.StringCast("/ip4/192.0.2.1/tcp/4001"))
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		if i >= 40 {
			c.Done()
		} else {
			defer c.Done()
		}
	}
}

// lossy is a TCP relay that can fall silent without closing anything, as a
// radio link does.
type lossy struct {
	net.Listener
	to string

	mu    sync.Mutex
	conns []net.Conn
	wg    sync.WaitGroup
}

func relay(t testing.TB, to string) *lossy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &lossy{Listener: l, to: to}
	r.wg.Go(r.accept)
	t.Cleanup(func() {
		_ = l.Close()
		r.mu.Lock()
		for _, c := range r.conns {
			_ = c.Close()
		}
		r.mu.Unlock()
		r.wg.Wait()
	})
	return r
}

func (r *lossy) accept() {
	for {
		in, err := r.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, in, out)
		r.mu.Unlock()
		r.wg.Go(func() { pump(in, out) })
		r.wg.Go(func() { pump(out, in) })
	}
}

// pump copies until its source is at its deadline, and closes nothing then.
func pump(from, to net.Conn) {
	_, err := io.Copy(to, from)
	if nerr, ok := errors.AsType[net.Error](err); ok && nerr.Timeout() {
		return
	}
	_ = from.Close()
	_ = to.Close()
}

// silence stops what goes over the connections there are. New ones work.
func (r *lossy) silence() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		_ = c.SetReadDeadline(time.Now())
	}
}

func TestALinkLostOnOneSideOnlyIsReplaced(t *testing.T) {
	bothOrders(t, func(t *testing.T, ka, kb ed25519.PrivateKey) {
		a := start(t, ka)
		r := relay(t, a.Addrs()[0])
		b := start(t, kb, peers(r.Addr().String()), hasty(5*time.Second, 50*time.Millisecond))
		echo(t, a, b)
		r.silence()
		b.Drop(a.ID()) // as the sync layer does when it hears nothing
		a.until(t, "the second link", func(ls []peer.Link, n int) bool { return n == 2 && len(ls) == 1 })
		b.until(t, "the second link", func(ls []peer.Link, n int) bool { return n == 2 && len(ls) == 1 })
		echo(t, a, b)
		until(t, "one connection", func() bool { return a.Conns() == 1 && b.Conns() == 1 })
	})
}
