package notices_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// without is what the app foresees, a line each.
func (m *moment) without(who byte, roles roster.Roles) string {
	m.t.Helper()
	all, err := notices.New().Without(m, hub.Request{}, author(who), roles)
	if err != nil {
		m.t.Fatal(err)
	}
	var lines []string
	for _, e := range all {
		lines = append(lines, e.Says+" "+strings.Join(e.Of, "; "))
	}
	return strings.Join(lines, "\n")
}

// Tom has cancelled, replaced, signed and written things; the roots are told what becomes
// of them before they end his word, and it becomes so.
func TestWhoEndsSomebodysWordIsToldWhichNoticesHoldAgain(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "boil-water", "client_id", "boil")
	m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "road")
	m.do(maria, "new", "t", "evacuate", "text", "Elm Street", "client_id", "elm")
	m.do(tom, at(maria, "elm"), "signs", view[notices.OneView](m, m.ask(tom, at(maria, "elm"))).Signed.Hash)
	if got := m.without(tom, roster.Notices); !strings.Contains(got, "wait again for a second signature, and nobody but coordinators sees them: FS4-3 “Leave this area now”") || strings.Count(got, "\n") > 0 {
		t.Errorf("what he has signed: %s", got)
	}
	m.now = m.now.Add(time.Hour)
	m.do(tom, at(maria, "boil"), "cancels", id(maria, "boil"), "client_id", "c")
	m.do(tom, at(maria, "elm"), "cancels", id(maria, "elm"), "client_id", "d")
	m.do(tom, "new", "t", "meeting", "text", "At the school.", "client_id", "meet")
	m.do(tom, "new", "updates", id(tom, "meet"), "text", "at nine", "client_id", "meet2")
	const want = `These notices hold again, because nothing ends them any more: FS4-1 “Boil your water”
This one then stands at the top of every page: FS4-1 “Boil your water”
These notices wait again for a second signature, and nobody but coordinators sees them: FS4-3 “Leave this area now”
These notices are gone; another coordinator writes anew what still holds: FS4-7 “Meeting”`
	if got := m.without(tom, roster.Notices|roster.Moderate); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for name, got := range map[string]string{
		"another role": m.without(tom, roster.Moderate), "a neighbor": m.without(ann, roster.Notices),
	} {
		if got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := m.without(maria, roster.Notices); !strings.HasSuffix(got, "what still holds: FS4-2 “Road closed”") || strings.Contains(got, "hold again") {
		t.Errorf("of the one who ended nothing: %s", got)
	}
	m.do(ann, "questions", "text", "The dam is gone", "client_id", "dam")
	m.do(tom, "questions/"+author(ann).String()[:16]+"/dam", "verdict", "false", "text", "It holds.")
	if got := m.without(tom, roster.Notices); got != want+"\nThese answers are gone, and what was asked waits for one again: “The dam is gone”" {
		t.Errorf("with an answer: %s", got)
	}
	m.say(roster.Revocation{Subject: author(tom)})
	if got := m.active(); got != "FS4-1 Boil your water; FS4-2 Road closed" {
		t.Errorf("and then there holds %s", got)
	}
}
