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
	q := m.ask(tom, "new", "t", "meeting", "client_id", "c")
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
	if got := m.active(); got != "FS4-2 Road closed" || m.list(ann).Active[0].Kind != notices.Cancel {
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

func TestWhatIsGraveTakesTwo(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "r")
	n := m.do(maria, "new", "t", "evacuate", "text", "Elm Street", "client_id", "e")
	if got := m.active(); got != "FS4-1 Road closed" {
		t.Fatal(got)
	}
	if w := m.list(tom).Waiting; len(w) != 1 || w[0].Number != "FS4-2" {
		t.Errorf("coordinators see %+v", w)
	}
	if w := m.list(ann).Waiting; len(w) > 0 {
		t.Error("neighbors see what waits")
	}
	if _, err := notices.New().View(m, m.ask(ann, at(maria, "e"))); err == nil {
		t.Error("neighbors find what waits")
	}
	hash := view[notices.OneView](m, m.ask(tom, at(maria, "e"))).Signed.Hash
	m.refused(hub.Forbidden, "another coordinator", m.ask(maria, at(maria, "e"), "signs", hash))
	m.refused(hub.Conflict, "15 minutes", m.ask(maria, at(maria, "e"), "alone", hash))
	m.refused(hub.Forbidden, "Only whoever wrote", m.ask(tom, at(maria, "e"), "alone", hash))
	m.refused(hub.Forbidden, "Only coordinators", m.ask(ann, at(maria, "e"), "signs", hash))
	m.refused(hub.Conflict, "changed", m.ask(tom, at(maria, "e"), "signs", strings.Repeat("0", 64)))
	plain := m.ask(tom, at(maria, "e"), "signs", hash)
	plain.Official = false
	m.refused(hub.Forbidden, "cannot be signed from here", plain)

	m.do(tom, at(maria, "e"), "signs", hash)
	if got := m.active(); got != "FS4-2 Leave this area now; FS4-1 Road closed" {
		t.Fatal(got)
	}
	v := view[notices.OneView](m, m.ask(ann, at(maria, "e")))
	if v.Signers() != "Tom Lee" || v.Signed.Alone {
		t.Errorf("%+v", v.Signed)
	}
	if rs, err := m.act(m.ask(tom, at(maria, "e"), "signs", hash)); len(rs) > 0 || err != nil {
		t.Errorf("signing twice writes %d records, %v", len(rs), err)
	}

	changed := []byte(strings.Replace(string(n.Body), "Elm Street", "Oak Street", 1))
	m.put(maria, hub.Draft{Key: "n/e", Body: changed}, m.now)
	if got := m.active(); got != "FS4-1 Road closed" {
		t.Errorf("a signature stands for what was changed after it: %s", got)
	}
}

// Whoever goes releases nothing by that: only a coordinator does.
func TestARevocationReleasesNothing(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "evacuate", "text", "It waits", "client_id", "w")
	m.do(maria, "new", "t", "evacuate", "text", "It is signed", "client_id", "s")
	m.do(tom, at(maria, "s"), "signs", view[notices.OneView](m, m.ask(tom, at(maria, "s"))).Signed.Hash)
	if got := m.active(); got != "FS4-2 Leave this area now" {
		t.Fatal(got)
	}
	m.say(roster.Revocation{Subject: author(tom)})
	if got := m.active(); got != "" {
		t.Errorf("nobody has released %s", got)
	}
	if w := m.list(maria).Waiting; len(w) != 2 {
		t.Errorf("%d wait", len(w))
	}
	v := view[notices.OneView](m, m.ask(maria, at(maria, "w")))
	if !v.May.Lone {
		t.Errorf("its author waits for nobody: %+v", v.May)
	}
	m.do(maria, at(maria, "w"), "alone", v.Signed.Hash)
	if l := m.list(ann); m.active() != "FS4-1 Leave this area now" || !l.Active[0].Signed.Alone {
		t.Errorf("%+v", l.Active)
	}
}

