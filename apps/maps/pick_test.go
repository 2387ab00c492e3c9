package maps_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
)

func TestAPointIsPickedOnTheMap(t *testing.T) {
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21"})
	kim, b := s.coordinator(t), s.browser(t)
	picks := "/maps/map?pick=1"
	b.open(picks)
	b.open(attr(b.find("a", "aria-label", "Nearer"), "href"))
	b.find("input", "type", "image") // a point is picked there as well
	b.open(picks)
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

// pickFor fills in a form and presses its button that leads to the map.
func pickFor(b *browser, action string, fields ...string) {
	b.t.Helper()
	form := valuesIn(b.form(action))
	for i := 0; i < len(fields); i += 2 {
		form[fields[i]] = strings.Split(fields[i+1], "|")
	}
	button := b.find("button", "formaction", "/maps/map")
	form.Set(attr(button, "name"), attr(button, "value"))
	if w := b.ask("POST", attr(button, "formaction"), form); w.Code != http.StatusOK {
		b.t.Fatalf("%d: %s", w.Code, b.text())
	}
	if strings.Contains(b.path, "csrf") || strings.Contains(b.path, "code") {
		b.t.Errorf("what is secret stands in an address: %s", b.path)
	}
}

// tap taps the middle of the map on which a point is picked.
func tapMiddle(b *browser) {
	b.t.Helper()
	q := valuesIn(b.find("form", "action", "/maps/map"))
	q.Del("tap")
	q.Set("tap.x", "0")
	q.Set("tap.y", "0")
	b.open("/maps/map?" + q.Encode())
}

func TestWhatWasTypedIsThereAfterAPointIsPicked(t *testing.T) {
	s, _ := withMap(t, maps.Options{At: "44.47, -73.21"})
	kim, ann := s.coordinator(t), s.browser(t)
	ann.open("/maps/report")
	pickFor(ann, "/maps/report", "what", "road", "text", "A tree\nlies there")
	if len(ann.jar) > 0 && ann.jar["session"] != "" {
		t.Error("who only looks at the map has become a person of this hub")
	}
	tapMiddle(ann)
	ann.open(ann.link("/maps/report?"))
	if v := valuesIn(ann.form("/maps/report")); v.Get("what") != "road" || v.Get("text") != "A tree\nlies there" || v.Get("points") != "44.47,-73.21" {
		t.Errorf("what was typed is lost: %v", v)
	}
	ann.send("/maps/report")
	ann.says("A tree lies there", "44.47,-73.21")

	for _, path := range []string{"/maps/open", "/maps/new"} {
		kim.open(path)
		pickFor(kim, path, "title", "Hill School", "hours", "8 to 20", "langs", "es|fr", "most", "many")
		tapMiddle(kim)
		kim.open(kim.link(path + "?"))
		if v := valuesIn(kim.form(path)); v.Get("title") != "Hill School" || v.Get("hours") != "8 to 20" || strings.Join(v["langs"], " ") != " es fr" || v.Get("most") != "many" || v.Get("points") != "44.47,-73.21" {
			t.Errorf("%s: what was typed is lost: %v", path, v)
		}
	}
	ann.open("/maps/")
	ann.saysNot("Hill School") // nothing was put on the map by it

	kim.open("/maps/open")
	kim.send("/maps/open", "title", "Hill School", "points", "44.48,-73.2")
	place := kim.path
	kim.open(place + "/edit")
	seen := valuesIn(kim.form("/edit")).Get("seen")
	pickFor(kim, "/edit", "title", "Hill School, gym")
	kim.open(kim.link(place + "/edit?")) // leaves it
	if v := valuesIn(kim.form("/edit")); v.Get("title") != "Hill School, gym" || v.Get("points") != "44.48,-73.2" || v.Get("seen") != seen || seen == "" {
		t.Errorf("what was typed is lost: %v", v)
	}
	pickFor(kim, "/edit", "points", "")
	tapMiddle(kim)
	kim.open(kim.link(place + "/edit?"))
	kim.send("/edit")
	kim.says("Hill School, gym", "44.475,-73.205") // the middle of all that is to be seen

	// One point in the place of an outline would take that away.
	s.place(maria, "flood", "hazard", "Flood", "44.4,-73 44.5,-73 44.5,-73.1", "shape", "area")
	kim.open("/maps/p/flood/edit")
	kim.saysNot("Pick a point on the map")

	kim.open(place + "/edit")
	form := valuesIn(kim.form("/edit"))
	form.Set("form", "/maps/new")
	form.Set("about", strings.Repeat("long ", 1000))
	if w := kim.ask("POST", "/maps/map", form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d: what does not fit a place is carried along", w.Code)
	}
	form.Del("about")
	for _, path := range []string{"", "/maps/extracts", "https://example.org/maps/new", "/maps/p/x/status"} {
		form.Set("form", path)
		if w := kim.ask("POST", "/maps/map", form); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", path, w.Code)
		}
		kim.open("/maps/map?" + url.Values{"form": {path}, "fields": {"e30"}, "point": {"44,-73"}}.Encode())
		if strings.Contains(strings.Join(kim.links(), " "), "example.org/maps/new?") {
			t.Errorf("%q is led to", path)
		}
	}
	for _, fields := range []string{"!", "e30", "eyJ0aXRsZSI6MX0", strings.Repeat("A", 9000)} {
		kim.open("/maps/new?fields=" + url.QueryEscape(fields))
	}
}
