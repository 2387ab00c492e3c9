package maps_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// street is a few places north of the station, the farther the later in the alphabet.
func street(t testing.TB) *moment {
	m := newMoment(t)
	m.place(maria, "d", "shelter", "Dome", "44.04,-73", "pets", "yes", "stepfree", "yes", "most", "100")
	m.place(maria, "a", "water", "Artesian well", "44.01,-73")
	m.place(maria, "c", "shelter", "Church", "44.03,-73", "stepfree", "yes", "pets", "no", "most", "50")
	m.place(maria, "b", "medical", "Bandages", "44.02,-73", "pets", "yes")
	m.place(maria, "z", "road", "Zigzag Road", "44,-73 44.1,-73.1", "shape", "line")
	for id, status := range map[string]string{"a": "open", "b": "closed", "c": "full", "d": "filling"} {
		m.do(maria, "p/"+id+"/status", "client_id", "s-"+id, "status", status)
	}
	return m
}

func TestTheNearestComesFirst(t *testing.T) {
	m := street(t)
	if got := names(m.list(ann).Places); got != "Dome; Artesian well; Church; Bandages" {
		t.Errorf("without a point to start from, what is open and has room comes first: %s", got)
	}
	m.do(maria, "here", "client_id", "h", "points", "44,-73")
	l := m.list(ann)
	if got := names(l.Places); got != "Artesian well; Bandages; Church; Dome" || l.From.Name != "Fire Station 4" || names(l.Dangers) != "Zigzag Road" {
		t.Errorf("%s from %+v, not %s", got, l.From, names(l.Dangers))
	}
	if p := l.Places[0]; p.Away.Meters != 1112 || p.Away.Words.String() != "1.1 km (0.7 miles) north" || p.N != 1 || l.Dangers[0].N != 5 {
		t.Errorf("%+v", p.Away)
	}
	for near, want := range map[string]string{
		"44.05,-73":      "Dome; Church; Bandages; Artesian well",
		"dome":           "Dome; Church; Bandages; Artesian well",
		"BANDAGES":       "Bandages; ", // and what is equally far by its kind
		"fire station 4": "Artesian well; Bandages; Church; Dome",
		"station":        "Artesian well; Bandages; Church; Dome",
	} {
		if got := names(m.list(ann, "near", near).Places); !strings.HasPrefix(got, want) {
			t.Errorf("near %q: %s", near, got)
		}
	}
	l = m.list(ann, "near", "castle")
	if l.From.At != nil || !strings.Contains(l.From.Problem, "Nothing here is called “castle”") || len(l.Places) != 4 {
		t.Errorf("%+v", l.From)
	}
	if l = m.list(ann, "near", "91.5, 200"); !strings.Contains(l.From.Problem, "goes from") {
		t.Errorf("%+v", l.From)
	}
	if l = m.list(ann, "near", "91,200"); !strings.Contains(l.From.Problem, "A latitude goes from -90 to 90; in “91,200” it is 91.") {
		t.Errorf("%+v", l.From)
	}
	l = m.list(ann, "near", "-73, 44.05")
	if l.From.At != nil || !strings.Contains(l.From.Problem, "With latitude and longitude swapped it would lie here") || len(l.From.Meant) != 1 || l.From.Meant[0].Query != "near=44.05%2C-73" {
		t.Errorf("swapped by mistake: %+v", l.From)
	}
	if l = m.list(ann, "near", "43.7,7.4"); l.From.At == nil || l.From.Problem != "" {
		t.Errorf("far away, and so swapped as well: %+v", l.From)
	}
	alone := m.list(ann, "near", "2222+22").From.At
	for _, near := range []string{"2222+22 Monaco", "2222+22, North Elba, NY"} {
		if l = m.list(ann, "near", near); l.From.At == nil || alone == nil || *l.From.At != *alone {
			t.Errorf("a short plus code with its town, %q: %+v", near, l.From)
		}
	}
	if l = m.list(ann, "near", "2222+22 33"); l.From.At != nil {
		t.Errorf("%+v", l.From)
	}
	m.place(maria, "code", "food", "Kitchen", "2222+22 Monaco")
	if at := m.one(ann, "code").Shape.Center(); alone == nil || at != *alone {
		t.Errorf("a form reads it otherwise: %v", at)
	}
	m.do(maria, "p/code/edit", "client_id", "gone", "gone", "yes")
	m.place(tom, "e", "shelter", "Church hall", "44.06,-73")
	m.place(tom, "g1", "shelter", "Old gym", "44.07,-73")
	m.place(tom, "g2", "food", "Old Gym", "44.0702,-73")
	if l = m.list(ann, "near", "gym"); l.From.At == nil || l.From.Name != "Old gym" && l.From.Name != "Old Gym" {
		t.Errorf("two at one spot are one to start from: %+v", l.From)
	}
	if l = m.list(ann, "near", "chur"); len(l.From.Meant) != 2 || l.From.Meant[0].Name != "Church · 3.3 km (2.1 miles) north" || l.From.Meant[0].Query != "near=44.03%2C-73" {
		t.Errorf("%+v", l.From)
	}
}

