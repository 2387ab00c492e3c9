package maps

import (
	"fmt"
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

// StandsStill is how a place stands that was taken off the map by who had not seen that; else
// nil.
func (p Place) StandsStill() *Stands {
	if s := p.Standing; p.Gone && s != nil && p.unknown(s.stand, s.Told) {
		return s
	}
	return nil
}

// PeopleStill is how many are at a place that was taken off the map by who had not seen that;
// else nil.
func (p Place) PeopleStill() *People {
	m := p.People
	switch {
	case !p.Gone || m == nil:
		return nil
	case m.Recount != nil && p.unknown(m.stand, *m.Recount), p.uncounted(m):
		return m
	}
	return nil
}

// uncounted reports whether who took a place off the map had not seen what was counted at its
// door. Where they do not say what they had seen, it is what came later.
func (p Place) uncounted(m *People) bool {
	if m.Present == 0 {
		return false
	}
	if len(p.Knew) == 0 {
		return p.Orphan || (m.Recount == nil || m.Newer()) && m.Told.At.After(p.Told.At)
	}
	return slices.ContainsFunc(m.doors(), func(v place.Prefix) bool { return !slices.Contains(p.Knew, v) })
}

// totals name what each has counted at a door, but those of nobody and what a recount has in it:
// together where they are too many.
func totals(all []Tally, in []place.Included) (out []place.Prefix) {
	for i, value := range Values(all) {
		one := place.Included{Who: prefixOfKey(all[i].Who), Hub: all[i].Hub, Value: value}
		if value != 0 && !slices.Contains(in, one) {
			out = append(out, place.Prefix(prefixOf(fmt.Appendf(nil, "%s %s %d", all[i].Who, one.Hub, value))))
		}
	}
	if len(out) > maxTotals {
		return []place.Prefix{place.Prefix(prefixOf(fmt.Append(nil, out)))}
	}
	return out
}

// doors are the totals that nobody has counted in.
func (m *People) doors() []place.Prefix { return totals(m.tallies, m.included) }

// maxTotals is how many counts at a door are named one by one.
const maxTotals = place.MaxKnew - 1 - 2*maxKnewEach

// unknown reports whether who took a place off the map had not seen one of the versions that
// stand, of which the first was said so. Where they do not say what they had seen, it is what
// came later.
func (p Place) unknown(stand []place.Prefix, told Told) bool {
	if len(p.Knew) == 0 {
		return p.Orphan || told.At.After(p.Told.At)
	}
	return slices.ContainsFunc(stand, func(v place.Prefix) bool { return !slices.Contains(p.Knew, v) })
}

// knew is what who says that a place is no more has seen of how it stands and how many were
// counted there: what the form has shown, else all that is here. It is never empty.
func (l *look) knew(q hub.Request, id string) ([]place.Prefix, error) {
	form := pressOf(q.Form.Get("client_id"))
	for _, was := range l.detailsOf(id) {
		if was.Author == q.Author && was.Layer == "" && was.Value.Form == form && len(was.Value.Knew) > 0 {
			return was.Value.Knew, nil // it is sent again
		}
	}
	k, err := l.known(id)
	for field, part := range map[string]*[]place.Prefix{"seen_state": &k.states, "seen_count": &k.recounts, "seen_door": &k.doors} {
		if shown, given := seenIn(q, field); given {
			*part = shown
		}
	}
	return k.by(form), err
}

// known is what there is to be known of how a place stands and how many were counted there.
type known struct{ states, recounts, doors []place.Prefix }

func (l *look) known(id string) (k known, err error) {
	k = known{states: prefixes(newestFirst(l.statesOf(id))), recounts: prefixes(newestFirst(l.recountsNow(id)))}
	m, err := l.people(id)
	if m != nil {
		k.doors = m.doors()
	}
	return k, err
}

// by is what a form that takes a place off the map says that its writer had seen. It names the
// form as well, so that also who had seen nothing says so.
func (k known) by(form place.Prefix) []place.Prefix {
	all := []place.Prefix{form}
	for _, part := range [][]place.Prefix{k.states, k.recounts} {
		all = append(all, part[:min(len(part), maxKnewEach)]...)
	}
	return append(all, k.doors[:min(len(k.doors), place.MaxKnew-len(all))]...)
}

// maxKnewEach is how many versions of how a place stands are named, and recounts.
const maxKnewEach = 7

// unreplaced are the versions that stand, for who says that they had seen them.
func unreplaced[T any](top Version[T], besides []Version[T]) []place.Prefix {
	return prefixes(append([]Version[T]{top}, besides...))
}

// prefixes name versions, in their order.
func prefixes[T any](all []Version[T]) (out []place.Prefix) {
	for _, v := range all {
		out = append(out, place.PrefixOf(v.ID))
	}
	return out
}
