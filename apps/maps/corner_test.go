package maps_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	orbjson "github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
)

// roads is an extract with three roads: Main Street goes through 44.05, -73 to the east,
// and crosses Mill Lane there, and North Mill Lane half a kilometre further.
func roads(t *testing.T) []byte {
	t.Helper()
	tile := maptile.At(orb.Point{-73, 44.05}, 14)
	var all []*orbjson.Feature
	for name, line := range map[string]orb.LineString{
		"Main Street": {{-73.004, 44.05}, {-73, 44.05}, {-72.99, 44.05}}, "Mill Lane": {{-73, 44.046}, {-73, 44.05}, {-73, 44.054}}, "North Mill Lane": {{-72.994, 44.046}, {-72.994, 44.054}},
	} {
		road := orbjson.NewFeature(line)
		road.Properties["kind"], road.Properties["name"] = "minor_road", name
		all = append(all, road)
	}
	layers := mvt.NewLayers(map[string]*orbjson.FeatureCollection{"roads": {Features: all}})
	layers.ProjectToTile(tile)
	data, err := mvt.Marshal(layers)
	if err != nil {
		t.Fatal(err)
	}
	return pmtilestest.File{Bounds: [4]float64{-73.02, 44.03, -72.98, 44.07}, Tiles: []pmtilestest.Tile{{Z: 14, X: tile.X, Y: tile.Y, Data: data}}}.Bytes()
}

// learned is a folder with those roads, of which the hub has learned the names.
func learned(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := streets.Open(streets.Config{Folder: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.WriteFile(filepath.Join(dir, "town.pmtiles"), roads(t), 0o600); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "town.pmtiles"), then, then); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Who writes a street corner gets the list from there.
func TestFromAStreetCorner(t *testing.T) {
	s := newSite(t, maps.Options{Folder: learned(t)})
	s.place(maria, "n", "shelter", "Near Hall", "44.051,-73")
	s.place(maria, "m", "water", "Tap at Mill Lane", "44.06,-73.01")
	s.place(maria, "f", "shelter", "Far Hall", "44.2,-73")
	b := s.browser(t)
	near := func(text string) { b.open("/maps/?near=" + url.QueryEscape(text)) }
	near("main st & Mill")
	b.says("The nearest to Main Street & Mill Lane first.", "1. Near Hall", "110 m (350 feet) north")
	near("corner of Mill Ln and Main Street")
	b.says("The nearest to Mill Lane & Main Street first.")
	near("Mill Lane") // a street called just so, though a place has it in its name
	b.says("The nearest to Mill Lane first.")
	near("Mian Stret")
	b.says("No street is called just so. Is it one of these?", "Main Street")
	near("Ma")
	b.says("No street is called just so. Is it one of these?", "Main Street")
	b.open(b.link("/maps/?near=Main"))
	b.says("The nearest to Main Street first.", "A street corner such as Main & 2nd")
	near("Elm & Oak")
	b.says("Nothing here is called “Elm & Oak”.")
	near("near hall")
	b.says("The nearest to Near Hall first.")

	// With a place of its own the hub says how far each is that could be meant.
	s.do(maria, "here", "client_id", "h", "points", "44.05,-73.01")
	near("Mian Stret")
	link, err := url.Parse(b.link("/maps/?near="))
	if err != nil {
		t.Fatal(err)
	}
	b.says("Main Street · ", "east")
	b.open(link.String())
	b.says("1. Near Hall")
}

// Where something is can be written as a corner, too.
func TestAPointIsWrittenAsAStreetCorner(t *testing.T) {
	s := newSite(t, maps.Options{Folder: learned(t)})
	b := s.browser(t)
	b.open("/maps/report")
	b.says("Or a street corner, such as Main & 2nd.")
	if code := b.send("/maps/report", "what", "danger", "text", "A tree is down", "points", "Main St & N Mill Lane"); code != 200 {
		t.Error(code, b.text())
	}
	b.open("/maps/o")
	b.says("A tree is down")
	kim := s.coordinator(t)
	for _, path := range []string{"/maps/new", "/maps/open", "/maps/map?pick=1", "/maps/here"} {
		kim.open(path)
		kim.says("Or a street corner, such as Main & 2nd.")
	}
	kim.send("/maps/here", "points", "Main Street & Mill Lane")
	kim.says("Changed.")
	b.open("/maps/map?point=" + url.QueryEscape("main & mill ln"))
	b.says("44.0500", "-73.0000")
	b.open("/maps/map?point=" + url.QueryEscape("Mill & Elm"))
	b.saysNot("44.0500")
}
