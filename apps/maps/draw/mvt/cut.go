package mvt

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
)

// Part is a tile that lies in another: Down zooms deeper, X and Y from its upper left
// corner, each less than 1<<Down.
type Part struct {
	Down uint8 // at most 31
	X, Y uint32
}

// What a cut tile has. Names at points are on one tile only; shapes go on a little beyond
// its sides, so that no seam is seen.
const (
	cutExtent = 4096
	cutBuffer = 1.0 / 64 // of a side
	maxCut    = 1 << 18  // points of one shape
)

// Cut is a part of a tile, as a tile of its own: all layers, without what lies elsewhere.
// The same tile is cut to the same bytes. It takes time and room in proportion to the
// tile's bytes. The error is ErrBroken.
func Cut(tile []byte, p Part) ([]byte, error) {
	c := cutter{scale: math.Ldexp(1, int(p.Down)), at: orb.Point{float64(p.X), float64(p.Y)}}
	layers := 0
	err := fields(tile, func(f field) error {
		if f.number != 3 || f.wire != wireBytes {
			return nil
		}
		if layers++; layers > maxLayers {
			return broken("more than %d layers", maxLayers)
		}
		l, err := readLayer(f.bytes, func(string) bool { return true })
		if err != nil {
			return err
		}
		return c.layer(l, f.bytes)
	})
	return c.out, err
}

// cutter is one cut on its way.
type cutter struct {
	scale float64
	at    orb.Point // of the part, in its own sides
	out   []byte

	// Of the layer:
	features     []byte
	keys, values renumbered

	// Of the feature:
	room  Paths
	shape []byte
	last  [2]int64 // where the pen is
}

// renumbered is which of a layer's names or values are used, in the order of their use.
type renumbered struct {
	to   map[uint32]uint64
	used []uint32
}

func (r *renumbered) number(old uint32) uint64 {
	n, ok := r.to[old]
	if !ok {
		if r.to == nil {
			r.to = map[uint32]uint64{}
		}
		n = uint64(len(r.used))
		r.to[old] = n
		r.used = append(r.used, old)
	}
	return n
}

// The fields of a layer and of a feature (vector_tile.proto).
const (
	layerName, layerFeature, layerKey, layerValue, layerExtent, layerVersion = 1, 2, 3, 4, 5, 15
	featureTags, featureKind, featureShape                                   = 2, 3, 4
)

// layer appends what is left of a layer, if anything is.
func (c *cutter) layer(l *Layer, raw []byte) error {
	c.features, c.keys, c.values = c.features[:0], renumbered{}, renumbered{}
	err := l.features(raw, func(_ *Layer, f *Feature) error {
		if err := f.Geometry(&c.room, maxCut); err != nil {
			return err
		}
		if c.shape = c.shape[:0]; c.cut(f.Kind) {
			c.features = appendBytes(c.features, layerFeature, c.feature(f))
		}
		return nil
	})
	if err != nil || len(c.features) == 0 {
		return err
	}
	out := appendNumber(nil, layerVersion, 2)
	out = appendBytes(out, layerName, []byte(l.Name))
	out = append(out, c.features...)
	for _, k := range c.keys.used {
		out = appendBytes(out, layerKey, []byte(l.keys[k]))
	}
	for _, v := range c.values.used {
		out = appendBytes(out, layerValue, l.values[v])
	}
	c.out = appendBytes(c.out, 3, appendNumber(out, layerExtent, cutExtent))
	return nil
}

// feature is a feature's message, with the shape that is left of it.
func (c *cutter) feature(f *Feature) []byte {
	var tags []byte
	for i := 0; i < len(f.tags); i += 2 {
		k, v := f.tags[i], f.tags[i+1]
		if int64(k) < int64(len(f.layer.keys)) && int64(v) < int64(len(f.layer.values)) {
			tags = binary.AppendUvarint(tags, c.keys.number(k))
			tags = binary.AppendUvarint(tags, c.values.number(v))
		}
	}
	out := appendBytes(nil, featureTags, tags)
	out = appendNumber(out, featureKind, uint64(f.Kind))
	return appendBytes(out, featureShape, c.shape)
}

// cut writes what of the room lies in the part, and reports whether anything does.
func (c *cutter) cut(k Kind) bool {
	c.last = [2]int64{}
	if k == Points {
		return c.points()
	}
	window := orb.Bound{Min: orb.Point{-cutBuffer, -cutBuffer}, Max: orb.Point{1 + cutBuffer, 1 + cutBuffer}}
	for i := range c.room.Ends {
		part := c.room.Part(i)
		for j, p := range part {
			part[j] = orb.Point{p[0]*c.scale - c.at[0], p[1]*c.scale - c.at[1]}
		}
		if bound := orb.MultiPoint(part).Bound(); !bound.Intersects(window) {
			continue
		}
		switch k {
		case Lines:
			for _, line := range clip.LineString(window, orb.LineString(part)) {
				c.path(line, false)
			}
		case Polygons:
			ring := append(orb.Ring(part[:len(part):len(part)]), part[0])
			c.path(orb.LineString(clip.Ring(window, ring)), true)
		}
	}
	return len(c.shape) > 0
}

// points writes those within the part itself.
func (c *cutter) points() bool {
	var kept []orb.Point
	for _, p := range c.room.Points {
		if q := (orb.Point{p[0]*c.scale - c.at[0], p[1]*c.scale - c.at[1]}); q[0] >= 0 && q[0] < 1 && q[1] >= 0 && q[1] < 1 {
			kept = append(kept, q)
		}
	}
	if len(kept) == 0 {
		return false
	}
	c.command(moveTo, len(kept))
	for _, p := range kept {
		c.step(grid(p))
	}
	return true
}

// path writes a line or a ring, unless nothing of it is left on the grid.
func (c *cutter) path(line orb.LineString, ring bool) {
	var kept [][2]int64
	for _, p := range line {
		if q := grid(p); len(kept) == 0 || q != kept[len(kept)-1] {
			kept = append(kept, q)
		}
	}
	least := 2
	if ring {
		if n := len(kept); n > 1 && kept[0] == kept[n-1] {
			kept = kept[:n-1]
		}
		if least = 3; flat(kept) {
			return
		}
	}
	if len(kept) < least {
		return
	}
	c.command(moveTo, 1)
	c.step(kept[0])
	c.command(lineTo, len(kept)-1)
	for _, q := range kept[1:] {
		c.step(q)
	}
	if ring {
		c.command(closePath, 1)
	}
}

// flat reports whether a ring has no area: it would be neither an outline nor a hole.
func flat(ring [][2]int64) bool {
	twice := int64(0)
	for i, q := range ring {
		p := ring[(i+len(ring)-1)%len(ring)]
		twice += p[0]*q[1] - q[0]*p[1]
	}
	return twice == 0
}

func grid(p orb.Point) [2]int64 {
	return [2]int64{int64(math.Round(p[0] * cutExtent)), int64(math.Round(p[1] * cutExtent))}
}

func (c *cutter) command(id, count int) {
	c.shape = binary.AppendUvarint(c.shape, uint64(count)<<3|uint64(id))
}

// step moves the pen.
func (c *cutter) step(to [2]int64) {
	for i, v := range to {
		d := v - c.last[i]
		c.shape = binary.AppendUvarint(c.shape, uint64(d<<1)^uint64(d>>63))
	}
	c.last = to
}

func appendNumber(b []byte, number, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, number<<3|wireVarint), v)
}

func appendBytes(b []byte, number uint64, v []byte) []byte {
	b = binary.AppendUvarint(b, number<<3|wireBytes)
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}
