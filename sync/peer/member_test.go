package peer_test

import (
	"context"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// reach is a host as files are fetched over it.
type reach struct{ *hub }

func (r reach) Open(ctx context.Context, p record.Author) (ferry.Stream, error) {
	return r.Host.Open(ctx, p, ferry.Protocol)
}

func TestStreamsBesideALinkConform(t *testing.T) {
	ferrytest.Conform(t, func(t *testing.T, serve ferrytest.Served) ferrytest.Pair {
		members := func(c *peer.Config) {
			c.Members = map[string]func(context.Context, record.Author, peer.Stream){
				ferry.Protocol: func(ctx context.Context, p record.Author, s peer.Stream) { serve(ctx, p, s) },
			}
		}
		near, far := start(t, lower(), members), start(t, higher(), members)
		if err := near.AddPeer(far.Addrs()[0]); err != nil {
			t.Fatal(err)
		}
		near.untilLinks(t, 1)
		far.untilLinks(t, 1)
		return ferrytest.Pair{Near: near.ID(), Far: far.ID(), Network: reach{near}, Cut: func() {
			near.Block(far.ID())
			near.untilLinks(t, 0)
		}}
	})
}
