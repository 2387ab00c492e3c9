package draw

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
)

// Kind is what a place is, which gives its sign its shape and its colour. Each shape is
// another one, so that nobody has to tell colours.
type Kind uint8

// The kinds of places.
const (
	Other   Kind = iota // a square
	Shelter             // a house
	Water               // a drop
	Food                // a bowl
	Medical             // a cross
	Power               // a lozenge
	Hazard              // a triangle; areas are striped
	Closed              // an octagon; lines are dashed
	Notice              // an area that a notice is about
	Here                // where the reader is: rings, with no number
)

// Mark is a place on the picture.
type Mark struct {
	ID string // for Hit
	// Geometry is a point, line or polygon, or several. Of lines and areas the sign
	// stands on what is to be seen of them. nil is legal, and draws nothing.
	Geometry orb.Geometry
	Kind     Kind
	Number   int  // in the list beside the picture, 1 to 9999; 0 has none
	Unsure   bool // not confirmed: drawn hollow
	Count    int  // of places that it stands for, where these are several: they are told, and no kind
}

// Hit is a sign on the picture, in pixels of the page from the upper left corner.
type Hit struct {
	IDs                      []string // of its places, in the order of the marks; several where they would hide each other
	Left, Top, Right, Bottom int
}

// maxMarks is how many marks are drawn; the first ones.
const maxMarks = 10_000

// badge is a sign: one place, or several in each other's way.
type badge struct {
	at    point
	marks []*Mark
	w, h  float64 // halves of its sides
}

// Layout says where the signs of a view are, made sound, as Draw draws them. Marks that
// are not to be seen have none. It draws nothing, and is quick.
func Layout(v View, marks []Mark) []Hit {
	f := newFrame(v.Sound())
	var hits []Hit
	for _, b := range layout(f, marks) {
		h := Hit{Left: pixel(b.at.X-b.w, f.s, f.Width), Top: pixel(b.at.Y-b.h, f.s, f.Height), Right: pixel(b.at.X+b.w, f.s, f.Width), Bottom: pixel(b.at.Y+b.h, f.s, f.Height)}
		for _, m := range b.marks {
			h.IDs = append(h.IDs, m.ID)
		}
		hits = append(hits, h)
	}
	return hits
}

func pixel(x, scale float64, most int) int {
	return min(most, max(0, int(math.Round(x/scale))))
}

// layout puts marks together to signs that do not hide each other. The first of several
// marks stays where it is.
func layout(f frame, marks []Mark) []badge {
	var all []badge
	for i := range marks[:min(len(marks), maxMarks)] {
		at, ok := f.spot(marks[i].Geometry)
		if !ok || marks[i].Kind == Notice && marks[i].Number == 0 {
			continue
		}
		b := badge{at: at, marks: []*Mark{&marks[i]}}
		b.measure(f.s)
		all = append(all, b)
	}
	// More than once: a sign of several is larger than one, and may reach others now.
	for again := true; again; {
		again = false
		before := all
		all = nil
		for _, b := range before {
			n := len(all)
			all = merge(all, b)
			again = again || len(all) == n
		}
	}
	for i := range all {
		all[i].stay(f)
	}
	return all
}

// merge adds a sign to the first that it would hide, or to the end.
func merge(all []badge, b badge) []badge {
	for i := range all {
		a := &all[i]
		if math.Abs(a.at.X-b.at.X) >= a.w+b.w || math.Abs(a.at.Y-b.at.Y) >= a.h+b.h {
			continue
		}
		if a.here() != b.here() { // where the reader is stays on its own, under the others
			continue
		}
		a.marks = append(a.marks, b.marks...)
		a.measure(b.scale())
		return all
	}
	return append(all, b)
}

func (b *badge) here() bool { return b.marks[0].Kind == Here }

// several reports whether the sign stands for several places.
func (b *badge) several() bool { return len(b.marks) > 1 || b.marks[0].Count > 1 }

// count is how many places it stands for.
func (b *badge) count() (n int) {
	for _, m := range b.marks {
		n += max(1, m.Count)
	}
	return n
}

// radius of a single sign, in pixels of the page.
const radius = 11.5

// scale is the scale of the picture that a single sign was measured for.
func (b *badge) scale() float64 { return b.h / radius }

// measure sets the sides of a sign.
func (b *badge) measure(scale float64) {
	b.w, b.h = radius*scale, radius*scale
	if b.several() && !b.here() {
		b.w = math.Max(b.w, (float64(len([]rune(b.caption())))*6.6+9)/2*scale)
	}
}

// strip is the one at the foot of a picture that belongs to its scale and to whose the
// map is, in pixels of the page.
const strip = 15

