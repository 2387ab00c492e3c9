package peer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/core/transport"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// maxPeers bounds the addresses that are dialled.
const maxPeers = 256

const (
	turnedAwayInterval = 10 * time.Second // between log lines on who was turned away
	selfRedial         = time.Minute      // an address that was our own may be another's one day
	lasting            = 5 * time.Second  // a link that held so long is missed at once
	atOnce             = 100 * time.Millisecond
)

// backoff paces the attempts at one address: the first wait, then a brisk pace
// while the loss is fresh, then a slow one for ever. Each is varied by a fifth,
// so that hubs that lost each other do not keep dialling at the same moment.
type backoff struct {
	first, brisk, briskFor, slow time.Duration
}

func (b backoff) after(fails int, failing time.Duration) time.Duration {
	switch {
	case fails <= 1:
		return b.first
	case failing < b.briskFor:
		return b.brisk
	}
	return b.slow
}

func varied(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// address is a place to dial, for ever.
type address struct {
	text     string        // as given
	hostport string        // what to dial
	pinned   record.Author // whom to accept there; zero = anyone
	cancel   context.CancelFunc
	now      chan struct{} // dial without waiting

	mu   sync.Mutex
	last record.Author // who answered last; zero = nobody yet
	err  error         // of the last attempt
}

func (a *address) found() record.Author {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

func (a *address) note(p record.Author) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = p
}

// failed keeps the outcome and reports whether it is news.
func (a *address) failed(err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	news := err != nil && (a.err == nil || a.err.Error() != err.Error())
	a.err = err
	return news
}

type addressBook struct {
	mu sync.Mutex
	m  map[string]*address
}

func newAddressBook() addressBook { return addressBook{m: make(map[string]*address)} }

func (b *addressBook) all() []*address {
	b.mu.Lock()
	defer b.mu.Unlock()
	as := make([]*address, 0, len(b.m))
	for _, a := range b.m {
		as = append(as, a)
	}
	slices.SortFunc(as, func(a, b *address) int { return strings.Compare(a.text, b.text) })
	return as
}

// AddPeer has an address dialled until RemovePeer or the end: "host:port" with
// a name or an IP address, or a multiaddr, which may name the key to expect
// ("/ip4/192.0.2.1/tcp/4001/p2p/12D3…"). Adding it again does nothing.
func (h *Host) AddPeer(addr string) error {
	a, err := parseAddress(addr)
	if err != nil {
		return err
	}
	if a.pinned == h.self {
		return fmt.Errorf("%q: %w", addr, ErrSelf)
	}
	h.peers.mu.Lock()
	defer h.peers.mu.Unlock()
	if _, ok := h.peers.m[addr]; ok {
		return nil
	}
	if len(h.peers.m) >= maxPeers {
		return fmt.Errorf("no more than %d addresses are dialled", maxPeers)
	}
	ctx, cancel := context.WithCancel(h.ctx)
	a.cancel = cancel
	if !h.tasks.start(func() { h.keepDialling(ctx, a) }) {
		cancel()
		return net.ErrClosed
	}
	h.peers.m[addr] = a
	return nil
}

// RemovePeer ends the dialling of an address. A link stays.
func (h *Host) RemovePeer(addr string) {
	h.peers.mu.Lock()
	defer h.peers.mu.Unlock()
	if a := h.peers.m[addr]; a != nil {
		a.cancel()
		delete(h.peers.m, addr)
	}
}

// Redial tries at once all addresses that are not linked: an interface came up,
// or a certificate.
func (h *Host) Redial() {
	for _, a := range h.peers.all() {
		select {
		case a.now <- struct{}{}:
		default:
		}
	}
}

func parseAddress(s string) (*address, error) {
	a := &address{text: s, hostport: s, now: make(chan struct{}, 1)}
	bad := func(err error) (*address, error) {
		return nil, fmt.Errorf("address %q of a hub is not host:port: %w", s, err)
	}
	if len(s) > 0 && s[0] == '/' {
		m, err := ma.NewMultiaddr(s)
		if err != nil {
			return bad(err)
		}
		m, id := peer.SplitAddr(m)
		if id != "" {
			if a.pinned, err = authorOf(id); err != nil {
				return bad(err)
			}
			a.last = a.pinned
		}
		network, hostport, err := manet.DialArgs(m)
		if err != nil {
			return bad(err)
		}
		if network != "tcp4" && network != "tcp6" && network != "tcp" {
			return bad(errors.New("only TCP is spoken"))
		}
		a.hostport = hostport
	}
	host, port, err := net.SplitHostPort(a.hostport)
	if err != nil {
		return bad(err)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return bad(errors.New("the port is a number from 1 to 65535"))
	}
	if host == "" {
		return bad(errors.New("the host is missing"))
	}
	return a, nil
}

// keepDialling owns one address.
func (h *Host) keepDialling(ctx context.Context, a *address) {
	if h.awaitRun(ctx) != nil {
		return
	}
	fails, since := 0, time.Now()
	for ctx.Err() == nil {
		changed := h.book.watch()
		p := a.found()
		var wait time.Duration
		if l := h.book.link(p); l != nil {
			a.failed(nil)
			if !sleep(ctx, changed) {
				return
			}
			if l.alive() {
				continue
			}
			fails, since = 0, time.Now()
			if time.Since(l.since) > lasting {
				wait = atOnce
			} else {
				wait = h.cfg.times.redial.first
			}
		} else {
			err := h.reach(ctx, a)
			if err == nil || ctx.Err() != nil {
				continue
			}
			fails++
			if a.failed(err) {
				h.log.Warn("hub not reached", "addr", a.text, "err", err)
			}
			wait = h.waitAfter(err, fails, time.Since(since))
		}
		timer := time.NewTimer(varied(wait))
		select {
		case <-timer.C:
		case <-a.now:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

func sleep(ctx context.Context, ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	case <-ctx.Done():
		return false
	}
}

// waitAfter paces attempts by what went wrong: who was refused will not be
// welcome in a second.
func (h *Host) waitAfter(err error, fails int, failing time.Duration) time.Duration {
	_, told := errors.AsType[*ToldError](err)
	switch {
	case errors.Is(err, ErrSelf):
		return selfRedial
	case told, errors.Is(err, errJudged), errors.Is(err, ErrOtherHub), errors.Is(err, ErrBlocked):
		return h.cfg.times.redial.slow
	}
	return h.cfg.times.redial.after(fails, failing)
}

// reach dials an address once. Nil if there is a link with who is there.
func (h *Host) reach(ctx context.Context, a *address) error {
	if h.gate.blocks(a.found()) {
		return ErrBlocked
	}
	c, err := h.connect(ctx, a)
	switch {
	case err != nil && h.gate.blocks(a.found()):
		return ErrBlocked
	case err != nil:
		return err
	case c == nil:
		return nil
	}
	arrived, forget := h.book.await(connEndpoints(c), a.text)
	defer forget()
	ctx, cancel := context.WithTimeout(ctx, h.cfg.times.hello)
	defer cancel()
	if err := h.tcp.dialed.put(ctx, c); err != nil {
		return err
	}
	var s *session
	select {
	case s = <-arrived:
	case <-ctx.Done():
		_ = c.Close()
		return ctx.Err()
	}
	if err := h.greet(ctx, s); err != nil {
		_ = s.conn.Close()
		return err
	}
	return h.settle(h.ctx, s)
}

// connect opens a connection with who is at the address and proves keys on both
// sides. Who that is may be unknown: libp2p wants to know a key beforehand, so a
// first handshake that expects another one serves to learn it. Without
// connection and error there is a link with that hub already.
func (h *Host) connect(ctx context.Context, a *address) (transport.CapableConn, error) {
	want := h.tcp.nobody
	if p := a.found(); p != (record.Author{}) {
		id, err := idOf(p)
		if err != nil {
			return nil, err
		}
		want = id
	}
	c, err := h.tcp.dial(ctx, a.hostport, want)
	mismatch, ok := errors.AsType[sec.ErrPeerIDMismatch](err)
	if !ok {
		return c, err
	}
	p, err := authorOf(mismatch.Actual)
	switch {
	case err != nil:
		return nil, err
	case p == h.self:
		return nil, ErrSelf
	case a.pinned != record.Author{}:
		return nil, fmt.Errorf("%w: %s", ErrOtherHub, p)
	}
	a.note(p)
	if h.book.link(p) != nil {
		return nil, nil
	}
	return h.tcp.dial(ctx, a.hostport, mismatch.Actual)
}
