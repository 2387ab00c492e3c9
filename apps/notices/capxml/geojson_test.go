package capxml_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"pgregory.net/rapid"
)

type features struct {
	Type     string
	Features []struct {
		Type     string
		Geometry *struct {
			Type        string
			Coordinates [][][][2]float64
		}
		Properties struct {
			AreaDesc string
			Circles  []struct {
				Center   [2]float64
				RadiusKm float64
			}
		}
	}
}

func geoJSON(t interface {
	Helper()
	Fatal(...any)
}, areas ...capxml.Area) features {
	t.Helper()
	raw, err := capxml.GeoJSON(areas)
	if err != nil {
		t.Fatal(err)
	}
	var out features
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestGeoJSONHasTheLongitudeFirst(t *testing.T) {
	clockwise := capxml.Polygon{{38.5, -120.1}, {38.6, -120.1}, {38.6, -120.0}, {38.5, -120.1}}
	got := geoJSON(t,
		capxml.Area{Desc: "North", Polygons: []capxml.Polygon{clockwise, {{39.5, -120.1}, {39.6, -120.2}, {39.6, -120.3}, {39.5, -120.1}}}},
		capxml.Area{Desc: "in words"},
	)
	if got.Type != "FeatureCollection" || len(got.Features) != 2 || got.Features[1].Geometry != nil || got.Features[1].Properties.AreaDesc != "in words" {
		t.Fatalf("got %+v", got)
	}
	g := got.Features[0].Geometry
	if g.Type != "MultiPolygon" || len(g.Coordinates) != 2 {
		t.Fatalf("got %+v", g)
	}
	want := [][2]float64{{-120.1, 38.5}, {-120.0, 38.6}, {-120.1, 38.6}, {-120.1, 38.5}} // counterclockwise
	for i, p := range g.Coordinates[0][0] {
		if p != want[i] {
			t.Errorf("got %v, want %v", g.Coordinates[0][0], want)
			break
		}
	}
}

func TestACircleBecomesAPolygonOfItsRadius(t *testing.T) {
	for _, c := range []capxml.Circle{
		{Center: capxml.Point{Lat: 38.5, Lon: -120.5}, Radius: 2.5},
		{Center: capxml.Point{Lat: -33, Lon: 151}, Radius: 500},
		{Center: capxml.Point{Lat: 70, Lon: 25}, Radius: 0},
	} {
		f := geoJSON(t, capxml.Area{Circles: []capxml.Circle{c}}).Features[0]
		if k := f.Properties.Circles[0]; k.Center != [2]float64{c.Center.Lon, c.Center.Lat} || k.RadiusKm != c.Radius {
			t.Errorf("got %+v", k)
		}
		for _, p := range f.Geometry.Coordinates[0][0] {
			if d := distance(c.Center, p); math.Abs(d-max(c.Radius, 0.01)) > 0.001+c.Radius/1000 {
				t.Errorf("%v: a corner is %f km away", c, d)
				break
			}
		}
	}
}

// distance is in kilometers, by the haversine formula.
func distance(a capxml.Point, b [2]float64) float64 {
	rad := math.Pi / 180
	dLat, dLon := (b[1]-a.Lat)*rad, (b[0]-a.Lon)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b[1]*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(h))
}

// Fiji lies on both sides of the meridian; its polygons must not go around the Earth.
func TestAreasAreCutAtThe180thMeridian(t *testing.T) {
	fiji := capxml.Polygon{{-16, 178}, {-16, -178}, {-19, -178}, {-19, 178}, {-16, 178}}
	for _, a := range []capxml.Area{
		{Polygons: []capxml.Polygon{fiji}},
		{Circles: []capxml.Circle{{Center: capxml.Point{Lat: -17, Lon: 179.9}, Radius: 100}}},
	} {
		g := geoJSON(t, a).Features[0].Geometry
		if len(g.Coordinates) != 2 {
			t.Fatalf("got %+v", g)
		}
		for _, polygon := range g.Coordinates {
			west, east := 180.0, -180.0
			for _, p := range polygon[0] {
				west, east = min(west, p[0]), max(east, p[0])
			}
			if east-west > 5 || west < -180 || east > 180 {
				t.Errorf("from %f to %f", west, east)
			}
		}
	}
	world := capxml.Polygon{{-90, -180}, {-90, 180}, {90, 180}, {90, -180}, {-90, -180}}
	if g := geoJSON(t, capxml.Area{Polygons: []capxml.Polygon{world}}).Features[0].Geometry; len(g.Coordinates) != 1 || len(g.Coordinates[0][0]) != 5 {
		t.Errorf("the whole world is %+v", g)
	}
	pole := capxml.Circle{Center: capxml.Point{Lat: 89.9, Lon: 0}, Radius: 100}
	if g := geoJSON(t, capxml.Area{Circles: []capxml.Circle{pole}}).Features[0].Geometry; g.Coordinates[0][0][2] != [2]float64{180, 90} {
		t.Errorf("the pole is %+v", g)
	}
}

func TestGeoJSONIsAsRFC7946HasIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, f := range geoJSON(t, drawArea(t)).Features {
			if f.Geometry == nil {
				continue
			}
			for _, polygon := range f.Geometry.Coordinates {
				ring, sum := polygon[0], 0.0
				if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
					t.Fatalf("not closed: %v", ring)
				}
				for i, p := range ring {
					if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 {
						t.Fatalf("off the Earth: %v", p)
					}
					if i > 0 {
						sum += ring[i-1][0]*p[1] - p[0]*ring[i-1][1]
					}
				}
				if sum < -1e-9 {
					t.Fatalf("clockwise: %v", ring)
				}
			}
		}
	})
}

func TestWhatIsNoShapeIsRefused(t *testing.T) {
	for _, a := range []capxml.Area{
		{Polygons: []capxml.Polygon{{{1, 2}, {3, 4}, {1, 2}}}},
		{Circles: []capxml.Circle{{Radius: math.NaN()}}},
		{Circles: []capxml.Circle{{Center: capxml.Point{Lat: math.Inf(1)}}}},
	} {
		if raw, err := capxml.GeoJSON([]capxml.Area{a}); err == nil {
			t.Errorf("%+v is %s", a, raw)
		}
	}
}
