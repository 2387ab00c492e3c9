package maps

import (
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/layer/keep"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

// sketch is what goes along with a word on a place: what it is, for the time when nobody says
// that any more, as its list is taken back, or does not yet, as the newest comes first.
func sketch(p Place) *place.Sketch {
	return &place.Sketch{Kind: p.Kind, Name: p.Name, At: p.Center()}
}

// leftOf is what is known of a place of which nobody says what it is, by the newest word on how
// it stands or how many are there; false where there is none, or where a list is on its way
// that may have it.
func (l *look) leftOf(id string) (v Version[place.Details], ok bool) {
	if slices.ContainsFunc(l.layers, func(s stack) bool { return s.state != keep.Ready }) {
		return v, false
	}
	add := func(of *place.Sketch, w Version[place.Details]) {
		if of != nil && (!ok || w.after(v)) {
			v, ok = w, true
			v.Value = of.Details()
		}
	}
	if top, _, is := Merge(l.states[id]); is {
		add(top.Value.Of, Version[place.Details]{Author: top.Author, Time: top.Time, ID: top.ID, Ahead: top.Ahead})
	}
	if top, _, is := Merge(l.recounts[id]); is {
		add(top.Value.Of, Version[place.Details]{Author: top.Author, Time: top.Time, ID: top.ID, Ahead: top.Ahead})
	}
	return v, ok
}
