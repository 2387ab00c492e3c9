package feature

import (
	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/hub"
)

// Swapped is a hint that latitude and longitude were written the wrong way round: the
// geometry lies wholly outside of the region, or off the earth, and swapped wholly within.
// Where the region is empty, so not known, it is the earth. It is only a hint, for a person
// to decide on; Swap does what it proposes.
func Swapped(g orb.Geometry, region orb.Bound) (hub.Said, bool) {
	if g == nil || g.Bound().IsEmpty() {
		return hub.Said{}, false
	}
	if region.IsEmpty() {
		region = globe()
	}
	here, there := g.Bound(), Swap(g).Bound()
	off := !covers(globe(), here)
	switch {
	case !off && region.Intersects(here), !covers(region, there):
		return hub.Said{}, false
	case off:
		lat := here.Max.Lat()
		if here.Min.Lat() < -90 {
			lat = here.Min.Lat()
		}
		return hub.Said{
			Phrase: "The latitude %[1]s does not exist: it goes from -90 to 90. Latitude and longitude may be swapped here.",
			Args:   []any{degrees(lat)},
		}, true
	}
	return hub.Said{
		Phrase: "This lies far away, at %[1]s. With latitude and longitude swapped it would lie here, at %[2]s.",
		Args:   []any{point(here.Center()), point(there.Center())},
	}, true
}

// globe is where positions exist.
func globe() orb.Bound { return orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}} }

func covers(outer, b orb.Bound) bool { return outer.Contains(b.Min) && outer.Contains(b.Max) }

// Swap is the geometry with latitude and longitude exchanged, and not yet sound again.
func Swap(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return orb.Point{g[1], g[0]}
	case orb.MultiPoint:
		return orb.MultiPoint(swapped(g))
	case orb.LineString:
		return orb.LineString(swapped(g))
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i, l := range g {
			out[i] = swapped(l)
		}
		return out
	case orb.Ring:
		return orb.Ring(swapped(g))
	case orb.Polygon:
		return swapRings(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i, p := range g {
			out[i] = swapRings(p)
		}
		return out
	}
	return g
}

func swapRings(p orb.Polygon) orb.Polygon {
	out := make(orb.Polygon, len(p))
	for i, r := range p {
		out[i] = swapped(r)
	}
	return out
}

func swapped(ps []orb.Point) []orb.Point {
	out := make([]orb.Point, len(ps))
	for i, p := range ps {
		out[i] = orb.Point{p[1], p[0]}
	}
	return out
}
