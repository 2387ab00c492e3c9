package gossip

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// protocol is memberlist's version that all hubs speak.
const protocol = memberlist.ProtocolVersion2Compatible

// The pace of one instance, for up to some dozens of hubs on cables, Wi-Fi and
// meshes of both, where an exchange a second and a half-minute memory are plenty.
const (
	probeInterval = 2 * time.Second
	probeTimeout  = 800 * time.Millisecond // several radio hops under load
	pushPull      = time.Minute
	streamTimeout = 10 * time.Second // a state of 1,000 members at 64 kbit/s takes longer and is tried again
	dialTimeout   = 2 * time.Second
	leaveTimeout  = 700 * time.Millisecond
	updateTimeout = 500 * time.Millisecond
	refresh       = 5 * time.Second
	packetSize    = 1200 // passes IPv6's least MTU and tunnels whole
)

// instance is one memberlist: one name, one advertised address.
type instance struct {
	list  *memberlist.Memberlist
	guard *guard
	name  string
	addr  netip.AddrPort
	gen   int
	ears  *ears
	roll  *roll
	joins sync.WaitGroup
	freed chan struct{} // one of them ended
}

// open makes an instance with the address that is there now.
func (g *Gossip) open() (*instance, error) {
	have := g.cfg.Interfaces()
	ip := advertised(have, g.bind.Addr(), netip.Addr{})
	if !ip.IsValid() {
		return nil, errNoAddress
	}
	name, err := newName(g.cfg.Key, rand.Reader)
	if err != nil {
		return nil, err
	}
	meta, err := encodeSays(g.cfg.Key, g.cfg.Says())
	if err != nil {
		return nil, err
	}
	logger := log.New(quiet{g.log}, "", 0)
	inner, err := g.transport(ip)
	if err != nil {
		return nil, err
	}
	wire, err := newGuard(g, inner)
	if err != nil {
		return nil, errors.Join(err, inner.Shutdown())
	}
	wire.have.Store(&have)
	_, port, err := inner.FinalAdvertiseAddr(ip.String(), int(g.port))
	if err != nil {
		return nil, errors.Join(err, wire.Shutdown())
	}
	in := &instance{guard: wire, name: name, addr: netip.AddrPortFrom(ip, uint16(port)), roll: g.roll, freed: make(chan struct{}, 1)}
	in.gen = g.roll.begin(name, time.Now())
	in.ears = &ears{roll: g.roll, gen: in.gen}
	in.ears.meta.Store(&meta)
	if in.list, err = memberlist.Create(settings(g.cfg.Network, in, logger)); err != nil {
		return nil, errors.Join(fmt.Errorf("start the membership: %w", err), wire.Shutdown())
	}
	g.heal.hasten(time.Now())
	return in, nil
}

// transport opens UDP and TCP.
func (g *Gossip) transport(ip netip.Addr) (memberlist.Transport, error) {
	if g.cfg.Transport != nil {
		return g.cfg.Transport(ip)
	}
	t, err := listen(g.bind.Addr(), g.port, g.log)
	if err != nil {
		if g.bind.Port() == 0 {
			g.port = 0 // the one that was kept may be another's by now
		}
		return nil, fmt.Errorf("listen for the membership on %s: %w", g.cfg.Bind, err)
	}
	g.port = t.port()
	return t, nil
}

func settings(key []byte, in *instance, logger *log.Logger) *memberlist.Config {
	return &memberlist.Config{
		Name: in.name, Transport: in.guard, Logger: logger,
		BindPort:      int(in.addr.Port()),
		AdvertiseAddr: in.addr.Addr().String(), AdvertisePort: int(in.addr.Port()),
		ProtocolVersion: protocol,

		SecretKey: key, GossipVerifyIncoming: true, GossipVerifyOutgoing: true,
		EnableCompression: false, // the guard lets none in

		Delegate: in.ears, Events: in.ears, Alive: in.ears, Ping: in.ears,

		ProbeInterval: probeInterval, ProbeTimeout: probeTimeout, IndirectChecks: 3,
		AwarenessMaxMultiplier: 4, // a hub alone on a bad link slows to 8 s
		SuspicionMult:          4, SuspicionMaxTimeoutMult: 3,
		PushPullInterval: pushPull, TCPTimeout: streamTimeout,
		GossipInterval: 400 * time.Millisecond, GossipNodes: 3,
		RetransmitMult:      8, // 4 leaves somebody out until the next pushPull, in one start of forty
		GossipToTheDeadTime: 30 * time.Second,
		DeadNodeReclaimTime: 0, // a name is never taken over: each start has its own
		UDPBufferSize:       packetSize, HandoffQueueDepth: 256,
		QueueCheckInterval: 10 * time.Minute,
	}
}

