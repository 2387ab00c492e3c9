package feature

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/hub"
)

// cell is a position in whole grains. Of rings at most 360° wide the products of
// differences fit 64 bits, so that what is asked of them is answered exactly.
type cell struct{ x, y int64 }

func cellOf(p orb.Point) cell {
	return cell{int64(math.Round(p[0] * grain)), int64(math.Round(p[1] * grain))}
}

// side is on which side of the line from a to b the cell c lies: 1 left, -1 right, 0 on it.
func side(a, b, c cell) int {
	return cmp.Compare((b.x-a.x)*(c.y-a.y), (b.y-a.y)*(c.x-a.x))
}

// edge is one side of a ring.
type edge struct {
	a, b         cell
	ring, n      int   // which ring, and which of its sides, from 1
	first, last  int64 // along the way of the sweep
	lower, upper int64 // across it
}

// edges are those of rings, in the order of a sweep along their longer extent.
func edges(rings orb.Polygon) []edge {
	b := rings[0].Bound()
	north := b.Max[1]-b.Min[1] > b.Max[0]-b.Min[0]
	var all []edge
	for i, r := range rings {
		for n := 1; n < len(r); n++ {
			a, b := cellOf(r[n-1]), cellOf(r[n])
			if a == b {
				continue
			}
			e := edge{a: a, b: b, ring: i, n: n, first: min(a.x, b.x), last: max(a.x, b.x), lower: min(a.y, b.y), upper: max(a.y, b.y)}
			if north {
				e.first, e.last, e.lower, e.upper = e.lower, e.upper, e.first, e.last
			}
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b edge) int { return cmp.Compare(a.first, b.first) })
	return all
}

// maxPairs is how many pairs of sides are compared of one polygon: about a tenth of a
// second. Coasts and borders of MaxPoints need some hundred thousand.
const maxPairs = 10_000_000

// uncrossed refuses rings whose sides cross, each other's or their own. To touch, or to
// run along each other, is no crossing.
func uncrossed(at hub.Said, rings orb.Polygon) error {
	all := edges(rings)
	pairs := 0
	for i := range all {
		e := &all[i]
		for j := i + 1; j < len(all) && all[j].first < e.last; j++ {
			f := &all[j]
			if pairs++; f.lower >= e.upper || f.upper <= e.lower || !cross(e, f) {
				continue
			}
			where := point(meet(e, f))
			if e.ring != f.ring {
				return Refuse(at, "A hole of the outline crosses another line of it near %s. Draw it again so that no lines cross.", where)
			}
			return Refuse(at, "The outline crosses itself near %[3]s, where its sides %[1]d and %[2]d meet. Draw it again so that no lines cross.", min(e.n, f.n), max(e.n, f.n), where)
		}
		if pairs > maxPairs {
			return Refuse(at, "The outline is too intricate to be checked. Simplify it.")
		}
	}
	return nil
}

// cross reports whether two sides have a point in common that is an end of neither.
// Of sides on one line it says no.
func cross(e, f *edge) bool {
	return side(e.a, e.b, f.a)*side(e.a, e.b, f.b) < 0 && side(f.a, f.b, e.a)*side(f.a, f.b, e.b) < 0
}

// meet is where two sides that cross do so.
func meet(e, f *edge) orb.Point {
	ex, ey := float64(e.b.x-e.a.x), float64(e.b.y-e.a.y)
	fx, fy := float64(f.b.x-f.a.x), float64(f.b.y-f.a.y)
	t := (float64(f.a.x-e.a.x)*fy - float64(f.a.y-e.a.y)*fx) / (ex*fy - ey*fx)
	return orb.Point{onTheEarth((float64(e.a.x) + t*ex) / grain), (float64(e.a.y) + t*ey) / grain}
}

// onTheEarth is a longitude that has run on beyond the antimeridian.
func onTheEarth(lon float64) float64 {
	return lon - 360*math.Round(lon/360)
}

// turn is which way a ring goes round: 1 counterclockwise, -1 clockwise, 0 if it has no
// area. It is exact in whole grains.
func turn(r orb.Ring) int {
	const half, mask = 32, 1<<32 - 1
	var high, low int64 // the sum in two halves, as it may exceed 64 bits
	o := cellOf(r[0])
	for i := 1; i+1 < len(r); i++ {
		a, b := cellOf(r[i]), cellOf(r[i+1])
		plus, minus := (a.x-o.x)*(b.y-o.y), (b.x-o.x)*(a.y-o.y)
		high += plus>>half - minus>>half
		low += plus&mask - minus&mask
	}
	high += low >> half
	if high != 0 {
		return cmp.Compare(high, 0)
	}
	return cmp.Compare(low&mask, 0)
}

// within reports whether a hole lies in a ring that it does not cross: a corner of it is
// inside, or none is outside.
func within(hole, outer orb.Ring) bool {
	around := make([]cell, len(outer))
	for i, p := range outer {
		around[i] = cellOf(p)
	}
	outside := false
	for _, p := range hole {
		switch place(cellOf(p), around) {
		case 1:
			return true
		case -1:
			outside = true
		}
	}
	return !outside
}

// place is where a cell is: 1 in a ring, -1 outside, 0 on it.
func place(c cell, ring []cell) int {
	at := -1
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		s := side(a, b, c)
		if s == 0 && min(a.x, b.x) <= c.x && c.x <= max(a.x, b.x) && min(a.y, b.y) <= c.y && c.y <= max(a.y, b.y) {
			return 0
		}
		if a.y > c.y != (b.y > c.y) && b.y > a.y == (s > 0) { // the side is east of it
			at = -at
		}
	}
	return at
}
