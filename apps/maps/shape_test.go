package maps_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

func geojson(t testing.TB, s place.Shape) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAPlaceIsReadAsPeopleWriteIt(t *testing.T) {
	for points, want := range map[string]string{
		"44.47, -73.21":                           `{"type":"Point","coordinates":[-73.21,44.47]}`,
		" 44.47   -73.21 ":                        `{"type":"Point","coordinates":[-73.21,44.47]}`,
		"87P8F2M3+XX":                             "", // a plus code far away is a place as well
		"18T XP 42453 25942":                      "",
		"44.1,-73.1 44.2,-73.2":                   `{"type":"LineString","coordinates":[[-73.1,44.1],[-73.2,44.2]]}`,
		"44.1 -73.1\n44.2 -73.2;44.3 -73.3":       `{"type":"LineString","coordinates":[[-73.1,44.1],[-73.2,44.2],[-73.3,44.3]]}`,
		"44.1,-73.1 44.1,-73.1 44.2,-73.2":        `{"type":"LineString","coordinates":[[-73.1,44.1],[-73.2,44.2]]}`,
		"area 44,-73 45,-73 45,-72":               `{"type":"Polygon","coordinates":[[[-73,44],[-72,45],[-73,45],[-73,44]]]}`,
		"area 44,-73 45,-72 45,-73 44,-73":        `{"type":"Polygon","coordinates":[[[-73,44],[-72,45],[-73,45],[-73,44]]]}`,
		"line 10,179.5 10,-179.5":                 `{"type":"MultiLineString","coordinates":[[[179.5,10],[180,10]],[[-180,10],[-179.5,10]]]}`,
		"line 44° 30′ N, 73° W\n44° 45′ N, 73° W": `{"type":"LineString","coordinates":[[-73,44.5],[-73,44.75]]}`,
	} {
		m := newMoment(t)
		kind, rest, has := strings.Cut(points, " ")
		if kind != "line" && kind != "area" || !has {
			kind, rest = "", points
		}
		m.place(maria, "x", "water", "Well", rest, "shape", kind)
		if got := geojson(t, m.one(ann, "x").Shape); want != "" && got != want {
			t.Errorf("%q is %s", points, got)
		}
	}
}

func TestWhereNothingCanBeIsSaid(t *testing.T) {
	long := strings.Repeat("44.1,-73.1 44.2,-73.2 ", 151)
	for points, says := range map[string]string{
		"":                                   "Say first where it is.",
		"somewhere":                          "not understood as a place",
		"44.47":                              "one number only",
		"44.1,-73.1 44.2":                    "only one number",
		"-173.2, 44.4":                       "If these are longitude and latitude",
		"91, 10":                             "A latitude",
		"10, 190":                            "A longitude goes from",
		"point 44.1,-73.1 44.2,-73.2":        "These are 2 points.",
		"line 44.1,-73.1":                    "needs at least 2 points",
		"area 44,-73 45,-73":                 "at least 3 corners",
		"area 44,-73 45,-72 45,-73 44,-72":   "crosses itself",
		"area 44,-73 44.5,-73 45,-73":        "no area",
		"area 80,0 80,120 80,-120":           "pole",
		long:                                 "At most 300 fit",
		"-73.21, 44.47":                      "swapped", // where the town is, it would be the other way around
		"area -73,44 -73,45 -72,45":          "swapped",
		"line 44.1,-73.1 44.2,-73.2 900,-73": "latitude",
	} {
		m := newMoment(t)
		m.do(maria, "here", "client_id", "h", "points", "44.5,-73.2")
		kind, rest, has := strings.Cut(points, " ")
		if kind != "line" && kind != "area" && kind != "point" || !has {
			kind, rest = "", points
		}
		m.refused(hub.Invalid, says, m.ask(maria, "new", "client_id", "x", "kind", "water", "title", "Well", "points", rest, "shape", kind))
	}
}

func TestFieldsThatCannotBeTakenSayWhy(t *testing.T) {
	for field, c := range map[string]struct{ value, says string }{
		"kind":     {"castle", "Choose one of these first."},
		"title":    {" \u200b", "Give it a name"},
		"about":    {strings.Repeat("x", 501), "too long by 1"},
		"contact":  {strings.Repeat("x", 121), "too long by 1"},
		"hours":    {"\x00", "control character"},
		"langs":    {"español", "no code of a language"},
		"most":     {"-1", "a number of people"},
		"everyday": {"100001", "a number of people"},
	} {
		m := newMoment(t)
		m.refused(hub.Invalid, c.says, m.ask(maria, "new", "client_id", "x", "kind", "water", "title", "Well", "points", "44,-73", field, c.value))
	}
	m := newMoment(t)
	m.place(maria, "x", "shelter", "Hill School", "44,-73")
	for field, c := range map[string]struct{ value, says string }{
		"status": {"busy", "Choose one of these first."},
		"offers": {"beds gold", "none of the choices"},
		"offer":  {strings.Repeat("x", 121), "too long by 1"},
		"need":   {"\xff", "UTF-8"},
	} {
		m.refused(hub.Invalid, c.says, m.ask(maria, "p/x/status", "client_id", "s", "status", "open", field, c.value))
	}
	var corners []string
	for i := range 300 {
		corners = append(corners, hub.Phrase("%d.%06d,%d.%06d").English(44+i%2*40, i*3331, i%2*170, 999999-i*3333))
	}
	m.refused(hub.Invalid, "too long for one place", m.ask(maria, "new", "client_id", "y", "kind", "road", "title", "Road", "points", strings.Join(corners, " "), "shape", "line", "about", strings.Repeat("水", 500)))
}

// A shape with a hole and several parts, as a file brings it, stays as it is while its
// other fields are changed by the form.
func TestAFormKeepsAShapeThatItCannotSay(t *testing.T) {
	square := func(lon, lat, side float64) orb.Ring {
		return orb.Ring{{lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}, {lon, lat}}
	}
	s, err := place.ShapeOf(feature.Nth(1), orb.MultiPolygon{{square(-73, 44, 1), square(-72.8, 44.2, 0.2)}, {square(-70, 44, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	want := geojson(t, s)
	if !strings.HasPrefix(want, `{"type":"MultiPolygon"`) {
		t.Fatal(want)
	}
	m := newMoment(t)
	m.place(maria, "x", "hazard", "Flood", "44,-73")
	d := m.one(maria, "x").Details
	d.Shape = s
	body, err := cbor.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	m.put(maria, hub.Draft{Key: "p/x", Body: body, Class: 3, TTL: 400}, m.now)
	v := m.one(maria, "x")
	if got := geojson(t, v.Shape); got != want {
		t.Fatalf("%s was kept as %s", want, got)
	}
	m.do(maria, "p/x/edit", "client_id", "e", "kind", "hazard", "title", "Great flood", "points", strings.ReplaceAll(v.Shape.String(), "\n", "\r\n"), "shape", "area", "seen", v.Versions())
	if v := m.one(ann, "x"); v.Name != "Great flood" || geojson(t, v.Shape) != want {
		t.Errorf("%s: %s", v.Name, geojson(t, v.Shape))
	}
	for at, in := range map[orb.Point]bool{{-72.5, 44.5}: true, {-72.7, 44.3}: false, {-69.5, 44.5}: true, {-71.5, 44.5}: false} {
		_, meters := s.Offset(place.PointAt(at.Lat(), at.Lon()))
		if (meters == 0) != in {
			t.Errorf("%v is %.0f m away", at, meters)
		}
	}
}
