package maps

import (
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/layer/keep"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

type (
	// LayerView is one list of many places, by one coordinator.
	LayerView struct {
		ID    string      `json:"id"`
		Path  string      `json:"path"`
		Layer             // what it says of itself
		Kinds []KindCount `json:"kinds"`
		Told  Told        `json:"told"`
		Here  bool        `json:"here"`              // its places are found here
		Why   hub.Phrase  `json:"problem,omitempty"` // why they are not, or why not all of them as they are now
		Also  []LayerView `json:"also,omitempty"`    // others have written it without knowing of this

		Versions string `json:"versions"` // for a form
	}
	// KindCount is how many places of a kind there are.
	KindCount struct {
		Kind  place.Kind `json:"kind"`
		Count int        `json:"count"`
	}
	// LayersView is all lists of many places.
	LayersView struct {
		Lists  []LayerView `json:"lists"`
		Writes bool        `json:"-"`
	}
	// LayerPage is the page of one.
	LayerPage struct {
		LayerView
		Writes, Official bool
	}
)

// why is why the places of a layer are not found here; empty where they are.
func why(s keep.State) hub.Phrase {
	switch s {
	case keep.Ready:
		return ""
	case keep.Reading:
		return "It has just arrived, and its places are here in a moment."
	case keep.Broken:
		return "What has arrived of it cannot be read. Whoever brought it has to bring it again."
	case keep.NoRoom:
		return "There is no room for it here. Please tell whoever looks after this place."
	}
	return "Its places have not arrived here yet. They come when another place that has them can be reached."
}

// view is a layer for people.
func (l *look) view(id string, v Version[Layer]) LayerView {
	v.Time = v.Value.since(v.Time)
	m := LayerView{ID: id, Path: "/maps/" + layerPath + "/" + id, Layer: v.Value, Told: toldOf(l, v, oldDetails), Kinds: []KindCount{}}
	for i, n := range v.Value.Kinds {
		if n > 0 {
			m.Kinds = append(m.Kinds, KindCount{place.Kind(i + 1), int(n)}) //nolint:gosec // few
		}
	}
	slices.SortStableFunc(m.Kinds, func(a, b KindCount) int { return b.Count - a.Count })
	for _, s := range l.layers {
		if s.id != id || s.by.ID != v.ID {
			continue
		}
		m.Here, m.Why = s.index != nil, why(s.state)
		if s.after {
			m.Why = "A newer list is on its way. Until its places are here, those of the one before are shown."
		}
	}
	return m
}

// views are the layers that stand, with what others say besides, by their names.
func (l *look) views() ([]LayerView, error) {
	all, err := layersOf(l)
	if err != nil {
		return nil, err
	}
	out := []LayerView{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if m, ok := l.one(id, all[id]); ok && (!m.Gone || len(m.Also) > 0) {
			out = append(out, m)
		}
	}
	return out, nil
}

// one is a layer with what others say besides; false if nobody says anything.
func (l *look) one(id string, all []Version[Layer]) (m LayerView, ok bool) {
	top, besides, ok := Merge(all)
	if !ok {
		return m, false
	}
	m = l.view(id, top)
	m.Versions = said(ids(all))
	for _, v := range besides {
		m.Also = append(m.Also, l.view(id, v))
	}
	return m, true
}

// missing are the layers whose places are not all here.
func (l *look) missing() (all []LayerView) {
	for _, s := range l.layers {
		if s.state != keep.Ready {
			all = append(all, l.view(s.id, s.by))
		}
	}
	return all
}

// listsOf are the layers that have a place.
func (l *look) listsOf(id string) (all []LayerView) {
	for _, s := range l.says(id) {
		if by := s.by.by; by.Value.Name != "" && !slices.ContainsFunc(all, func(m LayerView) bool { return m.ID == s.by.id }) {
			all = append(all, l.view(s.by.id, by))
		}
	}
	return all
}

// layerList is the page of all layers.
func layerList(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	l := looking(s)
	err := l.stacks()
	m := LayersView{Writes: coordinates(s, q)}
	if err == nil {
		m.Lists, err = l.views()
	}
	return hub.Page{Template: "layers.html", Title: q.T("Lists of places"), Model: m, Topics: []hub.Term{layers}, Until: l.until}, err
}

// layerOne is the page of one layer.
func layerOne(s hub.Snapshot, q hub.Request, id string) (hub.Page, error) {
	l, m, err := layerStanding(s, id)
	if err != nil {
		return hub.Page{}, err
	}
	return hub.Page{
		Template: "layer.html", Title: m.Name, Model: LayerPage{m, coordinates(s, q), q.Official}, Topics: []hub.Term{layers}, Until: l.until,
	}, nil
}

func layerStanding(s hub.Snapshot, id string) (l *look, m LayerView, _ error) {
	l = looking(s)
	if err := l.stacks(); err != nil {
		return l, m, err
	}
	all, err := layerAt(l, id)
	if err != nil {
		return l, m, err
	}
	m, ok := l.one(id, all)
	if !ok {
		return l, m, hub.Errorf(hub.NotFound, "", "This list of places is not here. Perhaps it has not arrived yet, or whoever brought it may not do so any more.")
	}
	return l, m, nil
}

// withdraw takes a whole layer off the map.
func withdraw(s hub.Snapshot, q hub.Request, id string) ([]hub.Draft, error) {
	if err := officially(s, q); err != nil {
		return nil, err
	}
	if q.Form.Get("gone") == "" {
		return nil, hub.Errorf(hub.Invalid, "gone", "Choose one of these first.")
	}
	l, err := lookingAt(s)
	if err != nil {
		return nil, err
	}
	here, err := layerAt(l, id)
	if err != nil {
		return nil, err
	}
	top, _, ok := Merge(here)
	if !ok {
		_, _, err := layerStanding(s, id)
		return nil, err
	}
	all, err := put(q, layerKey+id, "seen", here, func(seen []place.Prefix, form place.Prefix) Layer {
		b := top.Value
		b.Gone, b.Seen, b.Form = true, seen, form
		return b
	})
	if err != nil || len(all) == 0 {
		return all, err
	}
	more, err := l.singles(q, top.Value.Form)
	return append(all, more...), err
}

// singles takes the places off the map that a list had said by themselves before it became a
// layer, which would stand again without it.
func (l *look) singles(q hub.Request, list place.Prefix) (out []hub.Draft, _ error) {
	for _, id := range slices.Sorted(maps.Keys(l.details)) {
		top, _, ok := Merge(l.details[id])
		if !ok || top.Value.Gone || top.Value.Form != list {
			continue
		}
		form := pressOf(q.Form.Get("client_id"))
		d := top.Value
		d.Gone, d.AsOf, d.Form, d.Seen, d.Knew = true, 0, list, replacedOf(l.details[id], list), known{
			states: replacedOf(l.states[id], list), recounts: replacedOf(l.recounts[id], list),
		}.by(form)
		if _, err := place.Encoded(d); err != nil {
			d.Knew = nil // there is no room for it
		}
		one, err := draftsOf(placeKey+id, record.Place, life, d)
		if err != nil {
			return nil, err
		}
		out = append(out, one...)
	}
	if len(out) > 0 && l.room(q.Author, out) != nil {
		out = nil // the list itself goes at least
	}
	return out, nil
}
