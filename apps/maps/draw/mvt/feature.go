package mvt

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// Kind is what the geometry of a feature is.
type Kind uint64

// The kinds of geometry (vector_tile.proto, GeomType).
const (
	Unknown Kind = iota
	Points
	Lines
	Polygons
)

// Feature is one feature of a layer.
type Feature struct {
	Kind     Kind
	layer    *Layer
	tags     []uint32 // name, value, name, value…
	geometry []byte
}

func (f *Feature) read(l *Layer, raw []byte) error {
	*f = Feature{layer: l, tags: f.tags[:0]}
	return fields(raw, func(at field) error {
		switch {
		case at.number == 2 && at.wire == wireBytes:
			return f.readTags(at.bytes)
		case at.number == 3 && at.wire == wireVarint:
			f.Kind = Kind(at.varint)
		case at.number == 4 && at.wire == wireBytes:
			f.geometry = at.bytes
		}
		return nil
	})
}

func (f *Feature) readTags(b []byte) error {
	for len(b) > 0 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxUint32 {
			return broken("a property that ends early")
		}
		if b = b[n:]; len(f.tags) == 2*maxTags {
			return broken("a feature with more than %d properties", maxTags)
		}
		f.tags = append(f.tags, uint32(v))
	}
	if len(f.tags)%2 != 0 {
		return broken("a property without a value")
	}
	return nil
}

// value is the message of a property's value, or nil where the feature has none.
func (f *Feature) value(name string) []byte {
	for i := 0; i < len(f.tags); i += 2 {
		k, v := int(f.tags[i]), int(f.tags[i+1])
		if k < len(f.layer.keys) && v < len(f.layer.values) && f.layer.keys[k] == name {
			return f.layer.values[v]
		}
	}
	return nil
}

// Text is a property as text, numbers and truth values too; empty where there is none.
func (f *Feature) Text(name string) string {
	out := ""
	f.scan(name, func(s string, n float64, isText bool) {
		if out = s; !isText {
			out = strconv.FormatFloat(n, 'f', -1, 64)
		}
	})
	return out
}

// Number is a property as a number, and whether it is one: 1 for true, 0 for false.
func (f *Feature) Number(name string) (float64, bool) {
	out, ok := 0.0, false
	f.scan(name, func(s string, n float64, isText bool) {
		if out, ok = n, !isText; isText {
			v, err := strconv.ParseFloat(s, 64)
			out, ok = v, err == nil
		}
	})
	return out, ok && !math.IsNaN(out) && !math.IsInf(out, 0)
}

// scan hands on a property's value (vector_tile.proto, Value). One that is no sound
// message is none.
func (f *Feature) scan(name string, found func(s string, n float64, isText bool)) {
	raw := f.value(name)
	if raw == nil {
		return
	}
	//nolint:errcheck // what cannot be read leaves the property out, which is all that can be done
	fields(raw, func(at field) error {
		switch {
		case at.number == 1 && at.wire == wireBytes:
			found(text(at.bytes), 0, true)
		case at.number == 2 && at.wire == wireFixed32:
			found("", float64(math.Float32frombits(uint32(at.varint))), false)
		case at.number == 3 && at.wire == wireFixed64:
			found("", math.Float64frombits(at.varint), false)
		case at.number == 4 && at.wire == wireVarint:
			found("", float64(int64(at.varint)), false)
		case at.number == 5 && at.wire == wireVarint, at.number == 7 && at.wire == wireVarint:
			found("", float64(at.varint), false)
		case at.number == 6 && at.wire == wireVarint:
			found("", float64(unzigzag(at.varint)), false)
		}
		return nil
	})
}

// Paths are the points of a geometry, and where each of its parts ends.
type Paths struct {
	Points []orb.Point
	Ends   []int // of part i: one past its last point in Points
}

// Part is the points of the i-th part.
func (p *Paths) Part(i int) []orb.Point {
	from := 0
	if i > 0 {
		from = p.Ends[i-1]
	}
	return p.Points[from:p.Ends[i]]
}

// The commands of a geometry (vector-tile-spec 2.1, §4.3.1).
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// Geometry reads the feature's geometry into p, whose room is used again. Coordinates
// are shares of the tile's side, y to the south; the tile itself is 0 to 1. Each point,
// each line and each ring of a polygon is a part; rings are not closed, that is, their
// first point does not come again. It is ErrBroken where there are more than most points.
func (f *Feature) Geometry(p *Paths, most int) error {
	p.Points, p.Ends = p.Points[:0], p.Ends[:0]
	b, x, y := f.geometry, int64(0), int64(0)
	next := func() (uint64, bool) {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxUint32 {
			return 0, false
		}
		b = b[n:]
		return v, true
	}
	finish := func() {
		if n := len(p.Points); n > 0 && (len(p.Ends) == 0 || p.Ends[len(p.Ends)-1] < n) {
			p.Ends = append(p.Ends, n)
		}
	}
	for len(b) > 0 {
		command, ok := next()
		if !ok {
			return broken("a geometry that ends early")
		}
		switch id, count := command&7, command>>3; id {
		case closePath:
			finish()
		case moveTo, lineTo:
			for range count {
				dx, okX := next()
				dy, okY := next()
				if !okX || !okY {
					return broken("a geometry that ends early")
				}
				if len(p.Points) >= most {
					return broken("a geometry of more than %d points", most)
				}
				if id == moveTo {
					finish()
				}
				x, y = x+unzigzag(dx), y+unzigzag(dy)
				p.Points = append(p.Points, orb.Point{float64(x) / f.layer.Extent, float64(y) / f.layer.Extent})
			}
		default:
			return broken("command %d in a geometry", id)
		}
	}
	finish()
	return nil
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
