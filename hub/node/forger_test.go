package node_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// member runs a hub that takes part in the membership, on this machine alone.
func member(t *testing.T, path string) *node.Node {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{notes{}}, Listen: []string{"127.0.0.1:0"}, Nearby: node.Nearby{Membership: "127.0.0.1:0"}, TrustClock: true,
	})
	ok(t, err)
	runs(t, n)
	return n
}

// wait waits until something is so.
func wait(t *testing.T, within time.Duration, what string, so func() bool) {
	t.Helper()
	late := time.After(within)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("never within %v: %s", within, what)
		}
	}
}

func linked(a, b *node.Node) func() bool {
	return func() bool {
		for _, l := range a.Host().Status() {
			if l.Linked() && l.Peer == b.Host().ID() {
				return true
			}
		}
		return false
	}
}

// forge has somebody with the network key be a member with any key, who says
// anything, where n is.
func forge(t *testing.T, path string, n *node.Node, key record.Author, at ...netip.AddrPort) *gossip.Gossip {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	wait(t, 10*time.Second, "the hub is on the network", func() bool { return n.MemberAddr().IsValid() })
	g, err := gossip.New(gossip.Config{
		Key: key, Network: f.Network, Bind: "127.0.0.1:0",
		Interfaces: func() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")} },
		Says:       func() gossip.Says { return gossip.Says{Addrs: at} },
		Known:      func() []string { return []string{n.MemberAddr().String()} },
		Heard:      func(gossip.Member, gossip.Event) {},
	})
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the forger: %v", err)
		}
	})
	return g
}

// meet has a hub that does not run have met n among the members.
func meet(t *testing.T, path string, n *node.Node) {
	t.Helper()
	l, err := local.Open(filepath.Join(path, "local.db"), local.Options{NoSync: true})
	ok(t, err)
	ok(t, l.Met(n.Host().ID(), local.MemberAddress, n.MemberAddr().String()))
	ok(t, l.Close())
}

// trap is an address where somebody counts who dials, and hangs up.
type trap struct {
	at netip.AddrPort

	mu    sync.Mutex
	calls int
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	p := &trap{at: netip.MustParseAddrPort(ln.Addr().String())}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.calls++
			p.mu.Unlock()
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	return p
}

func (p *trap) called() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Whoever has the network key can make up members. They are dialled now and then,
// a few of them, and a real hub is found beside them.
func TestMadeUpMembersGetAFewDialsAndNoLink(t *testing.T) {
	_, paths := folders(t, 2)
	a := member(t, paths[0])
	var traps []*trap
	const made = 12
	for i := range made {
		p := newTrap(t)
		traps = append(traps, p)
		forge(t, paths[0], a, record.AuthorOf(ed25519.NewKeyFromSeed(append(make([]byte, 31), byte(i+1)))), p.at)
	}
	hit := func() (n int) {
		for _, p := range traps {
			n += min(1, p.called())
		}
		return n
	}
	wait(t, 20*time.Second, "made-up members are dialled", func() bool { return hit() >= 8 })
	begun := time.Now()
	meet(t, paths[1], a)
	b := member(t, paths[1])
	wait(t, 10*time.Second, "the real hubs are linked", linked(a, b))
	t.Logf("the real hub is linked after %v", time.Since(begun).Round(time.Millisecond))
	if n := len(a.Host().Attempts()); n > 8 {
		t.Errorf("%d of %d made-up members are dialled at a time", n, made)
	}
	for _, p := range traps {
		if n := p.called(); n > 30 {
			t.Errorf("one was dialled %d times", n)
		}
	}
	for _, l := range a.Host().Status() {
		if l.Linked() && l.Peer != b.Host().ID() {
			t.Errorf("a link with %s", l.Peer.Tag())
		}
	}
}

// Members that have the key of a real hub, and say that it is elsewhere, keep
// nobody from finding it.
func TestAMemberWithAnothersKeyKeepsNobodyFromIt(t *testing.T) {
	_, paths := folders(t, 2)
	a := member(t, paths[0])
	f, err := node.ReadFolder(paths[1])
	ok(t, err)
	elsewhere := newTrap(t)
	var at []netip.AddrPort
	for i := range gossip.MaxAddrs - 1 {
		at = append(at, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 9, byte(i + 1)}), 9))
	}
	for range 4 {
		forge(t, paths[0], a, record.AuthorOf(f.Key), append([]netip.AddrPort{elsewhere.at}, at...)...)
	}
	wait(t, 20*time.Second, "it is dialled where it is not", func() bool { return elsewhere.called() > 0 })
	meet(t, paths[1], a)
	b := member(t, paths[1])
	wait(t, 20*time.Second, "the real one is linked", linked(a, b))
}

