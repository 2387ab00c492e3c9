package shelf_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
)

// handler is the shelf's, as a hub would mount it; an error of it goes to told.
func (f *folder) handler(told func(error)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(shelf.Pattern, func(w http.ResponseWriter, r *http.Request) {
		if _, err := f.Serve(w, r, hub.Request{}); err != nil {
			told(err)
		}
	})
	return mux
}

// get asks for a path with headers, name and value in turn.
func (f *folder) get(path string, headers ...string) (*httptest.ResponseRecorder, error) {
	f.t.Helper()
	var err error
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(f.t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	f.handler(func(told error) { err = told }).ServeHTTP(w, r)
	return w, err
}

func TestTilesAreServedAsStored(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("a.pmtiles", world("a", 2))
	f.refresh()
	packed := pmtilestest.Pack(pmtiles.Gzip, pmtilestest.Shown("a 2/1/3"))
	w, err := f.get("/tiles/2/1/3", "Accept-Encoding", "br, gzip;q=0.5")
	must(t, err)
	h := w.Header()
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), packed) || h.Get("Content-Encoding") != "gzip" || h.Get("Content-Type") != "application/vnd.mapbox-vector-tile" || h.Get("Vary") != "Accept-Encoding" || h.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("%d %v", w.Code, h)
	}
	tag := h.Get("ETag")
	plain, err := f.get("/tiles/2/1/3.mvt")
	must(t, err)
	if plain.Code != 200 || layer(plain.Body.Bytes()) != "a 2/1/3" || plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("ETag") == tag || plain.Header().Get("Content-Length") != strconv.Itoa(plain.Body.Len()) {
		t.Errorf("for whoever takes no gzip: %d %v %s", plain.Code, plain.Header(), plain.Body)
	}
	if strings.HasPrefix(tag, "W/") || !strings.HasPrefix(tag, `"`) {
		t.Errorf("the tag %s is not strong", tag)
	}
	for _, mark := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		w, err := f.get("/tiles/2/1/3", "Accept-Encoding", "gzip", "If-None-Match", mark)
		if err != nil || w.Code != 304 || w.Body.Len() > 0 || w.Header().Get("ETag") != tag || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("with %s: %d %v, %v", mark, w.Code, w.Header(), err)
		}
	}
	for _, other := range []string{"/tiles/2/1/2", "/tiles/1/0/0"} {
		if w, _ := f.get(other, "Accept-Encoding", "gzip", "If-None-Match", tag); w.Code != 200 {
			t.Errorf("%s has the tag of another tile", other)
		}
	}
	f.drop("a.pmtiles", world("b", 2)) // each tile in the same place, of the same length
	f.list()
	f.refresh()
	if w, _ := f.get("/tiles/2/1/3", "Accept-Encoding", "gzip", "If-None-Match", tag); w.Code != 200 {
		t.Error("another file has the same tags")
	}
}

func TestTilesUnderAVersionAreKeptForGood(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("a.pmtiles", world("a", 1))
	f.refresh()
	for path, want := range map[string]string{
		"/tiles/0/0/0?v=" + f.Version():       "public, max-age=31536000, immutable",
		"/tiles/0/0/0?v=" + f.Version() + "x": "public, max-age=60",
		"/tiles/0/0/0?v=":                     "public, max-age=60",
		"/tiles/0/0/0":                        "public, max-age=60",
		"/tiles/9/0/0":                        "public, max-age=60",
	} {
		if w, err := f.get(path); err != nil || w.Header().Get("Cache-Control") != want {
			t.Errorf("%s: %v, %v", path, w.Header(), err)
		}
	}
}

