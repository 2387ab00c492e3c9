// Package ink puts filled shapes and lines on a picture, with soft edges, and writes it
// as a small PNG.
//
// The shapes are rasterised by golang.org/x/image/vector, from lines that are made to
// shapes here. Of what there is, that adds least to the program and needs least room: a
// few buffers of the size of what is drawn, kept from one shape to the next. fogleman/gg
// and what it stands on have seen no release for years; srwiley/rasterx keeps a list of
// cells for each shape; tdewolff/canvas brings its own fonts, PDF and SVG, several
// megabytes that nobody here uses.
package ink

import "math"

// Point is a place on a picture in pixels: x to the right, y downwards, (0, 0) the upper
// left corner.
type Point struct{ X, Y float64 }

// Path is a set of closed shapes that is filled at once. What several of them cover is
// filled once, provided that they are wound the same way; a ring wound the other way
// within another is a hole.
type Path struct {
	points []Point
	ends   []int
	// of all points
	low, high Point
}

// Reset empties the path and keeps its room.
func (p *Path) Reset() { p.points, p.ends = p.points[:0], p.ends[:0] }

// Empty reports whether nothing is in the path.
func (p *Path) Empty() bool { return len(p.ends) == 0 }

// Points is how many points are in the path; each takes 16 bytes.
func (p *Path) Points() int { return len(p.points) }

// Ring adds a closed shape; the last point is joined to the first.
func (p *Path) Ring(points ...Point) {
	if len(points) < 3 {
		return
	}
	if len(p.ends) == 0 {
		p.low, p.high = points[0], points[0]
	}
	for _, q := range points {
		p.low = Point{math.Min(p.low.X, q.X), math.Min(p.low.Y, q.Y)}
		p.high = Point{math.Max(p.high.X, q.X), math.Max(p.high.Y, q.Y)}
	}
	p.points = append(p.points, points...)
	p.ends = append(p.ends, len(p.points))
}

// Circle adds a disc.
func (p *Path) Circle(c Point, r float64) {
	n := arcSteps(r, 2*math.Pi)
	points := make([]Point, n)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		points[i] = Point{c.X + r*cos, c.Y + r*sin}
	}
	p.Ring(points...)
}

// Box adds a rectangle whose corners are rounded with radius r.
func (p *Path) Box(low, high Point, r float64) {
	r = math.Min(r, math.Min(high.X-low.X, high.Y-low.Y)/2)
	if r <= 0 {
		p.Ring(low, Point{high.X, low.Y}, high, Point{low.X, high.Y})
		return
	}
	n := arcSteps(r, math.Pi/2)
	points := make([]Point, 0, 4*(n+1))
	centers := [4]Point{{high.X - r, high.Y - r}, {low.X + r, high.Y - r}, {low.X + r, low.Y + r}, {high.X - r, low.Y + r}}
	for k, c := range centers {
		for i := range n + 1 {
			sin, cos := math.Sincos(math.Pi / 2 * (float64(k) + float64(i)/float64(n)))
			points = append(points, Point{c.X + r*cos, c.Y + r*sin})
		}
	}
	p.Ring(points...)
}

// Line adds a line of a width as shapes. Its ends are round, or cut at its first and
// last point. Corners are round.
func (p *Path) Line(line []Point, width float64, round bool) {
	half := width / 2
	var from, way Point // the last point that was used, and the direction there
	started := false
	for i, to := range line {
		if i == 0 {
			from = to
			continue
		}
		dx, dy := to.X-from.X, to.Y-from.Y
		d := math.Hypot(dx, dy)
		if d < 1e-6 {
			continue
		}
		u := Point{dx / d, dy / d}
		ox, oy := -u.Y*half, u.X*half
		p.Ring(Point{from.X - ox, from.Y - oy}, Point{to.X - ox, to.Y - oy}, Point{to.X + ox, to.Y + oy}, Point{from.X + ox, from.Y + oy})
		switch {
		case started:
			p.corner(from, way, u, half)
		case round:
			p.fan(from, math.Atan2(u.Y, u.X)+math.Pi/2, math.Pi, half)
		}
		from, way, started = to, u, true
	}
	if started && round {
		p.fan(from, math.Atan2(way.Y, way.X)-math.Pi/2, math.Pi, half)
	}
}

// corner fills the wedge on the outer side of a turn.
func (p *Path) corner(at, before, after Point, half float64) {
	turn := math.Atan2(before.X*after.Y-before.Y*after.X, before.X*after.X+before.Y*after.Y)
	switch {
	case math.Abs(turn) < 1e-3:
	case turn > 0: // to the right on the picture: the gap is on the left
		p.fan(at, math.Atan2(before.Y, before.X)-math.Pi/2, turn, half)
	default:
		p.fan(at, math.Atan2(after.Y, after.X)+math.Pi/2, -turn, half)
	}
}

// fan adds a part of a disc, from an angle on, clockwise on the picture.
func (p *Path) fan(c Point, from, angle, r float64) {
	n := arcSteps(r, angle)
	var room [40]Point
	points := append(room[:0], c)
	for i := range n + 1 {
		sin, cos := math.Sincos(from + angle*float64(i)/float64(n))
		points = append(points, Point{c.X + r*cos, c.Y + r*sin})
	}
	p.Ring(points...)
}

// arcSteps is how many straight pieces make an arc look round.
func arcSteps(r, angle float64) int {
	return int(math.Min(36, math.Max(1, math.Ceil(angle*math.Sqrt(math.Max(r, .1))*1.3))))
}

// Dashed hands on the pieces of a line that is on for some pixels, then off for some. It
// ends after many thousand, as on a line from a broken map.
func Dashed(line []Point, on, off float64, each func([]Point)) {
	if on <= 0 || off <= 0 {
		each(line)
		return
	}
	const most = 1 << 14
	var piece []Point
	left, drawn, pieces := on, true, 0
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		d := math.Hypot(b.X-a.X, b.Y-a.Y)
		at := 0.0
		for d-at > 1e-9 {
			step := math.Min(left, d-at)
			if drawn && len(piece) == 0 {
				piece = append(piece, along(a, b, at/d))
			}
			at, left = at+step, left-step
			if drawn {
				piece = append(piece, along(a, b, at/d))
			}
			if left > 1e-9 {
				continue
			}
			if drawn {
				each(piece)
				piece = piece[:0]
			}
			if pieces++; pieces > most {
				return
			}
			if drawn = !drawn; drawn {
				left = on
			} else {
				left = off
			}
		}
	}
	if len(piece) > 1 {
		each(piece)
	}
}

func along(a, b Point, t float64) Point { return Point{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t} }
