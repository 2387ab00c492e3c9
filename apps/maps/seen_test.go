package maps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// What neighbors tell in these tests, and where that is shown.
func (m *moment) tells(who byte, id, what, text string, more ...string) string {
	m.t.Helper()
	m.do(who, "report", append([]string{"client_id", id, "what", what, "text", text}, more...)...)
	return "o/" + author(who).String()[:16] + "/" + id
}

func (m *moment) seen(who byte, path string) maps.SeenView {
	m.t.Helper()
	return view[maps.SeenView](m, m.ask(who, path))
}

func TestItIsSaidHowManyOthersSawItAtHowManyPlaces(t *testing.T) {
	m := newMoment(t)
	const cho, dee byte = 18, 19
	m.homes = map[byte]string{ann: "Hill School", bob: "Hill School", cho: "Fire Station 4", dee: "Hill School"}
	path := m.tells(ann, "a", "road", "Elm Street")
	if v := m.seen(bob, path); v.Others != 0 || v.Where != 0 || v.Result != nil {
		t.Errorf("%+v", v)
	}
	for _, who := range []byte{bob, cho, dee, bob} {
		q := m.ask(who, path, "client_id", m.client(), "saw", "yes")
		if _, err := m.act(q); err != nil {
			t.Fatal(err)
		}
	}
	if v := m.seen(bob, path); v.Others != 3 || v.Where != 2 || !v.Too || v.Mine {
		t.Errorf("%+v", v)
	}
	m.refused(hub.Invalid, "It counts once", m.ask(ann, path, "client_id", m.client(), "saw", "yes"))
	if v := m.seen(ann, path); v.Others != 3 || !v.Mine {
		t.Errorf("%+v", v)
	}
}

func TestACoordinatorConfirmsOrDismisses(t *testing.T) {
	m := newMoment(t)
	m.place(maria, "x", "water", "Tap", "44,-73")
	for what, status := range map[string]place.Status{"open": place.Open, "full": place.Full, "closed": place.Closed, "water-off": place.Closed, "danger": 0} {
		path := m.tells(ann, "at-"+what, what, "look", "place", "x")
		before := place.Status(0)
		if p := m.one(ann, "x"); p.Standing != nil {
			before = p.Standing.Status
		}
		m.refused(hub.Forbidden, "Only coordinators", m.ask(bob, path, "client_id", m.client(), "confirms", "yes"))
		m.do(maria, path, "client_id", m.client(), "confirms", "yes")
		if v := m.seen(ann, path); v.Result == nil || !v.Result.True || v.Result.Told.Name != "Maria Ortiz" || v.Result.Place != "x" {
			t.Errorf("%s: %+v", what, v.Result)
		}
		if status == 0 {
			status = before
		}
		if p := m.one(ann, "x"); p.Standing != nil && p.Standing.Status != status || p.Standing == nil && status != 0 {
			t.Errorf("%s: it stands %+v", what, p.Standing)
		}
	}
	path := m.tells(ann, "no", "danger", "a bear")
	m.do(tom, path, "client_id", "dismiss", "dismisses", "yes")
	l := view[maps.SeenListView](m, m.ask(ann, "o"))
	if v := m.seen(ann, path); v.Result.True || len(l.Open) != 0 || len(l.Settled) != 6 {
		t.Errorf("%+v, %d open, %d settled", v.Result, len(l.Open), len(l.Settled))
	}
	if rs, err := m.act(m.ask(tom, path, "client_id", "dismiss", "dismisses", "yes")); err != nil || len(rs) > 0 {
		t.Errorf("the same form again: %d, %v", len(rs), err)
	}
}