func TestOneMayReleaseAloneAfterAWait(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "evacuate", "client_id", "e")
	hash := view[notices.OneView](m, m.ask(maria, at(maria, "e"))).Signed.Hash
	ds, err := notices.New().Act(m, m.ask(tom, at(maria, "e"), "signs", hash))
	if err != nil || len(ds) != 1 {
		t.Fatal(len(ds), err)
	}
	signature := ds[0]
	m.now = now.Add(16 * time.Minute)
	if got := m.active(); got != "" {
		t.Fatalf("it came by itself: %s", got)
	}
	if v := view[notices.OneView](m, m.ask(maria, at(maria, "e"))); !v.May.Lone {
		t.Errorf("its author is not asked: %+v", v.May)
	}
	m.do(maria, at(maria, "e"), "alone", hash)
	l := m.list(ann)
	if len(l.Active) != 1 || !l.Active[0].Signed.Alone {
		t.Errorf("%+v", l)
	}
	m.put(tom, signature, m.now) // at the same time, elsewhere
	if l := m.list(ann); len(l.Active) != 1 || l.Active[0].Signed.Alone || l.Active[0].Signers() != "Tom Lee" {
		t.Errorf("%+v", l.Active)
	}
}

func TestAnAuthorWhoSignsTooEarlyIsWaitedFor(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "evacuate", "client_id", "e")
	hash := view[notices.OneView](m, m.ask(tom, at(maria, "e"))).Signed.Hash
	ds, err := notices.New().Act(m, m.ask(tom, at(maria, "e"), "signs", hash))
	if err != nil || len(ds) != 1 {
		t.Fatal(len(ds), err)
	}
	m.now = now.Add(time.Minute)
	m.put(maria, ds[0], m.now) // by a program that does not wait
	if got := m.active(); got != "" {
		t.Error(got)
	}
	m.now = now.Add(secondWait + time.Minute)
	if l := m.list(ann); len(l.Active) != 1 || !l.Active[0].Signed.Alone {
		t.Errorf("%+v", l)
	}
}

const secondWait = 15 * time.Minute

func TestTheOnlyCoordinatorNeedsNobody(t *testing.T) {
	m := newMoment(t)
	m.say(roster.Revocation{Subject: author(tom)})
	m.do(maria, "new", "t", "evacuate", "client_id", "e")
	if l := m.list(ann); len(l.Active) != 1 || !l.Active[0].Signed.Alone {
		t.Fatalf("%+v", l)
	}
	m.now = now.Add(20 * time.Minute)
	m.grant(ann, "Ann", "", roster.Notices) // a second one comes
	if l := m.list(root); len(l.Active) != 1 || !l.Active[0].Signed.Alone {
		t.Errorf("it went with the second coordinator: %+v", l)
	}
}

func TestWhereNothingOfficialIsSignedADraftIsMade(t *testing.T) {
	m := newMoment(t)
	q := m.ask(maria, "new", "t", "road", "text", "Main Street", "life", "6", "client_id", "a")
	q.Official = false
	rs, err := m.act(q)
	if err != nil || len(rs) != 1 || rs[0].Key != "d/a" || rs[0].Class != record.Talk {
		t.Fatalf("%+v, %v", rs, err)
	}
	if again, err := m.act(q); err != nil || len(again) > 0 {
		t.Errorf("the same again: %d, %v", len(again), err)
	}
	if got := m.active(); got != "" {
		t.Error(got)
	}
	if m.list(tom).Drafts != 1 || m.list(ann).Drafts != 0 {
		t.Error("who sees that a draft waits")
	}
	if d := view[notices.DraftView](m, m.ask(tom, at(maria, "a"))); d.Head != "Road closed" || d.By != "Maria Ortiz" {
		t.Errorf("%+v", d)
	}
	path := "d/" + author(maria).String()[:16] + "/a"
	m.now = now.Add(2 * time.Hour)
	plain := m.ask(tom, path, "releases", rs[0].ID().String())
	plain.Official = false
	m.refused(hub.Forbidden, "cannot be signed from here", plain)
	m.refused(hub.Conflict, "changed", m.ask(tom, path, "releases", strings.Repeat("0", 64)))
	m.do(tom, path, "releases", rs[0].ID().String())
	l := m.list(tom)
	if len(l.Active) != 1 || l.Drafts != 0 || l.Active[0].By.Name != "Tom Lee" || !l.Active[0].Span.Until.Equal(m.now.Add(6*time.Hour)) {
		t.Errorf("%+v", l)
	}

	q.Form.Set("client_id", "b")
	if rs, err = m.act(q); err != nil {
		t.Fatal(err)
	}
	m.do(tom, "d/"+author(maria).String()[:16]+"/b", "discards", "yes")
	if m.list(tom).Drafts != 0 {
		t.Error("a draft that was discarded waits")
	}
	m.refused(hub.NotFound, "does not wait", m.ask(maria, "d/"+author(maria).String()[:16]+"/b", "releases", rs[0].ID().String()))
	m.put(ann, hub.Draft{Key: "d/c", Body: rs[0].Body, Class: record.Talk, TTL: 30}, m.now)
	if m.list(tom).Drafts != 0 {
		t.Error("a neighbor's draft waits")
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
	same.do(tom, "new", "t", "meeting", "client_id", "c")
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
	m.do(maria, "new", "t", "evacuate", "status", "Exercise", "client_id", "p")
	m.do(maria, "new", "t", "meeting", "client_id", "r")
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
		if n := view[notices.ListView](m, q).Active[0]; n.Head != want[0] || n.Tongue != want[1] {
			t.Errorf("in %s: %q, said to be in %q", lang, n.Head, n.Tongue)
		}
	}
}

