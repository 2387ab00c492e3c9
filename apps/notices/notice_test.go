package notices_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestATemplateAndASentenceAreANotice(t *testing.T) {
	m := newMoment(t)
	m.holders = 2
	m.do(maria, "new", "t", "boil-water", "text", "All streets north of the river.", "client_id", "a")
	n := view[notices.OneView](m, m.ask(ann, at(maria, "a")))
	if n.Number != "FS4-1" || n.Head != "Boil your water" || n.Text != "All streets north of the river." || !strings.HasPrefix(n.Advice, "Boil water for one full minute") {
		t.Errorf("%+v", n.Shown)
	}
	if got := n.By.Words.String(); got != "From Maria Ortiz, fire district · checked by this place" {
		t.Error(got)
	}
	if n.Reach != (notices.Reach{Places: 2, Of: 2}) || n.Span.Until != now.Add(72*time.Hour) || n.Grade.Severity != notices.Severe || n.By.Place != "Fire Station 4" {
		t.Errorf("%+v %+v %+v", n.Reach, n.Span, n.Grade)
	}
	m.do(tom, "new", "t", "road", "text", "Main Street", "client_id", "b")
	q := m.ask(tom, "new", "t", "meeting", "text", "At the school.", "client_id", "c")
	q.Place = "Hill School"
	if _, err := m.act(q); err != nil {
		t.Fatal(err)
	}
	if got := m.active(); got != "FS4-1 Boil your water; FS4-2 Road closed; HS-1 Meeting" {
		t.Error(got)
	}
	p, err := notices.New().Banner(m, hub.Request{Lang: "en"})
	if b := p.Model.(notices.BannerView); err != nil || b.Worst.Number != "FS4-1" || b.More != 2 || !p.Until.Equal(now.Add(24*time.Hour)) {
		t.Errorf("%+v, stale at %v, %v", p.Model, p.Until, err)
	}
	if rs, err := m.act(m.ask(maria, "new", "t", "boil-water", "text", "All streets north of the river.", "client_id", "a")); err != nil || len(rs) > 0 {
		t.Errorf("the same form again writes %d records, %v", len(rs), err)
	}
	m.refused(hub.Conflict, "already sent another", m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "a"))
}

func TestOnlyCoordinatorsWrite(t *testing.T) {
	m := newMoment(t)
	m.refused(hub.Forbidden, "Only coordinators", m.ask(ann, "new", "t", "road", "text", "Main Street", "client_id", "a"))
	r := m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	m.put(ann, hub.Draft{Key: "n/x", Body: r.Body}, now)                     // class 1 by a neighbor: another hub may hold it
	m.put(ann, hub.Draft{Key: "n/y", Body: r.Body, Class: record.Talk}, now) // and so may talk be that looks like one
	m.put(maria, hub.Draft{Key: "n/z", Body: r.Body, Class: record.Talk}, now)
	if got := m.active(); got != "FS4-1 Road closed" {
		t.Error(got)
	}
}

func TestARevokedCoordinatorLosesTheirStandingAtOnce(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	m.do(tom, at(maria, "a"), "cancels", id(maria, "a"), "client_id", "c", "text", "open again")
	if got := m.active(); got != "FS4-2 Cancelled: Road closed" || m.list(ann).Active[0].Kind != notices.Cancel {
		t.Fatal(got)
	}
	m.say(roster.Revocation{Subject: author(tom)})
	if got := m.active(); got != "FS4-1 Road closed" {
		t.Errorf("the cancellation of somebody who was put out: %s", got)
	}
	m.grant(maria, "Maria Ortiz", "fire district", roster.Moderate) // another role in place of this one
	if got := m.active(); got != "" {
		t.Error(got)
	}
	m.refused(hub.Forbidden, "Only coordinators", m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "b"))
	if _, err := notices.New().View(m, m.ask(ann, at(maria, "a"))); err == nil {
		t.Error("its page is still there")
	}
}

