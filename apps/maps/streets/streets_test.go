package streets_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// crossing is where two roads of the made-up town cross.
var crossing = orb.Point{10.01, 50.01}

// town is an extract of a town with two roads, of some zooms around the crossing.
func town(t testing.TB, bounds [4]float64) []byte {
	t.Helper()
	f := pmtilestest.File{Bounds: bounds}
	for z := maptile.Zoom(0); z <= 14; z++ {
		tile := maptile.At(crossing, z)
		earth := geojson.NewFeature(tile.Bound().ToPolygon())
		earth.Properties["kind"] = "earth"
		var roads []*geojson.Feature
		for name, d := range map[string]orb.Point{"Main Street": {.02, 0}, "Mill Lane": {0, .02}} {
			road := geojson.NewFeature(orb.LineString{{crossing[0] - d[0], crossing[1] - d[1]}, {crossing[0] + d[0], crossing[1] + d[1]}})
			road.Properties["kind"], road.Properties["name"] = "major_road", name
			roads = append(roads, road)
		}
		all := mvt.NewLayers(map[string]*geojson.FeatureCollection{"earth": {Features: []*geojson.Feature{earth}}, "roads": {Features: roads}})
		all.ProjectToTile(tile)
		data, err := mvt.Marshal(all)
		must(t, err)
		f.Tiles = append(f.Tiles, pmtilestest.Tile{Z: uint8(z), X: tile.X, Y: tile.Y, Data: data})
	}
	return f.Bytes()
}

// put copies a file into a folder as somebody would have an hour ago.
func put(t testing.TB, dir, name string, raw []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	must(t, os.WriteFile(path, raw, 0o644))
	then := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(path, then, then))
}

// open opens a folder and waits until all that lies in it has been looked through.
func open(t testing.TB, dir string) *streets.Streets {
	t.Helper()
	s, err := streets.Open(streets.Config{Folder: dir})
	must(t, err)
	t.Cleanup(s.Close)
	_, err = s.Refresh(t.Context())
	must(t, err)
	return s
}

// around the crossing.
func around(zoom float64) draw.View {
	return draw.View{Center: crossing, Zoom: zoom, Width: 320, Height: 320}.Sound()
}

func plan(zoom float64) streets.Plan { return streets.Plan{View: around(zoom)} }

func TestStreetsAreDrawnOfWhatLiesInTheFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	before, keep, err := s.Picture(t.Context(), plan(15), streets.Form{})
	if err != nil || !keep || strings.Contains(s.Credit(around(15)), "OpenStreetMap") {
		t.Fatal(keep, err)
	}
	if _, ok := s.Town(); ok {
		t.Error("an empty folder has a town")
	}
	put(t, dir, "town.pmtiles", town(t, [4]float64{9.9, 49.9, 10.1, 50.1}))
	_, err = s.Refresh(t.Context())
	must(t, err)
	after, keep, err := s.Picture(t.Context(), plan(15), streets.Form{})
	if err != nil || !keep || bytes.Equal(before, after) {
		t.Errorf("the picture is the same with streets and without: %v, %v", keep, err)
	}
	if got := s.Credit(around(15)); !strings.HasPrefix(got, "© OpenStreetMap") {
		t.Errorf("%q", got)
	}
	far := around(15)
	far.Center = orb.Point{-100, 10}
	if got := s.Credit(far); strings.Contains(got, "OpenStreetMap") {
		t.Errorf("thanks for nothing: %q", got)
	}
	if b, ok := s.Town(); !ok || !b.Contains(crossing) {
		t.Error(b, ok)
	}
	must(t, s.Remove("town.pmtiles"))
	again, _, err := s.Picture(t.Context(), plan(15), streets.Form{})
	if err != nil || !bytes.Equal(before, again) {
		t.Error("streets are drawn of a file that was taken away", err)
	}
}

// What was drawn is there at the next start, and a picture that is not whole is not kept.
func TestPicturesAreKept(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "town.pmtiles", town(t, [4]float64{9.9, 49.9, 10.1, 50.1}))
	s := open(t, dir)
	first, keep, err := s.Picture(t.Context(), plan(15), streets.Form{})
	if err != nil || !keep {
		t.Fatal(keep, err)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "pictures", "*.png"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	// Whoever reads that file gets what stands in it: it is not drawn again.
	must(t, os.WriteFile(kept[0], append(bytes.Clone(first[:8]), "...\x00\x00\x00\x00IEND\xaeB\x60\x82"...), 0o600))
	other := open(t, dir)
	if got, _, err := other.Picture(t.Context(), plan(15), streets.Form{}); err != nil || bytes.Equal(got, first) {
		t.Error("it was drawn again", err)
	}

	// A file that is cut off while it is open cannot be read any more.
	must(t, os.Truncate(filepath.Join(dir, "town.pmtiles"), 200))
	pic, keep, err := s.Picture(t.Context(), plan(16), streets.Form{})
	if err != nil || keep {
		t.Fatalf("it is said to be whole: %v", err)
	}
	if _, err := png.Decode(bytes.NewReader(pic)); err != nil {
		t.Error("it is no picture", err)
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "pictures", "*.png")); len(all) != 1 {
		t.Error("what is not whole was kept:", all)
	}
}