func TestAFormThatIsWrongSaysWhy(t *testing.T) {
	m := newMoment(t)
	m.refused(hub.Invalid, "Say where", m.ask(maria, "new", "t", "road", "client_id", "x"))
	m.refused(hub.Invalid, "Say where", m.ask(maria, "new", "t", "shelter", "text", " ", "client_id", "x"))
	for template, spare := range map[string]bool{"road": false, "boil-water": true, "other": false} {
		q := m.ask(maria, "new")
		q.Query.Set("t", template)
		if c := view[notices.ComposeView](m, q); c.Spare() != spare {
			t.Errorf("%s: the sentence is spared: %v", template, c.Spare())
		}
	}
	m.do(maria, "new", "t", "water", "area", "Hill School", "client_id", "area")
	for field, c := range map[string]struct{ value, says string }{
		"point":    {"44.47", "two numbers"},
		"polygon":  {"44.47,-73.21 44.5,-73.2", "at least 3 corners"},
		"severity": {"Worst", "none of the choices"},
		"life":     {"100000", "from 0 to 720"},
		"text":     {strings.Repeat("x", 501), "too long by 1"},
		"lang":     {"no lang", "none of the choices"},
		"t":        {"no such", "not here any more"},
	} {
		q := m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "x", field, c.value)
		m.refused(hub.Invalid, c.says, q)
	}
	for point, says := range map[string]string{
		"-73.21, 44.47": "", "-120.5, 44": "Is the longitude first?", "44, 190": "nowhere on earth", "91, 181": "nowhere on earth", "north, west": "is no point", "NaN, 1": "is no point",
	} {
		q := m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "p"+point[:2], "point", point)
		if says != "" {
			m.refused(hub.Invalid, says, q)
		} else if _, err := m.act(q); err != nil {
			t.Error(point, err)
		}
	}
	m.refused(hub.Invalid, "from 0 to 500", m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "x", "point", "1,1", "radius", "501"))
	m.refused(hub.Invalid, "Write one sentence", m.ask(maria, "new", "t", "other", "client_id", "x"))
	long := m.ask(maria, "new", "t", "other", "client_id", "x")
	for _, lang := range []string{"es", "fr", "ht", "vi"} {
		long.Form.Set("text_"+lang, strings.Repeat("水", 500))
	}
	long.Form.Set("text", "x")
	m.refused(hub.Invalid, "too long for one notice", long)

	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "ok", "point", "44.47, -73.21", "radius", "1,5", "polygon", "44.1,-73 44.2,-73 44.2,-73.1", "area", "Old town", "contact", "Channel 5")
	n := view[notices.OneView](m, m.ask(ann, at(maria, "ok")))
	if len(n.Areas) != 1 || n.Areas[0].Circles[0].Km() != 1.5 || len(n.Areas[0].Polygons[0]) != 4 || n.Areas[0].Polygons[0][0].String() != "44.1,-73" || n.Where() != "Old town" {
		t.Errorf("%+v", n.Areas)
	}
}

