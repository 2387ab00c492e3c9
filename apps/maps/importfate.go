package maps

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// fate is what would become of one place of a file that is to be one layer.
type fate struct {
	verdict exchange.Verdict // Conflict: what the file says of it stands below what is here
	turns   []exchange.Turn  // what would stand otherwise than now
	stays   []exchange.Turn  // what the file says otherwise, and what stays
}

// layerWord is the version of a layer that a file would become.
func (l *look) layerWord(id string) *stack {
	return &stack{id: id, by: Version[Layer]{Time: record.At(l.now)}}
}

// foretell says what would become of an entry of a list: a place is looked at as it stands,
// and as it would with that version of the layer in the place of those that are here.
func (l *look) foretell(list string, by *stack, e exchange.Entry, packed layer.Entry) (f fate, _ error) {
	before, here, err := l.place(e.ID)
	if err != nil {
		return f, err
	}
	after, _, err := l.placeWith(by, e.ID, by.read(packed))
	if err != nil {
		return f, err
	}
	if here {
		f.turns = exchange.Turns(sheetOf(before), sheetOf(after))
	}
	counted := len(l.recounts[e.ID]) > 0 || after.People != nil && len(after.People.tallies) > 0
	f.stays = exchange.Judge(list, e, &exchange.Standing{ID: e.ID, Sheet: sheetOf(after), Counted: counted}).Diffs
	switch {
	case !here:
		f.verdict = exchange.New
	case len(f.turns) > 0:
		f.verdict = exchange.Changed
	case len(f.stays) > 0:
		f.verdict = exchange.Conflict
	default:
		f.verdict = exchange.Same
	}
	return f, nil
}

// placeWith is a place as it would stand if a version of a layer said that of it, and no other
// version of the layer did.
func (l *look) placeWith(by *stack, id string, says []stocked) (Place, bool, error) {
	said := l.says(id)
	others := slices.DeleteFunc(slices.Clone(said), func(s stocked) bool { return s.by.id == by.id })
	l.said[id] = append(others, says...)
	defer func() { l.said[id] = said }()
	return l.place(id)
}

// stacked names the layers that are looked at, and which of them are here: as long as it is
// the same, so is what they say.
func (l *look) stacked() string {
	var all []byte
	for i := range l.layers {
		s := &l.layers[i]
		all = fmt.Appendf(all, "%s %x %x %t\n", s.id, s.by.ID, s.by.Value.blob.Sum, s.index != nil)
	}
	p := prefixOf(all)
	return hex.EncodeToString(p[:])
}

// comingOf is a place of a file as its preview shows it.
func comingOf(id string, s place.Sheet) Coming {
	d := s.Details
	c := Coming{ID: id, Name: d.Name, Kind: d.Kind.Words(), Where: d.Shape.Center().String()}
	fact := func(is bool, phrase hub.Phrase, args ...any) {
		if is {
			c.Facts = append(c.Facts, hub.Said{Phrase: phrase, Args: args})
		}
	}
	fact(d.Shape.Kind == place.Line, "A line")
	fact(d.Shape.Kind == place.Area, "An area")
	if s.State != nil {
		fact(true, s.State.Status.Words())
	}
	if s.People != nil {
		fact(true, "%d people there", int(*s.People))
	}
	fact(d.Most > 0, "Room for %d people in an evacuation", int(d.Most))
	fact(d.Everyday > 0, "Room for %d people for a longer time", int(d.Everyday))
	return c
}
