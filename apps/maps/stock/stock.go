// Package stock is places as layers have them: the body of an entry is a sheet, and its
// class what lists choose by.
package stock

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/paulmach/orb"
)

// Entry is a place for a layer. A place of one point has it in its bounds alone. The error
// is that of a place that cannot be said, or an Invalid if it is too long for one body.
func Entry(id string, s place.Sheet) (e layer.Entry, err error) {
	if err := s.Check(); err != nil {
		return e, err
	}
	g := s.Details.Shape.Geometry()
	if g == nil {
		return e, errors.New("a place is somewhere")
	}
	e = layer.Entry{ID: id, Bound: g.Bound(), Class: Class(s)}
	if _, one := g.(orb.Point); one {
		s.Details.Shape = place.Shape{}
	}
	e.Body, err = s.Encode()
	return e, err
}

// Sheet is the place of an entry. It is an error if what the entry holds is none.
func Sheet(e layer.Entry) (s place.Sheet, _ error) {
	if err := cbor.Unmarshal(e.Body, &s); err != nil {
		return place.Sheet{}, err
	}
	if at := &s.Details.Shape; at.Kind == 0 && len(at.Parts) == 0 && e.Bound.Min == e.Bound.Max {
		*at = place.Shape{Kind: place.Spot, Parts: []place.Part{{place.Steps{place.FromOrb(e.Bound.Min)}}}}
	}
	if err := s.Check(); err != nil {
		return place.Sheet{}, err
	}
	return s, nil
}

// Away is how far an entry is from a point, in meters: for layer.Index.Nearest. It is false
// for one that is no place.
func Away(from place.Point, e layer.Entry) (meters float64, ok bool) {
	if e.Bound.Min == e.Bound.Max {
		return grid.Distance(from.Orb(), e.Bound.Min), true
	}
	s, err := Sheet(e)
	if err != nil {
		return 0, false
	}
	_, meters = s.Details.Shape.Offset(from)
	return meters, true
}

// Versions name what an entry says: of what a place is, how it stands and how many are there
// each, the same wherever, in whatever version of a layer, and as of whenever the same is said. So what
// somebody has said since still replaces it when the layer comes again.
type Versions struct{ Details, State, People record.ID }

// VersionsOf are those of a sheet.
func VersionsOf(id string, s place.Sheet) (v Versions, err error) {
	s.Details.Seen, s.Details.AsOf = nil, 0
	if s.State != nil {
		st := *s.State
		st.Seen, st.AsOf = nil, 0
		s.State = &st
	}
	for what, of := range map[*record.ID]any{&v.Details: s.Details, &v.State: s.State, &v.People: s.People} {
		b, wrong := place.Encoded(of)
		err = errors.Join(err, wrong)
		*what = version(id, b)
	}
	return v, err
}

func version(id string, body []byte) record.ID {
	b := binary.AppendUvarint([]byte("lamppost layer\x00"), uint64(len(id)))
	return sha256.Sum256(append(append(b, id...), body...))
}

// What the bits of a class are.
const (
	kindMask = 0x0f
	openBit  = 0x10
	roomBit  = 0x20
	petsBit  = 0x40
	stepsBit = 0x80
)

// Class is what a place is chosen by in a layer.
func Class(s place.Sheet) uint8 {
	d := s.Details
	class := uint8(d.Kind) & kindMask
	if s.State != nil && s.State.Status.Open() && !d.Gone {
		class |= openBit
		room := cmp.Or(d.Most, d.Everyday)
		if s.State.Status != place.Full && (s.People == nil || room == 0 || *s.People < room) {
			class |= roomBit
		}
	}
	if d.Pets == place.Yes {
		class |= petsBit
	}
	if d.StepFree == place.Yes {
		class |= stepsBit
	}
	return class
}

// Choice is which places of a layer are wanted. The zero one is those of no kind.
type Choice struct {
	Kind     func(place.Kind) bool
	Open     bool // only what is said to be open
	Room     bool // only what is open and not known to be full
	Pets     bool
	StepFree bool
}

// Classes are those of the entries that are wanted.
func (c Choice) Classes() layer.Classes {
	return layer.ClassesOf(func(class uint8) bool {
		return c.Kind != nil && c.Kind(place.Kind(class&kindMask)) &&
			(!c.Open || class&openBit != 0) && (!c.Room || class&roomBit != 0) && (!c.Pets || class&petsBit != 0) && (!c.StepFree || class&stepsBit != 0)
	})
}
