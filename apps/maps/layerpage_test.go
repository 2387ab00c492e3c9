package maps_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	mapsapp "github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

func TestAPageSaysWhatHasNotCome(t *testing.T) {
	a := newTown(t)
	a.bring(maria, "list", "Shelters", some())
	b := &town{moment: a.copyOf(), blobs: map[[32]byte][]byte{}}
	b.begin(t)
	if b.follow() != 1 {
		t.Fatal("nothing is missing")
	}
	v := b.list(ann)
	if len(v.Places) != 0 || len(v.Lists) != 1 || v.Lists[0].Name != "Shelters" || v.Lists[0].Count != 5 || v.Lists[0].Here || !strings.Contains(string(v.Lists[0].Why), "not arrived") {
		t.Errorf("%+v", v.Lists)
	}
	p, err := b.app().View(b.moment, b.ask(ann, ""))
	if err != nil || p.Until.IsZero() || p.Until.Sub(b.now) > time.Minute {
		t.Errorf("the page stays as it is until %v, %v", p.Until, err)
	}
	maps.Copy(b.blobs, a.blobs)
	if b.follow() != 0 {
		t.Fatal("it has not come")
	}
	if v := b.list(ann); len(v.Places) != 4 || len(v.Lists) != 0 {
		t.Errorf("%s, %+v", names(v.Places), v.Lists)
	}
	for sum := range b.blobs {
		b.blobs[sum] = []byte("it is damaged")
	}
	b.begin(t)
	b.follow()
	if v := b.list(ann); len(v.Lists) != 1 || !strings.Contains(string(v.Lists[0].Why), "cannot be read") {
		t.Errorf("%+v", v.Lists)
	}
}

// TestPagesSayWhatHasNotCome reads where to go, and a list's page, at a hub that has only heard
// of it.
func TestPagesSayWhatHasNotCome(t *testing.T) {
	a := newTown(t)
	a.bring(maria, "list", "Water & shelters", some())
	s := newSite(t, mapsapp.Options{Folder: t.TempDir()})
	s.held = append(s.held, a.held...)
	ann := s.browser(t)
	for _, page := range []string{"/maps/", "/maps/l", "/maps/l/list"} {
		ann.open(page)
		if got := ann.text(); !strings.Contains(got, "Water & shelters") || !strings.Contains(got, "5 places") || !strings.Contains(got, "have not arrived here yet") {
			t.Errorf("%s: %s", page, got)
		}
	}
	if r := ann.ask("GET", "/maps/p/tap", nil); r.Code != 404 || !strings.Contains(r.Body.String(), "list of places that has not arrived yet") {
		t.Errorf("%d %s", r.Code, r.Body)
	}
}

// TestListsHavePages reads the pages as a browser without scripts has them.
func TestListsHavePages(t *testing.T) {
	folder := t.TempDir()
	s := newSite(t, mapsapp.Options{Folder: folder})
	h := &town{moment: s.moment, blobs: map[[32]byte][]byte{}, folder: folder}
	h.moment.of = &s.app
	h.bring(maria, "list", "Water & shelters", some())
	kim := s.coordinator(t)
	kim.open("/maps/l")
	if got := kim.text(); !strings.Contains(got, "Water & shelters") || !strings.Contains(got, "5 places") {
		t.Error(got)
	}
	kim.open("/maps/l/list")
	if got := kim.text(); !strings.Contains(got, "5 places · Water: 2 · Shelter: 2 · Closed road: 1") && !strings.Contains(got, "5 places · Shelter: 2 · Water: 2 · Closed road: 1") {
		t.Error(got)
	}
	kim.open("/maps/p/tap")
	if got := kim.text(); !strings.Contains(got, "Tap") || !strings.Contains(got, "Maria Ortiz") || !strings.Contains(got, "From a list of places: Water & shelters") {
		t.Error(got)
	}
	kim.open("/maps/p/tap/edit")
	kim.send("/maps/p/tap/edit", "kind", "water", "title", "Tap behind the hall", "points", "44.01,-73")
	kim.open("/maps/")
	if got := kim.text(); !strings.Contains(got, "Tap behind the hall") || strings.Contains(got, "arrived") {
		t.Error(got)
	}
	kim.open("/maps/l/list")
	kim.send("/maps/l/list", "gone", "yes")
	if got := kim.text(); !strings.Contains(got, "It is no more") {
		t.Error(got)
	}
	kim.open("/maps/")
	if got := kim.text(); !strings.Contains(got, "Tap behind the hall") || strings.Contains(got, "Well") {
		t.Error(got)
	}
}

