package node

import (
	"context"
	"log/slog"
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
// by their logs, by who answered where one was dialled, and of others by the membership,
// which is a hint alone: whoever has the network's key can forge it, and the hub whose
// key it is knows better. Both go on: a copy of a card is found and replaced by people.
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

// watchTwins logs when two hubs of one key are noticed, and when they no longer are.
func (n *Node) watchTwins(ctx context.Context) error {
	tick := time.NewTicker(watchEach)
	defer tick.Stop()
	a := alarms{self: n.self, log: n.log, label: func(key record.Author) string {
		c, _ := n.store.Roster().Hub(key)
		return c.Label
	}}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			a.look(n.shared(), n.near.claimed())
		}
	}
}

// alarms says of keys that are used twice, once, that they are, and once that it is over.
type alarms struct {
	self  record.Author
	label func(record.Author) string
	log   *slog.Logger

	shared  map[record.Author]bool
	claimed bool
}

// look compares what is now with what was: the keys that two hubs use, and the
// addresses where somebody claims to have this hub's.
func (a *alarms) look(shared map[record.Author]bool, claims []string) {
	for key := range shared {
		switch {
		case a.shared[key]:
		case key == a.self:
			a.log.Warn("another machine uses this hub's key, as a copy of its card would, or another hub says so; “lamppost doctor” says which, and what to do")
		default:
			a.log.Warn("two machines show the key of one hub, as a copy of its card would, or somebody with the community's network key; that hub's own “lamppost doctor” says which", "peer", key.Tag(), "label", a.label(key))
		}
	}
	for key := range a.shared {
		switch {
		case shared[key]:
		case key == a.self:
			a.log.Info("no other machine is seen any more that uses this hub's key")
		default:
			a.log.Info("no two machines are seen any more that show the key of one hub", "peer", key.Tag(), "label", a.label(key))
		}
	}
	claimed := len(claims) > 0 && !shared[a.self] // what is proved is no claim
	switch {
	case claimed && !a.claimed:
		a.log.Warn("somebody claims to be this hub and has not proved it, as whoever has the community's network key can; “lamppost doctor” says what to do", "addrs", claims)
	case a.claimed && !claimed:
		a.log.Info("nobody claims any more to be this hub without a proof")
	}
	a.shared, a.claimed = shared, claimed
}
