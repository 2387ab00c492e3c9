package mvt_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/mvt"
)

func cut(t interface {
	Helper()
	Fatal(...any)
}, tile []byte, p mvt.Part) ([]byte, []seen) {
	t.Helper()
	out, err := mvt.Cut(tile, p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := mvt.Cut(tile, p)
	if err != nil || !bytes.Equal(out, again) {
		t.Fatal("cut again it is another one", err)
	}
	if _, err := orbmvt.Unmarshal(out); err != nil {
		t.Fatal("another reader says", err)
	}
	all, err := readAll(out)
	if err != nil {
		t.Fatal(err)
	}
	return out, all
}

// A town with a name, a road through it and a lake with an island, in the middle of the
// lower right quarter of a tile.
func town(t interface{ Fatal(...any) }) []byte {
	with := func(g orb.Geometry, name string, rank int) *geojson.Feature {
		f := geojson.NewFeature(g)
		f.Properties = geojson.Properties{"name": name, "rank": rank}
		return f
	}
	return tileOf(t,
		&orbmvt.Layer{Name: "places", Version: 2, Extent: 4096, Features: []*geojson.Feature{
			with(orb.Point{100, 100}, "Elsewhere", 9), with(orb.MultiPoint{{3000, 3000}, {0, 4000}}, "Milltown", 5),
		}},
		&orbmvt.Layer{Name: "roads", Version: 2, Extent: 1024, Features: []*geojson.Feature{
			with(orb.LineString{{10, 700}, {1000, 700}}, "Main Street", 5), with(orb.LineString{{10, 10}, {500, 10}}, "Far Street", 1),
		}},
		&orbmvt.Layer{Name: "water", Version: 2, Extent: 4096, Features: []*geojson.Feature{
			with(orb.Polygon{{{2000, 2000}, {4000, 2000}, {4000, 4000}, {2000, 4000}, {2000, 2000}}, {{2600, 2600}, {2600, 3000}, {3000, 3000}, {3000, 2600}, {2600, 2600}}}, "Lake", 2),
		}},
		&orbmvt.Layer{Name: "earth", Version: 2, Extent: 4096, Features: []*geojson.Feature{with(orb.Polygon{{{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}}}, "", 0)}},
	)
}

func TestAPartHasWhatLiesInIt(t *testing.T) {
	out, all := cut(t, town(t), mvt.Part{Down: 1, X: 1, Y: 1})
	if len(all) != 3 {
		t.Fatalf("%v", all)
	}
	for i, want := range []struct {
		layer, name string
		rank        float64
		parts       [][]orb.Point
	}{
		{"places", "Milltown", 5, [][]orb.Point{{{1904, 1904}}}},
		{"roads", "Main Street", 5, [][]orb.Point{{{-64, 1504}, {3904, 1504}}}},
		{"water", "Lake", 2, [][]orb.Point{{{-64, -64}, {3904, -64}, {3904, 3904}, {-64, 3904}}, {{1104, 1104}, {1104, 1904}, {1904, 1904}, {1904, 1104}}}},
	} {
		got := all[i]
		if got.layer != want.layer || got.name != want.name || got.rank != want.rank || !got.known || len(got.parts) != len(want.parts) {
			t.Errorf("%+v, want %+v", got, want)
			continue
		}
		for k, part := range want.parts {
			ring := orb.Ring(got.parts[k])
			if len(ring) != len(part) || math.Abs(planar.Area(closed(ring))*4096*4096-planar.Area(closed(part))) > 1e-6 {
				t.Errorf("%s: %v, want %v", want.name, ring, part)
			}
			for _, p := range part {
				if !containsPoint(ring, orb.Point{p[0] / 4096, p[1] / 4096}) {
					t.Errorf("%s: no %v in %v", want.name, p, ring)
				}
			}
		}
	}
	for _, gone := range []string{"Elsewhere", "Far Street", "earth"} {
		if bytes.Contains(out, []byte(gone)) {
			t.Errorf("%s is still there", gone)
		}
	}
	if out, _ := cut(t, town(t), mvt.Part{Down: 3, X: 4, Y: 0}); len(out) != 0 {
		t.Errorf("where nothing is are %d bytes", len(out))
	}
}

func closed(r []orb.Point) orb.Ring { return append(append(orb.Ring{}, r...), r[0]) }

func containsPoint(all []orb.Point, p orb.Point) bool {
	for _, q := range all {
		if q == p {
			return true
		}
	}
	return false
}

// Each point is on one of the tiles that lie in a tile, where it was; of an area is there
// what was there; and two cuts are one.
func TestPartsAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.IntRange(-200, 4300)
		point := rapid.Custom(func(t *rapid.T) orb.Point {
			return orb.Point{float64(coordinate.Draw(t, "x")), float64(coordinate.Draw(t, "y"))}
		})
		points := rapid.SliceOfNDistinct(point, 1, 20, rapid.ID).Draw(t, "points")
		ring := rapid.SliceOfNDistinct(point, 3, 8, rapid.ID).Draw(t, "ring")
		tile := tileOf(t,
			&orbmvt.Layer{Name: "places", Version: 2, Extent: 4096, Features: []*geojson.Feature{geojson.NewFeature(orb.MultiPoint(points))}},
			&orbmvt.Layer{Name: "water", Version: 2, Extent: 4096, Features: []*geojson.Feature{geojson.NewFeature(orb.Polygon{closed(ring)})}})
		down := uint8(rapid.IntRange(1, 3).Draw(t, "down"))
		side := uint32(1) << down
		found := map[orb.Point]int{}
		for x := range side {
			for y := range side {
				part := mvt.Part{Down: down, X: x, Y: y}
				half, _ := cut(t, tile, mvt.Part{Down: down - 1, X: x / 2, Y: y / 2})
				_, twice := cut(t, half, mvt.Part{Down: 1, X: x % 2, Y: y % 2})
				_, once := cut(t, tile, part)
				back := func(p orb.Point) orb.Point {
					return orb.Point{(p[0] + float64(x)) / float64(side) * 4096, (p[1] + float64(y)) / float64(side) * 4096}
				}
				for i, all := range [][]seen{once, twice} {
					var water orb.Ring
					for _, f := range all {
						switch {
						case f.layer == "water":
							water = closed(f.parts[0])
						case i == 0:
							for _, p := range f.parts {
								found[back(p[0])]++
							}
						}
					}
					q := orb.Point{rapid.Float64Range(0, 1).Draw(t, "qx"), rapid.Float64Range(0, 1).Draw(t, "qy")}
					if planar.DistanceFrom(orb.LineString(closed(ring)), back(q)) < 2 {
						continue // where rounding decides
					}
					was, is := planar.RingContains(closed(ring), back(q)), water != nil && planar.RingContains(water, q)
					if was != is {
						t.Fatalf("%+v, cut %d times: in water %v, was %v", part, i+1, is, was)
					}
				}
			}
		}
		inside := 0
		for _, p := range points {
			if p[0] >= 0 && p[0] < 4096 && p[1] >= 0 && p[1] < 4096 {
				inside++
				if found[p] != 1 {
					t.Fatalf("%v is on %d tiles", p, found[p])
				}
			}
		}
		if len(found) != inside {
			t.Fatalf("%d points of %d", len(found), inside)
		}
	})
}

