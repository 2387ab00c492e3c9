package spread

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// maxTries is how often a claim is written of the same news, while links do not
// come to rest.
const maxTries = 3

// claimant decides when this hub's claim is to be written: after news, here or at
// the other end of a link, when both ends have shown that they hold them, or when
// that takes long; not for claims, of whatever hub, and not if it would say
// nothing that it has not said.
type claimant struct {
	every time.Duration
	news  uint64    // the newest that was seen
	dirty bool      // a claim is due because of it
	since time.Time // when the first news came that no claim was written of
	tries int       // how often one was written before all had come to rest
	wrote time.Time
	last  []reach.Taken // of what was written last
}

// resume goes on from the claim that was written before the hub was started.
// clock is what the hub's clock shows.
func (c *claimant) resume(now, clock time.Time, was stated, lineage reach.Log) {
	if was.own == nil || !follows(*was.own, lineage) {
		return
	}
	c.news, c.last = was.own.News, was.own.Taken
	if ago := clock.Sub(was.at); ago > 0 && ago < c.every {
		c.wrote = now.Add(-ago)
	}
}

// follows reports whether a claim is of this log, not of one that a restore has
// undone.
func follows(own reach.Claim, lineage reach.Log) bool {
	newest := own.Log[len(own.Log)-1].Epoch
	return slices.ContainsFunc(lineage, func(x reach.Span) bool { return x.Epoch == newest })
}

// see takes in what the store says.
func (c *claimant) see(now time.Time, news uint64, own *reach.Claim, lineage reach.Log) {
	undone := own != nil && !follows(*own, lineage) // it came back from other hubs
	if undone {
		c.last = nil
	}
	if news > c.news || undone {
		c.mark(now)
	}
	c.news = news
}

// mark notes that there is something to say.
func (c *claimant) mark(now time.Time) {
	if !c.dirty {
		c.dirty, c.since = true, now
	}
	c.tries = 0
}

// due reports whether a claim about what was taken is to be written now.
func (c *claimant) due(now time.Time, settled bool, taken []reach.Taken) bool {
	if !c.dirty || !c.wrote.IsZero() && now.Sub(c.wrote) < c.every || slices.Equal(taken, c.last) {
		return false
	}
	return settled || now.Sub(c.since) >= c.every/6
}

// written notes that a claim was written, or could not be.
func (c *claimant) written(now time.Time, settled bool, taken []reach.Taken) {
	c.wrote, c.last, c.since = now, taken, now
	c.tries++
	if settled || c.tries >= maxTries {
		c.dirty, c.tries = false, 0
	}
}

// write writes this hub's claim if it is due.
func (s *Spread) write(ctx context.Context, now time.Time, links []replica.LinkStatus) error {
	// What was taken is read first: it then stands in the log up to where that ends.
	taken, err := s.taken(links)
	if err != nil {
		return err
	}
	settled := !slices.ContainsFunc(links, func(l replica.LinkStatus) bool { return !s.settled(l) })
	if !s.claim.due(now, settled, taken) {
		return nil
	}
	news, err := s.conf.Store.LastBut(reach.App)
	if err != nil {
		return fmt.Errorf("the newest of the log: %w", err)
	}
	body, err := reach.Claim{Log: s.lineage, News: news, Taken: taken}.Body()
	if err != nil {
		return err
	}
	s.claim.written(now, settled && news == s.claim.news, taken)
	if err := s.conf.Write(ctx, body); err != nil {
		s.claim.dirty, s.claim.last = true, nil
		return fmt.Errorf("write this hub's claim: %w", err)
	}
	return nil
}

// settled reports whether both ends of a link have shown that they hold what the
// other had when this hub's news had come.
func (s *Spread) settled(l replica.LinkStatus) bool {
	running := s.lineage[len(s.lineage)-1].Epoch
	return l.TakenByPeer.Epoch == running && l.TakenByPeer.Arrival >= s.claim.news && l.Taken == l.PeerLog
}

// taken is up to where the logs of certified hubs have been taken over: of those
// that are linked, and of as many others as there is room for, by key.
func (s *Spread) taken(links []replica.LinkStatus) ([]reach.Taken, error) {
	cursors, err := s.conf.Store.Cursors()
	if err != nil {
		return nil, fmt.Errorf("up to where others' logs are taken over: %w", err)
	}
	for hub, p := range s.conf.Links.Cursors() {
		cursors[hub] = p
	}
	linked := map[record.Author]bool{}
	for _, l := range links {
		linked[l.Peer] = true
	}
	var hubs []record.Author
	for hub, p := range cursors {
		if s.stated.hubs[hub] && p != (store.Position{}) {
			hubs = append(hubs, hub)
		}
	}
	slices.SortFunc(hubs, func(a, b record.Author) int {
		if linked[a] != linked[b] {
			if linked[a] {
				return -1
			}
			return 1
		}
		return bytes.Compare(a[:], b[:])
	})
	var out []reach.Taken
	for _, hub := range hubs[:min(len(hubs), reach.MaxTaken)] {
		out = append(out, reach.Taken{Hub: hub.Via(), Position: reach.Position(cursors[hub])})
	}
	slices.SortFunc(out, func(a, b reach.Taken) int { return bytes.Compare(a.Hub[:], b.Hub[:]) })
	return out, nil
}
