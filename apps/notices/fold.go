package notices

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Board is which notices hold at a moment.
type Board struct {
	Active   []Notice // hold now, the worst first
	Upcoming []Notice // hold later, the soonest first
	Waiting  []Notice // for a second signature, the newest first
	Ended    []Notice // hold no more, the latest first
	Ahead    []Notice // of a clock that runs ahead: nobody can say when they hold
	Claims   []Notice // what hubs say that may not pass it on: it tops nothing and ends nothing
	claimed  []Notice // the same, that holds no more
	// Next is when time alone changes this; zero for never.
	Next time.Time
}

// Fold says which of the notices hold at a moment, whatever their order. Of several of
// one identity the newest counts. What waits for a second signature, or is of a clock
// that runs ahead, ends no other.
func Fold(all []Notice, now time.Time) Board {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Notice) int {
		return cmp.Or(cmp.Compare(b.Span.Sent, a.Span.Sent), strings.Compare(a.Identity, b.Identity), strings.Compare(a.Signed.Hash, b.Signed.Hash))
	})
	at := make(map[string]int, len(all))
	for i := range all {
		if was, twice := at[all[i].Identity]; !twice || all[was].Span.Ahead && !all[i].Span.Ahead {
			at[all[i].Identity] = i
		}
	}
	var b Board
	ended := make(map[string]*Notice)
	for i := range all {
		n := &all[i]
		if at[n.Identity] != i || n.Signed.Waiting || n.Span.Ahead {
			continue
		}
		by := n
		if first := ended[n.Identity]; n.Kind == Update && first != nil && first.Span.At.Before(n.Span.From) {
			// It never began. What takes its place replaces what it would have; a
			// cancellation leaves that standing.
			if by = first; first.Kind == Cancel {
				continue
			}
		} else if n.Kind == Update && n.Span.From.After(now) { // what it replaces holds until then
			b.next(n.Span.From, now)
			continue
		}
		for _, re := range n.Re {
			if t, here := at[re]; here && ended[re] == nil && n.may(&all[t]) {
				ended[re] = by
			}
		}
	}
	b.clear(all, at, ended, now)
	for i := range all {
		if at[all[i].Identity] == i {
			b.place(all[i], ended[all[i].Identity], now)
		}
	}
	b.overtaken()
	slices.SortStableFunc(b.Active, Worse)
	slices.SortStableFunc(b.Upcoming, func(x, y Notice) int { return cmp.Or(x.Span.From.Compare(y.Span.From), Worse(x, y)) })
	slices.SortStableFunc(b.Ended, func(x, y Notice) int { return y.End.At.Compare(x.End.At) })
	return b
}

// place puts a notice where it belongs. by is what ended it, if anything.
func (b *Board) place(n Notice, by *Notice, now time.Time) {
	until := n.Span.Until
	if n.Kind == Cancel {
		if shown := n.Span.At.Add(shownCancelled); shown.Before(until) {
			until = shown
		}
	}
	n.End = nil
	switch {
	case n.Span.Ahead:
		b.Ahead = append(b.Ahead, n)
	case by != nil:
		how := Replaced
		if by.Kind == Cancel {
			how = Cancelled
		}
		n.End = &End{How: how, By: by.Identity, At: by.Span.At, by: by}
		b.Ended = append(b.Ended, n)
	case !until.After(now):
		n.End = &End{How: Expired, At: until}
		b.Ended = append(b.Ended, n)
	case n.Signed.Waiting:
		b.Waiting = append(b.Waiting, n)
		b.next(n.Signed.Lone, now)
		b.next(until, now)
	case n.Span.From.After(now):
		b.Upcoming = append(b.Upcoming, n)
		b.next(n.Span.From, now)
		b.next(until, now)
	default:
		b.Active = append(b.Active, n)
		b.next(until, now)
	}
}

func (b *Board) next(t, now time.Time) {
	if t.After(now) && (b.Next.IsZero() || t.Before(b.Next)) {
		b.Next = t
	}
}

