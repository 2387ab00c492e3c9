package notices_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

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

// Two are needed for what has people leave, however bad it is, and for what is as bad and
// as urgent as can be, whatever it has them do.
func TestWhatIsGraveIsSoByEitherOfTwoThings(t *testing.T) {
	m := newMoment(t)
	waits := 0
	for i, of := range []struct {
		template, severity, urgency, response, status string
		grave                                         bool
	}{
		{"evacuate", "Moderate", "Future", "Evacuate", "", true},
		{"other", "Extreme", "Immediate", "Monitor", "", true},
		{"inside", "Extreme", "Immediate", "Shelter", "", true},
		{"other", "Extreme", "Expected", "Monitor", "", false},
		{"other", "Severe", "Immediate", "Monitor", "", false},
		{"evacuate", "Extreme", "Immediate", "Evacuate", "Exercise", false},
	} {
		m.do(maria, "new", "t", of.template, "text", "Elm Street.", "severity", of.severity, "urgency", of.urgency, "response", of.response, "status", of.status, "client_id", fmt.Sprintf("g%d", i))
		if of.grave {
			waits++
		}
		if got := len(m.list(tom).Waiting); got != waits {
			t.Errorf("%+v: %d wait, want %d", of, got, waits)
		}
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
	m.do(maria, "new", "t", "evacuate", "text", "Below Mill Road.", "client_id", "e")
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
	m.do(maria, "new", "t", "evacuate", "text", "Below Mill Road.", "client_id", "e")
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
	m.do(maria, "new", "t", "evacuate", "text", "Below Mill Road.", "client_id", "e")
	if l := m.list(ann); len(l.Active) != 1 || !l.Active[0].Signed.Alone {
		t.Fatalf("%+v", l)
	}
	m.now = now.Add(20 * time.Minute)
	m.grant(ann, "Ann", "", roster.Notices) // a second one comes
	if l := m.list(root); len(l.Active) != 1 || !l.Active[0].Signed.Alone {
		t.Errorf("it went with the second coordinator: %+v", l)
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

// What was released last tops what is as grave, however long it waited for its second
// signature.
func TestWhatIsSignedNowTopsWhatIsAsGrave(t *testing.T) {
	m := newMoment(t)
	signs := func(who, author byte, id string) {
		m.do(who, at(author, id), "signs", view[notices.OneView](m, m.ask(who, at(author, id))).Signed.Hash)
	}
	m.do(maria, "new", "t", "evacuate", "text", "Below Mill Road.", "client_id", "waits")
	m.now = m.now.Add(5 * time.Minute)
	m.do(tom, "new", "t", "evacuate", "text", "Elm Street.", "client_id", "next")
	signs(maria, tom, "next")
	if got := m.active(); got != "FS4-2 Leave this area now" {
		t.Fatal(got)
	}
	m.now = m.now.Add(5 * time.Minute)
	signs(tom, maria, "waits")
	if got := m.active(); got != "FS4-1 Leave this area now; FS4-2 Leave this area now" {
		t.Error(got)
	}
}
