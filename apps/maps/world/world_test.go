package world_test

import (
	"errors"
	"os"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/mvt"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/world"
)

// opened is the map; where it was not built the test does not run and says so.
func opened(t testing.TB) world.World {
	t.Helper()
	w, err := world.Open(nil)
	switch {
	case errors.Is(err, world.ErrNone) && os.Getenv("CI") == "true":
		t.Fatal("the map of the world was not built: run “make webui” first")
	case errors.Is(err, world.ErrNone):
		t.Skip("did not run: the map of the world was not built; “make webui” makes it")
	case err != nil:
		t.Fatal(err)
	}
	return w
}

// The map is small enough for every program, sound, has each tile of its zooms, and says
// whom to thank.
func TestTheWorldIsWholeAndSmall(t *testing.T) {
	w := opened(t)
	info, err := os.Stat("data/world.pmtiles")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > world.MaxSize {
		t.Errorf("%d bytes of at most %d", info.Size(), world.MaxSize)
	}
	report, err := w.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := w.Header()
	if report.MinZoom != 0 || report.MaxZoom != h.MaxZoom || h.MinZoom != 0 || report.Tiles != pmtiles.IDs(h.MaxZoom+1) {
		t.Errorf("%+v is not all of zooms 0 to %d", report, h.MaxZoom)
	}
	if h.Counts != (pmtiles.Counts{Addressed: report.Tiles, Entries: report.Entries, Contents: h.Counts.Contents}) || h.Counts.Contents > report.Entries || !h.Clustered {
		t.Errorf("it says %+v of itself, and has %+v", h.Counts, report)
	}
	if schema, err := w.Schema(); err != nil || schema != pmtiles.Protomaps4 {
		t.Errorf("version %d, %v", schema.Version(), err)
	}
	if w.Metadata().Attribution != "Natural Earth, GeoNames" || len(w.Tag) != 16 {
		t.Errorf("thanks to %q, tag %q", w.Metadata().Attribution, w.Tag)
	}
	t.Logf("%d bytes, %d tiles, %d of them different", info.Size(), report.Tiles, h.Counts.Contents)
}

// seen is what is on all tiles of a zoom.
type seen struct {
	borders int
	names   map[string]map[string]bool // by kind
	foreign map[string]int             // names of countries, by language
	most    int                        // names on one tile
}

// look reads all tiles of a zoom, and fails where one has what a map of this form has not.
func look(t *testing.T, w world.World, z uint8) seen {
	t.Helper()
	s := seen{names: map[string]map[string]bool{}, foreign: map[string]int{}}
	var room mvt.Paths
	for x := range uint32(1) << z {
		for y := range uint32(1) << z {
			raw, err := w.Unpacked(t.Context(), z, x, y)
			if err != nil {
				t.Fatalf("%d/%d/%d: %v", z, x, y, err)
			}
			here, earth := 0, false
			err = mvt.Read(raw, func(string) bool { return true }, func(l *mvt.Layer, f *mvt.Feature) error {
				if err := f.Geometry(&room, 1<<16); err != nil {
					return err
				}
				kind := f.Text("kind")
				switch {
				case kind == "":
					t.Errorf("%d/%d/%d: something in %s has no kind", z, x, y, l.Name)
				case l.Name == "earth" && f.Kind == mvt.Polygons:
					earth = true
				case l.Name == "water" && f.Kind == mvt.Polygons:
				case l.Name == "boundaries" && f.Kind == mvt.Lines:
					s.borders++
				case l.Name == "places" && f.Kind == mvt.Points:
					if p := room.Points[0]; p[0] >= 0 && p[0] < 1 && p[1] >= 0 && p[1] < 1 {
						here++
						s.place(kind, f)
					}
				default:
					t.Errorf("%d/%d/%d: %s %q has geometry %d", z, x, y, l.Name, kind, f.Kind)
				}
				return nil
			})
			if err != nil || !earth {
				t.Errorf("%d/%d/%d: %v; land: %v", z, x, y, err, earth)
			}
			s.most = max(s.most, here)
		}
	}
	return s
}

