package maps_test

import (
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
	b.open("/maps/report")
	picks := b.link("/maps/map?pick=1")
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
