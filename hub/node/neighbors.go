package node

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/iface"
	"github.com/lamppost-hub/lamppost/sync/mdns"
	"github.com/lamppost-hub/lamppost/sync/mesh"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

const (
	lookAround = 5 * time.Second        // between two looks at who is there
	gathering  = 100 * time.Millisecond // what happens within that is looked at once
)

// neighborhood finds other hubs and says with whom to be linked. What it goes by
// are hints: whom it dials proves a certificate, or there is no link.
type neighborhood struct {
	conf   Config
	self   record.Author
	log    *slog.Logger
	book   *local.Local
	roster func() *roster.State
	host   *peer.Host     // set before run
	gossip *gossip.Gossip // nil = no membership
	finder *mdns.Finder   // nil = no multicast
	mesh   *mesh.Mesh
	alone  *iface.Alone
	begun  time.Time
	wake   chan struct{}

	mu     sync.Mutex
	nets   nets
	fallen map[record.Author]time.Time // hubs that are no members any more, since when
}

// nets is the machine's interfaces that are up.
type nets struct {
	all  []iface.Interface
	ours []netip.Prefix // addresses at which hubs may reach this one
}

// openNeighborhood prepares it. Where neither membership nor multicast is asked
// for, the links are exactly those that the configuration names.
func (n *Node) openNeighborhood() error {
	h := &neighborhood{
		conf: n.conf, self: n.self, log: n.log, book: n.local, roster: n.store.Roster, wake: make(chan struct{}, 1),
		mesh: mesh.New(n.store.Codec().Community(), n.self), begun: time.Now(),
		fallen: map[record.Author]time.Time{}, alone: iface.LeaveAlone(n.conf.Nearby.LeaveAlone, nil),
	}
	n.near = h
	if missing := iface.Missing(n.conf.Nearby.LeaveAlone); len(missing) > 0 {
		h.log.Warn("there is no interface of such a name: if it is misspelt, hubs are spoken with where phones are; if it comes later, all is well", "phones", missing)
	}
	if is, err := iface.List(); err == nil { // else they are asked for again
		h.take(is)
	}
	if n.conf.Nearby.Multicast {
		h.finder = mdns.New(mdns.Config{
			Self: n.self, Community: n.store.Codec().Community(), Addrs: h.reachable, Changed: h.stir, Log: n.log,
		})
	}
	if n.conf.Nearby.Membership == "" {
		return nil
	}
	if n.conf.Folder.Network == nil {
		n.log.Warn("without the membership's key this hub finds others by their addresses alone: copy network.key from any hub of the community into the data folder", "file", networkFile)
		return nil
	}
	var err error
	h.gossip, err = gossip.New(gossip.Config{
		Key: n.self, Network: n.conf.Folder.Network, Bind: n.conf.Nearby.Membership,
		Interfaces: h.prefixes, Refuse: h.alone.Holds,
		Says: h.says, Known: h.known, Heard: h.told, Log: n.log,
	})
	return err
}

// seeks reports whether hubs are looked for at all.
func (h *neighborhood) seeks() bool { return h.conf.Nearby.Membership != "" || h.conf.Nearby.Multicast }

// run looks around until ctx ends.
func (h *neighborhood) run(ctx context.Context) error {
	if !h.seeks() {
		if len(h.conf.Nearby.LeaveAlone) > 0 {
			iface.Watch(ctx, h.moved) // links are not to stay there
		}
		return nil
	}
	var parts sync.WaitGroup
	defer parts.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts.Go(func() { iface.Watch(ctx, h.moved) })
	if h.gossip != nil {
		parts.Go(func() {
			if err := h.gossip.Run(ctx); err != nil {
				h.log.Error("the membership ended", "err", err)
			}
		})
	}
	if h.finder != nil {
		parts.Go(func() { h.finder.Run(ctx) })
	}
	for {
		changed := h.host.Changed()
		h.look()
		t := time.NewTimer(lookAround)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-h.wake:
		case <-t.C:
		}
		t.Reset(gathering)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}

// told takes in what happened to a member.
func (h *neighborhood) told(m gossip.Member, e gossip.Event) {
	if _, certified := h.roster().Hub(m.Key); certified {
		h.mu.Lock()
		delete(h.fallen, m.Key)
		if e == gossip.Down {
			h.fallen[m.Key] = time.Now()
		}
		h.mu.Unlock()
	}
	h.stir()
}

// fell is since when a hub is no member any more; zero if it is, or never was.
func (h *neighborhood) fell(key record.Author) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fallen[key]
}

