package node

import (
	"context"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// await waits until keys of an app are in slots of this hub's set, and gives
// those that are not there in time.
func (n *Node) await(ctx context.Context, in control.Awaited) (out control.Keys, err error) {
	within := min(max(0, time.Duration(in.Within)*time.Millisecond), control.MaxAwait)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	changed := n.store.Watch(ctx)
	out.Keys = in.Keys
	for {
		if out.Keys, err = n.missing(record.App(in.App), out.Keys); err != nil || len(out.Keys) == 0 {
			return out, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return out, nil
		}
	}
}
