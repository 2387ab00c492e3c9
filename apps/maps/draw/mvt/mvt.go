// Package mvt reads vector tiles (Mapbox Vector Tile 2.1,
// github.com/mapbox/vector-tile-spec) within bounds: feature by feature, with no copy of
// the tile in memory; and cuts deeper tiles out of them. A tile is another's data:
// whatever it claims, reading takes time and room in proportion to its bytes.
//
// The reader of paulmach/orb is not used, because it builds a tile whole, each property
// as a value of its own, before anything can be counted; its writer is what the tests of
// this one are built on.
package mvt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// What a tile may have. Real ones stay far below.
const (
	maxLayers = 64
	maxKeys   = 1 << 12 // names of properties of one layer
	maxValues = 1 << 16 // values of properties of one layer
	maxTags   = 256     // properties of one feature
	maxText   = 1 << 10 // bytes of a name or a value; longer ones read as empty
)

// ErrBroken is wrapped by what is wrong with a tile. Match with errors.Is.
var ErrBroken = errors.New("not a sound vector tile")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrBroken}, args...)...)
}

// Layer is one layer of a tile.
type Layer struct {
	Name   string
	Extent float64 // units along a side of the tile, > 0
	keys   []string
	values [][]byte
}

// Read goes through the features of a tile, in the tile's order. Layers for which want
// is false are passed over. The feature is good until each returns; an error of each
// ends the reading and is returned. All else is ErrBroken; what was read before has been
// handed on.
func Read(tile []byte, want func(layer string) bool, each func(*Layer, *Feature) error) error {
	layers := 0
	return fields(tile, func(f field) error {
		if f.number != 3 || f.wire != wireBytes {
			return nil
		}
		if layers++; layers > maxLayers {
			return broken("more than %d layers", maxLayers)
		}
		l, err := readLayer(f.bytes, want)
		if err != nil || l == nil {
			return err
		}
		return l.features(f.bytes, each)
	})
}

// readLayer reads what a layer says of itself, or nil where it is not wanted. Its
// features may stand before its names and values, so they are left for a second pass.
func readLayer(raw []byte, want func(string) bool) (*Layer, error) {
	l := &Layer{Extent: 4096}
	err := fields(raw, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireBytes:
			l.Name = text(f.bytes)
		case f.number == 5 && f.wire == wireVarint:
			if f.varint == 0 || f.varint > math.MaxUint32 {
				return broken("a layer with an extent of %d", f.varint)
			}
			l.Extent = float64(f.varint)
		}
		return nil
	})
	if err != nil || !want(l.Name) {
		return nil, err
	}
	return l, fields(raw, func(f field) error {
		switch {
		case f.number == 3 && f.wire == wireBytes:
			if len(l.keys) == maxKeys {
				return broken("layer %q has more than %d names of properties", l.Name, maxKeys)
			}
			l.keys = append(l.keys, text(f.bytes))
		case f.number == 4 && f.wire == wireBytes:
			if len(l.values) == maxValues {
				return broken("layer %q has more than %d values", l.Name, maxValues)
			}
			l.values = append(l.values, f.bytes)
		}
		return nil
	})
}

func (l *Layer) features(raw []byte, each func(*Layer, *Feature) error) error {
	var feature Feature
	return fields(raw, func(f field) error {
		if f.number != 2 || f.wire != wireBytes {
			return nil
		}
		if err := feature.read(l, f.bytes); err != nil {
			return err
		}
		return each(l, &feature)
	})
}

func text(b []byte) string {
	if len(b) > maxText {
		return ""
	}
	return string(b)
}

// The wire types of protocol buffers that tiles use.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// field is one field of a protocol buffer message.
type field struct {
	number uint64
	wire   byte
	varint uint64 // of wireVarint, wireFixed32 and wireFixed64
	bytes  []byte // of wireBytes
}

// fields hands on the fields of a message.
func fields(b []byte, each func(field) error) error {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return broken("a field that ends early")
		}
		b = b[n:]
		f := field{number: tag >> 3, wire: byte(tag & 7)}
		switch f.wire {
		case wireVarint:
			if f.varint, n = binary.Uvarint(b); n <= 0 {
				return broken("a number that ends early")
			}
		case wireFixed64:
			if n = 8; len(b) < n {
				return broken("a number that ends early")
			}
			f.varint = binary.LittleEndian.Uint64(b)
		case wireFixed32:
			if n = 4; len(b) < n {
				return broken("a number that ends early")
			}
			f.varint = uint64(binary.LittleEndian.Uint32(b))
		case wireBytes:
			size, w := binary.Uvarint(b)
			if w <= 0 || size > uint64(len(b)-w) {
				return broken("a field that is longer than the rest of the tile")
			}
			n = w + int(size)
			f.bytes = b[w:n]
		default:
			return broken("a field of wire type %d", f.wire)
		}
		b = b[n:]
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}
