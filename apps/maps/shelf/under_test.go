package shelf_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
)

// cities is a tile with a name in each of its four quarters.
func cities(t testing.TB, z uint8, x, y uint32) pmtilestest.Tile {
	t.Helper()
	l := &mvt.Layer{Name: "places", Version: 2, Extent: 4096}
	for name, at := range map[string]orb.Point{"Northwest": {100, 100}, "Northeast": {4000, 100}, "Southwest": {100, 4000}, "Southeast": {4000, 4000}} {
		f := geojson.NewFeature(at)
		f.Properties = geojson.Properties{"name": name}
		l.Features = append(l.Features, f)
	}
	slices.SortFunc(l.Features, func(a, b *geojson.Feature) int {
		return strings.Compare(a.Properties.MustString("name"), b.Properties.MustString("name"))
	})
	raw, err := mvt.Marshal(mvt.Layers{l})
	must(t, err)
	return pmtilestest.Tile{Z: z, X: x, Y: y, Data: raw}
}

// earth is a map that may lie beneath all, with zooms 0 and 1.
func earth(t testing.TB, tag string) *shelf.Under {
	t.Helper()
	var all []pmtilestest.Tile
	for i := range uint32(4) {
		all = append(all, cities(t, 1, i&1, i>>1))
	}
	metadata := strings.Replace(pmtilestest.V4, `<a href=\"https://www.openstreetmap.org/copyright\">&copy; OpenStreetMap</a>`, "Natural Earth", 1)
	raw := pmtilestest.File{Tiles: append(all, cities(t, 0, 0, 0)), Metadata: metadata}.Bytes()
	a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), nil)
	must(t, err)
	return &shelf.Under{Archive: a, Tag: tag}
}

// names are those on a tile, in its order.
func names(t testing.TB, raw []byte) (all []string) {
	t.Helper()
	layers, err := mvt.Unmarshal(raw)
	must(t, err)
	for _, l := range layers {
		for _, f := range l.Features {
			all = append(all, f.Properties.MustString("name"))
		}
	}
	return all
}

// Where nobody brought a map there is one all the same, at every zoom.
func TestThereIsAlwaysAMap(t *testing.T) {
	f := open(t, shelf.Config{Under: earth(t, "e1")})
	if f.list() != "" {
		t.Error("what lies beneath all is none of the files", f.list())
	}
	for path, want := range map[string]string{
		"/tiles/0/0/0": "Northeast Northwest Southeast Southwest", "/tiles/1/1/1": "Northeast Northwest Southeast Southwest",
		"/tiles/2/0/0": "Northwest", "/tiles/2/1/0": "Northeast", "/tiles/2/2/3": "Southwest", "/tiles/5/16/16": "Northwest", "/tiles/5/17/17": "", "/tiles/15/16384/16384": "", "/tiles/31/1/0": "",
	} {
		plain, err := f.get(path)
		must(t, err)
		if got := strings.Join(names(t, plain.Body.Bytes()), " "); plain.Code != 200 || got != want {
			t.Errorf("%s: %d %q, want %q", path, plain.Code, got, want)
		}
		packed, err := f.get(path, "Accept-Encoding", "gzip")
		must(t, err)
		z, err := gzip.NewReader(packed.Body)
		must(t, err)
		if same, err := io.ReadAll(z); err != nil || !bytes.Equal(same, plain.Body.Bytes()) || packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("ETag") == plain.Header().Get("ETag") {
			t.Errorf("%s: packed it is another one, %v", path, err)
		}
		again, err := f.get(path, "Accept-Encoding", "gzip", "If-None-Match", packed.Header().Get("ETag"))
		if err != nil || again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s: %d, %v", path, again.Code, err)
		}
	}
	p, err := f.Piece(t.Context(), 9, 300, 200)
	if err != nil || p.Z != 1 || p.X != 1 || p.Y != 0 || p.Credit != "Natural Earth" || p.Schema != pmtiles.Protomaps4 || len(names(t, p.Data)) != 4 {
		t.Errorf("%+v, %v", p, err)
	}
}

// Each piece that is cut has a tag of its own, and the version is that of all that is served.
func TestWhatIsCutHasItsOwnTag(t *testing.T) {
	f := open(t, shelf.Config{Under: earth(t, "e1")})
	tags := map[string]string{}
	for _, path := range []string{"/tiles/0/0/0", "/tiles/2/0/0", "/tiles/2/1/0", "/tiles/3/0/0", "/tiles/3/1/0", "/tiles/3/0/1"} {
		w, err := f.get(path)
		must(t, err)
		tag := w.Header().Get("ETag")
		if other := tags[tag]; other != "" {
			t.Errorf("%s has the tag of %s: %s", path, other, tag)
		}
		tags[tag] = path
	}
	one, other, none := f.Version(), open(t, shelf.Config{Under: earth(t, "e2")}).Version(), open(t, shelf.Config{}).Version()
	if one == other || one == none || other == none {
		t.Error(one, other, none)
	}
}

// What lies beneath all is seen only where no file has anything, and never in place of a
// deeper piece of one; and where a file has next to nothing of a tile.
func TestFilesLieAboveTheMapBeneathAll(t *testing.T) {
	f := open(t, shelf.Config{Under: earth(t, "e1")})
	f.drop("county.pmtiles", town("county", [4]float64{0.1, 0.1, 179, 85}, tile(1, 1, 0), tile(4, 8, 7)))
	f.drop("village.pmtiles", town("village", [4]float64{-100, -50, -90, -40}, tile(1, 0, 1), tile(4, 3, 10), tile(5, 7, 20)))
	f.refresh()
	for _, c := range []struct {
		z    uint8
		x, y uint32
		want string
	}{
		{1, 1, 0, "county 1/1/0"}, {4, 8, 7, "county 4/8/7"}, {7, 64, 56, "county 4/8/7"}, {4, 9, 6, "county 1/1/0"}, {4, 0, 0, "places"}, {0, 0, 0, "places"},
		{1, 0, 1, "places"}, {4, 3, 10, "village 4/3/10"}, {5, 7, 20, "village 5/7/20"}, {9, 112, 320, "village 5/7/20"},
	} {
		if got := f.says(c.z, c.x, c.y); got != c.want {
			t.Errorf("%d/%d/%d is drawn from %s, want %s", c.z, c.x, c.y, got, c.want)
		}
	}
	if got := f.Credits(); !slices.Equal(got, []string{"© OpenStreetMap", "Natural Earth"}) {
		t.Error(got)
	}
}

// A map in a form that cannot be drawn is not put beneath all.
func TestAMapThatCannotBeDrawnIsNotBeneathAll(t *testing.T) {
	raw := pmtilestest.File{Tiles: []pmtilestest.Tile{cities(t, 0, 0, 0)}, Metadata: `{"vector_layers":[{"id":"ocean"}]}`}.Bytes()
	a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), nil)
	must(t, err)
	_, err = shelf.Open(t.TempDir(), shelf.Config{Under: &shelf.Under{Archive: a}})
	if _, ok := errors.AsType[*pmtiles.Refused](err); !ok {
		t.Error(err)
	}
}
