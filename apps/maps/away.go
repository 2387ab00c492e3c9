package maps

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb/geo"
)

// awayTo is how far a shape is from a point, and where.
func awayTo(from place.Point, s *place.Shape) *Away {
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
	from  place.Point
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
func (c *closest) take(at int, s *place.Shape) {
	if c.worst > 0 && s.Kind == place.Spot && len(s.Parts) == 1 && math.Abs(s.Parts[0][0][0].Lat()-c.from.Lat())*perLatitude > c.worst {
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
