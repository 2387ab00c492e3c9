package madeup

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/maptile"
)

// thing is one thing on the map: of which layer, what it is and where. It is on tiles from
// a zoom on.
type thing struct {
	layer string
	tags  []string // names and values in turn
	from  maptile.Zoom
	where orb.Geometry // a point, a line or an area, in degrees
}

// Of a vector tile (Mapbox Vector Tile 2.1, §4).
const (
	extent = 4096
	buffer = 1.0 / 16 // of a side, that shapes go on beyond it

	moveTo, lineTo, closePath = 1, 2, 7
)

// draw is the tile with what of all things is on it; nil for none.
func draw(at maptile.Tile, all []thing) (out []byte) {
	for _, name := range []string{"earth", "landuse", "water", "buildings", "roads", "pois", "places"} {
		l := layer{at: at}
		for _, t := range all {
			if t.layer == name && at.Z >= t.from {
				l.add(t)
			}
		}
		if len(l.features) > 0 {
			out = field(out, 3, l.bytes(name))
		}
	}
	return out
}

// layer is one layer of a tile on its way.
type layer struct {
	at       maptile.Tile
	features []byte
	texts    texts // names of tags
	values   texts
}

// texts are numbered by their first use.
type texts struct {
	numbers map[string]uint64
	order   []string
}

func (t *texts) number(s string) uint64 {
	n, known := t.numbers[s]
	if !known {
		if t.numbers == nil {
			t.numbers = map[string]uint64{}
		}
		n = uint64(len(t.order))
		t.numbers[s] = n
		t.order = append(t.order, s)
	}
	return n
}

func (l *layer) bytes(name string) []byte {
	b := field(nil, 1, []byte(name))
	b = append(b, l.features...)
	for _, k := range l.texts.order {
		b = field(b, 3, []byte(k))
	}
	for _, v := range l.values.order {
		b = field(b, 4, field(nil, 1, []byte(v)))
	}
	return append(b, 15<<3, 2) // its version; the extent is the usual one
}

// add adds what of a thing is on the tile.
func (l *layer) add(t thing) {
	p := pen{}
	kind := byte(1)
	square := orb.Bound{Min: orb.Point{-buffer, -buffer}, Max: orb.Point{1 + buffer, 1 + buffer}}
	switch g := t.where.(type) {
	case orb.Point:
		if at := l.point(g); at[0] >= 0 && at[0] < 1 && at[1] >= 0 && at[1] < 1 {
			p.draw(orb.LineString{at}, false)
		}
	case orb.LineString:
		kind = 2
		for _, part := range clip.LineString(square, l.points(g)) {
			p.draw(part, false)
		}
	case orb.Polygon:
		kind = 3
		for i, ring := range g {
			ring = clip.Ring(square, orb.Ring(l.points(orb.LineString(ring))))
			if len(ring) < 4 {
				if i == 0 {
					break
				}
				continue
			}
			// y grows to the south: an outline's area is above zero there, a hole's below
			if (ring.Orientation() == orb.CCW) == (i > 0) {
				p.draw(orb.LineString(ring), true)
			} else {
				ring.Reverse()
				p.draw(orb.LineString(ring), true)
			}
		}
	}
	if len(p.out) == 0 {
		return
	}
	var tags []byte
	for i := 0; i < len(t.tags); i += 2 {
		tags = binary.AppendUvarint(binary.AppendUvarint(tags, l.texts.number(t.tags[i])), l.values.number(t.tags[i+1]))
	}
	f := append(field(nil, 2, tags), 3<<3, kind)
	l.features = field(l.features, 2, field(f, 4, p.out))
}

// point is where a point is on the tile, whose sides are 1.
func (l *layer) point(p orb.Point) orb.Point {
	n := math.Exp2(float64(l.at.Z))
	s := math.Sin(p[1] * math.Pi / 180)
	return orb.Point{(p[0]+180)/360*n - float64(l.at.X), (.5-math.Log((1+s)/(1-s))/(4*math.Pi))*n - float64(l.at.Y)}
}

func (l *layer) points(ps orb.LineString) orb.LineString {
	out := make(orb.LineString, len(ps))
	for i, p := range ps {
		out[i] = l.point(p)
	}
	return out
}

// pen writes commands.
type pen struct {
	out  []byte
	x, y int64
}

// draw draws a line, or an outline whose last point is its first. What is no longer than
// a point is left out.
func (p *pen) draw(line orb.LineString, closed bool) {
	at := [][2]int64{}
	for _, q := range line {
		to := [2]int64{int64(math.Round(q[0] * extent)), int64(math.Round(q[1] * extent))}
		if len(at) == 0 || at[len(at)-1] != to {
			at = append(at, to)
		}
	}
	if closed && len(at) > 1 && at[0] == at[len(at)-1] {
		at = at[:len(at)-1]
	}
	if closed && len(at) < 3 || !closed && len(line) > 1 && len(at) < 2 {
		return
	}
	for i, to := range at {
		switch i {
		case 0:
			p.out = binary.AppendUvarint(p.out, 1<<3|moveTo)
		case 1:
			p.out = binary.AppendUvarint(p.out, uint64(len(at)-1)<<3|lineTo)
		}
		p.out = binary.AppendVarint(binary.AppendVarint(p.out, to[0]-p.x), to[1]-p.y)
		p.x, p.y = to[0], to[1]
	}
	if closed {
		p.out = binary.AppendUvarint(p.out, 1<<3|closePath)
	}
}

func field(b []byte, number uint64, data []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(b, number<<3|2), uint64(len(data))), data...)
}
