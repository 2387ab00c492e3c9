package mvt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/mvt"
)

// seen is what one feature reads as.
type seen struct {
	layer string
	kind  mvt.Kind
	parts [][]orb.Point
	name  string
	rank  float64
	known bool
}

func readAll(tile []byte) (all []seen, _ error) {
	var room mvt.Paths
	err := mvt.Read(tile, func(string) bool { return true }, func(l *mvt.Layer, f *mvt.Feature) error {
		if err := f.Geometry(&room, 1<<16); err != nil {
			return err
		}
		s := seen{layer: l.Name, kind: f.Kind, name: f.Text("name")}
		s.rank, s.known = f.Number("rank")
		for i := range room.Ends {
			s.parts = append(s.parts, slices.Clone(room.Part(i)))
		}
		all = append(all, s)
		return nil
	})
	return all, err
}

func tileOf(t interface{ Fatal(...any) }, layers ...*orbmvt.Layer) []byte {
	raw, err := orbmvt.Marshal(layers)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What another writer writes is read as what it was, whatever the shapes.
func TestWhatAnotherWriterWroteIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const extent = 4096
		point := rapid.Custom(func(t *rapid.T) orb.Point {
			return orb.Point{float64(rapid.IntRange(-500, 4600).Draw(t, "x")), float64(rapid.IntRange(-500, 4600).Draw(t, "y"))}
		})
		layer := &orbmvt.Layer{Name: rapid.SampledFrom([]string{"roads", "water"}).Draw(t, "layer"), Version: 2, Extent: extent}
		var want []seen
		for range rapid.IntRange(1, 5).Draw(t, "features") {
			s := seen{layer: layer.Name, name: rapid.String().Draw(t, "name"), rank: float64(rapid.IntRange(-1000, 1000).Draw(t, "rank")), known: true}
			points := rapid.SliceOfNDistinct(point, 4, 12, rapid.ID).Draw(t, "points")
			var g orb.Geometry
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				g, s.kind = orb.MultiPoint(points), mvt.Points
				for _, p := range points {
					s.parts = append(s.parts, []orb.Point{p})
				}
			case 1:
				g, s.kind = orb.MultiLineString{points[:2], points[2:]}, mvt.Lines
				s.parts = [][]orb.Point{slices.Clone(points[:2]), slices.Clone(points[2:])}
			default:
				g, s.kind = orb.Polygon{append(slices.Clone(points), points[0])}, mvt.Polygons
				s.parts = [][]orb.Point{slices.Clone(points)}
			}
			for _, part := range s.parts {
				for i := range part {
					part[i] = orb.Point{part[i][0] / extent, part[i][1] / extent}
				}
			}
			feature := geojson.NewFeature(g)
			feature.Properties = geojson.Properties{"name": s.name, "rank": s.rank}
			layer.Features = append(layer.Features, feature)
			want = append(want, s)
		}
		got, err := readAll(tileOf(t, layer))
		if err != nil {
			t.Fatal(err)
		}
		equal := slices.EqualFunc(got, want, func(a, b seen) bool {
			return a.layer == b.layer && a.kind == b.kind && a.name == b.name && a.rank == b.rank && a.known == b.known &&
				slices.EqualFunc(a.parts, b.parts, slices.Equal)
		})
		if !equal {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	})
}

