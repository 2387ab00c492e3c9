package maps

import (
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

// rest is what there is of other files that were taken over.
type rest struct {
	// alone says that all others of the list were taken back whole, so that nothing of it is to
	// stand again.
	alone bool
	forms map[place.Prefix]bool // of the lists of those that stand
	lists map[place.Prefix]bool // of all lists of which a file was taken over
}

// latestOf is a Conflict if another file of the same list was taken over on top of one, and was
// not taken back.
func (l *look) latestOf(id string, done *Version[Import]) (r rest, _ error) {
	all, err := under[Import](l, imports)
	if err != nil {
		return r, err
	}
	r.forms, r.lists = map[place.Prefix]bool{}, map[place.Prefix]bool{exchange.FormOf(done.Value.List): true}
	back, stand := 0, 0
	for other, here := range all {
		top, _, ok := Merge(here)
		if !ok || other == id {
			continue
		}
		r.lists[exchange.FormOf(top.Value.List)] = true
		if v := top.Value; !v.Undone {
			r.forms[v.Form] = true
		}
		switch v := top.Value; {
		case v.List != done.Value.List:
		case v.Undone && v.Left == 0:
			back++
		case !v.Undone && stoodOn(top, id, done):
			return r, hub.Errorf(hub.Conflict, "", "A newer file of this list was taken over after it. Take that one back first.")
		default:
			stand++
		}
	}
	r.alone = back > 0 && stand == 0
	return r, nil
}

// prior names the files of a list that stand, and first the one that is taken over on top of
// them, by their ids.
func (l *look) prior(id, list string) ([]place.Prefix, error) {
	all, err := under[Import](l, imports)
	out := []place.Prefix{importNamed(id)}
	for other, here := range all {
		if top, _, ok := Merge(here); ok && other != id && top.Value.List == list && !top.Value.Undone && len(out) < place.MaxSeen {
			out = append(out, importNamed(other))
		}
	}
	return out, err
}

func importNamed(id string) place.Prefix { return place.Prefix(prefixOf([]byte(id))) }

// stoodOn reports whether a file was taken over on top of another one. One that does not say
// so was if it came later.
func stoodOn(v Version[Import], id string, done *Version[Import]) bool {
	if len(v.Value.Prior) > 0 {
		return slices.Contains(v.Value.Prior, importNamed(id))
	}
	return v.after(*done)
}
