package draw

import (
	"context"
	"errors"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/mvt"
)

// The bounds of what is gathered for one picture.
const (
	maxPoints  = 400_000   // of all shapes, on or near the picture
	maxShape   = 100_000   // points of one shape, before it is clipped
	maxLength  = 2_000_000 // pixels of the page that all lines and rings are long together
	maxNames   = 3_000
	maxBroken  = 8  // features of a tile that are left out before the tile is given up
	nearness   = 40 // pixels around the picture that are drawn too: lines are wide
	fine       = .4 // pixels: points that are nearer to the last one are left out
	maxWaiting = 1 << 10
)

// shape is a line, or a polygon's rings, in pixels of the file.
type shape [][]point

// name is a name that may be put on the picture.
type name struct {
	text letter.Text
	manner
	class class
	at    point   // where it has a point
	lines []shape // where it goes along lines
}

// gathered is what is drawn from tiles.
type gathered struct {
	*frame
	font     *letter.Font
	language string
	shapes   [classes][]shape
	names    []name
	streets  map[streetName]int // where in names
	left     int                // points that may still come
	length   float64            // that has come, in pixels of the file
	room     mvt.Paths
	chunk    []point
	seen     int // features, to look at the context now and then
	bad      int
	credits  []string // of the tiles, each once
}

// source is where a tile's data lies on the picture, and where the tile does that is drawn
// from it, which may be smaller: then what is elsewhere is another piece's.
type source struct{ data, used box }

// overlap is how many pixels a piece goes on beyond its own tile, so that there is no seam.
const overlap = 1

// within is where shapes of a piece are drawn.
func (g *gathered) within(p source) orb.Bound {
	w := g.window(nearness)
	if p.used != p.data {
		w = meet(w, p.used.bound(overlap*g.s))
	}
	return w
}

// bound is a box with so many pixels around it.
func (b box) bound(margin float64) orb.Bound {
	return orb.Bound{Min: orb.Point{b.low.X - margin, b.low.Y - margin}, Max: orb.Point{b.high.X + margin, b.high.Y + margin}}
}

type streetName struct {
	text letter.Text
	by   hand
}

// tile gathers a piece.
func (g *gathered) tile(ctx context.Context, where source, data []byte) error {
	if len(data) > MaxTile {
		return errors.New("it is too large to be drawn")
	}
	g.bad = 0
	var first error
	err := mvt.Read(data, wanted, func(l *mvt.Layer, f *mvt.Feature) error {
		if g.seen++; g.seen%maxWaiting == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := g.feature(l.Name, f, where)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
		if g.bad++; g.bad > maxBroken {
			return err
		}
		return nil
	})
	if err == nil {
		err = first
	}
	return err
}

func (g *gathered) feature(layer string, f *mvt.Feature, where source) error {
	c := classOf(layer, f)
	m, named := mannerOf(layer, f, c, g.Zoom)
	lines := c.isLine()
	drawn := c != nothing && (!lines || c.width(g.Zoom) > 0) && (c != building || g.Zoom >= 14)
	if !drawn && !named {
		return nil
	}
	if err := f.Geometry(&g.room, maxShape); err != nil {
		return err
	}
	low, high := where.data.low, where.data.high
	for i, p := range g.room.Points {
		g.room.Points[i] = orb.Point{low.X + p[0]*(high.X-low.X), low.Y + p[1]*(high.Y-low.Y)}
	}
	switch f.Kind {
	case mvt.Points:
		if named && len(g.room.Points) > 0 {
			p := g.room.Points[0]
			g.pointName(layer, f, m, xy(p[0], p[1]), where.used)
		}
	case mvt.Lines:
		g.lines(f, c, drawn, m, named, where)
	case mvt.Polygons:
		if drawn {
			g.polygon(c, where)
		}
	}
	return nil
}

// isLine reports whether a class is of lines.
func (c class) isLine() bool { return c == waterLine || c >= border }

func (g *gathered) pointName(layer string, f *mvt.Feature, m manner, at point, where box) {
	inside := at.X >= where.low.X && at.X < where.high.X && at.Y >= where.low.Y && at.Y < where.high.Y
	if !inside || !g.near(box{at, at}, 0) || len(g.names) >= maxNames { // in the margin it is another tile's
		return
	}
	if t := g.nameOf(f, layer == "places" && m.rank < rankCity-20); t != "" {
		g.names = append(g.names, name{text: t, manner: m, at: at})
	}
}

// nameOf is a feature's name as it can be drawn: that on the signs, or that in the
// reader's language first; else one in English or in Latin letters; else its number.
func (g *gathered) nameOf(f *mvt.Feature, foreign bool) letter.Text {
	order := [...]string{"name", "name:" + g.language, "name:en", "name:latin", "name:latn", "int_name", "name2", "ref"}
	if foreign {
		order[0], order[1] = order[1], order[0]
	}
	for _, key := range order {
		if raw := f.Text(key); raw != "" {
			if t := g.font.Name(raw); t != "" {
				return t
			}
		}
	}
	return ""
}

