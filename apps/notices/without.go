package notices

import (
	"fmt"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var _ hub.Foreseer = App{}

// maxForeseen is how many notices are named of each sort.
const maxForeseen = 20

// Without is which notices hold again, wait again and are gone, and which answers are gone,
// once somebody does not write notices any more: their word goes, and so does what it has ended and signed.
func (a App) Without(s hub.Snapshot, q hub.Request, who record.Author, roles roster.Roles) ([]hub.Effect, error) {
	if !roles.Has(roster.Notices) || !s.Roster().Has(who, roster.Notices) {
		return nil, nil
	}
	now, err := board(a.sees(s))
	if err != nil {
		return nil, err
	}
	then, err := board(seeing{s, a.desk, who})
	if err != nil {
		return nil, err
	}
	again := heads(q, then.holding(), func(n Notice) bool { return !now.holds(n.Identity) })
	gone := heads(q, now.holding(), func(n Notice) bool {
		_, here := then.Find(n.Identity)
		return !here && n.Kind != Cancel
	})
	waits := heads(q, then.Waiting, func(n Notice) bool {
		was, ok := now.Find(n.Identity)
		return ok && !was.Signed.Waiting
	})
	var top []string
	if len(then.Active) > 0 && !now.holds(then.Active[0].Identity) {
		top = heads(q, then.Active[:1], func(Notice) bool { return true })
	}
	answered, err := answersBy(s, who)
	if err != nil {
		return nil, err
	}
	var all []hub.Effect
	for _, e := range []hub.Effect{
		{Says: q.T("These notices hold again, because nothing ends them any more:"), Of: again},
		{Says: q.T("This one then stands at the top of every page:"), Of: top},
		{Says: q.T("These notices wait again for a second signature, and nobody but coordinators sees them:"), Of: waits},
		{Says: q.T("These notices are gone; another coordinator writes anew what still holds:"), Of: gone},
		{Says: q.T("These answers are gone, and what was asked waits for one again:"), Of: short(q, answered)},
	} {
		if len(e.Of) > 0 {
			all = append(all, e)
		}
	}
	return all, nil
}

// holding is what holds now or later.
func (b Board) holding() []Notice { return append(append([]Notice{}, b.Active...), b.Upcoming...) }

// holds reports whether a notice is among what holds now or later.
func (b Board) holds(identity string) bool {
	for _, n := range b.holding() {
		if n.Identity == identity {
			return true
		}
	}
	return false
}

// heads is those of some notices that fit, by number and headline.
func heads(q hub.Request, all []Notice, fits func(Notice) bool) (out []string) {
	more := 0
	for _, n := range all {
		switch {
		case !fits(n):
		case len(out) == maxForeseen:
			more++
		default:
			out = append(out, fmt.Sprintf("%s “%s”", n.Number, show(q, n).Head))
		}
	}
	if more > 0 {
		out = append(out, q.T("%d more notices", more))
	}
	return out
}

// answersBy is what somebody has answered, the newest first, as it was asked.
func answersBy(s hub.Snapshot, who record.Author) (all []string, _ error) {
	for it, err := range s.Newest(answers, 0) {
		if err != nil {
			return nil, fmt.Errorf("answers: %w", err)
		}
		if it.Author != who {
			continue
		}
		if v, err := (hub.Collection[Answer]{}).Decode(it.Record); err == nil {
			all = append(all, "“"+firstOf(v.Claim, maxHead)+"”")
		}
	}
	return all, nil
}

// short is so many of them as are named, and how many there are besides.
func short(q hub.Request, all []string) []string {
	if len(all) <= maxForeseen {
		return all
	}
	return append(all[:maxForeseen:maxForeseen], q.T("and %d more", len(all)-maxForeseen))
}
