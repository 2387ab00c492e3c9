package draw

import (
	"math"
	"sort"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// How names lie along streets.
const (
	sharpest = 26 * math.Pi / 180 // from one letter to the next
	again    = 210                // pixels of the page from a street's name to where it comes again
	most     = 6                  // times that a name comes
)

// along finds room for a street's name on the street, if it is long enough, once or
// several times; somewhat smaller where it finds none else.
func (s *sheet) along(n name) []put {
	routes := joined(n.lines, 2.5*s.s)
	for i, l := range routes {
		routes[i] = smooth(l, s.s)
	}
	all := s.alongAt(n, routes, n.size*s.s)
	if all == nil && n.size > 10 {
		all = s.alongAt(n, routes, n.size*.88*s.s)
	}
	return all
}

func (s *sheet) alongAt(n name, routes [][]point, size float64) (all []put) {
	spots := s.font.Spots(n.text, size)
	width := s.font.Width(n.text, size)
	var middles []point
	for _, l := range routes {
		r := newRoute(l)
		for _, from := range r.starts(width, 9*s.s) {
			if len(all) == most {
				return all
			}
			places, ok := s.lay(r, spots, size, from, width)
			if !ok {
				continue
			}
			middle := places[len(places)/2].At
			tooNear := false
			for _, m := range middles {
				tooNear = tooNear || math.Hypot(m.X-middle.X, m.Y-middle.Y) < again*s.s
			}
			if tooNear {
				continue
			}
			boxes := s.around(places, size)
			if !s.taken.free(boxes...) {
				continue
			}
			s.taken.take(boxes...)
			middles = append(middles, middle)
			all = append(all, put{n.text, size, n.by, false, places})
		}
	}
	return all
}

// around is the room that letters take.
func (s *sheet) around(places []letter.Place, size float64) []box {
	boxes := make([]box, len(places))
	for i, p := range places {
		sin, cos := math.Sincos(p.Angle)
		up := size * letter.CapHeight / 2
		boxes[i] = around(xy(p.At.X+sin*up, p.At.Y-cos*up), size*.5)
	}
	return boxes
}

// lay is where the letters of a name stand that begins so far along a route. Not ok
// where the street turns too sharply, or leaves the picture.
func (s *sheet) lay(r *route, spots []float64, size, from, width float64) ([]letter.Place, bool) {
	a, b := r.at(from), r.at(from+width)
	if math.Hypot(b.X-a.X, b.Y-a.Y) < .7*width {
		return nil, false
	}
	back := b.X < a.X // so that the letters stand upright
	places := make([]letter.Place, len(spots))
	last := 0.0
	drop := size * .27 // so that small letters stand in the middle of the street
	for i, spot := range spots {
		at := from + spot
		if back {
			at = from + width - spot
		}
		p, q := r.at(at-size*.4), r.at(at+size*.4)
		if back {
			p, q = q, p
		}
		angle := math.Atan2(q.Y-p.Y, q.X-p.X)
		turn := math.Abs(math.Remainder(angle-last, 2*math.Pi))
		if i > 0 && turn > sharpest {
			return nil, false
		}
		last = angle
		sin, cos := math.Sincos(angle)
		on := r.at(at)
		on = xy((on.X*2+p.X+q.X)/4, (on.Y*2+p.Y+q.Y)/4)
		places[i] = letter.Place{At: xy(on.X-sin*drop, on.Y+cos*drop), Angle: angle}
		if i > 0 { // on the inner side of a bend letters would run into each other
			p, far := places[i-1].At, math.Abs(spot-spots[i-1])
			if gap := math.Hypot(places[i].At.X-p.X, places[i].At.Y-p.Y); gap < .75*far || gap > 1.2*far+.4*s.s {
				return nil, false
			}
		}
		if !s.inside(around(places[i].At, size*.6), 0) {
			return nil, false
		}
	}
	return places, true
}

// smooth is a line for letters to stand on: without kinks that nobody sees, and with
// round corners.
func smooth(line []point, scale float64) []point {
	plain := make(orb.LineString, len(line))
	for i, p := range line {
		plain[i] = orb.Point{p.X, p.Y}
	}
	plain = simplify.DouglasPeucker(1.2 * scale).LineString(plain)
	out := make([]point, len(plain))
	for i, p := range plain {
		out[i] = xy(p[0], p[1])
	}
	for _, cut := range []float64{9 * scale, 4 * scale} { // of each corner, so much of its sides
		rounder := append(make([]point, 0, 2*len(out)), out[0])
		for i := 1; i < len(out)-1; i++ {
			rounder = append(rounder, toward(out[i], out[i-1], cut), toward(out[i], out[i+1], cut))
		}
		rounder = append(rounder, out[len(out)-1])
		out = rounder
	}
	return out
}

// toward is a point on the way from a to b, no further than so many pixels or three
// tenths of the way.
func toward(a, b point, most float64) point {
	d := math.Hypot(b.X-a.X, b.Y-a.Y)
	t := .3
	if d > 0 {
		t = math.Min(t, most/d)
	}
	return xy(a.X+(b.X-a.X)*t, a.Y+(b.Y-a.Y)*t)
}

// route is a line that is walked along.
type route struct {
	points []point
	gone   []float64 // how far it is to each
}

func newRoute(line []point) *route {
	r := &route{line, make([]float64, len(line))}
	for i := 1; i < len(line); i++ {
		r.gone[i] = r.gone[i-1] + math.Hypot(line[i].X-line[i-1].X, line[i].Y-line[i-1].Y)
	}
	return r
}

func (r *route) length() float64 { return r.gone[len(r.gone)-1] }

// at is the point so far along; before the first and after the last it goes straight on.
func (r *route) at(d float64) point {
	i := min(len(r.points)-1, max(1, sort.SearchFloat64s(r.gone, d)))
	a, b := r.points[i-1], r.points[i]
	span := r.gone[i] - r.gone[i-1]
	if span == 0 {
		return a
	}
	t := (d - r.gone[i-1]) / span
	return xy(a.X+(b.X-a.X)*t, a.Y+(b.Y-a.Y)*t)
}

// starts are where a name of a width may begin: in the middle first, then step by step
// away from it.
func (r *route) starts(width, step float64) []float64 {
	room := r.length() - width
	if room < 0 {
		return nil
	}
	const tries = 200
	all := []float64{room / 2}
	for d := step; d <= room/2 && len(all) < tries; d += step {
		all = append(all, room/2+d, room/2-d)
	}
	return all
}

// joined joins lines that begin where another ends, so that a name may go on from one
// piece to the next. Of several that could go on it takes that which turns least.
func joined(pieces []shape, near float64) [][]point {
	const most = 400 // pieces, for the time that it takes
	var lines [][]point
	for i, p := range pieces {
		if i < most {
			lines = append(lines, p[0])
		}
	}
	for i := 0; i < len(lines); i++ {
		for {
			k, flip, ok := next(lines, i, near)
			if !ok {
				// the other way round
				turned := reversed(lines[i])
				lines[i] = turned
				if k, flip, ok = next(lines, i, near); !ok {
					break
				}
			}
			other := lines[k]
			if flip {
				other = reversed(other)
			}
			lines[i] = append(append(make([]point, 0, len(lines[i])+len(other)), lines[i]...), other[1:]...)
			lines = append(lines[:k], lines[k+1:]...)
			if k < i {
				i--
			}
		}
	}
	return lines
}

// next is which line goes on best where the i-th ends, and whether it has to be turned
// round.
func next(lines [][]point, i int, near float64) (at int, flip, ok bool) {
	end := lines[i]
	e, before := end[len(end)-1], end[len(end)-2]
	best := math.Pi / 3
	for k, l := range lines {
		if k == i {
			continue
		}
		for _, turned := range []bool{false, true} {
			a, b := l[0], l[1]
			if turned {
				a, b = l[len(l)-1], l[len(l)-2]
			}
			if math.Abs(a.X-e.X) > near || math.Abs(a.Y-e.Y) > near {
				continue
			}
			turn := math.Abs(math.Remainder(math.Atan2(b.Y-a.Y, b.X-a.X)-math.Atan2(e.Y-before.Y, e.X-before.X), 2*math.Pi))
			if turn < best {
				best, at, flip, ok = turn, k, turned, true
			}
		}
	}
	return at, flip, ok
}

func reversed(line []point) []point {
	out := make([]point, len(line))
	for i, p := range line {
		out[len(line)-1-i] = p
	}
	return out
}