func TestTilesThatAreNotThereSayWhichWay(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("a.pmtiles", town("a", [4]float64{-180, -85, 0, 85}, tile(2, 0, 0), tile(2, 1, 1)))
	f.refresh()
	for path, want := range map[string]int{
		"/tiles/2/0/0": 200, "/tiles/2/0/1": 204, "/tiles/2/2/1": 404, "/tiles/3/4/1": 404, "/tiles/3/0/2": 404, "/tiles/3/0/0": 200, "/tiles/1/0/0": 404,
	} {
		if w, err := f.get(path); err != nil || w.Code != want || want != 200 && w.Body.Len() > 0 {
			t.Errorf("%s: %d, %v; want %d", path, w.Code, err, want)
		}
	}
	for _, path := range []string{
		"/tiles/2/4/0", "/tiles/2/0/4", "/tiles/32/0/0", "/tiles/256/0/0", "/tiles/2/-1/0", "/tiles/2/+1/0", "/tiles/02/0/0", "/tiles/2/0/00",
		"/tiles/2/0/0.png", "/tiles/a/b/c", "/tiles/2/4294967296/0", "/tiles/2/0/0x0", "/tiles/%32/0/%2e%2e", "/tiles/2/0/",
	} {
		if _, err := f.get(path); err != nil && !isCode(err, hub.NotFound) || err == nil && path != "/tiles/2/0/" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A file that rots on its card is an error, and nothing of it is sent as if it were whole.
func TestATileThatCannotBeReadIsAnError(t *testing.T) {
	f := open(t, shelf.Config{})
	raw := world("a", 1)
	f.drop("a.pmtiles", raw)
	f.refresh()
	path := filepath.Join(f.dir, "a.pmtiles")
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	_, err = file.WriteAt(bytes.Repeat([]byte{0}, 20), int64(len(raw)-20))
	must(t, err)
	must(t, file.Close())
	w, err := f.get("/tiles/1/1/0")
	if !isCode(err, hub.Unavailable) || w.Body.Len() > 0 || w.Header().Get("ETag") != "" {
		t.Errorf("%v, %v", err, w.Header())
	}
}

// Whatever the packing, a browser gets what it can read.
func TestOtherPackingsAreServedToo(t *testing.T) {
	sea := pmtilestest.Layer("sea")
	for c, name := range map[pmtiles.Compression]string{pmtiles.None: "", pmtiles.Zstd: "zstd"} {
		f := open(t, shelf.Config{})
		f.drop("a.pmtiles", pmtilestest.File{Tiles: []pmtilestest.Tile{{Data: sea}}, Compression: c, Internal: c}.Bytes())
		f.refresh()
		w, err := f.get("/tiles/0/0/0", "Accept-Encoding", "gzip, deflate")
		if err != nil || w.Header().Get("Content-Encoding") != "" || layer(w.Body.Bytes()) != "sea" {
			t.Errorf("%s: %v %v", c, w.Header(), err)
		}
		w, err = f.get("/tiles/0/0/0", "Accept-Encoding", "gzip, zstd")
		if err != nil || w.Header().Get("Content-Encoding") != name || !bytes.Equal(w.Body.Bytes(), pmtilestest.Pack(c, sea)) {
			t.Errorf("%s: %v %v", c, w.Header(), err)
		}
	}
}

func TestWhatAClientAccepts(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip;q=1.0, *;q=0.5": true, "*": true, "gzip; q=0.001": true, "br;q=1, gzip ;q=0.2": true,
		"": false, "identity": false, "br": false, "gzip;q=0": false, "gzip; Q=0.000, *": false, "*;q=0": false, "xgzip": false,
	} {
		if got := shelf.Accepts([]string{header}, "gzip"); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

// Over real connections, as a browser asks: what arrives is the tile.
func TestABrowserGetsTiles(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("a.pmtiles", world("a", 1))
	f.refresh()
	server := httptest.NewServer(f.handler(func(err error) { t.Error(err) }))
	defer server.Close()
	res, err := server.Client().Get(server.URL + "/tiles/1/0/1") // unpacks by itself
	must(t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || layer(got) != "a 1/0/1" || !res.Uncompressed {
		t.Errorf("%q, %v", got, err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/tiles/1/0/1", nil)
	must(t, err)
	r.Header.Set("Accept-Encoding", "gzip")
	res, err = server.Client().Do(r)
	must(t, err)
	defer res.Body.Close()
	unpack, err := gzip.NewReader(res.Body)
	must(t, err)
	if got, err := io.ReadAll(unpack); err != nil || layer(got) != "a 1/0/1" {
		t.Errorf("%q, %v", got, err)
	}
}
