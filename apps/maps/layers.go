package maps

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/layer/keep"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Layer is what stands at l/: many places that came as one, by one coordinator. The places
// themselves are in the one file that the record names: see package layer.
type Layer struct {
	Name  string         `cbor:"1,keyasint" json:"name"`
	Count uint32         `cbor:"2,keyasint" json:"count"`       // places
	Kinds []uint32       `cbor:"3,keyasint,omitempty" json:"-"` // how many of each kind, from the first
	Gone  bool           `cbor:"4,keyasint,omitempty" json:"removed,omitempty"`
	Seen  []place.Prefix `cbor:"5,keyasint,omitempty" json:"-"`
	Form  place.Prefix   `cbor:"6,keyasint" json:"-"`
	// Since is when it was first said, if it stands again as what came after was taken back.
	Since record.Time `cbor:"7,keyasint,omitempty" json:"-"`

	blob record.Blob
}

// Replaced is which versions it replaces, and which form wrote it.
func (b Layer) Replaced() ([]place.Prefix, place.Prefix) { return b.Seen, b.Form }

// since is when it was first said, of one that was said at a time.
func (b Layer) since(at record.Time) record.Time {
	if b.Since > 0 && b.Since < at {
		return b.Since
	}
	return at
}

// Places is how many it has.
func (b Layer) Places() int { return int(b.Count) }

// layersRead bounds how many records of layers are looked at.
const layersRead = 1000

func checkLayer(r record.Record, id string) error {
	b, err := hub.Collection[Layer]{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !place.Fit(b.Name, place.MaxName, place.MaxNameBytes) || hub.Blank(b.Name):
		return errors.New("a list of places has a name, of at most 80 characters")
	case b.Count > layer.MaxEntries:
		return errors.New("a list is of at most 100,000 places")
	case len(b.Kinds) > len(place.Kinds()):
		return errors.New("these are more kinds of places than there are")
	case !b.Gone && (len(r.Blobs) != 1 || r.Blobs[0].Size > layer.MaxBytes):
		return errors.New("a list of places stands in one file, of at most 64 MB")
	}
	return errors.Join(place.CheckID(id), place.CheckVersions(b.Seen))
}

// stack is a layer that stands, of one coordinator: where two have written one without
// knowing of each other, the places of both stand.
type stack struct {
	id    string
	by    Version[Layer]
	index *layer.Index // nil: see state
	state keep.State
	after bool // what stood before is shown until it has come
}

// layersOf are what coordinators say under the keys of layers, by the rest of the key.
func layersOf(l *look) (map[string][]Version[Layer], error) {
	all, read := map[string][]Version[Layer]{}, 0
	for it, err := range l.s.Newest(layers, 0) {
		if err != nil {
			return nil, fmt.Errorf("lists of places: %w", err)
		}
		if read++; read > layersRead {
			break
		}
		l.addLayer(all, it)
	}
	return all, nil
}

// layerAt is what coordinators say of one layer.
func layerAt(l *look, id string) ([]Version[Layer], error) {
	all := map[string][]Version[Layer]{}
	for it, err := range l.s.Slots(layerKey + id) {
		if err != nil {
			return nil, fmt.Errorf("a list of places: %w", err)
		}
		l.addLayer(all, it)
	}
	return all[id], nil
}

func (l *look) addLayer(all map[string][]Version[Layer], it hub.Item) {
	_, id := split(it.Key)
	had := len(all[id])
	add(l, all, it)
	if now := all[id]; len(now) > had && !now[had].Value.Gone {
		if len(it.Blobs) != 1 {
			all[id] = now[:had]
			return
		}
		now[had].Value.blob = it.Blobs[0]
	}
}

// standing are the layers that stand, by their ids and then as Merge has them.
func standing(all map[string][]Version[Layer]) (out []stack) {
	for _, id := range slices.Sorted(maps.Keys(all)) {
		top, besides, ok := Merge(all[id])
		if !ok {
			continue
		}
		for _, v := range append([]Version[Layer]{top}, besides...) {
			if v.Value.Gone {
				continue
			}
			v.Time = v.Value.since(v.Time)
			out = append(out, stack{id: id, by: v})
		}
	}
	return out
}

// stacks looks at the layers, so that their places are found.
func (l *look) stacks() error {
	all, err := layersOf(l)
	if err != nil {
		return err
	}
	l.layers = standing(all)
	of := deskOf(l.s).layers()
	has := map[keep.Sum]bool{}
	for i := range l.layers {
		s := &l.layers[i]
		s.index, s.state = of.get(s.by.Value.blob.Sum)
		has[s.by.Value.blob.Sum] = true
		if s.index == nil {
			l.awaits()
		}
	}
	for i := range l.layers {
		if s := &l.layers[i]; s.index == nil {
			l.layers = append(l.layers, l.before(of, s, has)...)
		}
	}
	return nil
}

// before is what stood of a layer that has not come.
func (l *look) before(of *indexes, s *stack, has map[keep.Sum]bool) (all []stack) {
	for _, e := range of.earlier(s.id) {
		index, state := of.get(e.Sum)
		if index == nil || has[e.Sum] || !l.speaks(e.Author) {
			continue
		}
		has[e.Sum], s.after = true, true
		was := Version[Layer]{Value: Layer{blob: record.Blob{Sum: e.Sum}}, Author: e.Author, Time: e.Time}
		all = append(all, stack{id: s.id, by: was, index: index, state: state})
	}
	return all
}
