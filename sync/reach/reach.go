// Package reach computes which hubs hold what, from what hubs have said of their
// logs (DESIGN §4, "Where a post has got to").
//
// A hub claims: when my news went up to this number of my log, I had taken over
// the logs of those others up to there. Who has since taken over its log up to
// that number holds all of that too, and so on from hub to hub. Nothing is
// guessed: a hub of which nothing follows is not counted, though it may hold all.
package reach

import "github.com/lamppost-hub/lamppost/sync/record"

// The slot in which a hub's claim stands, written with the hub's own key.
const (
	App   = record.App("hubs")
	Key   = "state"
	Class = record.Bulk
	TTL   = record.Days(1)
)

// Position is a place in a hub's log: an arrival number under an epoch.
type Position struct{ Epoch, Arrival uint64 }

// Span is an epoch of a log: the number at which it began and the last one given
// while it ran, Running while it does.
type Span struct{ Epoch, First, Last uint64 }

// Running is the last number of an epoch that has not ended.
const Running = ^uint64(0)

// Log is the epochs of a hub's log, oldest first.
type Log []Span

// Shared is up to which number of the log somebody has taken it over who says
// that it was up to p; false if p is not in it. What a copy's twin, or the hub
// before a restore, gave out beyond what this log knows is not shared.
func (l Log) Shared(p Position) (uint64, bool) {
	for _, s := range l {
		if s.Epoch == p.Epoch {
			return min(p.Arrival, s.Last), s.First <= p.Arrival
		}
	}
	return 0, false
}

// Claim is what a hub said at one moment.
type Claim struct {
	Hub   record.Via
	Log   Log    // its own; the newest epochs are enough
	News  uint64 // all it held but claims stood at this number of its log or before
	Taken []Taken
}

// Taken is up to where a hub had taken over another's log.
type Taken struct {
	Hub record.Via
	Position
}

// Held is up to which number of one's own log other hubs hold all that is in it
// but claims, or have replaced it by what is newer; hubs of which nothing follows
// are left out. Several claims of one hub may be given: what followed from one
// stays true.
func Held(self record.Via, own Log, claims []Claim) map[record.Via]uint64 {
	held := make([]uint64, len(claims)) // what follows from each claim
	by := map[record.Via][]int{}
	for i, c := range claims {
		by[c.Hub] = append(by[c.Hub], i)
		for _, t := range c.Taken {
			if n, ok := own.Shared(t.Position); ok && t.Hub == self {
				held[i] = max(held[i], n)
			}
		}
	}
	for range claims { // a chain is no longer than that
		grown := false
		for i, c := range claims {
			for _, t := range c.Taken {
				for _, k := range by[t.Hub] {
					if n, ok := claims[k].Log.Shared(t.Position); ok && n >= claims[k].News && held[k] > held[i] {
						held[i], grown = held[k], true
					}
				}
			}
		}
		if !grown {
			break
		}
	}
	out := map[record.Via]uint64{}
	for i, c := range claims {
		if c.Hub != self && held[i] > 0 {
			out[c.Hub] = max(out[c.Hub], held[i])
		}
	}
	return out
}
