// Package spread follows how far what a hub holds has got to other hubs, and says
// for them how far theirs has got to it.
//
// What it knows comes from the hubs' claims, which are records (sync/reach), and
// from what neighbors tell on their links, which is the same sooner and for one
// hub only. It goes by the arrival numbers of the hub's own log, so that whatever
// is shown costs a look into a short list.
package spread

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

const (
	pace     = time.Second     // between two looks
	tellPace = 3 * time.Second // between two calls of Grown
)

// Links are those to other hubs.
type Links interface {
	Status() []replica.LinkStatus
	// Cursors is up to where others' logs have been taken over, as far as that is
	// newer than what the store says.
	Cursors() map[record.Author]store.Position
}

// Config is what is followed, and who is told.
type Config struct {
	Self  record.Author
	Store *store.Store
	Links Links
	Every time.Duration    // least time between two claims of this hub; 0 = a minute
	Now   func() time.Time // this hub's clock
	// Write writes this hub's claim: the record of reach.App under reach.Key.
	Write func(ctx context.Context, body []byte) error
	// Grown is called when other hubs are known to hold more than before, at most
	// once in three seconds.
	Grown func()
	Log   *slog.Logger
}

// Spread is safe for concurrent use.
type Spread struct {
	conf    Config
	lineage reach.Log
	claim   claimant
	begun   bool                   // claim goes on from what was written before the start
	told    map[record.Author]told // on links, the last of each
	stated  stated
	unsaid  bool      // growth, by Grown
	said    time.Time // when Grown was called

	mu      sync.RWMutex
	history reach.History
}

// told is what a neighbor has last told on a link: where its log ended, and up to
// where it held ours.
type told struct{ log, taken store.Position }

// New reads what was known before.
func New(c Config) (*Spread, error) {
	if c.Every == 0 {
		c.Every = time.Minute
	}
	spans, err := c.Store.Lineage()
	if err != nil {
		return nil, fmt.Errorf("the log's epochs: %w", err)
	}
	s := &Spread{conf: c, told: map[record.Author]told{}, claim: claimant{every: c.Every}}
	for _, x := range spans {
		s.lineage = append(s.lineage, reach.Span(x))
	}
	s.lineage[len(s.lineage)-1].Last = reach.Running
	if err := s.read(); err != nil {
		return nil, err
	}
	s.learn(time.Time{}, nil)
	return s, nil
}

// Of is how many other hubs are known to hold what this hub's log has under a
// number, or what has replaced it there, and when the last of them was learned
// of: a moment of this process, by its own monotonic clock; zero if that was before
// this hub was started.
func (s *Spread) Of(arrival uint64) (hubs int, learned time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.history.Of(arrival)
}

// Run follows, and writes claims, until ctx ends. What fails is said, and tried
// again when there is something new.
func (s *Spread) Run(ctx context.Context) error {
	changed := s.conf.Store.Watch(ctx)
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for moved := true; ; moved = false {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		select {
		case <-changed:
			moved = true
		default:
		}
		if err := s.look(ctx, time.Now(), moved); err != nil && ctx.Err() == nil {
			s.conf.Log.Warn("where posts have got to is not followed just now", "err", err)
		}
	}
}

// look takes in what is new. moved says that the store may have changed.
func (s *Spread) look(ctx context.Context, now time.Time, moved bool) error {
	links := s.conf.Links.Status()
	if moved {
		if err := s.read(); err != nil {
			return err
		}
		if !s.begun {
			s.begun = true
			s.claim.resume(now, s.conf.Now(), s.stated, s.lineage)
		}
		s.claim.see(now, s.stated.news, s.stated.own, s.lineage)
	}
	if s.hear(links) || moved {
		grew, nearby := s.learn(now, links)
		s.unsaid = s.unsaid || grew
		if nearby {
			s.claim.mark(now)
		}
	}
	if s.unsaid && now.Sub(s.said) >= tellPace {
		s.unsaid, s.said = false, now
		s.conf.Grown()
	}
	if !s.claim.dirty {
		return nil
	}
	return s.write(ctx, now, links)
}

// hear takes in what the links' other ends have told, and reports whether that is
// anything new.
func (s *Spread) hear(links []replica.LinkStatus) (news bool) {
	for _, l := range links {
		t := told{l.PeerLog, l.TakenByPeer}
		if t.taken.Arrival > 0 && s.told[l.Peer] != t {
			s.told[l.Peer], news = t, true
		}
	}
	return news
}

// learn computes anew who holds what, and reports whether that is more: at all,
// and at the other ends of links.
func (s *Spread) learn(at time.Time, links []replica.LinkStatus) (grew, nearby bool) {
	claims := slices.Collect(maps.Values(s.stated.claims))
	for hub, t := range s.told {
		if s.stated.hubs[hub] {
			claims = append(claims, t.claim(hub.Via(), s.conf.Self.Via()))
		}
	}
	held := reach.Held(s.conf.Self.Via(), s.lineage, claims)
	for hub, n := range held {
		held[hub] = min(n, s.stated.news) // claims are nothing that anybody waits for
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range links {
		nearby = nearby || held[l.Peer.Via()] > s.history.Upto(l.Peer.Via())
	}
	return s.history.Learn(at, held), nearby
}

func (t told) claim(hub, self record.Via) reach.Claim {
	return reach.Claim{
		Hub: hub, News: t.log.Arrival, Log: reach.Log{{Epoch: t.log.Epoch, Last: reach.Running}},
		Taken: []reach.Taken{{Hub: self, Position: reach.Position(t.taken)}},
	}
}