// stay moves a sign that the edge would cut so that all of it is to be seen, and hides
// nothing of the foot.
func (b *badge) stay(f frame) {
	if b.here() {
		return
	}
	b.at.X = math.Max(b.w, math.Min(f.w-b.w, b.at.X))
	b.at.Y = math.Max(b.h, math.Min(f.h-strip*f.s-b.h, b.at.Y))
}

// spot is where the sign of a geometry stands on the picture, if there.
func (f *frame) spot(g orb.Geometry) (at point, ok bool) {
	window := f.window(0)
	best := -1.0
	better := func(p orb.Point, size float64) {
		if size > best && p[0] >= 0 && p[1] >= 0 && p[0] <= f.w && p[1] <= f.h {
			best, at, ok = size, xy(p[0], p[1]), true
		}
	}
	f.walk(g, func(kind orb.Geometry) {
		switch g := kind.(type) {
		case orb.Point:
			better(g, 0)
		case orb.LineString:
			for _, line := range clip.LineString(window, g) {
				points := make([]point, len(line))
				for i, p := range line {
					points[i] = xy(p[0], p[1])
				}
				if len(points) > 1 {
					r := newRoute(points)
					m := r.at(r.length() / 2)
					better(orb.Point{m.X, m.Y}, r.length())
				}
			}
		case orb.Polygon:
			if visible := clip.Polygon(window, g); len(visible) > 0 {
				if p, wide := within(visible); wide > 0 {
					better(p, wide)
				}
			}
		}
	})
	return at, ok
}

// within is a point in a polygon, far from its sides to the west and the east, and how
// far these are from each other there.
func within(p orb.Polygon) (best orb.Point, wide float64) {
	b := p.Bound()
	const rows = 9
	for i := range rows {
		// the middle first, so that it is taken where others are no better
		k := []int{4, 3, 5, 2, 6, 1, 7, 0, 8}[i]
		y := b.Min[1] + (b.Max[1]-b.Min[1])*(float64(k)+.5)/rows
		var xs []float64
		for _, ring := range p {
			for j := 1; j < len(ring); j++ {
				u, v := ring[j-1], ring[j]
				if (u[1] > y) != (v[1] > y) {
					xs = append(xs, u[0]+(v[0]-u[0])*(y-u[1])/(v[1]-u[1]))
				}
			}
		}
		slices.Sort(xs)
		for j := 1; j < len(xs); j += 2 {
			if w := xs[j] - xs[j-1]; w > wide*1.15 {
				best, wide = orb.Point{(xs[j] + xs[j-1]) / 2, y}, w
			}
		}
	}
	return best, wide
}

// walk hands on the points, lines and polygons of a geometry in pixels, each on that side
// of the earth where the picture is. What is far from the picture is left out.
func (f *frame) walk(g orb.Geometry, each func(orb.Geometry)) {
	switch g := g.(type) {
	case orb.Point:
		if line := f.flat([]orb.Point{g}); line != nil {
			each(line[0])
		}
	case orb.MultiPoint:
		for _, p := range g {
			f.walk(p, each)
		}
	case orb.LineString:
		if line := f.flat(g); line != nil {
			each(orb.LineString(line))
		}
	case orb.MultiLineString:
		for _, l := range g {
			f.walk(l, each)
		}
	case orb.Ring:
		f.walk(orb.Polygon{g}, each)
	case orb.Polygon:
		f.polygon(g, each)
	case orb.MultiPolygon:
		for _, p := range g {
			f.polygon(p, each)
		}
	case orb.Bound:
		f.polygon(g.ToPolygon(), each)
	case orb.Collection:
		for _, part := range g {
			f.walk(part, each)
		}
	}
}

func (f *frame) polygon(g orb.Polygon, each func(orb.Geometry)) {
	var out orb.Polygon
	for i, ring := range g {
		flat := f.flat(ring)
		switch {
		case flat == nil && i == 0:
			return // what is outside of the outer ring is nothing of it
		case flat != nil:
			out = append(out, orb.Ring(flat))
		}
	}
	if len(out) > 0 {
		each(out)
	}
}

// flat is points in pixels, or nil where none of the box around them is on the picture
// or near it.
func (f *frame) flat(points []orb.Point) []orb.Point {
	if len(points) == 0 {
		return nil
	}
	out := make([]orb.Point, len(points))
	for i, p := range points {
		u := f.at(unit(p))
		out[i] = orb.Point{u.X, u.Y}
	}
	b, ok := boxOf(out)
	if !ok {
		return nil
	}
	shift := math.Round((f.w/2-(b.low.X+b.high.X)/2)/f.size) * f.size
	for i := range out {
		out[i][0] += shift
	}
	b.low.X, b.high.X = b.low.X+shift, b.high.X+shift
	if !f.near(b, nearness) {
		return nil
	}
	return out
}