func TestAnUpdateReplacesAndACancellationEnds(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "road", "text", "Main Street", "life", "72", "client_id", "a")
	m.now = m.now.Add(time.Hour)
	m.refused(hub.Forbidden, "Only whoever wrote", m.ask(tom, "new", "updates", id(maria, "a"), "client_id", "b"))
	m.do(maria, "new", "updates", id(maria, "a"), "text", "Main and Elm Street", "life", "1", "client_id", "b")
	l := m.list(ann)
	if len(l.Active) != 1 || l.Active[0].Number != "FS4-2" || l.Active[0].Head != "Road closed" || len(l.Ended) != 1 || l.Ended[0].End.How != notices.Replaced || l.Ended[0].Other.Number != "FS4-2" {
		t.Fatalf("%+v", l)
	}
	if v := view[notices.OneView](m, m.ask(ann, at(maria, "b"))); len(v.Chain) != 1 || v.Chain[0].Number != "FS4-1" {
		t.Errorf("what it replaces: %+v", v.Chain)
	}
	m.now = m.now.Add(30 * time.Hour) // the update is over, and what it replaced would hold still
	if got := m.active(); got != "" {
		t.Errorf("what was replaced is back: %s", got)
	}
	m.now = m.now.Add(-30 * time.Hour)
	m.do(tom, at(maria, "b"), "cancels", id(maria, "b"), "text", "open again", "client_id", "c")
	v := view[notices.OneView](m, m.ask(ann, at(maria, "b")))
	if v.End == nil || v.End.How != notices.Cancelled || v.Other.Number != "FS4-3" || v.Other.By.Name != "Tom Lee" {
		t.Errorf("%+v", v.Shown)
	}
	if c := m.list(ann).Active[0]; c.Advice != "" || !strings.HasPrefix(string(c.State()), "Cancelled") {
		t.Errorf("a cancellation asks for what it takes back: %q, %q", c.Advice, c.State())
	}
	m.now = m.now.Add(13 * time.Hour)
	if got := m.active(); got != "" {
		t.Errorf("a cancellation is shown for long: %s", got)
	}
	m.refused(hub.Conflict, "does not hold any more", m.ask(maria, at(maria, "b"), "cancels", id(maria, "b"), "client_id", "d"))
}

func TestNoBannerRepeatsWhatThePageShows(t *testing.T) {
	m := newMoment(t)
	tops := func(path string) bool {
		p, err := notices.New().View(m, m.ask(ann, path))
		if err != nil {
			t.Fatal(err)
		}
		return p.Tops
	}
	if tops("") {
		t.Error("an empty list has something to say")
	}
	m.do(maria, "new", "t", "boil-water", "client_id", "a")
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "b")
	for path, want := range map[string]bool{"": true, at(maria, "a"): true, at(maria, "b"): false, "archive": false, "questions": false} {
		if tops(path) != want {
			t.Errorf("%q shows what tops every page: %v", path, !want)
		}
	}
	m.do(maria, at(maria, "a"), "cancels", id(maria, "a"), "client_id", "c")
	if tops(at(maria, "a")) || !tops(at(maria, "b")) {
		t.Error("what is cancelled still speaks for all")
	}
}

func TestTwoPlacesWithOneNumberStayApart(t *testing.T) {
	m := newMoment(t)
	m.say(roster.Certificate{Kind: roster.Hub, Subject: author(9), Label: "Fire Shed 4"})
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	if got := m.active(); got != "FIST4-1 Road closed" {
		t.Errorf("letters of two places: %s", got)
	}
	other := newMoment(t) // as somebody else's hub knew it, while it was apart
	other.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "b")
	same := newMoment(t)
	same.do(tom, "new", "t", "meeting", "text", "At the school.", "client_id", "c")
	other.held = append(other.held, same.held...)
	got := strings.Fields(strings.ReplaceAll(other.active(), ";", ""))
	if one, two := got[0], got[3]; !strings.HasPrefix(one, "FS4-1-") || !strings.HasPrefix(two, "FS4-1-") || one == two {
		t.Error(got)
	}
}