// stir has run look at once.
func (h *neighborhood) stir() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// take notes the interfaces that are up.
func (h *neighborhood) take(is []iface.Interface) {
	now := nets{all: is}
	for _, i := range is {
		if !slices.Contains(h.conf.Nearby.LeaveAlone, i.Name) {
			now.ours = append(now.ours, i.Addrs...)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.nets = now
}

// moved takes in that interfaces or their addresses are others now.
func (h *neighborhood) moved(is []iface.Interface) {
	h.take(is)
	var all []netip.Addr
	for _, i := range is {
		for _, p := range i.Addrs {
			all = append(all, p.Addr())
		}
	}
	h.host.Lost(func(local netip.Addr) bool { return !slices.Contains(all, local.WithZone("")) })
	h.host.Redial()
	if h.gossip != nil {
		h.gossip.Refresh()
	}
	if h.finder != nil {
		h.finder.Use(slices.DeleteFunc(slices.Clone(is), func(i iface.Interface) bool { return slices.Contains(h.conf.Nearby.LeaveAlone, i.Name) }))
	}
	h.stir()
}

func (h *neighborhood) prefixes() []netip.Prefix {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.nets.ours)
}

// says is what the other hubs are told of this one.
func (h *neighborhood) says() gossip.Says {
	s := gossip.Says{Addrs: h.reachable()}
	for _, l := range h.host.Status() {
		if l.Linked() {
			s.Links = append(s.Links, gossip.PrefixOf(l.Peer))
		}
	}
	return s
}

// reachable are the addresses at which other hubs may dial this one.
func (h *neighborhood) reachable() (out []netip.AddrPort) {
	have := h.prefixes()
	for _, listening := range h.host.Addrs() {
		at, err := netip.ParseAddrPort(listening)
		if err != nil {
			continue
		}
		if !at.Addr().IsUnspecified() {
			out = append(out, at)
			continue
		}
		for _, p := range have {
			if !p.Addr().IsLoopback() {
				out = append(out, netip.AddrPortFrom(p.Addr(), at.Port()))
			}
		}
	}
	return out
}

// known is where members may be: where they were met, and on this hub's own port
// at those it is linked with.
func (h *neighborhood) known() (out []string) {
	for _, a := range h.book.Addresses() {
		if a.Kind == local.MemberAddress {
			out = append(out, a.Addr)
		}
	}
	_, port, err := net.SplitHostPort(h.conf.Nearby.Membership)
	if err != nil || port == "0" {
		return out
	}
	for _, l := range h.host.Status() {
		if at, err := netip.ParseAddrPort(l.Addr); err == nil && at.Addr().Zone() == "" {
			if addr := net.JoinHostPort(at.Addr().String(), port); !slices.Contains(out, addr) {
				out = append(out, addr)
			}
		}
	}
	return out
}

// look takes in who is there, and has the host dial whom it should be linked with
// and end what is too much.
func (h *neighborhood) look() {
	h.remember()
	cs := h.candidates()
	v := h.view(cs)
	c := h.mesh.Choose(time.Now(), v)
	wants := wantsOf(cs, len(v.Links), c, lostOf(cs, h.self, len(v.Links), time.Since(h.begun)))
	h.host.Seek(append(wants, h.proofs()...))
	for _, key := range c.End {
		h.log.Info("a link that is not needed is ended", "peer", key.Tag())
		h.host.Drop(key)
	}
}

// remember puts into the book where hubs were met.
func (h *neighborhood) remember() {
	note := func(err error) {
		if err != nil {
			h.log.Debug("an address is not kept", "err", err)
		}
	}
	from := map[record.Author]netip.Addr{} // of those that dialled us
	for _, l := range h.host.Status() {
		at, err := netip.ParseAddrPort(l.Addr)
		switch {
		case err != nil || !l.Linked():
		case l.Dialled:
			note(h.book.Met(l.Peer, local.SyncAddress, at.String()))
		default:
			from[l.Peer] = at.Addr().Unmap()
		}
	}
	for _, m := range h.members() {
		if m.Doubt != 0 {
			continue
		}
		if m.Answered {
			note(h.book.Met(m.Key, local.MemberAddress, m.Addr.String()))
		}
		for _, a := range m.Says.Addrs { // where it dialled from it is, at the port that it says
			if a.Addr() == from[m.Key] {
				note(h.book.Met(m.Key, local.SyncAddress, a.String()))
			}
		}
	}
}

func (h *neighborhood) members() []gossip.Member {
	if h.gossip == nil {
		return nil
	}
	return h.gossip.Members()
}