func TestAQuestionIsAnsweredOnce(t *testing.T) {
	m := newMoment(t)
	m.do(ann, "questions", "text", "Is the dam broken?", "client_id", "q")
	path := "questions/" + author(ann).String()[:16] + "/q"
	if v := view[notices.QuestionsView](m, m.ask(ann, "questions")); len(v.Open) != 1 || len(v.Answered) != 0 {
		t.Fatalf("%+v", v)
	}
	m.refused(hub.Forbidden, "Only coordinators", m.ask(ann, path, "verdict", "true"))
	m.refused(hub.Invalid, "whether it is true", m.ask(maria, path))
	m.do(maria, path, "verdict", "false", "text", "I stand beside it.")
	m.refused(hub.Conflict, "Maria Ortiz has answered", m.ask(tom, path, "verdict", "true"))

	apart := newMoment(t) // Tom has answered elsewhere, later
	apart.do(ann, "questions", "text", "Is the dam broken?", "client_id", "q")
	apart.now = now.Add(time.Minute)
	apart.do(tom, path, "verdict", "true")
	for _, r := range apart.held {
		if strings.HasPrefix(r.Key, "a/") {
			m.held = append(m.held, r)
		}
	}
	a := view[notices.QuestionView](m, m.ask(ann, path))
	if len(a.Answers) != 2 || a.Answers[0].By.Name != "Tom Lee" || a.Answers[1].By.Name != "Maria Ortiz" {
		t.Fatalf("%+v", a.Answers)
	}
	m.do(maria, path, "verdict", "partly", "text", "A crack.") // who has answered may say it anew

	m.put(ann, hub.Draft{Key: "q/q", Class: record.Talk, TTL: 30}, m.now.Add(time.Hour)) // taken back
	if v := view[notices.QuestionsView](m, m.ask(ann, "questions")); len(v.Answered) != 1 || v.Answered[0].Text != "Is the dam broken?" {
		t.Errorf("the claim went from its answer: %+v", v)
	}
	m.say(roster.Revocation{Subject: author(tom)})
	if a := view[notices.QuestionView](m, m.ask(ann, path)); len(a.Answers) != 1 || a.Answers[0].By.Name != "Maria Ortiz" {
		t.Errorf("%+v", a.Answers)
	}
}

func TestTheCommunityHasTemplatesOfItsOwn(t *testing.T) {
	m := newMoment(t)
	m.refused(hub.Invalid, "headline", m.ask(maria, "templates", "text", "x", "client_id", "t"))
	m.do(maria, "templates", "head", "Goats on the road", "head_es", "Cabras en la vía", "advice", "Drive slowly.", "severity", "Moderate", "life", "3", "client_id", "t")
	c := view[notices.ComposeView](m, m.ask(tom, "new"))
	if len(c.Choices) < 12 || c.Choices[0].Head != "Goats on the road" || c.Choices[0].By != "Maria Ortiz" {
		t.Fatalf("%+v", c.Choices[0])
	}
	m.do(tom, "new", "t", c.Choices[0].ID, "text", "At the mill.", "client_id", "n")
	q := m.ask(ann, "")
	q.Lang = "es"
	if n := view[notices.ListView](m, q).Active[0]; n.Head != "Cabras en la vía" || n.Grade.Severity != notices.Moderate || !n.Span.Until.Equal(now.Add(3*time.Hour)) {
		t.Errorf("%+v", n)
	}
	m.refused(hub.Forbidden, "Only whoever wrote", m.ask(tom, "templates", "removes", id(maria, "t")))
	if rs, err := m.act(m.ask(maria, "templates", "removes", id(maria, "t"))); err != nil || len(rs) != 1 || !rs[0].Withdrawn() {
		t.Errorf("%v %v", rs, err)
	}
	if got := m.active(); got != "FS4-1 Goats on the road" {
		t.Errorf("a notice went with its template: %s", got)
	}
}

