package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// A peer that did what no honest hub does is let in again after firstRest, twice
// as long each time, up to longestRest: less than a peer waits for a state, so
// that one that was wronged keeps its link. One that was costly waits greedyRest at
// least, since a new link gives it anew what it may have at once. After forgiven
// all is forgotten.
const (
	firstRest   = time.Second
	greedyRest  = 8 * time.Second
	longestRest = 20 * time.Second
	forgiven    = time.Hour
)

// maxReputes bounds the peers whose conduct is kept in mind.
const maxReputes = 1024

// repute is how a peer has behaved on its links, this one and those before.
type repute struct {
	at    time.Time // of the last that was noted
	until time.Time // it is not to be linked before
	rest  time.Duration
}

type reputes map[record.Author]repute

// of is a peer's repute; the zero one where nothing is held against it.
func (r reputes) of(now time.Time, peer record.Author) repute {
	p := r[peer]
	if now.Sub(p.at) >= forgiven {
		return repute{}
	}
	return p
}

func (r reputes) note(now time.Time, peer record.Author, p repute) {
	if _, ok := r[peer]; !ok && len(r) >= maxReputes {
		for who, old := range r { // any that is forgiven, else the one that comes first
			delete(r, who)
			if now.Sub(old.at) < forgiven {
				break
			}
		}
	}
	p.at = now
	r[peer] = p
}

// strike notes that a peer broke the protocol, for which it rests that long at
// least.
func (r reputes) strike(now time.Time, peer record.Author, least time.Duration) {
	p := r.of(now, peer)
	p.rest = min(max(2*p.rest, least), longestRest)
	p.until = now.Add(p.rest)
	r.note(now, peer, p)
}

// Rest is how long the next link with a peer is to wait, because it broke the
// protocol on the last: at most 20 s. Do not begin one with Up before.
func (e *Engine) Rest(now time.Time, peer record.Author) time.Duration {
	return max(0, e.reputes.of(now, peer).until.Sub(now))
}
