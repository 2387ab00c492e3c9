package street_test

import (
	"context"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/street"
)

// road is a street of a made-up town, its points in meters east and south of a corner.
type road struct {
	name   string
	points []orb.Point
	props  geojson.Properties
}

func ew(name string, y float64) road {
	return road{name: name, points: []orb.Point{{50, y}, {500, y}, {950, y}}}
}

func ns(name string, x float64) road {
	return road{name: name, points: []orb.Point{{x, 50}, {x, 500}, {x, 950}}}
}

// towns are made-up towns, each on a tile of zoom 15 near the equator, where that is some
// 1,222 m wide.
type towns map[[2]uint32][]byte

func (m towns) Streets(_ context.Context, z uint8, x, y uint32) ([]byte, uint8, error) {
	return m[[2]uint32{x, y}], z, nil
}

const tileSide = 40_075_016.68557849 / 32768

// build puts a town on a tile.
func (m towns) build(t interface{ Fatal(...any) }, x, y uint32, roads ...road) {
	l := &mvt.Layer{Name: "roads", Version: 2, Extent: 4096}
	for _, r := range roads {
		line := make(orb.LineString, len(r.points))
		for i, p := range r.points {
			line[i] = orb.Point{math.Round(p[0] / tileSide * 4096), math.Round(p[1] / tileSide * 4096)}
		}
		f := geojson.NewFeature(line)
		f.Properties = geojson.Properties{"kind": "minor_road", "name": r.name}
		for k, v := range r.props {
			f.Properties[k] = v
		}
		l.Features = append(l.Features, f)
	}
	raw, err := mvt.Marshal(mvt.Layers{l, {Name: "water", Version: 2, Extent: 4096}})
	if err != nil {
		t.Fatal(err)
	}
	m[[2]uint32{x, y}] = raw
}

// The tile of the towns, and where their corners are.
const townX, townY = 16400, 16370

func corner(x, y uint32) orb.Point {
	b := maptile.New(x, y, 15).Bound()
	return orb.Point{b.Min[0], b.Max[1]}
}

// at is a place that many meters from a town's corner.
func at(x, y uint32, east, south float64) orb.Point {
	c := corner(x, y)
	const perDegree = 40_075_016.68557849 / 360
	return orb.Point{c[0] + east/perDegree, c[1] - south/perDegree}
}

func learn(t testing.TB, m street.Tiles, around orb.Point) *street.Index {
	t.Helper()
	x, err := street.Learn(t.Context(), m, around, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// meters is how far apart two places near the equator are.
func meters(a, b orb.Point) float64 {
	return math.Hypot(a[0]-b[0], a[1]-b[1]) * 40_075_016.68557849 / 360
}

// milltown is a town with names of all sorts.
func milltown(t testing.TB) towns {
	m := towns{}
	m.build(t, townX, townY,
		ew("Main Street", 100), ew("North Main Street", 150), ew("Saint Andrew's Road", 200), ew("Calle Ramón y Cajal", 250), ew("E Street Northwest", 300),
		ew("Dr Martin Luther King Jr Boulevard", 350), ew("Đường Nguyễn Huệ", 400), ew("Rue de l'Étoile", 450), ew("شارع الملك فيصل", 500), ew("中山路", 550), ew("Avenue D", 600),
		road{name: "", points: []orb.Point{{50, 650}, {950, 650}}, props: geojson.Properties{"kind": "highway", "ref": "I 95", "name": ""}},
		ns("2nd Avenue", 100), ns("12th Avenue", 150), ns("13th Avenue", 200), ns("Avenida Benito Juárez", 250), ns("Second Street", 300), ns("Rue Grimaldi", 350), ns("Washington Avenue", 400),
		ns("Avenue Princesse Grace", 450), ns("Ri Kapwa", 500), ns("Phố Huế", 550), ns("شارع النيل", 600), ns("人民路", 650),
		road{name: "Cul de Sac", points: []orb.Point{{700, 20}, {700, 60}}},
		road{name: "Line 7", points: []orb.Point{{10, 120}, {990, 120}}, props: geojson.Properties{"kind": "rail"}},
	)
	return m
}
