package maps_test

import (
	"bytes"
	"context"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

func (b *browser) image(path string, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil)
	r.Host, r.RemoteAddr = "lamppost.internal", "192.168.1.20:40000"
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(net.TCPAddrFromAddrPort(netip.MustParseAddrPort("192.168.1.1:80")))))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	return w
}

func TestThePictureIsThatOfThePage(t *testing.T) {
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21"})
	s.place(maria, "x", "shelter", "Hill School", "44.48,-73.2")
	b := s.browser(t)
	b.open("/maps/map")
	src := attr(b.find("img", "src", "/maps/picture?"), "src")
	first := b.image(src)
	if first.Code != 200 || first.Header().Get("Content-Type") != "image/png" || !strings.Contains(first.Header().Get("Cache-Control"), "immutable") {
		t.Fatal(first.Code, first.Header())
	}
	file := bytes.Clone(first.Body.Bytes())
	img, err := png.Decode(first.Body)
	if err != nil || img.Bounds().Dx() != 320 || img.Bounds().Dy() != 320 {
		t.Fatal(err)
	}
	if before := s.looks; !bytes.Equal(b.image(src).Body.Bytes(), file) || s.looks != before {
		t.Error("what was drawn is looked at again")
	}
	if w := b.image(src, "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Error(w.Code)
	}
	sizes := map[string]bool{}
	for _, more := range []string{"&scale=2", "&dark=1", "&dark=1&scale=2"} {
		w := b.image(src + more)
		sizes[w.Body.String()] = true
		c, err := png.DecodeConfig(bytes.NewReader(w.Body.Bytes()))
		if err != nil || c.Width != 320 && strings.Contains(more, "dark=1") && !strings.Contains(more, "scale") || c.Width != 640 && strings.Contains(more, "scale") {
			t.Errorf("%s: %v, %d pixels", more, err, c.Width)
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s is not kept", more)
		}
	}
	if len(sizes) != 3 {
		t.Error("pictures are the same that ought to differ")
	}

	// What has changed is another picture at another address, and the old one is not kept.
	s.place(maria, "y", "water", "Old Well", "44.475,-73.206")
	for _, other := range []string{"x", strings.Repeat("A", 43)} {
		if w := b.image(regexp.MustCompile(`v=[^&]+`).ReplaceAllString(src, "v="+other)); !strings.Contains(w.Header().Get("Cache-Control"), "no-cache") || w.Header().Get("ETag") == first.Header().Get("ETag") {
			t.Error(other, w.Header())
		}
	}
	if w := b.image(src); !bytes.Equal(w.Body.Bytes(), file) {
		t.Error("a page that was opened before shows another picture than its list")
	}
	b.open("/maps/map")
	if again := attr(b.find("img", "src", "/maps/picture?"), "src"); again == src {
		t.Error("the page shows the old picture")
	}
	// What a neighbor may not see is on no picture of theirs.
	b.open("/maps/map")
	before := attr(b.find("img", "src", "/maps/picture?"), "src")
	s.do(ann, "report", "client_id", "o", "what", "danger", "points", "44.472,-73.206")
	s.hidden["o/o"] = "rude"
	b.open("/maps/map")
	if attr(b.find("img", "src", "/maps/picture?"), "src") != before || strings.Contains(b.text(), "Danger") {
		t.Error("what is hidden is on the map")
	}
	for _, odd := range []string{"", "?center=x&zoom=y&size=z", "?center=999,1", "?center=1,1&zoom=NaN", "?center=-90,180&zoom=99&scale=9", "?place=nowhere"} {
		if w := b.image("/maps/picture" + odd); w.Code != 200 && !(odd == "?place=nowhere" && w.Code == 404) {
			t.Errorf("%s: %d", odd, w.Code)
		}
	}
}

// A picture on which something is missing, as a file cannot be read, is not kept anywhere.
func TestAPictureInPartIsNotKept(t *testing.T) {
	s, dir := withMap(t, maps.Options{})
	kim := s.coordinator(t)
	kim.open("/maps/extracts")
	town := pmtilestest.File{Bounds: [4]float64{-74, 44, -73, 45}}
	for z := maptile.Zoom(0); z <= 14; z++ {
		at := maptile.At(orb.Point{-73.5, 44.5}, z)
		town.Tiles = append(town.Tiles, pmtilestest.Tile{Z: uint8(z), X: at.X, Y: at.Y, Data: pmtilestest.Layer("earth")})
	}
	if code := kim.upload("town.pmtiles", town.Bytes()); code != 200 {
		t.Fatal(code)
	}
	if err := os.Truncate(filepath.Join(dir, "town.pmtiles"), 130); err != nil {
		t.Fatal(err)
	}
	w := kim.image("/maps/picture?center=44.5,-73.5&zoom=14")
	if w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" || w.Header().Get("Content-Type") != "image/png" {
		t.Error(w.Code, w.Header())
	}
}
