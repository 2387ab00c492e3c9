package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/transport"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// Times of the TCP connection. A link that went dead without a word is noticed
// by the kernel: after unackedTimeout where something is under way, and where
// nothing is, after a probe (keepAlive) and that time. While it is not noticed
// nobody dials, and TCP's own doubling pauses would outlast a cut by its length.
const (
	connectTimeout = 4 * time.Second // three SYNs, at 0, 1 and 3 s
	unackedTimeout = 15 * time.Second
	probeIdle      = 10 * time.Second
	probeInterval  = 5 * time.Second
	probeCount     = 3
)

// tcp is the libp2p transport of this package. It differs from libp2p's own:
//
//   - It dials a host and a port whose peer id is not known yet, on any kind of
//     address. libp2p's swarm dials ids only, filters out link-local and its own
//     addresses, and keeps backoffs of its own; here it never dials: finished
//     connections are handed to it as if a listener had accepted them.
//   - What comes in passes the door.
//   - No SO_LINGER of 0, which would throw away the verdict sent last, and no
//     SO_REUSEPORT, which lets two processes take one port.
type tcp struct {
	upgrader transport.Upgrader
	rcmgr    network.ResourceManager
	nobody   peer.ID                             // expected where nobody knows whom to expect
	refuse   func(local, remote netip.Addr) bool // see Config

	mu     sync.Mutex
	bound  map[string]transport.Listener // waiting for the swarm to take them
	serial int
	dialed *dialed
}

func newTCP(u transport.Upgrader, rm network.ResourceManager, nobody peer.ID) *tcp {
	return &tcp{
		upgrader: u, rcmgr: rm, nobody: nobody, bound: make(map[string]transport.Listener),
		refuse: func(_, _ netip.Addr) bool { return false },
		dialed: &dialed{conns: make(chan transport.CapableConn), closed: make(chan struct{})},
	}
}

// dial connects and proves keys on both sides. Where another key than wanted
// answers the error holds a sec.ErrPeerIDMismatch with it. Where a connection would
// be refused nothing is sent.
func (t *tcp) dial(ctx context.Context, a *address, want peer.ID) (transport.CapableConn, error) {
	d := net.Dialer{Timeout: connectTimeout, KeepAliveConfig: keepAlive(), Control: t.control(a)}
	raw, err := d.DialContext(ctx, "tcp", a.hostport)
	if err != nil {
		return nil, err
	}
	if at := endpointsOf(raw); !a.asked && t.refuse(at.local.Addr(), at.remote.Addr()) {
		_ = raw.Close()
		return nil, ErrLeftAlone
	}
	c, err := manet.WrapNetConn(raw)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	scope, err := t.rcmgr.OpenConnection(network.DirOutbound, true, c.RemoteMultiaddr())
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	up, err := t.upgrader.Upgrade(ctx, t, c, network.DirOutbound, want, scope)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnanswered, err)
	}
	return up, nil
}

// control prepares a socket for an address right before it connects, once names are
// looked up.
func (t *tcp) control(a *address) func(network, at string, c syscall.RawConn) error {
	return func(network, at string, c syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(at); err == nil && t.refuse(netip.Addr{}, to.Addr()) {
			if !a.asked {
				return ErrLeftAlone
			}
			a.insisted(to)
		}
		return socketOptions(network, at, c)
	}
}

// bind makes a listener ready for the swarm: listen on the multiaddr returned.
func (t *tcp) bind(l *doorway) (ma.Multiaddr, error) {
	wrapped, err := manet.WrapNetListener(l)
	if err != nil {
		return nil, err
	}
	return t.offer(t.upgrader.UpgradeGatedMaListener(t, t.upgrader.GateMaListener(wrapped)))
}

// offer names a listener so that the swarm can ask for it.
func (t *tcp) offer(l transport.Listener) (ma.Multiaddr, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.serial++
	name, err := ma.NewMultiaddr(fmt.Sprintf("/memory/%d", t.serial))
	if err != nil {
		return nil, err
	}
	t.bound[name.String()] = &named{Listener: l, name: name}
	return name, nil
}

// Listen hands over what bind or offer prepared.
func (t *tcp) Listen(name ma.Multiaddr) (transport.Listener, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, ok := t.bound[name.String()]
	if !ok {
		return nil, fmt.Errorf("no listener is bound as %s", name)
	}
	delete(t.bound, name.String())
	return l, nil
}

// Dial is libp2p's way to dial, which is not used.
func (t *tcp) Dial(context.Context, ma.Multiaddr, peer.ID) (transport.CapableConn, error) {
	return nil, errors.New("hubs are dialled by address")
}

// CanDial keeps the swarm from trying.
func (t *tcp) CanDial(ma.Multiaddr) bool { return false }

// Protocols are those of the names that offer gives.
func (t *tcp) Protocols() []int { return []int{ma.P_MEMORY} }

// Proxy is false: these are direct connections.
func (t *tcp) Proxy() bool { return false }

// named is a listener under the name that the swarm knows it by. A real address
// there would make libp2p list the machine's interfaces every few seconds.
type named struct {
	transport.Listener
	name   ma.Multiaddr
	closed atomic.Bool
}

func (n *named) Multiaddr() ma.Multiaddr { return n.name }

// Accept keeps the swarm from reporting the end of a listener as a fault.
func (n *named) Accept() (transport.CapableConn, error) {
	c, err := n.Listener.Accept()
	if err != nil && n.closed.Load() {
		err = transport.ErrListenerClosed
	}
	return c, err
}

func (n *named) Close() error {
	n.closed.Store(true)
	return n.Listener.Close()
}

// dialed is the listener through which dialled connections reach the swarm.
type dialed struct {
	conns  chan transport.CapableConn
	once   sync.Once
	closed chan struct{}
}

// put hands a connection over, or closes it.
func (d *dialed) put(ctx context.Context, c transport.CapableConn) error {
	select {
	case d.conns <- c:
		return nil
	case <-d.closed:
	case <-ctx.Done():
	}
	_ = c.Close()
	return net.ErrClosed
}

func (d *dialed) Accept() (transport.CapableConn, error) {
	select {
	case c := <-d.conns:
		return c, nil
	case <-d.closed:
		return nil, transport.ErrListenerClosed
	}
}

func (d *dialed) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

func (d *dialed) Addr() net.Addr { return &net.TCPAddr{} }

func (d *dialed) Multiaddr() ma.Multiaddr { return nil }

func keepAlive() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: probeIdle, Interval: probeInterval, Count: probeCount}
}