// A picture is named by what is on it and by its form, and is found by that name again.
func TestPicturesHaveNames(t *testing.T) {
	s := open(t, t.TempDir())
	mark := []draw.Mark{{ID: "a", Geometry: crossing, Number: 1}}
	names := map[streets.Key]bool{}
	for _, p := range []streets.Plan{plan(15), plan(16), {View: around(15), Marks: mark}, {View: around(15), Language: "ar"}} {
		k := s.Key(p)
		if again, ok := streets.KeyOf(k.String()); !ok || again != k || names[k] {
			t.Errorf("%s is not its own name", k)
		}
		names[k] = true
		files := map[string]bool{}
		for _, f := range []streets.Form{{}, {Dark: true}, {Fine: true}, {Dark: true, Fine: true}} {
			if _, ok := s.Kept(k, f); ok {
				t.Error("it is said to be kept before it was drawn")
			}
			drawn, _, err := s.Picture(t.Context(), p, f)
			must(t, err)
			if kept, ok := s.Kept(k, f); !ok || !bytes.Equal(kept, drawn) || files[string(drawn)] {
				t.Errorf("%+v of %s is not found again", f, k)
			}
			files[string(drawn)] = true
		}
	}
	for _, odd := range []string{"", "x", strings.Repeat("A", 42), strings.Repeat("A", 44), strings.Repeat("=", 43)} {
		if _, ok := streets.KeyOf(odd); ok {
			t.Errorf("%q is a name", odd)
		}
	}
}

// Nobody waits for a picture longer than they want to.
func TestWhoGoesWaitsNoLonger(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := s.Picture(ctx, plan(15), streets.Form{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// On real streets a picture of a phone fits into what it may have at every zoom, on fine
// screens as well, and is as fine as it can be.
func TestRealPicturesAreSmall(t *testing.T) {
	raw := pmtilestest.Streets(t)
	folder := t.TempDir()
	put(t, folder, "monaco.pmtiles", raw)
	s := open(t, folder)
	if got := s.Credit(draw.View{Center: orb.Point{7.42, 43.73}, Zoom: 15}.Sound()); !strings.Contains(got, "OpenStreetMap") {
		t.Errorf("%q", got)
	}
	fine := 0
	for zoom := 10.0; zoom <= 18; zoom++ {
		for _, size := range [][3]int{{320, 320, 1}, {320, 320, 2}, {560, 400, 1}, {320, 180, 2}} {
			for _, dark := range []bool{false, true} {
				p := streets.Plan{View: draw.View{Center: orb.Point{7.4215, 43.7365}, Zoom: zoom, Width: size[0], Height: size[1]}.Sound()}
				file, keep, err := s.Picture(t.Context(), p, streets.Form{Dark: dark, Fine: size[2] == 2})
				if err != nil || !keep {
					t.Fatal(err)
				}
				c, err := png.DecodeConfig(bytes.NewReader(file))
				must(t, err)
				t.Logf("zoom %v, %v, dark %v: %d bytes, %d pixels wide", zoom, size, dark, len(file), c.Width)
				if len(file) > streets.MaxPicture {
					t.Errorf("zoom %v, %v: %d bytes", zoom, size, len(file))
				}
				if c.Width == 640 && size[2] == 2 {
					fine++
				}
			}
		}
	}
	if fine == 0 {
		t.Error("no picture is fine")
	}
}

func TestTheCommandNamesTheTown(t *testing.T) {
	got := streets.Command("Fire Station 4", "20261120", orb.Bound{Min: orb.Point{-73.25, 44.4321987}, Max: orb.Point{-73.1, 44.5}})
	if want := "pmtiles extract https://build.protomaps.com/20261120.pmtiles Fire-Station-4.pmtiles --bbox=-73.25,44.4322,-73.1,44.5 --maxzoom=15"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := streets.Command("'; rm -rf /", "YYYYMMDD", orb.Bound{}); strings.ContainsAny(got, "';") {
		t.Errorf("a shell would do more: %s", got)
	}
}
