package node

import (
	"context"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
)

const (
	watchEach = 5 * time.Second // between two looks for what has to be said aloud
	// unlike is how long members of one key must be up to be two: of a hub that was
	// started again, what it was before is a member for a while.
	unlike = 30 * time.Second
)

// twins are the keys that two hubs use, by what their logs give away.
func (k *links) twins() []replica.Twin {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.engine.Twins(time.Now())
}

// shared reports whether a peer's key is one of them.
func (k *links) shared(key record.Author) bool {
	return slices.ContainsFunc(k.twins(), func(t replica.Twin) bool { return t.Key == key })
}

// shared are the keys, this hub's own among them, that two hubs use that are there,
// by their logs, by who answered where one was dialled, and of others by the membership.
// Both go on: a copy of a card is found and replaced by people.
func (n *Node) shared() map[record.Author]bool {
	out := map[record.Author]bool{}
	for _, t := range n.links.twins() {
		out[t.Key] = true
	}
	if len(n.copies()) > 0 {
		out[n.self] = true
	}
	up := map[record.Author]int{}
	for _, m := range n.near.members() {
		if m.Doubt == gossip.KeyShared && m.Answered && time.Since(m.Since) > unlike {
			if up[m.Key]++; up[m.Key] > 1 {
				out[m.Key] = true
			}
		}
	}
	return out
}

// sharedBy says it for people: whether this hub's own key is among them, and the
// labels of the others.
func (n *Node) sharedBy() (own bool, labels []string) {
	state := n.store.Roster()
	for key := range n.shared() {
		c, ok := state.Hub(key)
		switch {
		case key == n.self:
			own = true
		case ok:
			labels = append(labels, c.Label)
		}
	}
	slices.Sort(labels)
	return own, labels
}

// watchTwins logs when two hubs of one key are noticed.
func (n *Node) watchTwins(ctx context.Context) error {
	tick := time.NewTicker(watchEach)
	defer tick.Stop()
	said := map[record.Author]bool{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := n.shared()
		for key := range now {
			switch {
			case said[key]:
			case key == n.self:
				n.log.Warn("another machine uses this hub's key, as a copy of its card would; one of the two has to stop and to join anew")
			default:
				c, _ := n.store.Roster().Hub(key)
				n.log.Warn("two machines use the key of one hub, as a copy of its card would; one of them has to stop and to join anew", "peer", key.Tag(), "label", c.Label)
			}
		}
		said = now
	}
}
