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
// What who counts at a door has it for is asked where no coordinator says more.
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
	if ok {
		return d, ok, nil
	}
	tallies, err := l.tallies(id)
	for _, official := range []bool{true, false} {
		for _, t := range tallies {
			if l.speaks(t.Who) == official {
				add(t.Count.Of, record.At(t.At))
			}
		}
		if ok {
			break
		}
	}
	return d, ok, err
}

// doors finds the places at whose doors coordinators have counted, as far as so many are looked
// at. Whom they let count is known by that.
func (l *look) doors() error {
	l.doored = map[string]bool{}
	official := map[string]bool{}
	for who := range l.s.Roster().Coordinators() {
		official[countedBy(who)] = l.speaks(who)
	}
	read := 0
	for t := range l.s.Terms(string(counts) + "/") {
		if !official[string(t[max(0, len(t)-authorDigits):])] {
			continue
		}
		if read++; read > maxLooked {
			return nil
		}
		for it, err := range l.s.Newest(t, 0) {
			if err != nil {
				return fmt.Errorf("counts at a door: %w", err)
			}
			if id, _, ok := strings.Cut(strings.TrimPrefix(it.Key, countKey), "/"); ok && l.speaks(it.Author) {
				l.doored[id] = true
			}
			break
		}
	}
	return nil
}
