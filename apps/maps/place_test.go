package maps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestAPlaceSaysWhoPutItThereAndHowLongAgo(t *testing.T) {
	m := newMoment(t)
	m.place(maria, "a", "shelter", "Hill School", "44.47, -73.21", "pets", "yes", "stepfree", "no", "langs", "en, pt", "most", "120", "contact", "desk", "hours", "all day", "about", "Gym")
	m.now = m.now.Add(time.Hour)
	p := m.one(ann, "a")
	if p.Name != "Hill School" || p.Kind != place.Shelter || p.Pets != place.Yes || p.StepFree != place.No || strings.Join(p.Tongues(), ", ") != "English, pt" || p.Capacity() != 120 || p.Contact != "desk" || p.Hours != "all day" || p.About != "Gym" {
		t.Errorf("%+v", p.Details)
	}
	if p.Told.Name != "Maria Ortiz" || p.Told.Area != "fire district" || !p.Told.At.Equal(now) || p.Told.Old || p.Also != nil || p.Standing != nil || p.People != nil {
		t.Errorf("%+v", p.Place)
	}
	if p.OpenNow() || p.HasRoom() {
		t.Error("nobody has said that it is open")
	}
}

func TestOnlyCoordinatorsWhoMaySignPutPlacesOnTheMap(t *testing.T) {
	m := newMoment(t)
	m.refused(hub.Forbidden, "Only coordinators", m.ask(ann, "new", "kind", "water", "title", "Well", "points", "44,-73", "client_id", "a"))
	r := m.place(maria, "a", "water", "Well", "44,-73")
	m.put(ann, hub.Draft{Key: "p/b", Body: r.Body, Class: record.Place, TTL: record.MaxTTL}, now) // another hub may hold it
	m.put(ann, hub.Draft{Key: "p/c", Body: r.Body, Class: record.Talk}, now)
	if got := names(m.list(ann).Places); got != "Well" {
		t.Error(got)
	}
	m.say(roster.Revocation{Subject: author(maria)})
	if got := names(m.list(ann).Places); got != "" {
		t.Errorf("of somebody who was put out: %s", got)
	}
}

func TestTheSameFormAgainIsTheSamePlace(t *testing.T) {
	m := newMoment(t)
	m.place(maria, "a", "water", "Well", "44,-73", "seen", "")
	again := m.ask(maria, "new", "client_id", "a", "kind", "water", "title", "Well", "points", "44,-73", "seen", "")
	if rs, err := m.act(again); err != nil || len(rs) > 0 {
		t.Errorf("%d records, %v", len(rs), err)
	}
	again.Form.Set("title", "Other well")
	m.refused(hub.Conflict, "already sent something else", again)
}

func TestAnEditReplacesWhatItsFormHasShown(t *testing.T) {
	m := newMoment(t)
	m.place(maria, "a", "water", "Well", "44,-73")
	for i, who := range []byte{tom, maria, tom, tom, maria} {
		m.now = m.now.Add(time.Minute)
		v := m.one(who, "a")
		name := "Well " + string(rune('A'+i))
		m.do(who, "p/a/edit", "client_id", m.client(), "kind", "water", "title", name, "points", "44,-73", "seen", v.Versions())
		if got := m.one(ann, "a"); got.Name != name || len(got.Also) > 0 {
			t.Fatalf("after edit %d: %s, also %+v", i, got.Name, got.Also)
		}
	}
}

func TestConcurrentEditsAreBothToBeSeenAtAllHubs(t *testing.T) {
	a := newMoment(t)
	a.place(maria, "x", "shelter", "Hill School", "44,-73", "hours", "day")
	a.do(maria, "p/x/status", "client_id", "s", "status", "open")
	b := a.copyOf()
	a.now, b.now = a.now.Add(time.Minute), b.now.Add(2*time.Minute)
	a.do(maria, "p/x/edit", "client_id", "e1", "kind", "shelter", "title", "Hill School", "points", "44,-73", "hours", "night", "seen", a.one(maria, "x").Versions())
	b.do(tom, "p/x/edit", "client_id", "e2", "kind", "shelter", "title", "Hill School", "points", "44,-73", "hours", "day", "contact", "Tom", "seen", b.one(tom, "x").Versions())
	b.do(tom, "p/x/status", "client_id", "e3", "status", "full", "seen", b.one(tom, "x").States) // Maria says nothing of it meanwhile
	exchange(a, b)
	for _, m := range []*moment{a, b} {
		m.now = now.Add(3 * time.Minute)
		v := m.one(ann, "x")
		if v.Told.Name != "Tom Lee" || v.Contact != "Tom" || len(v.Also) != 1 || v.Also[0].Told.Name != "Maria Ortiz" {
			t.Fatalf("%+v", v.Place)
		}
		var diffs []string
		for _, d := range v.Also[0].Diffs {
			diffs = append(diffs, string(d.Title)+"="+d.Text)
		}
		if got := strings.Join(diffs, " "); got != "Hours=night" {
			t.Errorf("field by field: %s", got)
		}
		if v.Standing.Status != place.Full || len(v.Standing.Also) > 0 {
			t.Errorf("%+v", v.Standing)
		}
		if p := m.list(ann).Places[0]; len(p.Also) != 1 {
			t.Error("the list does not know")
		}
	}
	// One of them takes over what the other said, and it is one word again.
	a.do(maria, "p/x/edit", "client_id", "e4", "kind", "shelter", "title", "Hill School", "points", "44,-73", "hours", "night", "contact", "Tom", "seen", a.one(maria, "x").Versions())
	exchange(a, b)
	if v := b.one(ann, "x"); len(v.Also) != 0 || v.Hours != "night" || v.Contact != "Tom" {
		t.Errorf("%+v", v.Place)
	}
}

