package notices

import (
	"cmp"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// How many relayed alerts are looked at: of one sender by one relay, of what one hub only
// claims, and of all, of which each relay has an equal share. Our own notices have room of
// their own, so that a feed never takes it.
const (
	maxOfSender = 1000
	maxClaimed  = 200
	maxRelayed  = 5000
)

// relayRoom keeps of what is passed on the worst, and what ends anything before that. Each hub
// has room of its own: one that floods it takes nothing from another one's warnings.
type relayRoom struct {
	share int // of one relay
	by    map[record.Author]map[string][]Notice
}

func (l *look) newRoom() *relayRoom {
	relays := 0
	for h := range l.s.Roster().Hubs() {
		if l.s.Roster().Has(h, roster.Relay) {
			relays++
		}
	}
	for c := range l.s.Roster().Coordinators() {
		if l.s.Roster().Has(c, roster.Relay) {
			relays++
		}
	}
	return &relayRoom{share: maxRelayed / max(relays, 1), by: map[record.Author]map[string][]Notice{}}
}

// take keeps one for now.
func (r *relayRoom) take(n Notice) {
	of := r.by[n.Relay.by]
	if of == nil {
		of = map[string][]Notice{}
		r.by[n.Relay.by] = of
	}
	sender, most := n.Relay.Sender, maxOfSender
	if n.Relay.Claim {
		sender, most = "", maxClaimed // whatever it says
	}
	of[sender] = append(of[sender], n)
	if len(of[sender]) == 2*most {
		of[sender] = worst(of[sender], most)
	}
}

// all is what there is room for.
func (r *relayRoom) all() (out []Notice) {
	for _, of := range r.by {
		var may []Notice
		for sender, all := range of {
			if sender == "" {
				out = append(out, worst(all, maxClaimed)...)
			} else {
				may = append(may, worst(all, maxOfSender)...)
			}
		}
		out = append(out, worst(may, r.share)...)
	}
	return out
}

// worst is so many of them, those first that end others.
func worst(all []Notice, most int) []Notice {
	if len(all) <= most {
		return all
	}
	slices.SortFunc(all, func(a, b Notice) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), Worse(a, b))
	})
	return all[:most]
}

// last is 0 for what says that something else does not hold, and 1 for all else.
func last(n Notice) int {
	if n.Kind == Cancel {
		return 0
	}
	return 1
}
