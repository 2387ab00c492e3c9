package notices

import (
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Clearable is a notice that an all clear may end, as the form offers it.
type Clearable struct {
	Shown
	Ticked bool
}

// clears reports whether a notice says that a danger is over, without naming by itself which.
func (n Notice) clears() bool { return n.Kind != Cancel && n.Grade.Response == AllClear }

// warns reports whether a notice tells of some danger, and not only where help is.
func (n Notice) warns() bool {
	return !n.Grade.Practice() && (n.Grade.Grave() || n.Grade.Severity.known() <= Moderate)
}

// clearable is those of our own that hold, now or later, which an all clear could end, the
// worst first.
func (b Board) clearable(fits func(Notice) bool) (all []Notice) {
	for _, n := range b.holding() {
		if n.Relay == nil && n.Kind != Cancel && !n.clears() && fits(n) {
			all = append(all, n)
		}
	}
	return all
}

// lifted is what an all clear has ended: an update of it says so as well.
func (n Notice) lifted(now Grade) (all []Ref) {
	if now.Response != AllClear {
		return nil
	}
	for _, id := range n.Clears {
		if ref := refOf(id); ref != nil {
			all = append(all, *ref)
		}
	}
	return all
}

// endsNone stands in a form for the ids of what an all clear ends, where that is nothing.
const endsNone = "none"

// clearsOf reads which notices an all clear is to end: ends, their ids, each in a field of
// its own or with blanks between them. While warnings hold it has to be said, if only that
// it is none of them.
func (l *look) clearsOf(q hub.Request, g Grade) ([]Ref, error) {
	all, none, err := endsOf(q, g)
	switch {
	case err != nil || g.Response != AllClear:
		return nil, err
	case none && len(all) > 0:
		return nil, hub.Errorf(hub.Invalid, "ends", "Tick either what this ends, or that it ends none of these.")
	case none || len(all) > 0:
		return all, nil
	}
	b, err := board(l.s)
	if err == nil && len(b.clearable(Notice.warns)) > 0 {
		err = hub.Errorf(hub.Invalid, "ends", "Say what this ends: tick each that is over, or that it ends none of these.")
	}
	return nil, err
}

func endsOf(q hub.Request, g Grade) (all []Ref, none bool, _ error) {
	for _, id := range strings.Fields(strings.Join(q.Form["ends"], " ")) {
		ref := refOf(id)
		switch {
		case id == endsNone:
			none = true
		case ref == nil:
			return nil, false, gone()
		case g.Response != AllClear:
			return nil, false, hub.Errorf(hub.Invalid, "ends", "Only an all clear ends other notices. Cancel them one by one.")
		case len(all) == maxClears:
			return nil, false, hub.Errorf(hub.Invalid, "ends", "One all clear ends at most %d notices. Write another one for the rest.", maxClears)
		case !slices.ContainsFunc(all, func(o Ref) bool { return o.String() == ref.String() }):
			all = append(all, *ref)
		}
	}
	return all, none, nil
}

// lifts is the cancellations of what an all clear ends, in its words and numbered after it:
// so hubs of every version understand them. What has ended by itself meanwhile needs none;
// of what was replaced nobody has said that its successor is to go.
func (l *look) lifts(of Body) (all []hub.Draft, last uint32, _ error) {
	last = of.Count
	said := make([]Words, 0, len(of.Words))
	for _, w := range of.Words {
		said = append(said, Words{Lang: w.Lang, Text: w.Text})
	}
	for _, ref := range of.Clears {
		n, _, _, err := noticeAt(l.s, spot{page: noticePath, by: ref.By().String(), id: ref.ID})
		switch {
		case err != nil:
			return nil, last, err
		case n.Identity == "" || n.Kind == Cancel || n.End != nil && n.End.How != Replaced:
			continue
		case n.End != nil:
			return nil, last, hub.Errorf(hub.Conflict, "ends", "%s does not hold any more. Look at it again.", n.Number)
		case n.Signed.Waiting:
			return nil, last, hub.Errorf(hub.Conflict, "ends", "%s still waits for a second signature. Look at it again.", n.Number)
		}
		last++
		b := l.ended(n, ref, said)
		b.Letters, b.Count = of.Letters, last
		key := noticeKey + "clear-" + ref.Short()
		d, err := draftOf(key, record.Notice, life, b)
		if err != nil { // with the shape of its area it is too long
			b.Area = nil
			d, err = draftOf(key, record.Notice, life, b)
		}
		if err != nil {
			return nil, last, err
		}
		all = append(all, d)
	}
	return all, last, nil
}

// Ends is the numbers of what it has ended, together.
func (s Shown) Ends() string { return strings.Join(s.ends, ", ") }
