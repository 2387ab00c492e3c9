package place

import (
	"math"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Offset is the nearest point of a shape to another, and how far it is in meters; a point
// within an area is no distance from it. It goes by a flat map around that point, which
// is good enough for what is near enough to walk or drive to.
func (s *Shape) Offset(from Point) (at Point, meters float64) {
	if s.Kind == Spot && len(s.Parts) == 1 { // nearly all
		at = s.Parts[0][0][0]
		return at, grid.Distance(from.Orb(), at.Orb())
	}
	switch g := s.Geometry().(type) {
	case orb.Polygon:
		if planar.PolygonContains(g, from.Orb()) {
			return from, 0
		}
	case orb.MultiPolygon:
		if planar.MultiPolygonContains(g, from.Orb()) {
			return from, 0
		}
	}
	best := math.Inf(1)
	for _, part := range s.Parts {
		for _, ring := range part {
			if p, d := nearestOn(ring, s.Kind == Area, from); d < best {
				at, best = p, d
			}
		}
	}
	return at, grid.Distance(from.Orb(), at.Orb())
}

// nearestOn is the nearest point of a line to another, and the square of how far that is
// on a flat map.
func nearestOn(line Steps, closed bool, from Point) (at Point, best float64) {
	shrink := math.Cos(from.Lat() * math.Pi / 180)
	best = math.Inf(1)
	for i, a := range line {
		b := a
		if i+1 < len(line) || closed {
			b = line[(i+1)%len(line)]
		}
		east := eastOf(from, a)
		ax, ay := east*shrink, a.Lat()-from.Lat()
		dx, dy := eastOf(a, b)*shrink, b.Lat()-a.Lat()
		t := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			t = min(1, max(0, -(ax*dx+ay*dy)/l))
		}
		x, y := ax+t*dx, ay+t*dy
		if d := x*x + y*y; d < best {
			best, at = d, PointAt(a.Lat()+t*(b.Lat()-a.Lat()), wrapped(a.Lon()+t*eastOf(a, b)))
		}
	}
	return at, best
}

// eastOf is how many degrees of longitude a point is east of another, the short way.
func eastOf(from, to Point) float64 { return wrapped(to.Lon() - from.Lon()) }

func wrapped(lon float64) float64 {
	switch {
	case lon > 180:
		return lon - 360
	case lon < -180:
		return lon + 360
	}
	return lon
}
