package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// maxPeers bounds the addresses that are dialled.
const maxPeers = 256

// address is a place to dial, for ever.
type address struct {
	text     string        // as given
	hostport string        // what to dial
	pinned   record.Author // whom to accept there; zero = anyone
	cancel   context.CancelFunc
	now      chan struct{}           // dial without waiting
	looked   time.Time               // when it was last looked up who is there
	asked    bool                    // somebody wants just this one, wherever it lies
	insisted func(at netip.AddrPort) // told when it is dialled though Config.Refuse says no; nil unless asked

	mu   sync.Mutex
	last record.Author // who answered last; zero = nobody yet
	err  error         // of the last attempt
	said []string      // kinds of errors logged since the last link
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

// leadsTo reports whether a connection is with who is at the address, as far as
// can be told without looking.
func (a *address) leadsTo(s *session) bool {
	if s.addr == a.text || a.pinned != (record.Author{}) {
		return true
	}
	host, _, err := net.SplitHostPort(a.hostport)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap() == s.at.remote.Addr()
}

// reached ends a row of failures.
func (a *address) reached() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err, a.said = nil, nil
}

// failed keeps an error and reports whether it is news.
func (a *address) failed(err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
	k := kind(err)
	if slices.Contains(a.said, k) || len(a.said) >= maxSaid {
		return false
	}
	a.said = append(a.said, k)
	return true
}

// maxSaid bounds the log lines about one address.
const maxSaid = 8

// kind is an error without what differs from one attempt to the next, such as
// ports.
func kind(err error) string {
	for _, k := range []error{
		ErrForeign, ErrNoCertificate, ErrRevoked, ErrHello, ErrBusy, ErrBlocked, ErrSelf, ErrOtherHub, ErrRefused,
		ErrUnanswered, ErrLeftAlone, errNoLink,
	} {
		if errors.Is(err, k) {
			return k.Error()
		}
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "name"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	return err.Error()
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
	a.asked, a.insisted = true, h.insists(addr)
	if !h.tasks.start(func() { h.keepDialling(ctx, a) }) {
		cancel()
		return net.ErrClosed
	}
	h.peers.m[addr] = a
	return nil
}

// insists tells the log, once, that an address is dialled though it would be refused.
func (h *Host) insists(addr string) func(netip.AddrPort) {
	var once sync.Once
	return func(at netip.AddrPort) {
		once.Do(func() {
			h.log.Warn("this address lies on an interface by which no hub is to be spoken with; it is dialled because it was asked for", "addr", addr, "at", at)
		})
	}
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

// Redial tries at once all addresses and wants that are not linked: an interface
// came up, or a certificate.
func (h *Host) Redial() {
	h.seeker.hasten(time.Now())
	for _, a := range h.peers.all() {
		poke(a.now)
	}
}

func parseAddress(s string) (*address, error) {
	a := &address{text: s, hostport: s, now: make(chan struct{}, 1), looked: time.Now()}
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