// Values of every type are read as text and as numbers.
func TestValuesOfEveryType(t *testing.T) {
	f := geojson.NewFeature(orb.Point{1, 2})
	f.Properties = geojson.Properties{"text": "12.5", "word": "x", "yes": true, "double": 2.5, "float": float32(1.5), "int": int64(-3), "uint": uint64(4)}
	err := mvt.Read(tileOf(t, &orbmvt.Layer{Name: "l", Version: 2, Extent: 256, Features: []*geojson.Feature{f}}),
		func(string) bool { return true }, func(_ *mvt.Layer, f *mvt.Feature) error {
			for name, want := range map[string]float64{"text": 12.5, "yes": 1, "double": 2.5, "float": 1.5, "int": -3, "uint": 4} {
				if got, ok := f.Number(name); !ok || got != want {
					t.Errorf("%s is %v (%v), not %v", name, got, ok, want)
				}
			}
			for name, want := range map[string]string{"text": "12.5", "word": "x", "yes": "1", "double": "2.5", "int": "-3", "none": ""} {
				if got := f.Text(name); got != want {
					t.Errorf("%s reads %q, not %q", name, got, want)
				}
			}
			if _, ok := f.Number("word"); ok {
				t.Error("a word is a number")
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
}

// A layer that nobody wants is not looked into, however broken it is.
func TestUnwantedLayersArePassedOver(t *testing.T) {
	bad := message(1, []byte("pois"), 3, []byte("k"), 2, []byte{0xff})
	err := mvt.Read(message(3, bad), func(name string) bool { return name != "pois" }, func(*mvt.Layer, *mvt.Feature) error {
		t.Error("a feature of it was handed on")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := readAll(message(3, bad)); !errors.Is(err, mvt.ErrBroken) {
		t.Errorf("wanted: %v", err)
	}
}

// message writes a message of fields that are bytes: number, bytes, number, bytes…
func message(fields ...any) (out []byte) {
	for i := 0; i < len(fields); i += 2 {
		number, _ := fields[i].(int)
		data, _ := fields[i+1].([]byte)
		out = binary.AppendUvarint(out, uint64(number)<<3|2)
		out = binary.AppendUvarint(out, uint64(len(data)))
		out = append(out, data...)
	}
	return out
}

// A tile that claims more than it holds is broken, and says so after no more work than
// its bytes are worth.
func TestTilesThatLie(t *testing.T) {
	geometry := func(commands ...uint64) []byte {
		var g []byte
		for _, c := range commands {
			g = binary.AppendUvarint(g, c)
		}
		return message(3, message(1, []byte("roads"), 2, message(4, g)))
	}
	for name, tile := range map[string][]byte{
		"more points than there are":  geometry(1<<3|1, 0, 0, 1<<28<<3|2, 2, 2),
		"an unknown command":          geometry(1<<3|5, 0, 0),
		"a number beyond 32 bits":     geometry(1<<3|1, 1<<40, 0),
		"a field longer than the end": {3<<3 | 2, 0x7f, 1},
		"a length beyond 64 bits":     append([]byte{3<<3 | 2}, bytes.Repeat([]byte{0xff}, 12)...),
		"a group":                     {3<<3 | 3},
		"half a property":             message(3, message(1, []byte("roads"), 2, message(2, []byte{1}))),
		"too many properties":         message(3, message(1, []byte("roads"), 2, message(2, make([]byte, 4096)))),
		"too many names":              message(3, bytes.Repeat(message(3, []byte{}), 1<<13)),
		"too many values":             message(3, bytes.Repeat(message(4, []byte{}), 1<<17)),
		"too many layers":             bytes.Repeat(message(3, []byte{}), 65),
		"no extent":                   message(3, []byte{5 << 3, 0}),
	} {
		if _, err := readAll(tile); !errors.Is(err, mvt.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Close commands take no room, and points no more than is allowed.
	if got, err := readAll(geometry(1<<3|1, 0, 0, 1<<28<<3|7, 1<<28<<3|7)); err != nil || len(got) != 1 || len(got[0].parts) != 1 {
		t.Errorf("closed without end: %v, %v", got, err)
	}
	many := []uint64{70000<<3 | 1}
	if _, err := readAll(geometry(append(many, make([]uint64, 2*70000)...)...)); !errors.Is(err, mvt.ErrBroken) {
		t.Errorf("more points than allowed: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	road := geojson.NewFeature(orb.LineString{{0, 0}, {100, 50}})
	road.Properties = geojson.Properties{"name": "Rue", "rank": 3}
	f.Add(tileOf(f, &orbmvt.Layer{Name: "roads", Version: 2, Extent: 4096, Features: []*geojson.Feature{road}}))
	f.Add(message(3, message(1, []byte("roads"), 2, message(4, []byte{9, 0, 0, 0xff}))))
	f.Fuzz(func(t *testing.T, tile []byte) {
		points := 0
		all, err := readAll(tile)
		if err != nil && !errors.Is(err, mvt.ErrBroken) {
			t.Error(err)
		}
		for _, s := range all {
			for _, part := range s.parts {
				points += len(part)
			}
		}
		if points > len(tile) {
			t.Errorf("%d points from %d bytes", points, len(tile))
		}
	})
}