func TestListsAreAnsweredAsDescribed(t *testing.T) {
	doc := described(t)
	a := newTown(t)
	a.bring(maria, "list", "Shelters", some())
	b := a.apart(t)
	a.do(tom, "lists/list", "client_id", "x", "gone", "yes")
	b.now = b.now.Add(time.Minute)
	b.bring(maria, "list", "Shelters", map[string]place.Sheet{"tap": sheet(place.Water, "Tap", "44.01,-73")})
	a.now = b.now
	exchange(a.moment, b.moment)
	answer := func(path string, query ...string) any {
		t.Helper()
		q := a.ask(ann, path)
		for i := 0; i < len(query); i += 2 {
			q.Query.Set(query[i], query[i+1])
		}
		v, err := a.app().Answer(a.moment, q)
		if err != nil {
			t.Fatal(path, err)
		}
		return v
	}
	a.answered(doc, "Lists", "lists", answer("lists"))
	a.answered(doc, "List", "lists/list", answer("lists/list"))
	maps.Copy(a.blobs, b.blobs)
	a.follow()
	a.answered(doc, "Places", "places", answer("places"))
	a.answered(doc, "Place", "places/tap", answer("places/tap"))
	many := map[string]place.Sheet{}
	for i := range 500 {
		many[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%05d,-73", i))
	}
	a.bring(maria, "taps", "Taps", many)
	v := answer("places", "bbox", "-74,43,-72,45", "zoom", "10")
	a.answered(doc, "Places", "places?bbox=", v)
	if c := v.(mapsapp.Collection); !slices.ContainsFunc(c.Features, func(f mapsapp.Feature) bool { return f.Properties.Count > 400 }) {
		t.Errorf("%+v", c.Features)
	}
	w, err := a.app().Written(a.moment, a.ask(maria, "lists/list", "client_id", "x"))
	if err != nil {
		t.Fatal(err)
	}
	a.answered(doc, "List", "lists/list", w)
	for _, path := range []string{"lists/", "lists/none", "lists/a/b"} {
		if _, err := a.app().Answer(a.moment, a.ask(ann, path)); err == nil {
			t.Errorf("%q is answered and not described", path)
		}
	}
}

func TestAPartOfTheMapHasWhatIsThere(t *testing.T) {
	h := newTown(t)
	all := map[string]place.Sheet{"school": open("School", "45,-73", 10, 0)}
	for i := range 1000 {
		all[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%03d,-73", i))
	}
	h.bring(maria, "taps", "Taps", all)
	h.place(maria, "own", "water", "Fountain", "44.5,-73.001")
	h.place(maria, "far", "water", "Spring", "50,-73")
	ask := func(box, zoom string, more ...string) mapsapp.Collection {
		t.Helper()
		q := h.ask(ann, "places")
		q.Query.Set("bbox", box)
		q.Query.Set("zoom", zoom)
		for i := 0; i < len(more); i += 2 {
			q.Query.Set(more[i], more[i+1])
		}
		v, err := h.app().Answer(h.moment, q)
		if err != nil {
			t.Fatal(err)
		}
		return v.(mapsapp.Collection)
	}
	c := ask("-74,44.495,-72,44.505", "15")
	if len(c.Features) != 12 || c.More != 0 {
		t.Errorf("%d features", len(c.Features))
	}
	c = ask("-74,43.9,-72,45.1", "9")
	total, single := 0, 0
	for _, f := range c.Features {
		if f.Properties.Count > 0 {
			total += f.Properties.Count
		} else {
			single++
		}
	}
	if total+single != 1002 || len(c.Features) > 60 || single < 1 {
		t.Errorf("%d features of %d places, %d alone", len(c.Features), total+single, single)
	}
	if c := ask("-74,43.9,-72,45.1", "9", "kind", "shelter"); len(c.Features) != 1 || c.Features[0].ID != "school" {
		t.Errorf("%+v", c.Features)
	}
	if c := ask("286,44.495,288,44.505", "15"); len(c.Features) != 12 {
		t.Errorf("once around the earth are %d", len(c.Features))
	}
	for _, box := range []string{"", "1,2,3", "a,b,c,d", "1,2,3,4,5", "0,5,1,4", "NaN,0,1,1", "1e9,0,1,1"} {
		q := h.ask(ann, "places")
		q.Query.Set("bbox", box)
		if _, err := h.app().Answer(h.moment, q); err == nil {
			t.Errorf("%q are bounds", box)
		}
	}
}

// A list with more places than a map can tell is counted where it is, and told one by one
// further down.
func TestManyPlacesOfAListAreCountedOnTheMap(t *testing.T) {
	folder := t.TempDir()
	s := newSite(t, mapsapp.Options{Folder: folder, At: "44.05,-73.05"})
	h := &town{moment: s.moment, blobs: map[[32]byte][]byte{}, folder: folder}
	h.moment.of = &s.app
	many := map[string]place.Sheet{}
	for i := range 900 {
		many[fmt.Sprint("tap-", i)] = sheet(place.Water, fmt.Sprint("Tap ", i), fmt.Sprintf("44.%03d,-73.%03d", i/30*10, i%30*10))
	}
	h.bring(maria, "taps", "Taps", many)
	s.do(tom, "p/tap-5/edit", "client_id", "e", "kind", "water", "title", "Tap that moved", "points", "44.051,-73.049")
	b := s.browser(t)
	for zoom, whole := range map[string]bool{"8": true, "9.5": true, "11": false, "13": false} {
		page := "/maps/map?size=large&center=44.145,-73.145&zoom=" + zoom
		b.open(page)
		told := 0
		for n := range b.main().Descendants() {
			if n.Data == "li" && strings.HasPrefix(attr(n, "id"), "m-") {
				told++
			}
		}
		if more := regexp.MustCompile(`(\d+) more (is|are) on this map`).FindStringSubmatch(b.text()); more != nil {
			n, _ := strconv.Atoi(more[1])
			told += n
		}
		counted := 0
		for _, f := range b.onMap(page).Features {
			counted += max(1, f.Properties.Count)
		}
		if told != counted || whole != (told == 900) || told == 0 {
			t.Errorf("zoom %s: %d on the page, %d for programs", zoom, told, counted)
		}
		if n := strings.Count(fmt.Sprint(b.signs()), "/maps/map?"); zoom == "9.5" && n < 8 {
			t.Errorf("they are all in %d bunches: %v", n, b.signs())
		}
	}
	b.open("/maps/map?size=large&center=44.145,-73.145&zoom=9.5")
	b.says("more are on this map")
	for alt, path := range b.signs() {
		if strings.HasPrefix(alt, "Nearer: ×") {
			b.open(path)
		}
	}
	if w := b.image("/maps/picture?size=large&center=44.145,-73.145&zoom=9.5"); w.Code != 200 {
		t.Error(w.Code)
	}
}
