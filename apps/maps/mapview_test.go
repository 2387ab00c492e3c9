package maps_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// behind is the hub behind the app's own handlers and commands.
type behind struct{ s *site }

func (b behind) Read(_ context.Context, f func(hub.Snapshot) error) error {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.s.looks++
	return f(b.s.moment)
}
func (behind) Write(context.Context, ...hub.Draft) ([]record.Record, error) {
	return nil, nil
}
func (behind) Watch(context.Context, ...hub.Term) <-chan struct{} { return nil }
func (behind) Blobs() hub.Blobs                                   { return nil }
func (behind) Online() bool                                       { return false }

// withMap is a site with a folder for street maps, in which there are none yet.
func withMap(t *testing.T, of maps.Options) (*site, string) {
	t.Helper()
	of.Folder = filepath.Join(t.TempDir(), "maps")
	return newSite(t, of), of.Folder
}

// find is the first element of a name of which an attribute begins so.
func (b *browser) find(name, attribute, begins string) *html.Node {
	b.t.Helper()
	for n := range b.main().Descendants() {
		if n.Data == name && strings.HasPrefix(attr(n, attribute), begins) {
			return n
		}
	}
	b.t.Fatalf("%s has no <%s %s=%q…>: %s", b.path, name, attribute, begins, b.text())
	return nil
}

// signs are what the map's signs lead to, by what they say.
func (b *browser) signs() map[string]string {
	all := map[string]string{}
	for n := range b.main().Descendants() {
		if n.Data == "area" {
			all[attr(n, "alt")] = attr(n, "href")
		}
	}
	return all
}

var numberOfRow = regexp.MustCompile(`(\d+)\. ([A-Z][a-z]+ [A-Za-z]+)`)

// holding is the element of a name with this text.
func (b *browser) holding(name, text string) *html.Node {
	b.t.Helper()
	for n := range b.main().Descendants() {
		if n.Data == name && strings.Contains(textOf(n), text) {
			return n
		}
	}
	b.t.Fatalf("%s has no <%s> with %q: %s", b.path, name, text, b.text())
	return nil
}

// rows are the numbers in the lists of a page, by name.
func (b *browser) rows() map[string]string {
	all := map[string]string{}
	for n := range b.main().Descendants() {
		if n.Data != "li" {
			continue
		}
		for _, m := range numberOfRow.FindAllStringSubmatch(textOf(n), -1) {
			all[m[2]] = m[1]
		}
	}
	return all
}

func TestTheMapHasTheNumbersOfTheList(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	ann := s.browser(t)
	s.do(maria, "here", "client_id", "h", "points", "44.47,-73.21")
	for i, name := range []string{"Fair Ground", "Mill House", "Old Barn", "Town Hall", "Lake Cabin", "Hill School"} {
		s.place(maria, fmt.Sprintf("p%d", i), "shelter", name, fmt.Sprintf("44.47%d,-73.2%d", 9-i, i+1))
	}
	s.place(maria, "far", "water", "Far Well", "45.9,-73.9")
	s.place(maria, "bad", "road", "Bridge Street", "44.471,-73.215 44.475,-73.21")
	s.do(ann2, "report", "client_id", "o", "what", "danger", "text", "a tree", "points", "44.468,-73.213")

	ann.open("/maps/")
	list := ann.rows()
	if len(list) != 8 || list["Bridge Street"] != "8" {
		t.Fatal(list, ann.text())
	}
	ann.find("img", "src", "/maps/picture?")
	ann.open(ann.link("/maps/map"))
	on := ann.rows()
	if len(on) < 6 || on["Far Well"] != "" {
		t.Error(on)
	}
	ann.says("Of the list, not on this part of the map: 7. Far Well")
	for name, n := range on {
		if list[name] != n && name != "Danger a" {
			t.Errorf("%s is %s on the map and %s in the list", name, n, list[name])
		}
	}
	ann.says("9. Danger")
	signs := ann.signs()
	for name, path := range map[string]string{"Hill School": "/maps/p/p5", "Bridge Street": "/maps/p/bad"} {
		if got := signs[on[name]+". "+name]; got != path {
			t.Errorf("%s leads to %q: %v", name, got, signs)
		}
	}
	if signs["7. Far Well"] != "" {
		t.Errorf("it is far away: %v", signs)
	}
	ann.open(attr(ann.holding("a", "7. Far Well"), "href"))
	if got := ann.signs()["7. Far Well"]; got != "/maps/p/far" {
		t.Errorf("its number leads to a map without it: %v", ann.signs())
	}
	ann.says("not on this part of the map: 1. Fair Ground · 2. Mill House · 3. Old Barn · 4. Town Hall · 5. Lake Cabin · 2 more")
	ann.open(signs["9. Danger"])
	ann.says("a tree")

	// Only some, and nearer by elsewhere: the numbers are those of that list.
	ann.open("/maps/?kind=water&near=45.9,-73.9")
	ann.open(ann.link("/maps/map"))
	if on := ann.rows(); len(on) != 1 || on["Far Well"] != "1" {
		t.Error(on, ann.text())
	}
	if back := ann.link("/maps/?"); back != "/maps/?kind=water&near=45.9%2C-73.9" {
		t.Error(back)
	}
}

