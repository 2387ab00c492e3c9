package maps_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"pgregory.net/rapid"
)

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
