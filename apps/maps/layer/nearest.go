package layer

import (
	"cmp"
	"iter"
	"math"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/paulmach/orb"
)

// Near is an entry and how far it is, in meters.
type Near struct {
	Entry

	Meters float64
}

// Nearest yields the entries of some classes, the nearest to a point first and the equally
// far by their ids, for as long as whoever asks wants more: the index is read no farther
// than that takes.
//
// How far an entry is, measure says: at least as far as its bounds; or that it is none to
// be yielded. It is asked for some entries more than are yielded, once each, and not to keep
// them. Nil is the way to the bounds, as package grid measures it.
func (x *Index) Nearest(from orb.Point, of Classes, measure func(Entry) (meters float64, keep bool)) iter.Seq2[Near, error] {
	return func(yield func(Near, error) bool) {
		s := search{q: x.query(), from: from, of: of, measure: measure}
		if x.count > 0 && of != (Classes{}) && !math.IsNaN(from[0]+from[1]) {
			s.push(place{level: len(x.plan.levels) - 1})
		}
		for {
			n, ok, err := s.next()
			if !ok && err == nil || !yield(n, err) || err != nil {
				return
			}
		}
	}
}

// search is a search for what is nearest, the nearest first (Hjaltason, Samet: Distance
// browsing in spatial databases, ACM TODS 24(2), 1999): a queue of all that was come to, by
// how near it, or anything below it, can be.
type search struct {
	q       *query
	from    orb.Point
	of      Classes
	measure func(Entry) (float64, bool)
	queue   []place
}

// place is what was come to: a node of a level, or an entry, of level found.
type place struct {
	meters float64
	level  int
	n      int
	entry  *entry // nil: it has not been read
	id     string
}

const found = -1

// before puts what may have something as near below it before an entry that is as near.
func (a *place) before(b *place) bool {
	return cmp.Or(cmp.Compare(a.meters, b.meters), -cmp.Compare(a.level, b.level), strings.Compare(a.id, b.id), cmp.Compare(a.n, b.n)) < 0
}

// next is the next nearest.
func (s *search) next() (near Near, ok bool, _ error) {
	for len(s.queue) > 0 {
		p := s.pop()
		switch {
		case p.level == found:
			return Near{p.entry.entry(), p.meters}, true, nil
		case p.level == 0:
			if err := s.leaf(p.n); err != nil {
				return near, false, err
			}
			continue
		}
		all, err := s.q.node(p.level, p.n)
		if err != nil {
			return near, false, err
		}
		for i := range all {
			if c := &all[i]; c.classes.meets(&s.of) {
				s.push(place{meters: atLeast(s.from, c.box), level: p.level - 1, n: p.n*fan + i})
			}
		}
	}
	return near, false, nil
}

// leaf puts the entries of a leaf into the queue.
func (s *search) leaf(n int) error {
	l, err := s.q.leaf(n)
	if err != nil {
		return err
	}
	var all []entry
	for i, it := range l.items {
		if !s.of.Has(it.class) {
			continue
		}
		if all == nil {
			if all, err = s.q.page(n, l); err != nil {
				return err
			}
		}
		e := &all[i]
		var meters float64
		keep := true
		if s.measure != nil {
			meters, keep = s.measure(e.entry())
		} else {
			meters = e.where.away(s.from)
		}
		if keep {
			s.push(place{meters: meters, level: found, entry: e, id: e.id})
		}
	}
	return nil
}

func (s *search) push(p place) {
	s.queue = append(s.queue, p)
	q := s.queue
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if !q[i].before(&q[up]) {
			return
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
}

func (s *search) pop() place {
	q := s.queue
	top, last := q[0], len(q)-1
	q[0], q[last] = q[last], place{}
	q = q[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down+1 < last && q[down+1].before(&q[down]) {
			down++
		}
		if down >= last || !q[down].before(&q[i]) {
			break
		}
		q[i], q[down] = q[down], q[i]
		i = down
	}
	s.queue = q
	return top
}

// atLeast is no more than how far anything in a box is: what numbers lose is less.
func atLeast(from orb.Point, b box) float64 {
	const lost, part = 0.001, 1e-7
	meters := away(from, b)
	return max(0, meters-lost-meters*part)
}

// away is how far an extent is from a point, in meters.
func (x extent) away(from orb.Point) float64 {
	b := x.box()
	if !b.around() {
		return away(from, b)
	}
	west, east := b, b
	west.west, east.east = x.lon, eastward(x.lon, x.wide)
	return min(away(from, west), away(from, east))
}

// away is how far a box is from a point on a sphere, in meters.
func away(from orb.Point, b box) float64 {
	lat := min(degrees(b.north), max(degrees(b.south), from.Lat()))
	west, east := circle(degrees(b.west)-from.Lon()), circle(from.Lon()-degrees(b.east))
	if degrees(b.east)-degrees(b.west) >= 360 || circle(from.Lon()-degrees(b.west)) <= degrees(b.east)-degrees(b.west) {
		return grid.Distance(from, orb.Point{from.Lon(), lat}) // due north or south
	}
	edge := degrees(b.west)
	if east < west {
		edge = degrees(b.east)
	}
	if b.south == b.north {
		return grid.Distance(from, orb.Point{edge, lat})
	}
	// Of a meridian the point nearest to another is where the great circle through that
	// one meets it at a right angle; beyond an end of the edge it is that end.
	sin, cos := math.Sincos(from.Lat() * math.Pi / 180)
	square := math.Atan2(sin, cos*math.Cos((edge-from.Lon())*math.Pi/180)) * 180 / math.Pi
	best := min(grid.Distance(from, orb.Point{edge, degrees(b.south)}), grid.Distance(from, orb.Point{edge, degrees(b.north)}))
	if square > degrees(b.south) && square < degrees(b.north) {
		best = min(best, grid.Distance(from, orb.Point{edge, square}))
	}
	return best
}

// circle is a difference of longitudes, from 0 to 360.
func circle(d float64) float64 {
	if d = math.Mod(d, 360); d < 0 {
		d += 360
	}
	return d
}
