package spread

import (
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// stated is what the store says.
type stated struct {
	news   uint64 // the newest number of the log that is no claim's
	hubs   map[record.Author]bool
	claims map[record.Via]reach.Claim // the newest of each other hub
	own    *reach.Claim               // this hub's newest; nil if there is none
	at     time.Time                  // of own, by its own time
}

// read takes in what the store says. A claim stays in mind when its record has
// expired: what it says was so.
func (s *Spread) read() error {
	news, err := s.conf.Store.LastBut(reach.App)
	if err != nil {
		return fmt.Errorf("the newest of the log: %w", err)
	}
	now := stated{news: news, hubs: map[record.Author]bool{}, claims: map[record.Via]reach.Claim{}}
	err = s.conf.Store.Read(func(v *store.View) error {
		for hub := range v.Roster().Hubs() {
			if hub == s.conf.Self {
				continue
			}
			now.hubs[hub] = true
			if c, ok := s.stated.claims[hub.Via()]; ok {
				now.claims[hub.Via()] = c
			}
		}
		return s.readClaims(v, &now)
	})
	if err != nil {
		return fmt.Errorf("the hubs' claims: %w", err)
	}
	for hub := range now.hubs {
		if c, ok := now.claims[hub.Via()]; ok && s.since(hub, c) {
			delete(s.told, hub)
		}
	}
	s.stated = now
	return nil
}

// readClaims takes in the newest claim of each hub, whatever its ttl.
func (s *Spread) readClaims(v *store.View, now *stated) error {
	newest := map[record.Author]record.Time{}
	for r, err := range v.Slots(reach.App, reach.Key) {
		if err != nil {
			return err
		}
		if r.Class != reach.Class || r.Time <= newest[r.Author] || r.Author != s.conf.Self && !now.hubs[r.Author] {
			continue
		}
		c, err := reach.Parse(r.Author.Via(), r.Body)
		if err != nil {
			continue // of a later version, or of a hub that goes astray
		}
		newest[r.Author] = r.Time
		if r.Author == s.conf.Self {
			now.own, now.at = &c, r.Time.Wall()
		} else {
			now.claims[c.Hub] = c
		}
	}
	return nil
}

// since reports whether a claim is another than the one known before and of a
// life of the hub of which it has told nothing on a link: what it told may have
// been undone by a restore.
func (s *Spread) since(hub record.Author, c reach.Claim) bool {
	t, linked := s.told[hub]
	before, had := s.stated.claims[c.Hub]
	if !linked || had && before.Log[len(before.Log)-1] == c.Log[len(c.Log)-1] {
		return false
	}
	n, known := c.Log.Shared(reach.Position(t.log))
	return !known || n < t.log.Arrival
}