func TestABrokenTileIsNotCut(t *testing.T) {
	for name, tile := range map[string][]byte{
		"cut off":         town(t)[:len(town(t))-3],
		"too many layers": bytes.Repeat(message(3, []byte{}), 65),
		"no geometry":     message(3, message(1, []byte("roads"), 2, message(4, []byte{9, 0, 0, 0xff}))),
	} {
		if _, err := mvt.Cut(tile, mvt.Part{Down: 2}); !errors.Is(err, mvt.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// However a tile is made, what is cut from it is sound and not much larger.
func FuzzCut(f *testing.F) {
	f.Add(town(f), uint8(1), uint32(1), uint32(1))
	f.Add(message(3, message(1, []byte("roads"), 2, message(4, []byte{9, 0, 0, 0xff}))), uint8(31), uint32(7), uint32(0))
	f.Fuzz(func(t *testing.T, tile []byte, down uint8, x, y uint32) {
		p := mvt.Part{Down: down % 32}
		p.X, p.Y = x&(1<<p.Down-1), y&(1<<p.Down-1)
		out, err := mvt.Cut(tile, p)
		if err != nil || len(tile) > 1<<16 { // readAll takes no larger shapes
			return
		}
		if len(out) > 64*len(tile)+1024 {
			t.Errorf("%d bytes were cut to %d", len(tile), len(out))
		}
		if _, err := readAll(out); err != nil {
			t.Error(err)
		}
	})
}
