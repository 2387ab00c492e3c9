package grid_test

import (
	"math"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestAWayIsSaidPlainly(t *testing.T) {
	for _, c := range []struct {
		meters        float64
		metric, miles string
	}{
		{0, "10 m", "50 feet"},
		{4, "10 m", "50 feet"},
		{117, "120 m", "400 feet"},
		{301, "300 m", "0.2 miles"},
		{994, "990 m", "0.6 miles"},
		{996, "1.0 km", "0.6 miles"},
		{1449, "1.4 km", "0.9 miles"},
		{9_940, "9.9 km", "6.2 miles"},
		{9_960, "10 km", "6.2 miles"},
		{20_000, "20 km", "12 miles"},
		{math.NaN(), "10 m", "50 feet"},
	} {
		if got := grid.SayDistance(c.meters, grid.Metric).String(); got != c.metric {
			t.Errorf("%v m: %s, want %s", c.meters, got, c.metric)
		}
		if got := grid.SayDistance(c.meters, grid.Miles).String(); got != c.miles {
			t.Errorf("%v m: %s, want %s", c.meters, got, c.miles)
		}
	}
}

func TestAWayHasADirection(t *testing.T) {
	from := orb.Point{-73.2121, 44.4759}
	for _, c := range []struct {
		east, north float64 // degrees
		want        string
	}{
		{0, 0.01, "1.1 km north"}, {0.01, 0.007, "1.1 km north-east"}, {0.01, 0, "790 m east"}, {0.01, -0.007, "1.1 km south-east"},
		{0, -0.01, "1.1 km south"}, {-0.01, -0.007, "1.1 km south-west"}, {-0.01, 0, "790 m west"}, {-0.01, 0.007, "1.1 km north-west"},
		{0, 0.0001, "right here"}, {0, 0, "right here"},
	} {
		to := orb.Point{from.Lon() + c.east, from.Lat() + c.north}
		if got := grid.SayWay(from, to, grid.Metric).String(); got != c.want {
			t.Errorf("%v: %s, want %s", c, got, c.want)
		}
	}
	if got := grid.SayWay(orb.Point{179.99, 10}, orb.Point{-179.99, 10}, grid.Miles).String(); got != "1.4 miles east" {
		t.Errorf("across the date line: %s", got)
	}
}

// Geodesics that others have computed on the ellipsoid: a sphere is 0.6 % off at most.
func TestADistanceIsTrueEnough(t *testing.T) {
	for _, c := range []struct {
		a, b orb.Point
		want float64
	}{
		{orb.Point{144.424868, -37.951033}, orb.Point{143.926496, -37.652822}, 54_972.271}, // Flinders Peak to Buninyong
		{orb.Point{0, 0}, orb.Point{0, 90}, 10_001_965.729},
		{orb.Point{0, 0}, orb.Point{1, 0}, 111_319.491},
	} {
		if got := grid.Distance(c.a, c.b); math.Abs(got/c.want-1) > 0.006 {
			t.Errorf("%v to %v: %.0f m, want %.0f", c.a, c.b, got, c.want)
		}
	}
}

// There and back is as far, in the opposite direction wherever it is not far.
func TestAWayBackIsOpposite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := point(t, -70, 70)
		b := orb.Point{a.Lon() + rapid.Float64Range(-0.1, 0.1).Draw(t, "east"), a.Lat() + rapid.Float64Range(-0.1, 0.1).Draw(t, "north")}
		if there, back := grid.Distance(a, b), grid.Distance(b, a); math.Abs(there-back) > 1e-6 {
			t.Fatalf("%v and back %v", there, back)
		}
		d := int(grid.Toward(a, b)-grid.Toward(b, a)+8) % 8
		if grid.Distance(a, b) > 1 && (d < 3 || d > 5) {
			t.Fatalf("%v to %v: %v, and back %v", a, b, grid.Toward(a, b), grid.Toward(b, a))
		}
	})
}
