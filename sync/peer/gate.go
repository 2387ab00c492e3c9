package peer

import (
	"sync"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// gate is libp2p's ConnectionGater. It keeps away who is blocked by hand, who
// has no Ed25519 key and who has the hub's own, or comes from this hub itself; who
// is a hub at all the hello tells.
type gate struct {
	self    record.Author
	mirror  *mirror
	mu      sync.Mutex
	blocked map[record.Author]struct{}
}

func newGate(self record.Author) *gate {
	return &gate{self: self, mirror: newMirror(), blocked: make(map[record.Author]struct{})}
}

func (g *gate) block(a record.Author) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.blocked[a] = struct{}{}
}

func (g *gate) unblock(a record.Author) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.blocked, a)
}

func (g *gate) blocks(a record.Author) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.blocked[a]
	return ok
}

// InterceptSecured is asked once the other side has proven its key.
func (g *gate) InterceptSecured(dir network.Direction, id peer.ID, _ network.ConnMultiaddrs) bool {
	a, err := authorOf(id)
	if err != nil || dir == network.DirInbound && g.mirror.recognises(a) {
		return false
	}
	return a != g.self && !g.blocks(a)
}

// InterceptPeerDial keeps libp2p from dialling of its own accord: the dialler
// hands it finished connections.
func (g *gate) InterceptPeerDial(peer.ID) bool { return false }

// InterceptAddrDial is as InterceptPeerDial.
func (g *gate) InterceptAddrDial(peer.ID, ma.Multiaddr) bool { return false }

// InterceptAccept lets all in: the door bounds them.
func (g *gate) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptUpgraded has nothing to add.
func (g *gate) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }
