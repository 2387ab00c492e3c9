package maps

import (
	"fmt"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// sketch is what goes along with a word on a place: what it is, for the time when nobody says
// that any more, as its list is taken back, or does not yet, as the newest comes first.
func sketch(p Place) *place.Sketch { return sketchOf(p.Details) }

func sketchOf(d place.Details) *place.Sketch {
	return &place.Sketch{Kind: d.Kind, Name: d.Name, At: d.Shape.Center()}
}

// leftOf is what is known of a place of which nobody says what it is, or whose list is still on
// its way, by the newest word on how it stands or how many are there; false where there is none.
func (l *look) leftOf(id string) (d place.Details, ok bool, _ error) {
	var newest record.Time
	add := func(of *place.Sketch, at record.Time) {
		if of != nil && (!ok || at > newest) {
			d, newest, ok = of.Details(), at, true
		}
	}
	if top, _, is := Merge(l.states[id]); is {
		add(top.Value.Of, top.Time)
	}
	if top, _, is := Merge(l.recounts[id]); is {
		add(top.Value.Of, top.Time)
	}
	tallies, err := l.tallies(id)
	for _, t := range tallies {
		add(t.Count.Of, record.At(t.At))
	}
	return d, ok, err
}

// doors finds the places at whose doors somebody has counted who may, as far as so many are
// looked at.
func (l *look) doors() error {
	l.doored = map[string]bool{}
	read := 0
	for t := range l.s.Terms(string(counts) + "/") {
		if read++; read > maxLooked {
			return nil
		}
		for it, err := range l.s.Newest(t, 0) {
			if err != nil {
				return fmt.Errorf("counts at a door: %w", err)
			}
			if id, _, ok := strings.Cut(strings.TrimPrefix(it.Key, countKey), "/"); ok && l.mayCount(id, it.Author) {
				l.doored[id] = true
			}
			break
		}
	}
	return nil
}
