package notices_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

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
