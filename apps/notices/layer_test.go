package notices_test

import (
	"fmt"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/geojson"
)

// drawn is what maps draw of notices.
func (m *moment) drawn() (all []*geojson.Feature) {
	m.t.Helper()
	for raw, err := range notices.New().Layer(m, m.ask(ann, "")) {
		var f *geojson.Feature
		if err == nil {
			f, err = geojson.UnmarshalFeature(raw)
		}
		if err != nil {
			m.t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func TestMapsDrawWhatHoldsWhereItHolds(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "boil-water", "text", "All of the town", "area", "All of it", "client_id", "nowhere")
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "road", "point", "44.47, -73.21", "radius", "1.5", "polygon", "44.1,-73 44.2,-73 44.2,-73.1", "area", "Old town", "life", "6")
	all := m.drawn()
	if len(all) != 1 {
		t.Fatalf("%d are drawn", len(all))
	}
	shape, ok := all[0].Geometry.(orb.MultiPolygon)
	if !ok || len(shape) != 2 || !strings.HasPrefix(all[0].Properties.MustString("path"), "/notices/n/") || all[0].Properties.MustString("title") == "" {
		t.Fatalf("%+v", all[0])
	}
	for _, part := range shape {
		ring := part[0]
		if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
			t.Errorf("it is not closed: %v", ring)
		}
	}
	for _, at := range shape[1][0] {
		if far := geo.DistanceHaversine(orb.Point{-73.21, 44.47}, at); math.Abs(far-1500) > 5 {
			t.Errorf("the circle of 1.5 km is %.0f m away at %v", far, at)
		}
	}
	if shape[1][0].Orientation() != orb.CCW {
		t.Error("the circle goes clockwise")
	}
	link := func() string {
		v, err := notices.New().View(m, m.ask(ann, strings.TrimPrefix(all[0].Properties.MustString("path"), "/notices/")))
		if err != nil {
			t.Fatal(err)
		}
		return v.Model.(interface{ OnMap() string }).OnMap()
	}
	u, err := url.Parse(link())
	if err != nil || u.Path != "/maps/map" {
		t.Fatal(u, err)
	}
	var lat, lon, zoom float64
	if _, err := fmt.Sscanf(u.Query().Get("center")+" "+u.Query().Get("zoom"), "%f,%f %f", &lat, &lon, &zoom); err != nil {
		t.Fatal(u, err)
	}
	bound, seen := all[0].Geometry.Bound(), 360/math.Exp2(zoom)*320/256 // of degrees of longitude, on a phone
	if wide := bound.Right() - bound.Left(); math.Abs(lon-bound.Center().Lon()) > 1e-4 || math.Abs(lat-bound.Center().Lat()) > 1e-4 || wide > seen || wide < seen/8 {
		t.Errorf("%v shows %g degrees of %v", u, seen, bound)
	}
	m.now = m.now.Add(7 * time.Hour)
	if link() != "" {
		t.Error("a link leads to the map where it is no more")
	}
	if all := m.drawn(); len(all) != 0 {
		t.Errorf("what holds no more is drawn: %v", all)
	}
}

func TestALinkBeginsTheFormOfANotice(t *testing.T) {
	m := newMoment(t)
	q := m.ask(maria, "new")
	q.Query = url.Values{"t": {"shelter"}, "text": {"Hill School"}, "area": {"North"}, "point": {"44.47,-73.21"}, "contact": {"Channel 5"}}
	f := view[notices.ComposeView](m, q).Start
	if f.Text != "Hill School" || f.Area != "North" || f.Point != "44.47,-73.21" || f.Contact != "Channel 5" {
		t.Errorf("%+v", f)
	}
}
