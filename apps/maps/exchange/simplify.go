package exchange

import (
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// points is how many a geometry has.
func points(g orb.Geometry) (n int) {
	switch g := g.(type) {
	case orb.Point:
		return 1
	case orb.MultiPoint:
		return len(g)
	case orb.LineString:
		return len(g)
	case orb.MultiLineString:
		for _, l := range g {
			n += len(l)
		}
	case orb.Polygon:
		for _, r := range g {
			n += len(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			n += points(p)
		}
	}
	return n
}

// simpler is a line or an outline of too many points with as few as a place can have, by
// leaving out those that change it least (Douglas and Peucker 1973). It is a *feature.Refused
// where that does not help, as with too many parts.
func simpler(at hub.Said, g orb.Geometry) (place.Shape, error) {
	const finest, coarsest = 1e-6, 0.1 // degrees: from what is not kept to 10 km
	var s place.Shape
	err := error(nil)
	for tolerance := finest; tolerance < coarsest; tolerance *= 2 {
		less := simplify.DouglasPeucker(tolerance).Simplify(orb.Clone(g))
		if points(less) > place.MaxPoints+holes(less) {
			continue
		}
		if s, err = place.ShapeOf(at, less); err == nil {
			return s, nil
		}
	}
	if err == nil {
		err = feature.Refuse(at, "These are %[1]d points. At most %[2]d fit: leave out some.", points(g), place.MaxPoints)
	}
	return place.Shape{}, err
}

// holes is how many outlines and holes a geometry has: each has one point that is not kept.
func holes(g orb.Geometry) (n int) {
	switch g := g.(type) {
	case orb.Polygon:
		return len(g)
	case orb.MultiPolygon:
		for _, p := range g {
			n += len(p)
		}
	}
	return n
}