func TestAClockThatRunsAheadEndsNothing(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	m.now = now.Add(48 * time.Hour)
	m.do(maria, "new", "t", "storm", "client_id", "b")
	m.now = now
	l := m.list(ann)
	if len(l.Active) != 1 || len(l.Ahead) != 1 || l.Ahead[0].State() == "" {
		t.Errorf("%+v", l)
	}
}

func TestNoNoticeIsHiddenBecauseAClockIsWrong(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	m.now = now.Add(48 * time.Hour)
	m.do(maria, "new", "t", "storm", "client_id", "b")
	m.unsure = true
	for years, want := range map[int]string{-3: "FS4-2 Storm warning; FS4-1 Road closed", 0: "FS4-2 Storm warning", 5: "FS4-2 Storm warning"} {
		m.now = now.AddDate(years, 0, 2)
		if got := m.active(); got != want {
			t.Errorf("%d years off: %s", years, got)
		}
	}
	m.now = now.AddDate(0, 0, -9) // and it is released
	m.do(tom, "new", "t", "boil-water", "client_id", "c")
	m.unsure, m.now = false, now.AddDate(0, 0, 9)
	l := m.list(ann)
	if len(l.Active) != 1 || l.Active[0].Head != "Boil your water" || !l.Active[0].Open() {
		t.Errorf("%+v", l.Active)
	}
}

func TestPracticeIsNotReal(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "evacuate", "status", "Exercise", "text", "Below Mill Road.", "client_id", "p")
	m.do(maria, "new", "t", "meeting", "text", "At the school.", "client_id", "r")
	if got := m.active(); got != "FS4-2 Meeting; FS4-1 Leave this area now" {
		t.Error(got)
	}
	if n := m.list(ann).Active[1]; n.Loud() || n.Class() != "word practice" {
		t.Error(n.Class())
	}
}

func TestTheReadersLanguageAndElseTheAuthors(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "other", "text", "The bridge is closed.", "text_es", "El puente está cerrado.", "client_id", "a")
	for lang, want := range map[string][2]string{"es": {"El puente está cerrado.", ""}, "fr": {"The bridge is closed.", "English"}, "en": {"The bridge is closed.", ""}} {
		q := m.ask(ann, "")
		q.Lang = lang
		if n := view[notices.ListView](m, q).Active[0]; n.Head != want[0] || n.Title().Tongue() != want[1] {
			t.Errorf("in %s: %q, said to be in %q", lang, n.Head, n.Title().Tongue())
		}
	}
}

func TestTheHomePageShowsWhatHoldsBelowTheWorstWhichTopsIt(t *testing.T) {
	m := newMoment(t)
	heads := func() (above bool, all []string) {
		p, err := notices.New().Front(m, m.ask(ann, ""))
		if err != nil {
			t.Fatal(err)
		}
		v := p.Model.(notices.CardView)
		for _, n := range v.Notices {
			all = append(all, n.Head)
		}
		return v.Above, all
	}
	if above, all := heads(); above || len(all) > 0 {
		t.Errorf("before anything was said: above %v, below %q", above, all)
	}
	m.do(maria, "new", "t", "boil-water", "text", "The upper town", "client_id", "b")
	if above, all := heads(); !above || len(all) > 0 {
		t.Errorf("with one notice: above %v, below %q", above, all)
	}
	for i, id := range []string{"meeting", "shelter", "road", "other"} {
		m.do(maria, "new", "t", id, "text", "The school", "client_id", fmt.Sprint(i))
	}
	if above, all := heads(); !above || len(all) != 3 || slices.Contains(all, "Boil your water") {
		t.Errorf("with five notices: above %v, below %q", above, all)
	}
}