func TestACancellationIsPreparedAsWell(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	q := m.ask(maria, at(maria, "a"), "cancels", id(maria, "a"), "text", "open again", "client_id", "c")
	q.Official = false
	rs, err := m.act(q)
	if err != nil || len(rs) != 1 || rs[0].Key != "d/c" {
		t.Fatal(rs, err)
	}
	if got := m.active(); got != "FS4-1 Road closed" || m.list(ann).Active[0].Kind != notices.Alert {
		t.Errorf("a draft has ended a notice: %s", got)
	}
	path := "d/" + author(maria).String()[:16] + "/c"
	m.do(tom, path, "releases", rs[0].ID().String())
	if n := m.list(ann).Active; len(n) != 1 || n[0].Kind != notices.Cancel || n[0].By.Name != "Tom Lee" || n[0].Text != "open again" {
		t.Errorf("%+v", n)
	}
	if again, err := m.act(m.ask(tom, path, "releases", rs[0].ID().String())); err != nil || len(again) > 0 {
		t.Errorf("the same again writes %d, %v", len(again), err)
	}
}

// What an update does not say anew it does not say: no old translation stands beside a new
// sentence, and it holds as long as what it replaces would have.
func TestAnUpdateSaysNothingOld(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "boil-water", "text", "The upper town", "text_es", "Todo el barrio alto", "client_id", "a")
	form := m.ask(maria, "new")
	form.Query.Set("updates", id(maria, "a"))
	c := view[notices.ComposeView](m, form)
	if c.Start.Hours != 72 {
		t.Errorf("%d hours are offered of 72", c.Start.Hours)
	}
	for _, in := range c.Others() {
		if in.Value != "" {
			t.Errorf("the form begins with the old translation %q", in.Value)
		}
	}
	spanish := func() notices.Shown {
		q := m.ask(ann, "")
		q.Lang = "es"
		return view[notices.ListView](m, q).Active[0]
	}
	m.now = now.Add(time.Hour)
	m.do(maria, "new", "updates", id(maria, "a"), "text", "The upper town", "client_id", "b")
	if s := spanish(); s.Text != "Todo el barrio alto" || s.Span.Until.Before(now.Add(72*time.Hour)) {
		t.Errorf("where only the time is new: %q, until %v", s.Text, s.Span.Until)
	}
	m.do(maria, "new", "updates", id(maria, "b"), "text", "Now the whole town", "client_id", "c")
	if s := spanish(); s.Text != "Now the whole town" || s.Tongue != "English" {
		t.Errorf("in Spanish it says %q, of %q", s.Text, s.Tongue)
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

func TestWhatWaitsIsTakenBackByItsAuthor(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "evacuate", "text", "Elk Street", "client_id", "e")
	front := func(who byte) int {
		p, err := notices.New().Front(m, m.ask(who, ""))
		v, _ := p.Model.(notices.CardView)
		if err != nil {
			t.Fatal(err)
		}
		return v.Waiting
	}
	if front(tom) != 1 || front(maria) != 0 || front(ann) != 0 {
		t.Errorf("asked to sign: Tom %d, its author %d, a neighbor %d", front(tom), front(maria), front(ann))
	}
	v := view[notices.OneView](m, m.ask(maria, at(maria, "e")))
	if !v.May.Back || view[notices.OneView](m, m.ask(tom, at(maria, "e"))).May.Back {
		t.Error("its author, and nobody else, is to be offered to take it back")
	}
	hash := v.Signed.Hash
	m.refused(hub.Forbidden, "Only whoever wrote", m.ask(tom, at(maria, "e"), "back", hash))
	plain := m.ask(maria, at(maria, "e"), "back", hash)
	plain.Official = false
	m.refused(hub.Forbidden, "cannot be signed from here", plain)
	m.do(maria, "new", "t", "evacuate", "text", "Oak Street", "client_id", "f")
	other := view[notices.OneView](m, m.ask(tom, at(maria, "f"))).Signed.Hash
	m.do(tom, at(maria, "f"), "signs", other)
	m.refused(hub.Conflict, "signed meanwhile", m.ask(maria, at(maria, "f"), "back", other))
	m.do(maria, at(maria, "e"), "back", hash)
	if w := m.list(tom).Waiting; len(w) > 0 || front(tom) > 0 {
		t.Errorf("it still waits: %+v", w)
	}
	m.refused(hub.NotFound, "not here", m.ask(tom, at(maria, "e"), "signs", hash))
}
