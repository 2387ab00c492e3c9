package maps

import (
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

// PeopleStill is how many are at a place that was taken off the map by who had not seen that,
// or before they were counted at the door; else nil.
func (p Place) PeopleStill() *People {
	m := p.People
	switch {
	case !p.Gone || m == nil:
		return nil
	case m.Recount != nil && p.unknown(m.stand, *m.Recount), (m.Recount == nil || m.Newer()) && m.Told.At.After(p.Told.At):
		return m
	}
	return nil
}

// unknown reports whether who took a place off the map had not seen one of the versions that
// stand, of which the first was said so. Where they do not say what they had seen, it is what
// came later.
func (p Place) unknown(stand []place.Prefix, told Told) bool {
	if len(p.Knew) == 0 {
		return told.At.After(p.Told.At)
	}
	return slices.ContainsFunc(stand, func(v place.Prefix) bool { return !slices.Contains(p.Knew, v) })
}

// knew is what who says that a place is no more has seen of how it stands and how many were
// counted there: what the form has shown, else all that is here. It is never empty.
func (l *look) knew(q hub.Request, id string) []place.Prefix {
	form := pressOf(q.Form.Get("client_id"))
	for _, was := range l.detailsOf(id) {
		if was.Author == q.Author && was.Layer == "" && was.Value.Form == form && len(was.Value.Knew) > 0 {
			return was.Value.Knew // it is sent again
		}
	}
	states, given := seenIn(q, "seen_state")
	if !given {
		states = prefixes(newestFirst(l.statesOf(id)))
	}
	counts, given := seenIn(q, "seen_count")
	if !given {
		counts = prefixes(newestFirst(l.recountsNow(id)))
	}
	return known(form, states, counts)
}

// known is what a form that takes a place off the map says that its writer had seen. It names
// the form as well, so that also who had seen nothing says so.
func known(form place.Prefix, parts ...[]place.Prefix) []place.Prefix {
	all := []place.Prefix{form}
	for _, part := range parts {
		all = append(all, part[:min(len(part), place.MaxKnew/2-1)]...)
	}
	return all
}

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