func (s *seen) place(kind string, f *mvt.Feature) {
	if s.names[kind] == nil {
		s.names[kind] = map[string]bool{}
	}
	s.names[kind][f.Text("name")] = true
	if kind != "country" {
		return
	}
	for _, language := range []string{"es", "fr", "ht", "vi", "ar", "zh-Hans"} {
		if f.Text("name:"+language) != "" {
			s.foreign[language]++
		}
	}
}

// On the deepest tiles is every country, in all languages of the pages, every state and
// the cities; on those above what finds room.
func TestEveryTileIsRead(t *testing.T) {
	w := opened(t)
	deepest := w.Header().MaxZoom
	for z := range deepest + 1 {
		s := look(t, w, z)
		t.Logf("zoom %d: %d borders, %d countries, %d states, %d names of cities, at most %d names on a tile", z, s.borders, len(s.names["country"]), len(s.names["region"]), len(s.names["locality"]), s.most)
		if s.borders == 0 || len(s.names["country"]) == 0 || s.most > 2500 {
			t.Errorf("zoom %d: %d borders, names of %d countries, %d names on a tile", z, s.borders, len(s.names["country"]), s.most)
		}
		if z < deepest {
			continue
		}
		if n := len(s.names["country"]); n < 230 || len(s.names["region"]) != 52 || len(s.names["locality"]) < 15_000 {
			t.Errorf("%d countries, %d states, %d cities", n, len(s.names["region"]), len(s.names["locality"]))
		}
		for kind, names := range map[string][]string{
			"country": {"United States", "Haiti", "Vietnam", "Kosovo", "Palestine"}, "region": {"California", "District of Columbia", "Puerto Rico"},
			"locality": {"Chicago", "Port-au-Prince", "Cheyenne", "Paradise", "Honolulu", "Hanoi"},
		} {
			for _, name := range names {
				if !s.names[kind][name] {
					t.Errorf("there is no %s %s", kind, name)
				}
			}
		}
		for _, language := range []string{"es", "fr", "ht", "vi", "ar", "zh-Hans"} {
			if s.foreign[language] != s.foreign["es"] || s.foreign[language] < 230 {
				t.Errorf("%d countries have a name in %s", s.foreign[language], language)
			}
		}
	}
}

// What is where on earth is there on the map, also where the map ends in the east and west.
func TestThingsAreWhereTheyAre(t *testing.T) {
	w := opened(t)
	america, edge, south := drawn(t, w, orb.Point{-96, 39}, 4, false), drawn(t, w, orb.Point{180, 65}, 3, false), drawn(t, w, orb.Point{90, -75}, 2, false)
	for name, c := range map[string]struct {
		on   picture
		at   orb.Point
		want ground
	}{
		"Kansas": {america, orb.Point{-98.6, 38.9}, land}, "the Atlantic": {america, orb.Point{-72, 35}, water}, "Lake Superior": {america, orb.Point{-88, 47.6}, water},
		"the border with Canada": {america, orb.Point{-105, 49}, border}, "that of Kansas and Nebraska": {america, orb.Point{-98.5, 40}, border},
		"Siberia": {edge, orb.Point{170, 68}, land}, "Siberia beyond 180°": {edge, orb.Point{-176, 67.5}, land}, "Siberia at 180°": {edge, orb.Point{180, 67.5}, land},
		"the sea north of it": {edge, orb.Point{170, 73}, water}, "the sea between": {edge, orb.Point{180, 55}, water}, "Alaska": {edge, orb.Point{-155, 66}, land},
		"the Antarctic": {south, orb.Point{60, -80}, land}, "what is around it": {south, orb.Point{60, -60}, water},
	} {
		if !c.on.has(c.at, c.want) {
			t.Errorf("%s is not where it is", name)
		}
	}
}