func TestAnEditOfWhatIsThereNoMoreIsToBeSeen(t *testing.T) {
	a := newMoment(t)
	a.place(maria, "x", "shelter", "Hill School", "44,-73")
	b := a.copyOf()
	a.now, b.now = a.now.Add(2*time.Minute), b.now.Add(time.Minute)
	a.do(maria, "p/x/edit", "client_id", "e1", "gone", "yes", "seen", a.one(maria, "x").Versions())
	if got := names(a.list(ann).Places); got != "" {
		t.Fatalf("it was taken off the map: %s", got)
	}
	b.do(tom, "p/x/edit", "client_id", "e2", "kind", "shelter", "title", "Hill School", "points", "44,-73", "contact", "Tom", "seen", b.one(tom, "x").Versions())
	exchange(a, b)
	for _, m := range []*moment{a, b} {
		m.now = now.Add(3 * time.Minute)
		l := m.list(ann)
		if len(l.Places) != 1 || !l.Places[0].Gone || l.Places[0].Told.Name != "Maria Ortiz" || len(l.Places[0].Also) != 1 || l.Places[0].Also[0].Diffs[0].Words[0] != "It is there" {
			t.Fatalf("%+v", l.Places)
		}
	}
}

func TestAHubWithABadClockLosesNothing(t *testing.T) {
	m := newMoment(t)
	m.place(maria, "x", "water", "Well", "44,-73")
	bad := m.copyOf()
	bad.now = now.AddDate(10, 0, 0)
	bad.do(tom, "p/x/edit", "client_id", "e", "kind", "water", "title", "Well of 2036", "points", "44,-73", "seen", bad.one(tom, "x").Versions())
	exchange(m, bad)
	if v := m.one(ann, "x"); v.Name != "Well of 2036" || !v.Told.Uncertain || !v.Told.At.IsZero() || len(v.Also) > 0 {
		t.Errorf("it knew of what it replaced: %+v", v.Place)
	}
	m.now = now.Add(time.Minute)
	m.do(maria, "p/x/edit", "client_id", "f", "kind", "water", "title", "Well today", "points", "44,-73", "seen", m.one(maria, "x").Versions())
	if v := m.one(ann, "x"); v.Name != "Well today" || len(v.Also) > 0 {
		t.Errorf("nobody could replace it any more: %+v", v.Place)
	}
	bad.now = bad.now.Add(time.Minute)
	bad.do(tom, "p/x/edit", "client_id", "g", "kind", "water", "title", "Well of 2036, again", "points", "44,-73", "seen", bad.one(tom, "x").Versions())
	exchange(m, bad)
	if v := m.one(ann, "x"); v.Name != "Well today" || len(v.Also) != 1 || !v.Also[0].Told.Uncertain {
		t.Errorf("of two that did not know of each other the one of a wrong clock stands: %+v", v.Place)
	}
}

