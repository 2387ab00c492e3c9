package maps

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/planar"
)

// awayTo is how far a shape is from a point, and where.
func awayTo(from Point, s *Shape) *Away {
	at, meters := s.Offset(from)
	a := &Away{Meters: int(math.Round(meters)), Words: grid.SayWay(from.Orb(), at.Orb(), grid.Metric)}
	if len(a.Words.Args) == 1 { // else it is right here
		a.Bearing = (int(math.Round(geo.Bearing(from.Orb(), at.Orb()))) + 360) % 360
		a.Words.Args = []any{hub.Said{Phrase: "%[1]s (%[2]s)", Args: []any{a.Words.Args[0], grid.SayDistance(meters, grid.Miles)}}}
	}
	return a
}

// closest keeps the few places that are closest to a point.
type closest struct {
	from  Point
	most  int
	all   []candidate
	worst float64 // as far as what was let go of at least; 0: nothing was yet
}

// candidate is one of them: where it stands among all, and how far it is.
type candidate struct {
	at     int
	meters float64
}

// perLatitude is less than the meters of a degree of latitude, on any sphere like the earth.
const perLatitude = 110_000

// take looks at the shape of the place that stands somewhere. Of twice as many as are wanted
// the farther half is let go of, so that many are looked at once each; what is farther to the
// north or south than all that is kept is not measured.
func (c *closest) take(at int, s *Shape) {
	if c.worst > 0 && s.Kind == Spot && len(s.Parts) == 1 && math.Abs(s.Parts[0][0][0].Lat()-c.from.Lat())*perLatitude > c.worst {
		return
	}
	_, meters := s.Offset(c.from)
	if c.worst > 0 && meters > c.worst {
		return
	}
	if c.all = append(c.all, candidate{at, meters}); len(c.all) >= 2*c.most+64 {
		c.sort()
		c.all = c.all[:c.most]
		c.worst = c.all[c.most-1].meters
	}
}

func (c *closest) sort() {
	slices.SortFunc(c.all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.meters, b.meters), cmp.Compare(a.at, b.at)) })
}

// sorted is them, the closest first. What is equally far is in the order of kinds.
func (c *closest) sorted(all []Place) []candidate {
	c.sort()
	c.all = c.all[:min(len(c.all), c.most)]
	slices.SortStableFunc(c.all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.meters, b.meters), cmp.Compare(all[a.at].Kind, all[b.at].Kind), strings.Compare(all[a.at].ID, all[b.at].ID))
	})
	return c.all
}

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