func TestOnlySomeAreShown(t *testing.T) {
	m := street(t)
	m.do(maria, "p/d/count", "client_id", "r", "recount", "100")
	for query, want := range map[string]string{
		"open": "Artesian well; Church; Dome", "room": "Artesian well", "pets": "Dome; Bandages", "stepfree": "Church; Dome",
		"kind shelter": "Church; Dome", "kind road": "Zigzag Road", "open pets": "Dome",
	} {
		var q []string
		for field := range strings.FieldsSeq(query) {
			if field == "shelter" || field == "road" {
				q[len(q)-1] = field
			} else {
				q = append(q, field, "yes")
			}
		}
		if got := names(m.list(ann, q...).Places); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}

func TestTheCardShowsTheNearestOfEachKindThatIsOpen(t *testing.T) {
	m := street(t)
	m.do(maria, "here", "client_id", "h", "points", "44,-73")
	m.place(maria, "a2", "water", "Other well", "44.001,-73")
	m.do(maria, "p/a2/status", "client_id", "s", "status", "open")
	p, err := maps.New().Front(m, m.ask(ann, ""))
	if c := p.Model.(maps.CardView); err != nil || names(c.Places) != "Other well; Artesian well; Dome" || names(c.Dangers) != "Zigzag Road" || c.More != 2 {
		t.Errorf("%s, %+v, %v", names(c.Places), c.More, err)
	}
	for i := range 9 {
		id := fmt.Sprint("w", i)
		m.place(maria, id, "water", "Tap "+id, fmt.Sprintf("44.00%d,-73.001", i))
		m.do(maria, "p/"+id+"/status", "client_id", "s"+id, "status", "open")
	}
	p, err = maps.New().Print(m, hub.Request{Place: "Fire Station 4"})
	if c := p.Model.(maps.CardView); err != nil || len(c.Places) != 8 || !strings.HasPrefix(names(c.Places), "Dome") {
		t.Errorf("the shelter is not first on paper: %s, %v", names(c.Places), err)
	}
	for i, kind := range []string{"food", "medical", "charging"} {
		m.place(maria, kind, kind, "Near "+kind, fmt.Sprintf("44.000%d,-73.0001", i))
		m.do(maria, "p/"+kind+"/status", "client_id", "s"+kind, "status", "open")
	}
	p, err = maps.New().Front(m, m.ask(ann, ""))
	if c := p.Model.(maps.CardView); err != nil || len(c.Places) != 3 || !strings.HasSuffix(names(c.Places), "Dome") {
		t.Errorf("no shelter is among the first: %s, %v", names(c.Places), err)
	}
	for i := range 9 { // shelters that are nearer, and full
		id := fmt.Sprint("full", i)
		m.place(maria, id, "shelter", "Full "+id, fmt.Sprintf("44.000%d,-73", i))
		m.do(maria, "p/"+id+"/status", "client_id", "s"+id, "status", "full")
	}
	p, err = maps.New().Print(m, hub.Request{Place: "Fire Station 4"})
	if c := p.Model.(maps.CardView); err != nil || len(c.Places) != 8 || strings.Contains(names(c.Places), "Full") || !strings.HasPrefix(names(c.Places), "Dome") {
		t.Errorf("paper leads to where there is no room: %s, %v", names(c.Places), err)
	}
	p, err = maps.New().Report(m, hub.Request{Place: "Fire Station 4"}, now.Add(-time.Hour))
	if c := p.Model.(maps.ReportView); err != nil || len(c.Places) != 26 || len(c.Dangers) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	empty := newMoment(t)
	if p, err := maps.New().Print(empty, hub.Request{}); err != nil || p.Template != "" {
		t.Errorf("paper says that there is nothing: %+v, %v", p, err)
	}
}

func TestMoreThanAPageShowsIsOffered(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "here", "client_id", "h", "points", "44,-73")
	for i := range 60 {
		m.place([]byte{maria, tom}[i%2], fmt.Sprint("w", i), "water", fmt.Sprint("Tap ", i), fmt.Sprintf("44.%03d,-73", i))
	}
	l := m.list(ann, "kind", "water")
	if len(l.Places) != 50 || l.More != 10 || l.Query != "all=yes&kind=water" || l.Places[49].Name != "Tap 49" {
		t.Errorf("%d and %d more: %s", len(l.Places), l.More, l.Query)
	}
	if l := m.list(ann, "all", "yes"); len(l.Places) != 60 || l.More != 0 {
		t.Errorf("%d and %d more", len(l.Places), l.More)
	}
}