// ann2 is a neighbor who writes.
const ann2 = ann

func TestWhatIsBeyondTheListIsOnTheMapAsWell(t *testing.T) {
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21"})
	for i := range 60 {
		s.place(maria, fmt.Sprintf("p%d", i), "water", fmt.Sprintf("Well %s", strings.Repeat("x", i+1)), fmt.Sprintf("44.47,%.3f", -73.21+float64(i)/1000))
	}
	b := s.browser(t)
	b.open("/maps/")
	b.says("The nearest to Fire Station 4 first.", "10 more, further away")
	b.open("/maps/map?center=44.47,-73.155&zoom=15")
	b.says("51. Well", "60. Well")
	b.saysNot("40. Well")
	b.open("/maps/map?center=44.47,-73.18&zoom=12")
	b.says("20 more are on this map. Go nearer to see them here.")
}

func TestAPointIsPickedOnTheMap(t *testing.T) {
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21"})
	kim, b := s.coordinator(t), s.browser(t)
	b.open("/maps/report")
	b.open(b.link("/maps/map?pick=1"))
	form := b.find("form", "action", "/maps/map")
	image := b.find("input", "type", "image")
	if attr(image, "width") != "320" || attr(image, "height") != "320" || attr(image, "name") != "tap" {
		t.Fatal(image.Attr)
	}
	fields := valuesIn(form)
	fields.Del("tap")
	zoom, err := strconv.ParseFloat(fields.Get("zoom"), 64)
	if err != nil || fields.Get("center") != "44.47,-73.21" {
		t.Fatal(fields)
	}
	tap := func(b *browser, x, y string) {
		b.t.Helper()
		q := url.Values{"tap.x": {x}, "tap.y": {y}}
		for k, v := range fields {
			q[k] = v
		}
		b.open("/maps/map?" + q.Encode())
	}
	tap(b, "0", "0") // with a key: the middle
	b.says("44.47,-73.21", "87P8FQCR+22", "18T XQ")
	tap(b, "260", "160")
	east := -73.21 + 100*360/(256*float64(int(1)<<int(zoom)))
	at := regexp.MustCompile(`44\.47,(-\d+\.\d+)`).FindStringSubmatch(b.text())
	if len(at) == 0 {
		t.Fatal(b.text())
	}
	if got, err := strconv.ParseFloat(at[1], 64); err != nil || got < east-1e-5 || got > east+1e-5 {
		t.Errorf("%v, want 44.47, %v", at, east)
	}
	b.saysNot("Put a place on the map")
	picked := at[0]
	b.open(b.link("/maps/report?points="))
	if got := attr(b.find("input", "name", "points"), "value"); got != picked {
		t.Errorf("the form begins with %q", got)
	}
	tap(kim, "260", "160")
	for _, form := range []string{"/maps/new?points=", "/maps/open?points=", "/maps/here?points="} {
		kim.open(kim.link(form))
		if got := attr(kim.find("input", "name", "points"), "value"); got != picked {
			t.Errorf("%s begins with %q", form, got)
		}
		tap(kim, "260", "160")
	}
	kim.open(kim.link("/maps/?near="))
	kim.says("The nearest to " + picked + " first.")

	// Moved about, the point stays; what is no tap at all is none.
	tap(b, "260", "160")
	for n := range b.main().Descendants() {
		if attr(n, "aria-label") == "To the west" {
			b.open(strings.TrimSuffix(attr(n, "href"), "#map"))
			break
		}
	}
	b.says(picked)
	tap(b, "-1", "99999")
	b.saysNot("The point that you have picked")
}

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

func TestAPlaceIsOnAMapOfItsOwn(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	s.place(maria, "x", "hazard", "Flood", "44,-73 44.01,-73 44.01,-73.01", "shape", "area")
	b := s.browser(t)
	b.open("/maps/p/x")
	if w := b.image(attr(b.find("img", "src", "/maps/picture?"), "src")); w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Error(w.Code, w.Header())
	}
	b.open(b.link("/maps/map"))
	b.says("1. Flood")
}

