package maps_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
)

// extract is a sound file of a few tiles.
func extract(bounds [4]float64, deepest uint8) []byte {
	f := pmtilestest.File{Bounds: bounds}
	for z := range deepest + 1 {
		f.Tiles = append(f.Tiles, pmtilestest.Tile{Z: z, Data: pmtilestest.Layer("earth")})
	}
	return f.Bytes()
}

// upload sends a street map with the fields of the page's form.
func (b *browser) upload(name string, raw []byte, more ...string) int {
	b.t.Helper()
	return b.uploadTo("/maps/extracts", name, raw, more...)
}

// uploadTo sends a file with the fields of the page's form for it.
func (b *browser) uploadTo(path, name string, raw []byte, more ...string) int {
	b.t.Helper()
	fields := valuesIn(b.formWith("file"))
	for i := 0; i < len(more); i += 2 {
		fields.Set(more[i], more[i+1])
	}
	fields.Del("file")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := w.WriteField(k, v[0]); err != nil {
			b.t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err == nil {
			_, err = part.Write(raw)
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.bring(http.MethodPost, path, w.FormDataContentType(), &body).Code
}

func TestStreetMapsAreBroughtAndTakenAway(t *testing.T) {
	s, dir := withMap(t, maps.Options{})
	kim, ann := s.coordinator(t), s.browser(t)
	ann.open("/maps/extracts")
	ann.says("There is no map file here yet.")
	ann.saysNot("Bring a map file here", "pmtiles extract")
	if code := ann.ask(http.MethodPost, "/maps/extracts", url.Values{"remove": {"x.pmtiles"}}).Code; code != 403 {
		t.Error(code)
	}

	kim.open("/maps/extracts")
	kim.says("Say first where this place is.")
	s.do(maria, "here", "client_id", "h", "points", "44.47,-73.21")
	s.place(maria, "x", "shelter", "Hill School", "44.5,-73.3")
	s.place(maria, "far", "shelter", "Far School", "48.5,-73.3")
	kim.open("/maps/extracts")
	kim.says("pmtiles extract https://build.protomaps.com/20261120.pmtiles Fire-Station-4.pmtiles --bbox=-73.363", "--maxzoom=15", "by 13 km")
	kim.open("/maps/extracts?around=20")
	kim.says("by 43 km")

	if code := kim.upload("", nil); code != 422 {
		t.Error(code)
	}
	kim.says("Choose a file first.")
	if code := kim.upload("town.pmtiles", []byte("PMTiles, but no more")); code != 422 {
		t.Error(code)
	}
	if all, _ := os.ReadDir(dir); slices.ContainsFunc(all, func(e os.DirEntry) bool { return strings.Contains(e.Name(), "town") }) {
		t.Error("what cannot be used was kept", all)
	}
	if code := kim.upload("C:\\maps\\town.pmtiles", extract([4]float64{-74, 44, -73, 45}, 14)); code != 200 {
		t.Error(code, kim.text())
	}
	kim.says("Changed.", "town.pmtiles", "© OpenStreetMap", "In use", "The folder for map files, on the box: "+dir)
	if code := kim.upload("town.pmtiles", extract([4]float64{-74, 44, -73, 46}, 14)); code != 409 {
		t.Error(code)
	}
	kim.says("There is a map file town.pmtiles here already.")
	if code := kim.upload("town.pmtiles", extract([4]float64{-74, 44, -73, 46}, 14), "replace", "yes"); code != 200 {
		t.Error(code, kim.text())
	}
	kim.open("/maps/map")
	kim.says("Map data: © OpenStreetMap")
	if w := ann.image("/maps/tiles/0/0/0"); w.Code != 200 || w.Header().Get("ETag") == "" {
		t.Error(w.Code)
	}
	ann.open("/maps/extracts")
	ann.says("town.pmtiles")
	ann.saysNot("Take it away")
	kim.open("/maps/extracts")
	kim.send("/maps/extracts", "remove", "town.pmtiles")
	kim.says("There is no map file here yet.")

	// What was dropped into the folder and cannot be used is listed with the reason.
	if err := os.WriteFile(filepath.Join(dir, "odd.pmtiles"), []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	kim.open("/maps/extracts")
	kim.says("odd.pmtiles", "It is being looked through.")
}

// A small town's file is told as small as it is, in the reader's language.
func TestASmallStreetMapIsToldInKilobytes(t *testing.T) {
	w := newWays(t)
	w.ofStation.Disk = func() (uint64, uint64, error) { return 3_299_999, 10_000_000, nil }
	s, _ := withMap(t, w.ofStation)
	b := s.coordinator(t)
	small := aMap(7)
	small.Size = 210_000
	s.put(school, lentBy(school, lentBody(small)), s.now)
	b.open("/maps/extracts")
	raw := append(extract([4]float64{-74, 44, -73, 45}, 14), ferrytest.Bytes(200_000)...)
	if code := b.upload("town.pmtiles", raw[:75_300]); code != 200 {
		t.Fatal(code, b.text())
	}
	for lang, says := range map[string][]string{
		"en": {"town.pmtiles 75 kB", "Hill School has streets of map-7, 210 kB", "(at most 2.2 MB)"}, "fr": {"75 ko", "210 ko", "(2,2 Mo au plus)"},
		"es": {"75 kB", "210 kB", "2.2 MB"}, "ht": {"75 kB", "210 kB", "2,2 MB"}, "vi": {"75 kB", "210 kB", "2,2 MB"}, "zh-Hans": {"75 kB", "210 kB", "2.2 MB"},
		"ar": {"75 كيلوبايت", "210 كيلوبايت", "2.2 ميغابايت"},
	} {
		b.lang = lang
		b.open("/maps/extracts")
		b.says(says...)
	}
}

// Street maps are changed by coordinators only, and only from where they can sign.
func TestOthersCannotChangeStreetMaps(t *testing.T) {
	s, dir := withMap(t, maps.Options{})
	change := s.app.Routes(behind{s})["POST /extracts"]
	if err := os.WriteFile(filepath.Join(dir, "town.pmtiles"), extract([4]float64{-74, 44, -73, 45}, 14), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]hub.Request{
		"nobody":                 {Official: true},
		"a neighbor":             {Author: author(ann), Official: true},
		"a coordinator anywhere": {Author: author(maria)},
	} {
		q.Form = url.Values{"remove": {"town.pmtiles"}}
		_, err := change(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/extracts", nil), q)
		if told, ok := errors.AsType[*hub.Error](err); !ok || told.Code != hub.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	q := hub.Request{Author: author(maria), Official: true, Form: url.Values{"remove": {"town.pmtiles"}}}
	if to, err := change(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/extracts", nil), q); err != nil || to != "/maps/extracts?done=changed" {
		t.Error(to, err)
	}
}

func TestStreetMapsAreTakenInOnTheCommandLine(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	run := func(verb string, in []byte, args ...string) (string, error) {
		var out bytes.Buffer
		err := s.app.Commands()[verb].Run(t.Context(), behind{s}, args, bytes.NewReader(in), &out)
		return out.String(), err
	}
	town := extract([4]float64{-74, 44, -73, 45}, 14)
	if out, err := run("streets", nil); err != nil || !strings.Contains(out, "No street map is here.") {
		t.Error(out, err)
	}
	if out, err := run("add", town, "/tmp/town.pmtiles"); err != nil || !strings.HasPrefix(out, "town.pmtiles (") || !strings.Contains(out, "zoom 0 to 14") {
		t.Error(out, err)
	}
	if _, err := run("add", town, "/tmp/town.pmtiles"); err == nil || !strings.Contains(err.Error(), "already") {
		t.Error(err)
	}
	if _, err := run("add", town, "/tmp/town.pmtiles", "replace"); err != nil {
		t.Error(err)
	}
	if _, err := run("add", town, "-"); err == nil || !strings.Contains(err.Error(), "needs a name") {
		t.Error(err)
	}
	if _, err := run("add", town[:100], "-", "other"); err == nil {
		t.Error("a file that is cut off was taken in")
	}
	if _, err := run("add", town, "/tmp/a.pmtiles", "what", "else"); err == nil {
		t.Error("what nobody knows was taken")
	}
	if out, err := run("streets", nil); err != nil || strings.Count(out, "\n") != 1 {
		t.Error(out, err)
	}
	if out, err := run("remove", nil, "town.pmtiles"); err != nil || out != "town.pmtiles is taken away.\n" {
		t.Error(out, err)
	}
	if _, err := run("remove", nil, "town.pmtiles"); err == nil || !strings.Contains(err.Error(), "maps streets") {
		t.Error("it was taken away twice", err)
	}
	for _, name := range []string{"town", hex.EncodeToString(sum(town))[:6]} {
		if _, err := run("add", town, "/tmp/town.pmtiles"); err != nil {
			t.Fatal(err)
		}
		if out, err := run("streets", nil); err != nil || !strings.Contains(out, hex.EncodeToString(sum(town))[:6]) {
			t.Error(out, err)
		}
		if out, err := run("remove", nil, name); err != nil || out != "town.pmtiles is taken away.\n" {
			t.Error(name, out, err)
		}
	}
	none := maps.New()
	for verb, c := range none.Commands() {
		if err := c.Run(t.Context(), nil, []string{"x"}, bytes.NewReader(nil), &bytes.Buffer{}); err == nil {
			t.Errorf("%s works without a folder", verb)
		}
	}
}

// What lies in the folder is looked through while the hub runs.
func TestWhatIsDroppedIntoTheFolderIsServed(t *testing.T) {
	s, dir := withMap(t, maps.Options{})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	done := make(chan error, 1)
	if err := os.WriteFile(filepath.Join(dir, "town.pmtiles"), extract([4]float64{-74, 44, -73, 45}, 14), 0o600); err != nil {
		t.Fatal(err)
	}
	go func() { done <- s.app.Run(ctx, behind{s}) }()
	b := s.browser(t)
	for served := false; !served; {
		b.open("/maps/extracts")
		served = strings.Contains(b.text(), "town.pmtiles 1 kB Protomaps Basemap · In use")
		if ctx.Err() != nil {
			t.Fatal("it is not served: ", b.text())
		}
	}
	if w := b.image("/maps/tiles/0/0/0"); w.Code != 200 {
		t.Error(w.Code)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	if err := (maps.Options{At: "44.47"}).Check(); err == nil {
		t.Error("half a place is taken")
	}
	if err := (maps.Options{At: "87P8FQCQ+22"}).Check(); err != nil {
		t.Error(err)
	}
}