// A hub whose address book is full of addresses where nobody is any more starts at
// once, and finds the one that is still there.
func TestABookOfDeadAddressesDelaysLittle(t *testing.T) {
	const places = 17
	_, paths := folders(t, places)
	b := member(t, paths[1])
	l, err := local.Open(filepath.Join(paths[0], "local.db"), local.Options{NoSync: true})
	ok(t, err)
	ok(t, l.Met(b.Host().ID(), local.SyncAddress, b.SyncAddrs()[0])) // it is the one met longest ago
	for i := 1; i < local.MaxAddresses; i++ {
		f, err := node.ReadFolder(paths[1+i%(places-1)])
		ok(t, err)
		of := record.AuthorOf(f.Key)
		ok(t, l.Met(of, local.SyncAddress, fmt.Sprintf("127.1.%d.1:9", i)))
		ok(t, l.Met(of, local.MemberAddress, fmt.Sprintf("127.1.%d.1:10", i)))
	}
	ok(t, l.Close())

	begun := time.Now()
	a := member(t, paths[0])
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the start takes %v", took)
	}
	wait(t, 15*time.Second, "the one that is there is linked", linked(a, b))
	took := time.Since(begun)
	dials := 0
	for _, one := range a.Host().Attempts() {
		dials += one.Fails
	}
	t.Logf("linked after %v, %d hubs dialled in vain, %d addresses each at most", took.Round(time.Millisecond), dials, peer.MaxWantAddrs)
	if most := places + 4*int(took/time.Second+1); dials > most {
		t.Errorf("%d dials in vain within %v, more than %d", dials, took, most)
	}
}

// Whoever has the network key can say that a hub is elsewhere as well. That alone
// raises no alarm; where a hub with that key does answer, the handshake proves it.
func TestAClaimToAHubsKeyIsNoProofOfIt(t *testing.T) {
	_, paths := folders(t, 1)
	a := member(t, paths[0])
	elsewhere := newTrap(t)
	forge(t, paths[0], a, a.Host().ID(), elsewhere.at)
	wait(t, 20*time.Second, "what is claimed is looked at", func() bool { return elsewhere.called() > 0 })
	wait(t, 5*time.Second, "it is said as a claim", func() bool {
		s, err := a.Status()
		return err == nil && level(s, "identity") == doctor.Warn
	})

	copied := filepath.Join(t.TempDir(), "hub")
	ok(t, os.CopyFS(copied, os.DirFS(paths[0])))
	_ = os.Remove(filepath.Join(copied, "lock"))
	twin, _ := start(t, copied)
	at, err := netip.ParseAddrPort(twin.SyncAddrs()[0])
	ok(t, err)
	forge(t, paths[0], a, a.Host().ID(), at)
	wait(t, 20*time.Second, "the copy has proved the key", func() bool {
		return slices.ContainsFunc(a.Host().Missed(), func(m peer.Missed) bool {
			self, ok := errors.AsType[*peer.SelfError](m.Err)
			return ok && self.Addr == at.String() && self.Bearer == peer.Twin
		})
	})
	wait(t, 5*time.Second, "it is an alarm", func() bool {
		s, err := a.Status()
		return err == nil && level(s, "identity") == doctor.Bad
	})
}

// Whoever has the network key can say that a hub is where they pass connections on to
// it. It proves its key to itself there, and is not taken for a copy by that.
func TestAHubThatIsShownItselfSeesNoThief(t *testing.T) {
	_, paths := folders(t, 2)
	a := member(t, paths[0])
	at := passOn(t, a.SyncAddrs()[0])
	forge(t, paths[0], a, a.Host().ID(), at)
	meet(t, paths[1], a)
	b := member(t, paths[1])
	wait(t, 10*time.Second, "the real hubs are linked", linked(a, b))
	wait(t, 20*time.Second, "it has looked who answers there", func() bool {
		return slices.ContainsFunc(a.Host().Missed(), func(m peer.Missed) bool { return errors.Is(m.Err, peer.ErrSelf) })
	})
	s, err := a.Status()
	ok(t, err)
	i := slices.IndexFunc(s.Warnings, func(w doctor.Finding) bool { return w.Code == "identity" })
	if i < 0 || s.Warnings[i].Level != doctor.Warn || !strings.Contains(s.Warnings[i].Text, at.String()) || strings.Contains(s.Warnings[i].Todo, "revoke") {
		t.Errorf("%+v", s.Warnings)
	}
}

// passOn is an address where somebody passes on to another what comes in.
func passOn(t *testing.T, to string) netip.AddrPort {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			pass := func(from, to net.Conn) {
				_, _ = io.Copy(to, from)
				_, _ = from.Close(), to.Close()
			}
			conns.Go(func() { pass(in, out) })
			conns.Go(func() { pass(out, in) })
		}
	})
	t.Cleanup(func() { _ = ln.Close(); conns.Wait() })
	return netip.MustParseAddrPort(ln.Addr().String())
}
