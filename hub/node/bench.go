package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// bench has what moderators have decided at hand, for as long as nothing of class trust
// changes: what a snapshot shows and what is decided are of one moment.
type bench struct {
	mu    sync.Mutex
	who   *roster.State
	trust store.Digest
	state *moderation.State
}

// of is what was decided by a moment of the store.
func (b *bench) of(v *store.View) (*moderation.State, error) {
	who, trust := v.Roster(), v.Digest(record.Trust)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != nil && b.who == who && b.trust == trust {
		return b.state, nil
	}
	var rs []record.Record
	for r, err := range v.Newest(moderation.App, string(moderation.All), 0) {
		if err != nil {
			return nil, fmt.Errorf("what moderators decided: %w", err)
		}
		rs = append(rs, r.Record)
	}
	b.who, b.trust, b.state = who, trust, moderation.Fold(rs, who)
	return b.state, nil
}

// watchModeration has open pages told when posts are hidden or shown again: the lists
// in which they stand have not changed by themselves.
func (n *Node) watchModeration(ctx context.Context) error {
	changed := n.store.Watch(ctx)
	timer := time.NewTimer(0)
	defer timer.Stop()
	last := moderation.Fold(nil, n.store.Roster())
	held := map[record.Author]bool{}
	for {
		if err := n.tellJudged(&last, &held); err != nil {
			n.log.Warn("open pages were not told what moderators decided", "err", err)
		}
		timer.Reset(n.untilFree(last))
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-timer.C:
		}
	}
}

// Bounds of how long it takes until somebody is looked at who is muted: clocks are set.
const (
	soonest = time.Second
	latest  = time.Minute
	idle    = 24 * time.Hour
)

// untilFree is when to look again whether somebody is muted no more.
func (n *Node) untilFree(s *moderation.State) time.Duration {
	now, _ := n.clock.Now()
	wait := idle // until something is decided
	for _, a := range s.Held(n.clock.Clock) {
		wait = min(wait, latest, max(soonest, a.Until.Sub(now)))
	}
	return wait
}

// tellJudged tells what is shown otherwise than before.
func (n *Node) tellJudged(last **moderation.State, was *map[record.Author]bool) error {
	touched := store.Touched{Terms: map[store.Term]struct{}{}}
	err := n.store.Read(func(v *store.View) error {
		now, err := n.bench.of(v)
		if err != nil {
			return err
		}
		posts, authors := moderation.Differ(*last, now)
		held := map[record.Author]bool{}
		for _, a := range now.Held(n.clock.Clock) {
			held[a.Post.Author] = true
		}
		for who := range *was {
			if !held[who] {
				authors = append(authors, who) // it is over
			}
		}
		*last, *was = now, held
		for _, p := range posts {
			for r, err := range v.Slots(p.App, p.Key) {
				if err != nil {
					return err
				}
				if r.Author == p.Author {
					n.touch(&touched, r.Record)
				}
			}
		}
		for _, who := range authors {
			for r, err := range v.By(who) {
				if err != nil {
					return err
				}
				n.touch(&touched, r)
			}
		}
		return nil
	})
	if len(touched.Terms) > 0 || touched.Many {
		n.feed.tell(touched)
	}
	return err
}

// touch notes the lists in which a record stands.
func (n *Node) touch(t *store.Touched, r record.Record) {
	if r.Withdrawn() || r.Class < record.People {
		return
	}
	for _, term := range n.index.Terms(r) {
		t.Terms[store.Term{App: r.App, Term: term}] = struct{}{}
	}
	if len(t.Terms) > store.MaxTouched {
		t.Terms, t.Many = map[store.Term]struct{}{}, true
	}
}