// many are places within a degree of the station.
func many(t testing.TB, n int) []maps.Place {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	all := make([]maps.Place, n)
	for i := range all {
		s, err := place.ShapeOf(feature.Nth(i), orb.Point{-73 + r.Float64(), 44 + r.Float64()})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = maps.Place{ID: fmt.Sprint(i), Details: place.Details{Kind: place.Water, Shape: s}}
	}
	return all
}

func TestTheFewNearestOfManyAreThose(t *testing.T) {
	all := many(t, 3000)
	from := place.PointAt(44.5, -72.5)
	got := maps.Nearest(all, &from, 50)
	slices.SortFunc(all, func(a, b maps.Place) int {
		_, x := a.Shape.Offset(from)
		_, y := b.Shape.Offset(from)
		if x < y {
			return -1
		}
		return 1
	})
	if len(got) != 50 {
		t.Fatal(len(got))
	}
	for i := range got {
		if got[i].ID != all[i].ID {
			t.Fatalf("%d: %s, not %s", i, got[i].ID, all[i].ID)
		}
	}
}

func BenchmarkNearest50Of100000(b *testing.B) {
	all := many(b, 100_000)
	from := place.PointAt(44.5, -72.5)
	for b.Loop() {
		if got := maps.Nearest(all, &from, 50); len(got) != 50 {
			b.Fatal(len(got))
		}
	}
}

func TestAKindThatIsNoneIsSaid(t *testing.T) {
	m := street(t)
	if l := m.list(ann, "kind", "banana"); len(l.Places) != 4 || l.Filter.Unknown != "banana" || l.Filter.Any() || strings.Contains(l.Query, "banana") {
		t.Errorf("%d places, %+v, %s", len(l.Places), l.Filter, l.Query)
	}
	for _, box := range []string{"", "-74,43,-72,45"} {
		q := m.ask(ann, "places")
		q.Query = url.Values{"kind": {"banana"}}
		if box != "" {
			q.Query.Set("bbox", box)
		}
		_, err := m.app().Answer(m, q)
		told, ok := errors.AsType[*hub.Error](err)
		if !ok || told.Code != hub.Invalid || told.Field != "kind" || !strings.Contains(told.Program, `"banana"`) || !strings.Contains(told.Program, "shelter, ") {
			t.Errorf("%q: %v", box, err)
		}
	}
}
