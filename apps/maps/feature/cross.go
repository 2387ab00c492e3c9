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
	a, b       cell
	ring, n    int // which ring, and which of its sides, from 1
	minY, maxY int64
	minX, maxX int64
}

func edges(rings orb.Polygon) []edge {
	var all []edge
	for i, r := range rings {
		for n := 1; n < len(r); n++ {
			a, b := cellOf(r[n-1]), cellOf(r[n])
			if a != b {
				all = append(all, edge{
					a: a, b: b, ring: i, n: n,
					minX: min(a.x, b.x), maxX: max(a.x, b.x), minY: min(a.y, b.y), maxY: max(a.y, b.y),
				})
			}
		}
	}
	return all
}

// uncrossed refuses rings whose sides cross, each other's or their own. To touch, or to
// run along each other, is no crossing. It sweeps from west to east; MaxPoints bounds
// what the worst outline costs to some tenths of a second.
func uncrossed(at hub.Said, rings orb.Polygon) error {
	all := edges(rings)
	slices.SortFunc(all, func(a, b edge) int { return cmp.Compare(a.minX, b.minX) })
	for i := range all {
		e := &all[i]
		for j := i + 1; j < len(all) && all[j].minX < e.maxX; j++ {
			f := &all[j]
			if f.minY >= e.maxY || f.maxY <= e.minY || !cross(e, f) {
				continue
			}
			where := point(meet(e, f))
			if e.ring != f.ring {
				return Refuse(at, "A hole of the outline crosses another line of it near %s. Draw it again so that no lines cross.", where)
			}
			return Refuse(at, "The outline crosses itself near %[3]s, where its sides %[1]d and %[2]d meet. Draw it again so that no lines cross.", min(e.n, f.n), max(e.n, f.n), where)
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
