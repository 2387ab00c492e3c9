package node

import (
	"context"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/spread"
	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

var _ spread.Links = (*links)(nil)

// openSpread begins to follow how far what is held here has got.
func (n *Node) openSpread() (err error) {
	n.spread, err = spread.New(spread.Config{
		Self: n.self, Store: n.store, Links: n.links, Every: n.conf.ClaimEvery, Log: n.log,
		Now:   func() time.Time { t, _ := n.clock.Now(); return t },
		Write: n.writeClaim, Grown: n.tellReached,
	})
	return err
}

// writeClaim signs with the hub's own key what it has taken over.
func (n *Node) writeClaim(ctx context.Context, body []byte) error {
	app := hub.Manifest{Name: reach.App, Class: reach.Class, TTL: reach.TTL}
	_, err := n.desk.Write(ctx, app, n.conf.Folder.Key, hub.Draft{Key: reach.Key, Body: body})
	return err
}

// tellReached tells those who watch that posts have got further.
func (n *Node) tellReached() {
	t := store.Touched{Terms: map[store.Term]struct{}{}}
	for app := range n.apps {
		t.Terms[store.Term{App: app, Term: string(hub.Reached)}] = struct{}{}
	}
	n.feed.tell(t)
}

// Status is how the links stand.
func (k *links) Status() []replica.LinkStatus {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.engine.Status()
}

// Cursors is up to where peers' logs have been taken over, as far as that may not
// be durable yet.
func (k *links) Cursors() map[record.Author]store.Position {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.engine.Cursors()
}
