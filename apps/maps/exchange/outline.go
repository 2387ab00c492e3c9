package exchange

import (
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// Restore makes the line of an entry the area that stands here, if the format has no areas
// and the line is the outline of that one: who wrote the file could not say more.
func (e *Entry) Restore(here place.Shape) {
	s := &e.Sheet.Details.Shape
	if e.Flat && s.Kind == place.Line && here.Kind == place.Area && outline(here).String() == s.String() {
		*s = here
	}
}

// outline is an area as it comes back from a format that has none.
func outline(area place.Shape) place.Shape {
	var lines orb.MultiLineString
	add := func(p orb.Polygon) {
		for _, ring := range p {
			lines = append(lines, orb.LineString(ring))
		}
	}
	g, err := feature.Sound(hub.Said{}, area.Geometry())
	if err != nil {
		return place.Shape{}
	}
	switch g := g.(type) {
	case orb.Polygon:
		add(g)
	case orb.MultiPolygon:
		for _, p := range g {
			add(p)
		}
	}
	s, err := place.ShapeOf(hub.Said{}, lines)
	if err != nil && points(lines) > place.MaxPoints {
		s, err = simpler(hub.Said{}, lines)
	}
	if err != nil {
		return place.Shape{}
	}
	return s
}
