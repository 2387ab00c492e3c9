package peer

import (
	"maps"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/metrics"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Traffic is how many bytes went over the streams of one protocol, as it wrote
// them: without what encryption, TCP and IP add.
type Traffic struct {
	Sent, Received uint64
}

// maxProtocols bounds those that are counted apart; there are a few.
const maxProtocols = 16

// Traffic is that of each stream protocol since New, by its name, such as
// "/lamppost/sync/2". What is said before a protocol is agreed on has no name.
func (h *Host) Traffic() map[string]Traffic { return h.counter.all() }

// counter is what libp2p reports its traffic to. libp2p's own needs a goroutine
// for rates, which nobody asks for here.
type counter struct {
	mu sync.Mutex
	by map[string]Traffic
}

func newCounter() *counter { return &counter{by: make(map[string]Traffic)} }

func (c *counter) add(p protocol.ID, sent, received int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.by[string(p)]
	if !ok && len(c.by) >= maxProtocols {
		return
	}
	c.by[string(p)] = Traffic{t.Sent + uint64(sent), t.Received + uint64(received)}
}

func (c *counter) all() map[string]Traffic {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.by)
}

// What libp2p calls.

func (c *counter) LogSentMessageStream(n int64, p protocol.ID, _ peer.ID) { c.add(p, n, 0) }
func (c *counter) LogRecvMessageStream(n int64, p protocol.ID, _ peer.ID) { c.add(p, 0, n) }

// What it asks for or tells besides, and nobody needs.

func (c *counter) LogSentMessage(int64)                                  {}
func (c *counter) LogRecvMessage(int64)                                  {}
func (c *counter) GetBandwidthForPeer(peer.ID) (s metrics.Stats)         { return s }
func (c *counter) GetBandwidthForProtocol(protocol.ID) (s metrics.Stats) { return s }
func (c *counter) GetBandwidthTotals() (s metrics.Stats)                 { return s }
func (c *counter) GetBandwidthByPeer() map[peer.ID]metrics.Stats         { return nil }
func (c *counter) GetBandwidthByProtocol() map[protocol.ID]metrics.Stats {
	return nil
}
func (c *counter) Reset()             {}
func (c *counter) TrimIdle(time.Time) {}