func TestTwoCoordinatorsSayOtherwiseApart(t *testing.T) {
	a := newMoment(t)
	path := a.tells(ann, "x", "danger", "a bear")
	b := a.copyOf()
	a.now, b.now = now.Add(time.Minute), now.Add(2*time.Minute)
	a.do(maria, path, "client_id", "y", "confirms", "yes")
	b.do(tom, path, "client_id", "n", "dismisses", "yes")
	exchange(a, b)
	a.now = b.now
	if v := a.seen(ann, path); v.Result.True || v.Result.Told.Name != "Tom Lee" || len(v.Result.Also) != 1 || v.Result.Also[0].Name != "Maria Ortiz" {
		t.Errorf("%+v", v.Result)
	}
}

func TestWhatIsHiddenIsInNoList(t *testing.T) {
	m := newMoment(t)
	const mod byte = 20
	m.grant(mod, "Mo", "", roster.Moderate)
	path := m.tells(ann, "a", "danger", "an insult")
	m.do(bob, path+"/report", "reason", "It insults people")
	if rs, err := m.act(m.ask(bob, path+"/report", "reason", "again")); err != nil || len(rs) > 0 {
		t.Errorf("a second report: %d, %v", len(rs), err)
	}
	m.refused(hub.Invalid, "your own", m.ask(ann, path+"/report", "reason", "x"))
	if v := view[maps.ComplainView](m, m.ask(bob, path+"/report")); !v.Done {
		t.Error("the page does not know that it was reported")
	}
	var got []hub.Report
	for r, err := range maps.New().Reports(m, m.ask(mod, "")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if len(got) != 1 || got[0].Reason != "It insults people" || got[0].Author != author(ann) || got[0].By != author(bob) || got[0].Text != "Danger\nan insult" || got[0].Path != "/maps/"+path {
		t.Fatalf("%+v", got)
	}
	if j := m.seen(mod, path).Judge; !strings.HasPrefix(j, "/judge?app=maps&") || m.seen(bob, path).Judge != "" {
		t.Error(j)
	}
	m.hidden["o/a"] = "insult"
	if l := m.list(ann); len(l.Seen) != 0 {
		t.Errorf("%+v", l.Seen)
	}
	if v := m.seen(ann, path); v.Judged != "insult" {
		t.Errorf("%+v", v)
	}
	if _, err := maps.New().Case(m, m.ask(mod, ""), "p/x", author(maria)); err == nil {
		t.Error("official word is judged")
	}
}

func TestOnlyItsAuthorTakesItBack(t *testing.T) {
	m := newMoment(t)
	path := m.tells(ann, "a", "danger", "a bear")
	m.refused(hub.Forbidden, "Only whoever wrote", m.ask(bob, path, "withdraws", "yes"))
	m.do(ann, path, "withdraws", "yes")
	if _, err := maps.New().View(m, m.ask(ann, path)); err == nil || len(m.list(ann).Seen) != 0 {
		t.Error("it is still there")
	}
}

func TestWhatWasSeenIsGoneAfterAWeek(t *testing.T) {
	m := newMoment(t)
	path := m.tells(ann, "a", "danger", "a bear")
	m.now = now.Add(8 * 24 * time.Hour)
	if _, err := maps.New().View(m, m.ask(ann, path)); err == nil {
		t.Error("it is still there")
	}
}

func TestWhatIsSeenNeedsAKindAndAWhere(t *testing.T) {
	m := newMoment(t)
	for says, form := range map[string][]string{
		"Choose one of these": {"text", "x"}, "the street and the nearest corner": {"what", "road"}, "too long by 1": {"what", "road", "text", strings.Repeat("x", 301)},
		"not understood as a place": {"what", "road", "points", "x"}, "one point only": {"what", "road", "points", "44,-73 45,-73"},
	} {
		m.refused(hub.Invalid, says, m.ask(ann, "report", append(form, "client_id", "a")...))
	}
	m.refused(hub.NotFound, "This place is not here", m.ask(ann, "report", "client_id", "a", "what", "road", "place", "nowhere"))
	m.refused(hub.Invalid, "did not arrive whole", m.ask(ann, "report", "what", "road", "text", "x", "client_id", "a/b"))
	m.tells(ann, "a", "road", "x")
	m.refused(hub.Conflict, "already sent something else", m.ask(ann, "report", "client_id", "a", "what", "road", "text", "y"))
}

// Whatever stands under a key, the app takes it only in its own form, and shows what it
// takes.
func FuzzBodies(f *testing.F) {
	m := newMoment(f)
	m.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44,-73")
	m.place(maria, "y", "road", "Road", "44,-73 45,-73 45,-74", "shape", "area")
	m.do(maria, "p/x/count", "client_id", "c", "add", "1")
	m.do(maria, "p/x/count", "client_id", "r", "recount", "5")
	m.do(maria, "p/x/count", "client_id", "d", "allow", author(ann).String())
	m.do(maria, "here", "client_id", "h", "points", "44,-73")
	path := m.tells(ann, "o", "danger", "a bear", "points", "44,-73")
	m.do(maria, path, "client_id", "v", "dismisses", "yes")
	m.do(bob, path, "client_id", "w", "saw", "yes")
	m.do(bob, path+"/report", "reason", "no")
	for i, file := range []string{"1,Well,44.2,-73,open,3\n", "1,Well,44.2,-73,full,5\n2,Tap,44,-73,,\n"} {
		m.do(maria, "files", "client_id", fmt.Sprint("f", i), "list", "wells", "file", "id,name,lat,lon,status,people\n"+file)
	}
	list := []byte("\xa4\x01dTaps\x02\x05\x03\x82\x00\x05\x06H12345678")
	m.put(maria, hub.Draft{Key: "l/list", Class: record.Place, TTL: record.MaxTTL, Blobs: []record.Blob{{Size: 99}}, Body: list}, m.now)
	if err := maps.New().Manifest().Check(m.held[len(m.held)-1]); err != nil {
		f.Fatal(err)
	}
	for i, r := range m.held {
		f.Add(uint8(i), r.Body) //nolint:gosec // few
	}
	f.Add(uint8(0xb9), []byte("\xa3\x01\x82X \xedI(\xc6(\xd1\xc2\xc6\xea\xe9\x038\x90Y\x95a)Y':\\c\xf966\xc1F\x14\xac\x877\xd1ao000h000000\xae0"))
	manifest := maps.New().Manifest()
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		if len(body) > record.MaxBody {
			return
		}
		r := m.held[int(n)%len(m.held)]
		r.Body = body
		terms := manifest.Index(r)
		for _, term := range terms {
			if len(term) > 64 {
				t.Fatalf("a term of %d bytes", len(term))
			}
		}
		if manifest.Check(r) != nil {
			return
		}
		o := m.copyOf()
		o.t = t
		who := maria
		if r.Author == author(ann) {
			who = ann
		} else if r.Author == author(bob) {
			who = bob
		}
		o.put(who, hub.Draft{Key: r.Key, Class: r.Class, TTL: r.TTL, Body: body, Blobs: r.Blobs}, o.now.Add(time.Minute))
		ds, err := maps.New().Act(o, o.ask(maria, "i/f1", "client_id", "u"))
		for _, d := range ds {
			if r := o.put(maria, d, o.now.Add(2*time.Minute)); err == nil && !r.Withdrawn() && manifest.Check(r) != nil {
				t.Fatalf("what is taken back is not taken: %x", r.Body)
			}
		}
		for _, page := range []string{"", "p/x", "p/y", "o", path, "l", "l/list", "i/f1"} {
			for _, reader := range []byte{maria, ann} {
				p, err := maps.New().View(o, o.ask(reader, page))
				if err != nil {
					continue
				}
				if l, is := p.Model.(maps.ListView); is {
					for _, pl := range append(l.Places, l.Dangers...) {
						if _, err := pl.Shape.MarshalJSON(); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
		if _, err := maps.New().Answer(o, o.ask(ann, "places")); err != nil {
			t.Fatal(err)
		}
		// Fields of later versions are not looked into: theirs may be text that is not valid.
		if err := cbor.Wellformed(body); err != nil && len(body) > 0 {
			t.Fatalf("it takes what is no CBOR: %v", err)
		}
	})
}