func TestWhatNeighborsHaveSeenIsOnAMapOfItsOwn(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	s.do(ann, "report", "client_id", "o", "what", "danger", "text", "a tree", "points", "44.468,-73.213")
	s.do(ann, "report", "client_id", "o2", "what", "danger", "text", "at the mill")
	b := s.browser(t)
	seen := "/maps/o/" + author(ann).String()[:16] + "/o"
	b.open(seen)
	src := attr(b.find("img", "src", "/maps/picture?"), "src")
	if w := b.image(src); w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Error(w.Code, w.Header())
	}
	b.open(b.link("/maps/map"))
	b.says("1. Danger")
	b.open(seen + "2") // nobody knows where
	if strings.Contains(fmt.Sprint(b.links()), "/maps/map") {
		t.Error("there is a map of nowhere")
	}
	s.hidden["o/o"] = "rude"
	b.open(seen)
	for _, l := range b.links() {
		if strings.HasPrefix(l, "/maps/map") {
			t.Error("what is hidden has a map")
		}
	}
	for _, odd := range []string{"o", "x/y", author(ann).String()[:16] + "/o", author(ann).String()[:16] + "/o2", author(ann).String()[:16] + "/none"} {
		if w := b.image("/maps/picture?seen=" + odd); w.Code != 404 {
			t.Errorf("%s: %d", odd, w.Code)
		}
	}
}

// Where there is no folder there is no map, and nothing leads to one.
func TestWithoutAFolderThereIsNoMap(t *testing.T) {
	s := newSite(t)
	s.place(maria, "x", "shelter", "Hill School", "44.48,-73.2")
	b := s.browser(t)
	for _, page := range []string{"/maps/", "/maps/p/x", "/maps/report"} {
		b.open(page)
		for _, l := range b.links() {
			if strings.HasPrefix(l, "/maps/map") {
				t.Errorf("%s leads to %s", page, l)
			}
		}
	}
	for _, page := range []string{"/maps/map", "/maps/picture", "/maps/tiles/0/0/0"} {
		if w := b.ask(http.MethodGet, page, nil); w.Code != 404 {
			t.Errorf("%s: %d", page, w.Code)
		}
	}
	b.open("/maps/extracts")
	b.says("This place keeps no map files.")
}

func TestTheMapMovesAndEndsWhereTheEarthDoes(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	s.place(maria, "x", "water", "Date Line", "0.001,179.999")
	b := s.browser(t)
	b.open("/maps/map?center=0,-179.99&zoom=13")
	b.says("Date Line")
	labels := func() (all []string) {
		for n := range b.main().Descendants() {
			if l := attr(n, "aria-label"); l != "" {
				all = append(all, l)
			}
		}
		return all
	}
	b.open("/maps/map?center=0,0&zoom=20")
	if got := labels(); slices.Contains(got, "Nearer") || !slices.Contains(got, "Farther away") {
		t.Error(got)
	}
	b.open("/maps/map?center=0,0&zoom=0")
	if got := labels(); slices.Contains(got, "Farther away") || !slices.Contains(got, "To the west") {
		t.Error(got)
	}
	b.open("/maps/map?center=85.05,0&zoom=10")
	b.open("/maps/map?center=0,0&zoom=10&size=large")
	img := b.find("img", "src", "/maps/picture?")
	if attr(img, "width") != "560" {
		t.Error(img.Attr)
	}
	b.says("Smaller map")
}