func (g *gathered) lines(f *mvt.Feature, c class, drawn bool, m manner, named bool, where source) {
	var text letter.Text
	for i := range g.room.Ends {
		part := orb.LineString(g.room.Part(i))
		b, ok := boxOf(part)
		if !ok || len(part) < 2 || !g.near(b, nearness) {
			continue
		}
		if drawn {
			for _, line := range clip.LineString(g.within(where), part) {
				if kept := g.keep(line, false); kept != nil {
					g.shapes[c] = append(g.shapes[c], shape{kept})
				}
			}
		}
		if !named {
			continue
		}
		if text == "" {
			if text = g.nameOf(f, false); text == "" {
				named = false
				continue
			}
		}
		// of a name only what is in the tile itself, so that the pieces of two tiles meet
		for _, line := range clip.LineString(meet(where.used.bound(0), g.window(0)), part) {
			if kept := g.keep(line, false); kept != nil {
				g.street(text, m, c, kept)
			}
		}
	}
}

// street adds a piece of a street to its name.
func (g *gathered) street(text letter.Text, m manner, c class, line []point) {
	key := streetName{text, m.by}
	at, known := g.streets[key]
	if !known {
		if len(g.names) >= maxNames {
			return
		}
		if g.streets == nil {
			g.streets = map[streetName]int{}
		}
		at = len(g.names)
		g.streets[key] = at
		g.names = append(g.names, name{text: text, manner: m, class: c})
	}
	if n := &g.names[at]; m.rank < n.rank {
		n.manner, n.class = m, c
	}
	g.names[at].lines = append(g.names[at].lines, shape{line})
}

func (g *gathered) polygon(c class, where source) {
	var rings shape
	window := g.within(where)
	flip := false
	for i := range g.room.Ends {
		ring := orb.Ring(g.room.Part(i))
		b, ok := boxOf(orb.LineString(ring))
		if !ok || len(ring) < 3 {
			continue
		}
		if i == 0 { // the outer one, by the specification; some writers wind it the other way
			flip = signedArea(ring) < 0
		}
		if !g.near(b, nearness) {
			continue
		}
		ring = append(ring[:len(ring):len(ring)], ring[0])
		if b.low.X < window.Min[0] || b.low.Y < window.Min[1] || b.high.X > window.Max[0] || b.high.Y > window.Max[1] {
			ring = clip.Ring(window, ring)
		}
		if kept := g.keep(orb.LineString(ring), true); kept != nil {
			if flip {
				for a, z := 0, len(kept)-1; a < z; a, z = a+1, z-1 {
					kept[a], kept[z] = kept[z], kept[a]
				}
			}
			rings = append(rings, kept)
		}
	}
	if rings != nil {
		g.shapes[c] = append(g.shapes[c], rings)
	}
}

// keep copies a line or a ring without the points that add nothing; nil where nothing is
// left of it, or where no more may come.
func (g *gathered) keep(line orb.LineString, ring bool) []point {
	least := 2
	if ring {
		least = 3
	}
	if len(line) < least || len(line) > g.left {
		return nil
	}
	if cap(g.chunk)-len(g.chunk) < len(line) {
		g.chunk = make([]point, 0, max(4096, len(line)))
	}
	from := len(g.chunk)
	for i, p := range line {
		q := xy(p[0], p[1])
		if n := len(g.chunk); n > from && i < len(line)-1 && math.Abs(q.X-g.chunk[n-1].X)+math.Abs(q.Y-g.chunk[n-1].Y) < fine*g.s {
			continue
		}
		g.chunk = append(g.chunk, q)
	}
	kept := g.chunk[from:len(g.chunk):len(g.chunk)]
	if len(kept) < least {
		g.chunk = g.chunk[:from]
		return nil
	}
	g.left -= len(kept)
	if g.length += lengthOf(kept); g.length > maxLength*g.s {
		g.left = 0
	}
	return kept
}

// window is the picture with so many pixels around it.
func (f *frame) window(margin float64) orb.Bound {
	return orb.Bound{Min: orb.Point{-margin, -margin}, Max: orb.Point{f.w + margin, f.h + margin}}
}

// meet is what two bounds have in common; it may be turned inside out where that is
// nothing, which clips everything off.
func meet(a, b orb.Bound) orb.Bound {
	return orb.Bound{
		Min: orb.Point{math.Max(a.Min[0], b.Min[0]), math.Max(a.Min[1], b.Min[1])},
		Max: orb.Point{math.Min(a.Max[0], b.Max[0]), math.Min(a.Max[1], b.Max[1])},
	}
}

// boxOf is the box around points, and whether they are numbers at all.
func boxOf(points []orb.Point) (box, bool) {
	b := box{xy(math.Inf(1), math.Inf(1)), xy(math.Inf(-1), math.Inf(-1))}
	for _, p := range points {
		b.low = xy(math.Min(b.low.X, p[0]), math.Min(b.low.Y, p[1]))
		b.high = xy(math.Max(b.high.X, p[0]), math.Max(b.high.Y, p[1]))
	}
	return b, b.high.X-b.low.X >= 0 && b.high.Y-b.low.Y >= 0 && !math.IsInf(b.high.X-b.low.X, 0) && !math.IsInf(b.high.Y-b.low.Y, 0)
}

// signedArea is twice the area of a ring, positive where it is wound clockwise on the
// picture.
func signedArea(ring []orb.Point) (sum float64) {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p[0]*q[1] - q[0]*p[1]
	}
	return sum
}
