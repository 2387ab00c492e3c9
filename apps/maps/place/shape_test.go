package place_test

import (
	"math"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestFarIsToTheNearestPoint(t *testing.T) {
	line, err := place.ShapeOf(feature.Nth(1), orb.LineString{{-73, 44}, {-72, 44}})
	if err != nil {
		t.Fatal(err)
	}
	for from, km := range map[place.Point]float64{
		place.PointAt(44.1, -72.5): 11.1, place.PointAt(44, -72.3): 0, place.PointAt(44, -71.5): 40.0, place.PointAt(44.1, -73.1): 13.7,
	} {
		if _, m := line.Offset(from); math.Abs(m/1000-km) > 0.1 {
			t.Errorf("%v is %.2f km from the line, not %.1f", from, m/1000, km)
		}
	}
	over, err := place.ShapeOf(feature.Nth(1), orb.LineString{{179.5, 10}, {-179.5, 10}})
	if err != nil {
		t.Fatal(err)
	}
	if _, m := over.Offset(place.PointAt(10, -179.9)); m > 20 {
		t.Errorf("across the antimeridian it is %.0f m away", m)
	}
}

// What is kept of a shape is the shape.
func TestAShapeIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "points")
		line := make(orb.LineString, n)
		for i := range line {
			line[i] = orb.Point{rapid.Float64Range(-179, 179).Draw(t, "lon"), rapid.Float64Range(-85, 85).Draw(t, "lat")}
		}
		var g orb.Geometry = line
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			g = line[0]
		case 1:
			g = orb.Polygon{orb.Ring(line)}
		}
		s, err := place.ShapeOf(feature.Nth(1), g)
		if err != nil {
			return // it has too few points, or crosses itself
		}
		b, err := cbor.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back place.Shape
		if err := cbor.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		again, err := cbor.Marshal(back)
		if err != nil || string(again) != string(b) {
			t.Fatalf("%x became %x, %v", b, again, err)
		}
		if a := back.Geometry(); !orb.Equal(a, s.Geometry()) {
			t.Fatalf("%v became %v", s.Geometry(), a)
		}
		if c := back.Center(); math.Abs(c.Lat()) > 90 || math.Abs(c.Lon()) > 180 {
			t.Fatalf("it is shown at %v", c)
		}
	})
}