// keep runs an instance until its address goes away or ctx ends.
func (g *Gossip) keep(ctx context.Context, in *instance) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var looked time.Time
	for {
		now := time.Now()
		if now.Sub(looked) >= refresh {
			looked = now
			have := g.cfg.Interfaces()
			in.guard.have.Store(&have)
			if ip := advertised(have, g.bind.Addr(), in.addr.Addr()); ip != in.addr.Addr() {
				g.log.Info("the address told to other hubs changes", "from", in.addr.Addr(), "to", ip)
				return
			}
			g.say(in)
			g.heal.update(now, g.cfg.Known(), g.roll, in.addr)
			in.unmask()
		}
		g.roll.sweep(now)
		for _, addr := range g.heal.pick(now) {
			in.joins.Go(func() {
				g.heal.done(addr, in.join(ctx, addr))
				poke(in.freed)
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-g.look:
			looked = time.Time{}
			g.heal.hasten(now)
		case <-g.roll.kick:
			in.unmask()
		case <-in.freed:
		case <-tick.C:
		}
	}
}

// say tells the members what this hub says now, if that is new.
func (g *Gossip) say(in *instance) {
	meta, err := encodeSays(g.cfg.Key, g.cfg.Says())
	if err != nil {
		g.log.Error("cannot tell the other hubs this one's addresses", "err", err)
		return
	}
	if bytes.Equal(meta, *in.ears.meta.Load()) {
		return
	}
	in.ears.meta.Store(&meta)
	if err := in.list.UpdateNode(updateTimeout); err != nil {
		g.log.Debug("what this hub says is still on its way", "err", err)
	}
}

// join exchanges all that is known with who answers at an address.
func (in *instance) join(ctx context.Context, addr string) bool {
	target, err := resolve(ctx, addr)
	if err != nil || target == in.addr {
		return err == nil
	}
	_, err = in.list.Join([]string{target.String()})
	return err == nil
}

func resolve(ctx context.Context, addr string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddrPort(addr); err == nil {
		return a, nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, ip := range ips {
		if a, err := netip.ParseAddrPort(net.JoinHostPort(ip.Unmap().String(), port)); err == nil && unicast(a.Addr()) {
			return a, nil
		}
	}
	return netip.AddrPort{}, errUnreachable
}

// unmask asks members with this hub's own key whether they live.
func (in *instance) unmask() {
	suspects := in.roll.suspects()
	for _, m := range suspects[:min(len(suspects), atOnce)] {
		in.joins.Go(func() {
			if _, err := in.list.Ping(m.Name, net.UDPAddrFromAddrPort(m.Addr)); err == nil {
				in.roll.answered(in.gen, m.Name, time.Now())
			}
		})
	}
}

// close takes leave and ends the instance.
func (in *instance) close() {
	_ = in.list.Leave(leaveTimeout) // told to nobody in time: they will notice
	_ = in.list.Shutdown()
	in.roll.end(time.Now())
	in.joins.Wait()
}

// ears is what memberlist calls. It must not block: memberlist holds its lock.
type ears struct {
	roll *roll
	gen  int
	meta atomic.Pointer[[]byte]
}

func (e *ears) NodeMeta(int) []byte               { return *e.meta.Load() }
func (e *ears) NotifyMsg([]byte)                  {}
func (e *ears) GetBroadcasts(_, _ int) [][]byte   { return nil }
func (e *ears) LocalState(bool) []byte            { return nil }
func (e *ears) MergeRemoteState(_ []byte, _ bool) {}

// NotifyAlive is asked before a member is taken in.
func (e *ears) NotifyAlive(n *memberlist.Node) error {
	m, err := memberOf(n)
	if err == nil {
		err = e.roll.admit(m, time.Now())
	}
	if err != nil {
		e.roll.refused.Add(1)
	}
	return err
}

func (e *ears) NotifyJoin(n *memberlist.Node) {
	if m, err := memberOf(n); err == nil {
		e.roll.up(e.gen, m, time.Now())
	}
}

func (e *ears) NotifyUpdate(n *memberlist.Node) { e.NotifyJoin(n) }
func (e *ears) NotifyLeave(n *memberlist.Node)  { e.roll.down(e.gen, n.Name, time.Now()) }

func (e *ears) AckPayload() []byte { return nil }

func (e *ears) NotifyPingComplete(n *memberlist.Node, _ time.Duration, _ []byte) {
	e.roll.answered(e.gen, n.Name, time.Now())
}