func TestAreasOfOthersAreOnTheMap(t *testing.T) {
	feature := func(title, path string) json.RawMessage {
		b, err := json.Marshal(map[string]any{"type": "Feature", "properties": map[string]any{"title": title, "path": path},
			"geometry": json.RawMessage(`{"type":"Polygon","coordinates":[[[-73.3,44.4],[-73.1,44.4],[-73.1,44.5],[-73.3,44.5],[-73.3,44.4]]]}`)})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	some := []json.RawMessage{feature("Boil water", "/notices/n/1"), json.RawMessage(`{`), json.RawMessage(`{"type":"Feature","geometry":null,"properties":{}}`), feature("Elsewhere", "//evil.example/")}
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21", Areas: areas(some...)})
	b := s.browser(t)
	b.open("/maps/map")
	b.says("Areas with a notice Boil water", "Elsewhere")
	b.link("/notices/n/1")
	for _, l := range b.links() {
		if strings.Contains(l, "evil") {
			t.Error(l)
		}
	}
	src := attr(b.find("img", "src", "/maps/picture?"), "src")
	clear(some)
	b.open("/maps/map")
	if attr(b.find("img", "src", "/maps/picture?"), "src") == src {
		t.Error("it is not drawn")
	}
}

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
	kim.says("Changed.", "town.pmtiles", "© OpenStreetMap", "In use")
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
	if _, err := run("remove", nil, "town.pmtiles"); err == nil {
		t.Error("it was taken away twice")
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

// A page with as much on it as it shows fits into the first window of TCP, beside what
// all pages bring along.
func TestTheMapsPageIsSmall(t *testing.T) {
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21"})
	for i := range 120 {
		id := fmt.Sprintf("place-%x", i*7919)
		s.place([]byte{maria, tom}[i%2], id, []string{"shelter", "water", "food", "hazard"}[i%4], fmt.Sprintf("%s house %d", []string{"Long", "Hill", "Mill", "Old"}[i%4], i), fmt.Sprintf("44.%d,-73.%d", 4600+i*7%300, 2000+i*13%300))
		s.do(maria, "p/"+id+"/status", "client_id", "s", "status", "open")
	}
	b := s.browser(t)
	for _, lang := range []string{"en", "ar"} {
		b.lang = lang
		for _, page := range []string{"/maps/map?center=44.475,-73.215&zoom=13&size=large", "/maps/map?center=44.475,-73.215&zoom=13&pick=1"} {
			w := b.image(page, "Accept-Encoding", "gzip", "Accept-Language", lang)
			t.Logf("%s in %s: %d bytes", page, lang, w.Body.Len())
			if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 9_500 {
				t.Errorf("%s in %s: %d, %d bytes", page, lang, w.Code, w.Body.Len())
			}
		}
	}
}

func TestALineIsPickedPointByPoint(t *testing.T) {
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21"})
	kim := s.coordinator(t)
	kim.open("/maps/map?center=44.47,-73.21&zoom=15&point=44.47,-73.21")
	for range 2 {
		kim.open(kim.link("/maps/map?center=44.47%2C-73.21&pick=1&points="))
		q := valuesIn(kim.find("form", "action", "/maps/map"))
		q.Del("tap")
		q.Set("tap.x", strconv.Itoa(200+20*len(strings.Fields(q.Get("points")))))
		q.Set("tap.y", "100")
		kim.open("/maps/map?" + q.Encode())
	}
	kim.says("3 points that you have picked")
	kim.saysNot("Say what you have seen")
	kim.open(kim.link("/maps/new?points="))
	points := kim.find("textarea", "name", "points")
	if all := strings.Fields(textOf(points)); len(all) != 3 || all[0] != "44.47,-73.21" {
		t.Error(all)
	}
	kim.send("/maps/new", "kind", "hazard", "title", "Flood", "shape", "area")
	kim.says("Flood", "Danger")

	// Who does not go on has those that they had.
	kim.open("/maps/map?center=44.47,-73.21&zoom=15&points=44.47,-73.21+44.471,-73.21&pick=1")
	kim.open(kim.link("/maps/map?center=44.47%2C-73.21&points="))
	kim.says("2 points that you have picked")
	kim.open("/maps/map?center=44.47,-73.21&zoom=15&points=x+1,2,3+999,1+44.4,-73")
	kim.says("The point that you have picked 44.4,-73")
}

func TestCoordinatorsHaveTheirWaysIn(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	kim, b := s.coordinator(t), s.browser(t)
	kim.open("/you")
	kim.says("Open a shelter", "Put a place on the map", "Street maps")
	b.open("/you")
	b.saysNot("Street maps")
}

// Whatever an address says, there is a map, or a word on what is wrong; and what the page
// leads to is there as well.
func TestAnyAddressHasAMap(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	s.place(maria, "x", "shelter", "Hill School", "44.48,-73.2")
	s.place(maria, "y", "hazard", "Flood", "44,-73 44.01,-73 44.01,-73.01", "shape", "area")
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.OneOf(rapid.SampledFrom([]string{"", "1", "0", "-1", "44.48,-73.2", "-90,-180", "90,180", "NaN,1", "1e300", "x", "y", "small", "large", "87P8FQCR+22", "Hill School", "44,-73 44.1,-73 9", "320", "160"}), rapid.String())
		q := url.Values{}
		for _, field := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"center", "zoom", "size", "point", "points", "pick", "tap.x", "tap.y", "place", "seen", "near", "kind", "open", "all", "v", "dark", "scale"}), 0, 6, rapid.ID).Draw(rt, "fields") {
			q.Set(field, value.Draw(rt, field))
		}
		b := s.browser(t)
		for _, page := range []string{"/maps/map", "/maps/picture"} {
			if w := b.ask(http.MethodGet, page+"?"+q.Encode(), nil); w.Code != 200 && !(w.Code == 404 && q.Get("place")+q.Get("seen") != "") {
				rt.Fatalf("%s?%s: %d", page, q.Encode(), w.Code)
			}
			if page == "/maps/picture" {
				continue
			}
			for _, l := range b.links() {
				if at, _, _ := strings.Cut(l, "#"); strings.HasPrefix(at, "/maps/map?") && b.ask(http.MethodGet, at, nil).Code != 200 {
					rt.Fatalf("%s leads to %s", q.Encode(), l)
				}
			}
		}
	})
}