// Worse orders what holds: what is meant before what is practice, what holds before
// what says that something does not, then by severity, a fresh all clear by that of what it
// has ended, urgency, certainty, ours before
// what is passed on, and what was released last first.
func Worse(a, b Notice) int {
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(a.weight(), b.weight()),
		cmp.Compare(a.lent(), b.lent()),
		cmp.Compare(a.Grade.Urgency, b.Grade.Urgency),
		cmp.Compare(a.Grade.Certainty, b.Grade.Certainty),
		cmp.Compare(foreign(a), foreign(b)),
		cmp.Compare(b.released(), a.released()),
		strings.Compare(a.Identity, b.Identity),
	)
}

// clear has cancellations, and the all clears that went with them, say what they end. Where
// an all clear is fresh it is as grave as the worst of that, as those who left have to hear of it.
func (b *Board) clear(all []Notice, at map[string]int, ended map[string]*Notice, now time.Time) {
	for i := range all {
		n := &all[i]
		n.lifts, n.ends = 0, nil
		named := n.Clears
		if n.Kind == Cancel {
			named = n.Re
		}
		first := firstClear(all, at, n)
		fresh := first.Span.At.Add(freshClear)
		n.cleared = first.released()
		for _, re := range named {
			t, here := at[re]
			if !here || ended[re] == nil || ended[re].Kind != Cancel {
				continue
			}
			o := all[t]
			if o.Number != "" {
				n.ends = append(n.ends, o.Number)
			}
			if n.Kind != Cancel && n.Relay == nil && fresh.After(now) && !o.Grade.Practice() && (n.lifts == 0 || o.Grade.Severity < n.lifts) {
				n.lifts = o.Grade.Severity
				b.next(fresh, now)
			}
		}
	}
}

// firstClear is the all clear that one is an update of: what is said better later is no
// news of its own.
func firstClear(all []Notice, at map[string]int, n *Notice) *Notice {
	const most = 50 // updates of updates
	for range most {
		if n.Kind != Update || len(n.Re) != 1 {
			break
		}
		i, here := at[n.Re[0]]
		if !here || !all[i].clears() || all[i].By.Authority != n.By.Authority {
			break
		}
		n = &all[i]
	}
	return n
}

// overtaken takes from a fresh all clear the weight of what it has ended, as far as a
// warning came after it: then that is the news.
func (b *Board) overtaken() {
	for i := range b.Active {
		a := &b.Active[i]
		if a.lifts == 0 {
			continue
		}
		for _, n := range b.Active {
			if n.warns() && n.Kind != Cancel && (n.news() > a.cleared || n.Span.From.After(a.cleared.Wall())) {
				a.lifts = max(a.lifts, n.weight())
			}
		}
	}
}

// weight is how grave it is in a list.
func (n Notice) weight() Severity {
	if n.lifts != 0 {
		return min(n.lifts, n.Grade.Severity.known())
	}
	return n.Grade.Severity.known()
}

// known is how grave a danger is taken to be in a list: one that nobody has measured may be
// anything.
func (s Severity) known() Severity {
	if s > Minor {
		return Moderate
	}
	return s
}

// news is when people here could hear of it: what is passed on may be older than that.
func (n Notice) news() record.Time {
	if n.Relay != nil {
		return max(n.released(), n.Relay.came)
	}
	return n.released()
}

// lent is 1 for what is as grave only as what it has ended: a warning that is as grave and
// holds comes before it.
func (n Notice) lent() int {
	if n.lifts != 0 && n.weight() < n.Grade.Severity.known() {
		return 1
	}
	return 0
}

// foreign is 1 for what is passed on.
func foreign(n Notice) int {
	if n.Relay != nil {
		return 1
	}
	return 0
}

// released is when everybody came to see it: with a second signature, not as it was written.
func (n Notice) released() record.Time { return max(n.Span.Sent, n.Signed.since) }

// counts takes in that a signature of that time releases the notice.
func (s *Signed) counts(at record.Time) {
	if s.since == 0 || at < s.since {
		s.since = at
	}
}

func rank(n Notice) int {
	r := 0
	if n.Kind == Cancel {
		r = 1
	}
	if n.Grade.Practice() {
		r += 2
	}
	return r
}

// Find is the notice of an identity, wherever it stands on the board.
func (b Board) Find(identity string) (Notice, bool) {
	for _, list := range [][]Notice{b.Active, b.Upcoming, b.Waiting, b.Ended, b.Ahead, b.Claims, b.claimed} {
		for _, n := range list {
			if n.Identity == identity {
				return n, true
			}
		}
	}
	return Notice{}, false
}
