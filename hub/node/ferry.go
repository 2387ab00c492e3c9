package node

import (
	"context"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// openFerry makes what brings large files from hub to hub, before the pages, whose apps ask
// for it. Nothing comes or goes before there are links.
func (n *Node) openFerry() (err error) {
	n.ferry, err = ferry.New(ferry.Config{Self: n.self, Network: others{n}, Busy: func(p record.Author) bool { return n.links.busy(p) }, Log: n.log})
	return err
}

// others is how the ferry reaches other hubs.
type others struct{ hub *Node }

func (r others) Open(ctx context.Context, of record.Author) (ferry.Stream, error) {
	return r.hub.host.Open(ctx, of, ferry.Protocol)
}

func (r others) Linked() []record.Author { return r.hub.host.Linked() }

// members are the streams that hubs with a link are served.
func (n *Node) members() map[string]func(context.Context, record.Author, peer.Stream) {
	return map[string]func(context.Context, record.Author, peer.Stream){
		ferry.Protocol: func(ctx context.Context, of record.Author, s peer.Stream) { n.ferry.Serve(ctx, of, s) },
	}
}

// busy reports whether records wait to be sent to a peer.
func (k *links) busy(p record.Author) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.engine.Waits(p)
}

var _ hub.Ferrier = appHost{}

// Ferry is what brings files from other hubs.
func (b appHost) Ferry() hub.Ferry { return b.hub.ferry }
