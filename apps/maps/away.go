package maps

import (
	"math"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// Orb is the point as package orb has it, in degrees.
func (p Point) Orb() orb.Point { return orb.Point{p.Lon(), p.Lat()} }

// pointFrom is the point nearest to one of package orb, which has to be on earth.
func pointFrom(p orb.Point) Point { return PointAt(p.Lat(), p.Lon()) }

// awayTo is how far a shape is from a point, and where.
func awayTo(from Point, s Shape) *Away {
	at, meters := s.Offset(from)
	a := &Away{Meters: int(math.Round(meters)), Words: grid.SayWay(from.Orb(), at.Orb(), grid.Metric)}
	if len(a.Words.Args) == 1 { // else it is right here
		a.Bearing = (int(math.Round(Bearing(from, at))) + 360) % 360
		a.Words.Args = []any{hub.Said{Phrase: "%[1]s (%[2]s)", Args: []any{a.Words.Args[0], grid.SayDistance(meters, grid.Miles)}}}
	}
	return a
}