func TestWhatIsOldFades(t *testing.T) {
	m := newMoment(t)
	m.place(maria, "x", "shelter", "Hill School", "44,-73")
	m.do(maria, "p/x/status", "client_id", "s", "status", "open")
	m.do(maria, "p/x/count", "client_id", "c", "recount", "10")
	old := func() (all string) {
		v := m.one(ann, "x")
		for i, is := range []bool{v.People.Told.Old, v.Standing.Told.Old, v.Told.Old} {
			if is {
				all += []string{"people ", "status ", "place "}[i]
			}
		}
		return all
	}
	p, err := maps.New().View(m, m.ask(ann, ""))
	if err != nil || !p.Until.After(now.Add(2*time.Hour-time.Minute)) || p.Until.After(now.Add(2*time.Hour+time.Minute)) {
		t.Errorf("the page is stale from %v on, %v", p.Until, err)
	}
	for after, want := range map[time.Duration]string{time.Hour: "", 3 * time.Hour: "people ", 13 * time.Hour: "people status ", 31 * 24 * time.Hour: "people status place "} {
		if m.now = now.Add(after); old() != want {
			t.Errorf("after %v: %q", after, old())
		}
	}
	if m.unsure = true; old() != "" {
		t.Error("nobody knows what time it is")
	}
}

func TestWhatCannotBeSignedWhereACoordinatorIsBecomesADraft(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44,-73", "contact", "Maria")
	plain := func(path string, form ...string) string {
		q := m.ask(tom, path, form...)
		q.Official = false
		rs, err := m.act(q)
		if err != nil || len(rs) != 1 || rs[0].Class != record.Talk {
			t.Fatalf("%s: %d records, %v", path, len(rs), err)
		}
		if rs, err := m.act(q); err != nil || len(rs) > 0 {
			t.Errorf("again: %d, %v", len(rs), err)
		}
		to := maps.New().Return(q)
		if !strings.HasPrefix(to, "/maps/o/") {
			t.Errorf("%s leads to %s", path, to)
		}
		return strings.TrimPrefix(to, "/maps/")
	}
	drafts := []string{
		plain("p/x/status", "client_id", "d1", "status", "closing", "needs", "fuel"),
		plain("p/x/edit", "client_id", "d2", "kind", "shelter", "title", "Hill School, gym", "points", "44,-73"),
		plain("open", "client_id", "d3", "title", "Church", "points", "44.1,-73"),
	}
	if l := m.list(ann); names(l.Places) != "Hill School" || l.Places[0].Standing.Status != place.Open || len(l.Seen) != 0 {
		t.Fatalf("a draft counts: %s %+v", names(l.Places), l.Seen)
	}
	if l := m.list(maria); len(l.Seen) != 3 {
		t.Fatalf("coordinators see %d drafts", len(l.Seen))
	}
	for i, path := range drafts {
		v := view[maps.SeenView](m, m.ask(maria, path))
		if len(v.Draft) == 0 || v.Confirm == "" {
			t.Errorf("%s shows nothing of it: %+v", path, v.Seen)
		}
		q := m.ask(maria, path, "client_id", m.client(), "confirms", v.ID)
		q.Official = false
		m.refused(hub.Forbidden, "cannot be signed from here", q)
		m.do(maria, path, "client_id", []string{"c1", "c2", "c3"}[i], "confirms", v.ID)
	}
	l := m.list(ann)
	if names(l.Places) != "Church; Hill School, gym" || l.Places[0].ID != "c3" || !l.Places[0].OpenNow() || l.Places[1].Standing.Status != place.Closing || l.Places[1].Contact != "" || l.Places[1].Told.Name != "Maria Ortiz" || len(l.Places[1].Also) > 0 {
		t.Errorf("%s %+v", names(l.Places), l.Places)
	}
	// A neighbor makes no draft, whatever they send.
	m.put(ann, hub.Draft{Key: "o/fake", Class: record.Talk, TTL: 7, Body: m.held[len(m.held)-1].Body}, m.now)
	for _, r := range m.held {
		if strings.HasPrefix(r.Key, "o/d2") {
			m.put(ann, hub.Draft{Key: "o/fake", Class: record.Talk, TTL: 7, Body: r.Body}, m.now)
		}
	}
	if _, err := maps.New().View(m, m.ask(maria, "o/"+author(ann).String()[:16]+"/fake")); err == nil {
		t.Error("a neighbor's draft is shown")
	}
	m.refused(hub.Invalid, "Choose one of these", m.ask(ann, "report", "client_id", "z", "what", "draft", "text", "x"))
}

// Whoever says that a place is full knows better than who counted before.
func TestWhatIsFullHasNoRoom(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44,-73", "most", "90")
	m.do(maria, "p/x/count", "client_id", "r", "recount", "78")
	if said, ok := m.one(ann, "x").Room(); !ok || said.String() != "room for about 12 more" {
		t.Errorf("%v %v", said, ok)
	}
	m.do(tom, "p/x/status", "client_id", "s", "status", "full", "short", "yes")
	if said, ok := m.one(ann, "x").Room(); ok {
		t.Errorf("it is full: %v", said)
	}
}
