package gossip

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// guard is the memberlist.Transport between memberlist and the network: it passes
// on what a member can have sent, and bounds the rest.
type guard struct {
	inner memberlist.Transport
	sealed
	strangers, malformed *atomic.Uint64
	roll                 *roll
	refuse               func(local, remote netip.Addr) bool
	have                 atomic.Pointer[[]netip.Prefix]

	packets chan *memberlist.Packet
	streams chan net.Conn
	door    door

	ctx    context.Context // ends with Shutdown
	cancel context.CancelFunc
	pumps  sync.WaitGroup
}

func newGuard(g *Gossip, inner memberlist.Transport) (*guard, error) {
	block, err := aes.NewCipher(g.cfg.Network)
	if err != nil {
		return nil, fmt.Errorf("the network key: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("the network key: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &guard{
		inner: inner, sealed: sealed{gcm}, strangers: &g.strangers, malformed: &g.malformed, roll: g.roll, refuse: g.cfg.Refuse,
		packets: make(chan *memberlist.Packet), streams: make(chan net.Conn),
		door: door{conns: map[*stream]netip.Addr{}},
		ctx:  ctx, cancel: cancel,
	}
	w.have.Store(new([]netip.Prefix))
	w.pumps.Go(w.pumpPackets)
	w.pumps.Go(w.pumpStreams)
	return w, nil
}

// count notes what was dropped.
func (w *guard) count(err error) {
	if errors.Is(err, errStranger) {
		w.strangers.Add(1)
	} else {
		w.malformed.Add(1)
	}
}

func (w *guard) pumpPackets() {
	for {
		select {
		case <-w.ctx.Done():
			return
		case p := <-w.inner.PacketCh():
			if w.refuse(netip.Addr{}, addrOf(p.From)) {
				continue
			}
			if err := w.checkPacket(p.Buf); err != nil {
				w.count(err)
				continue
			}
			select {
			case w.packets <- p:
			case <-w.ctx.Done():
				return
			}
		}
	}
}

func (w *guard) pumpStreams() {
	for {
		select {
		case <-w.ctx.Done():
			return
		case c := <-w.inner.StreamCh():
			s := &stream{Conn: c, guard: w, request: true}
			if w.refuse(addrOf(c.LocalAddr()), addrOf(c.RemoteAddr())) || !w.door.enter(s) {
				_ = c.Close()
				continue
			}
			w.pumps.Go(func() { w.receive(s) })
		}
	}
}

// addrOf is where something came from, with its zone.
func addrOf(a net.Addr) netip.Addr {
	b, ok := a.(interface{ AddrPort() netip.AddrPort })
	if !ok {
		return netip.Addr{}
	}
	return b.AddrPort().Addr().Unmap()
}

// receive takes in a stranger's first message and hands the stream on.
func (w *guard) receive(s *stream) {
	if s.SetDeadline(time.Now().Add(streamTimeout)) != nil || s.load() != nil {
		_ = s.Close()
		return
	}
	select {
	case w.streams <- s:
	case <-w.ctx.Done():
		_ = s.Close()
	}
}

// FinalAdvertiseAddr is of memberlist.Transport, like the rest.
func (w *guard) FinalAdvertiseAddr(ip string, port int) (net.IP, int, error) {
	return w.inner.FinalAdvertiseAddr(ip, port)
}

func (w *guard) PacketCh() <-chan *memberlist.Packet { return w.packets }
func (w *guard) StreamCh() <-chan net.Conn           { return w.streams }

func (w *guard) WriteTo(b []byte, addr string) (time.Time, error) {
	return w.WriteToAddress(b, memberlist.Address{Addr: addr})
}

func (w *guard) WriteToAddress(b []byte, a memberlist.Address) (time.Time, error) {
	if w.ctx.Err() != nil {
		return time.Time{}, net.ErrClosed
	}
	to := w.route(a)
	if w.refuses(to) {
		return time.Time{}, &net.OpError{Op: "write", Net: "udp", Err: errLeftAlone} // as where no network leads
	}
	return w.inner.WriteTo(b, to)
}

func (w *guard) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	return w.DialAddressTimeout(memberlist.Address{Addr: addr}, timeout)
}

func (w *guard) DialAddressTimeout(a memberlist.Address, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(w.ctx, min(timeout, dialTimeout))
	defer cancel()
	to := w.route(a)
	if w.refuses(to) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errLeftAlone}
	}
	c, err := dial(ctx, w.inner, to)
	if err != nil {
		return nil, err
	}
	s := &stream{Conn: c, guard: w}
	if !w.door.keep(s) {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	return s, nil
}

// errLeftAlone is of an address with which nothing is to be spoken.
var errLeftAlone = errors.New("the address is left alone")

// refuses reports whether nothing is to be sent to an address.
func (w *guard) refuses(addr string) bool {
	a, err := netip.ParseAddrPort(addr)
	return err == nil && w.refuse(netip.Addr{}, a.Addr().Unmap())
}

// route is where to reach a member: where it says or, if that is in no network of
// ours but another address of it is, there. A hub on two networks advertises one.
// Where the one it says is left alone any other will do.
func (w *guard) route(a memberlist.Address) string {
	m, ok := w.roll.member(a.Name)
	if !ok || a.Addr != m.Addr.String() {
		return a.Addr
	}
	have := *w.have.Load()
	alone := w.refuse(netip.Addr{}, m.Addr.Addr())
	if onLink(have, m.Addr.Addr()) && !alone {
		return a.Addr
	}
	other := a.Addr
	for _, s := range m.Says.Addrs {
		at := s.Addr()
		if !unicast(at) || at.IsLoopback() || w.refuse(netip.Addr{}, at) {
			continue
		}
		there := netip.AddrPortFrom(at, m.Addr.Port()).String()
		if onLink(have, at) {
			return there
		}
		if alone && other == a.Addr {
			other = there
		}
	}
	return other
}

// Shutdown closes everything and waits for what the guard started.
func (w *guard) Shutdown() error {
	w.cancel()
	drained := make(chan struct{})
	var drain sync.WaitGroup
	drain.Go(func() { // the network's listeners end only when they have handed over
		for {
			select {
			case <-drained:
				return
			case <-w.inner.PacketCh():
			case c := <-w.inner.StreamCh():
				_ = c.Close()
			}
		}
	})
	err := w.inner.Shutdown()
	close(drained)
	drain.Wait()
	w.door.close()
	w.pumps.Wait()
	return err
}
