package maps_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	app "github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// areas are what other apps draw.
func areas(all ...json.RawMessage) func(hub.Snapshot, hub.Request) iter.Seq2[json.RawMessage, error] {
	return func(hub.Snapshot, hub.Request) iter.Seq2[json.RawMessage, error] {
		return func(yield func(json.RawMessage, error) bool) {
			for _, raw := range all {
				if !yield(raw, nil) {
					return
				}
			}
		}
	}
}

// onMap is what programs get of the part of the map that a page shows.
func (b *browser) onMap(page string) (c app.OnMap) {
	b.t.Helper()
	_, query, _ := strings.Cut(page, "?")
	w := (&browser{t: b.t, s: b.s, jar: maps.Clone(b.jar), lang: b.lang}).ask(http.MethodGet, "/api/v1/maps/map?"+query, nil)
	if w.Code != http.StatusOK {
		b.t.Fatal(w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestProgramsGetTheMapWithTheNumbersOfItsPage(t *testing.T) {
	area := json.RawMessage(`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-73.3,44.4],[-73.1,44.4],[-73.1,44.6],[-73.3,44.4]]]},"properties":{"title":"Boil water","path":"/notices/n/1"}}`)
	s, _ := withMap(t, app.Options{Areas: areas(area)})
	ann := s.browser(t)
	s.do(maria, "here", "client_id", "h", "points", "44.47,-73.21")
	for i := range 60 {
		s.place(maria, fmt.Sprintf("p%d", i), "water", fmt.Sprintf("Well %s", strings.Repeat("x", i+1)), fmt.Sprintf("44.47,%.3f", -73.21+float64(i)/1000))
	}
	s.place(maria, "bad", "road", "Bridge Street", "44.471,-73.215 44.475,-73.21")
	s.do(maria, "places/p0/status", "client_id", "s", "status", "open")
	s.do(ann2, "report", "client_id", "o", "what", "water-off", "text", "a tap", "points", "44.468,-73.213")
	for _, page := range []string{"/maps/map", "/maps/map?center=44.47,-73.16&zoom=15", "/maps/map?center=44.47,-73.16&zoom=14&size=large", "/maps/map?kind=water&near=44.47,-73.2", "/maps/map?place=p3"} {
		ann.open(page)
		rows, seen := ann.rows(), 0
		for _, f := range ann.onMap(page).Features {
			switch of := f.Properties; {
			case of.Kind == "notice":
				if of.Name != "Boil water" || of.Path != "/notices/n/1" || f.Geometry == nil || of.Number != 0 {
					t.Errorf("%s: %+v", page, f)
				}
			case of.Unsure:
				ann.says(fmt.Sprintf("%d. The tap is dry", of.Number))
				if of.Kind != "water" || !strings.HasPrefix(of.Path, "/maps/o/") {
					t.Errorf("%s: %+v", page, f)
				}
			default:
				if rows[of.Name] != "" && rows[of.Name] != strconv.Itoa(of.Number) {
					t.Errorf("%s: %s is %d for programs and %s in the list", page, of.Name, of.Number, rows[of.Name])
				}
				delete(rows, of.Name)
				seen++
			}
			if f.Properties.Kind != "notice" && seen <= 40 && page != "/maps/map?place=p3" {
				ann.find("li", "id", f.ID)
			}
		}
		if seen == 0 {
			t.Errorf("%s: there is nothing", page)
		}
		for name := range rows {
			if strings.HasPrefix(name, "Well") || name == "Bridge Street" {
				t.Errorf("%s: programs get no %s", page, name)
			}
		}
	}
	c := ann.onMap("?center=44.47,-73.21&zoom=16")
	if c.View.Center != [2]float64{-73.21, 44.47} || c.View.Zoom != 16 || c.Here == nil || len(c.Terms) == 0 {
		t.Errorf("%+v", c)
	}
	if of := c.Features[0].Properties; of.Name != "Well x" || of.Status != "open" || of.Path != "/maps/p/p0" {
		t.Errorf("%+v", of)
	}
	if c := ann.onMap("?points=44.47,-73.2+44.48,-73.2&point=44.48,-73.21"); !slices.Equal(c.Picked, []orb.Point{{-73.2, 44.47}, {-73.2, 44.48}, {-73.21, 44.48}}) {
		t.Errorf("picked are %v", c.Picked)
	}
	ann.lang = "es"
	if c := ann.onMap("?center=44.468,-73.213&zoom=18"); !slices.ContainsFunc(c.Features, func(f app.Sign) bool { return f.Properties.Unsure && f.Properties.Name != "The tap is dry" }) {
		t.Errorf("it is said in English: %+v", c)
	}
	if w := ann.ask(http.MethodGet, "/api/v1/maps/map?place=nowhere", nil); w.Code != http.StatusNotFound {
		t.Error(w.Code, w.Body)
	}
}
