package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Bounds of what is kept in mind of peers' logs to notice that two hubs that are
// there use one key: a cloned card, or a backup put back while the newer one lives.
const (
	maxWatched = 1024 // peers
	maxEpochs  = 8    // of a peer, the latest
)

// twinAlarm is how long what gave two hubs of one key away counts.
const twinAlarm = 30 * time.Minute

// twins notices by their logs that two hubs use one key. Every opening of a store
// begins an epoch that has not been before: where a peer tells one, then another,
// then the first again, there are two stores.
type twins struct {
	of   map[record.Author]*watched
	self time.Time // when it was last seen that another has our key; zero if never
}

// watched is what is known of a peer.
type watched struct {
	epochs   []store.Position // that it told, the last one last, with where they ended
	alarmed  time.Time        // when it was last seen that there are two; zero if never
	tookOurs bool             // it has taken over our log in the epoch that runs
	foreign  store.Position   // that it said last of those that our log never had
}

func newTwins() twins { return twins{of: map[record.Author]*watched{}} }

// told notes where a peer's log ends.
func (t *twins) told(now time.Time, peer record.Author, p store.Position) {
	w := t.of[peer]
	if w == nil {
		if len(t.of) >= maxWatched {
			return
		}
		w = &watched{}
		t.of[peer] = w
	}
	if n := len(w.epochs) - 1; n >= 0 && w.epochs[n].Epoch == p.Epoch {
		if p.Arrival < w.epochs[n].Arrival { // a machine set back as it ran
			w.alarmed = now
		}
		w.epochs[n] = p
		return
	}
	for i, old := range w.epochs {
		if old.Epoch == p.Epoch {
			w.alarmed = now
			w.epochs = append(w.epochs[:i], w.epochs[i+1:]...)
			break
		}
	}
	if w.epochs = append(w.epochs, p); len(w.epochs) > maxEpochs {
		w.epochs = w.epochs[1:]
	}
}

// heldOf notes up to where a peer has taken over our log. A place that our log
// never had is of before a backup was put back here, once; where it moves on, or
// comes after one of ours, another hub with our key is giving out its own.
func (t *twins) heldOf(now time.Time, peer record.Author, taken store.Position, ours, known bool) {
	w := t.of[peer]
	switch {
	case w == nil:
	case ours:
		w.tookOurs = true
	case !known:
		moved := w.foreign != (store.Position{}) && (taken.Epoch != w.foreign.Epoch || taken.Arrival > w.foreign.Arrival)
		if w.tookOurs || moved {
			t.self = now
		}
		w.tookOurs, w.foreign = false, taken
	}
}

// Twin is a key that two hubs use that are there at the same time.
type Twin struct {
	Key  record.Author
	Seen time.Time // last
}

// Twins are the keys, this hub's own among them, of which it was seen within the
// last half hour that two hubs use them, as far as their logs give them away: those
// that peers tell of, in turn or at once. It is a hint: anybody with a certificate can
// feign it, of themselves and of whom they tell it.
func (e *Engine) Twins(now time.Time) (out []Twin) {
	if seen := e.twins.self; !seen.IsZero() && now.Sub(seen) < twinAlarm {
		out = append(out, Twin{e.conf.Self, seen})
	}
	for key, w := range e.twins.of {
		if !w.alarmed.IsZero() && now.Sub(w.alarmed) < twinAlarm {
			out = append(out, Twin{key, w.alarmed})
		}
	}
	return out
}

// watchLogs holds what a state says of two logs against what was said before.
func (e *Engine) watchLogs(now time.Time, l *link, s *state) error {
	e.twins.told(now, l.key, store.Position{Epoch: s.Epoch, Arrival: s.Arrival})
	taken := store.Position{Epoch: s.Taken[0], Arrival: s.Taken[1]}
	ours := taken.Epoch == e.moment.Epoch
	known := ours || taken == (store.Position{})
	if !known {
		var err error
		if known, err = e.conf.Store.Knows(taken); err != nil {
			return err
		}
	}
	e.twins.heldOf(now, l.key, taken, ours, known)
	return nil
}
