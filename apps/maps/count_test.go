package maps_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"pgregory.net/rapid"
)

// doorAt is a shelter at whose door ann and bob may count.
func doorAt(t testing.TB) *moment {
	m := newMoment(t)
	m.homes = map[byte]string{bob: "Hill School"}
	m.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44,-73", "most", "100")
	m.do(maria, "p/x/count", "client_id", "a1", "allow", author(ann).String())
	m.do(maria, "p/x/count", "client_id", "a2", "allow", author(bob).String())
	return m
}

const bob byte = 17

// press is a form at the door by somebody at a place; false if it adds nothing.
func (m *moment) press(who byte, place, client, field, value string) bool {
	m.t.Helper()
	q := m.ask(who, "p/x/count", "client_id", client, field, value)
	q.Place = place
	rs, err := m.act(q)
	if err != nil {
		m.t.Fatal(err)
	}
	return len(rs) > 0
}

func (m *moment) present() int {
	m.t.Helper()
	p := m.one(ann, "x").People
	if p == nil {
		return -1
	}
	return p.Present
}

func TestOnlyWhoIsAllowedCounts(t *testing.T) {
	m := newMoment(t)
	m.homes = map[byte]string{bob: "Hill School"}
	m.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44,-73")
	m.refused(hub.Forbidden, "Only who is allowed", m.ask(ann, "p/x/count", "client_id", "c", "add", "1"))
	m.do(ann, "p/x/count", "client_id", "c", "ask", "yes", "text", "Ann from 4B")
	if rs, err := m.act(m.ask(ann, "p/x/count", "client_id", "c2", "ask", "yes", "text", "Ann from 4B")); err != nil || len(rs) > 0 {
		t.Errorf("asked twice: %d, %v", len(rs), err)
	}
	if v := m.one(maria, "x").Door; len(v.Asks) != 1 || v.Asks[0].Words != "Ann from 4B" || !v.May {
		t.Errorf("%+v", v)
	}
	if v := m.one(bob, "x").Door; v.Asks != nil || v.Asked || v.May {
		t.Errorf("a neighbor sees who asks: %+v", v)
	}
	m.refused(hub.Forbidden, "Only coordinators", m.ask(ann, "p/x/count", "client_id", "d", "allow", author(ann).String()))
	m.do(maria, "p/x/count", "client_id", "d", "allow", author(ann).String())
	m.press(ann, "Fire Station 4", "e", "add", "4")
	if m.present() != 4 || len(m.one(maria, "x").Door.Asks) != 0 || len(m.one(maria, "x").Door.Counting) != 1 {
		t.Errorf("%d %+v", m.present(), m.one(maria, "x").Door)
	}
	m.do(maria, "p/x/count", "client_id", "f", "forbid", author(ann).String())
	if m.present() != -1 {
		t.Errorf("who may not any more counts still: %d", m.present())
	}
}

func TestWhomEitherCoordinatorAllowsMayCount(t *testing.T) {
	a := newMoment(t)
	a.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44,-73")
	b := a.copyOf()
	a.do(maria, "p/x/count", "client_id", "d", "allow", author(ann).String())
	b.do(tom, "p/x/count", "client_id", "e", "allow", author(bob).String())
	exchange(a, b)
	a.press(ann, "Fire Station 4", "f", "add", "1")
	a.press(bob, "Fire Station 4", "g", "add", "2")
	if a.present() != 3 {
		t.Error(a.present())
	}
}

func TestALostAnswerAndARetryCountOnce(t *testing.T) {
	m := doorAt(t)
	if !m.press(ann, "Fire Station 4", "c1", "add", "5") || m.press(ann, "Fire Station 4", "c1", "add", "5") || m.press(ann, "Hill School", "c1", "add", "5") || m.present() != 5 {
		t.Errorf("%d", m.present())
	}
	q := m.ask(ann, "p/x/count", "client_id", "c1", "add", "5")
	q.Plain = true
	if _, err := m.act(q); err != hub.ErrAlready { //nolint:errorlint // it is that one
		t.Error(err)
	}
	// Two phones of one person at two places that are cut apart: nothing is overwritten,
	// and the form that went to both counts once when they meet.
	b := m.copyOf()
	m.press(ann, "Fire Station 4", "c2", "add", "1")
	b.press(ann, "Hill School", "c2", "add", "1")
	b.press(ann, "Hill School", "c3", "add", "1")
	exchange(m, b)
	if m.present() != 7 || b.present() != 7 {
		t.Errorf("%d at one, %d at the other", m.present(), b.present())
	}
	for _, bad := range []string{"", "x", "1.5", "100001", "99999999999"} {
		m.refused(hub.Invalid, "A count is a number", m.ask(ann, "p/x/count", "client_id", "bad", "add", bad))
	}
	m.press(ann, "Fire Station 4", "c4", "number", "100000")
	m.refused(hub.Invalid, "A count is a number", m.ask(ann, "p/x/count", "client_id", "c5", "add", "1"))
}

func TestARecountIsWhatCameSince(t *testing.T) {
	m := doorAt(t)
	m.press(ann, "Fire Station 4", "c1", "add", "10")
	m.press(bob, "Fire Station 4", "c2", "add", "5")
	if m.present() != 15 {
		t.Fatal(m.present())
	}
	b := m.copyOf()
	b.press(bob, "Hill School", "c3", "add", "3") // the recount does not know
	m.do(maria, "p/x/count", "client_id", "r", "recount", "12")
	m.press(ann, "Fire Station 4", "c4", "add", "-2")
	if m.present() != 10 {
		t.Error(m.present())
	}
	exchange(m, b)
	if m.present() != 13 || b.present() != 13 {
		t.Errorf("%d, %d", m.present(), b.present())
	}
	if rs, err := m.act(m.ask(maria, "p/x/count", "client_id", "r", "recount", "12")); err != nil || len(rs) > 0 {
		t.Errorf("the same recount again: %d, %v", len(rs), err)
	}
	m.do(maria, "p/x/count", "client_id", "r2", "recount", "500")
	if v := m.one(ann, "x"); v.People.Present != 500 {
		t.Error("more than it holds is refused")
	} else if said, ok := v.Room(); !ok || said.String() != "400 more than it holds" {
		t.Error(said)
	}
	m.do(maria, "p/x/count", "client_id", "r3", "recount", "0")
	m.press(ann, "Fire Station 4", "c5", "add", "-4")
	if m.present() != 0 {
		t.Errorf("fewer than nobody: %d", m.present())
	}
	m.refused(hub.Invalid, "a number of people", m.ask(maria, "p/x/count", "client_id", "r4", "recount", "-1"))
}

func TestTwoRecountsApartAreBothToBeSeen(t *testing.T) {
	a := doorAt(t)
	b := a.copyOf()
	a.now, b.now = now.Add(time.Minute), now.Add(2*time.Minute)
	a.do(maria, "p/x/count", "client_id", "r", "recount", "12")
	b.do(tom, "p/x/count", "client_id", "q", "recount", "14")
	exchange(a, b)
	for _, m := range []*moment{a, b} {
		m.now = now.Add(3 * time.Minute)
		if p := m.one(ann, "x").People; p.Present != 14 || len(p.Also) != 1 || p.Also[0].Diffs[0].Text != "12" {
			t.Errorf("%+v", p)
		}
	}
}

// However forms are repeated, at whichever places, while these are apart or not: once all
// have met, each form counts once.
func TestEachFormCountsOnce(t *testing.T) {
	labels := []string{"Fire Station 4", "Hill School"}
	rapid.Check(t, func(rt *rapid.T) {
		m := doorAt(t)
		hubs := []*moment{m, m.copyOf()}
		sent := map[string]int{}
		for i := range rapid.IntRange(1, 20).Draw(rt, "steps") {
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0:
				exchange(hubs[0], hubs[1])
			case 1:
				client := fmt.Sprint("f", rapid.IntRange(0, i).Draw(rt, "again"))
				if add, has := sent[client]; has {
					at := rapid.IntRange(0, 1).Draw(rt, "at")
					hubs[at].press(ann, labels[at], client, "add", fmt.Sprint(add))
				}
			default:
				client, add, at := fmt.Sprint("f", i), rapid.IntRange(-3, 9).Draw(rt, "add"), rapid.IntRange(0, 1).Draw(rt, "at")
				sent[client] = add
				hubs[at].press(ann, labels[at], client, "add", fmt.Sprint(add))
			}
		}
		exchange(hubs[0], hubs[1])
		want := 0
		for _, add := range sent {
			want += add
		}
		if len(sent) > 0 && (hubs[0].present() != max(0, want) || hubs[1].present() != max(0, want)) {
			rt.Fatalf("%d and %d, sent %d", hubs[0].present(), hubs[1].present(), want)
		}
	})
}

func TestARememberedFormStaysTheSameForALongTime(t *testing.T) {
	m := doorAt(t)
	b := m.copyOf()
	m.press(ann, "Fire Station 4", "same", "add", "7")
	b.press(ann, "Hill School", "same", "add", "7")
	exchange(m, b)
	for i := range 200 { // many more than one count remembers
		m.press(ann, labelsOf(i), fmt.Sprint("p", i), "add", "1")
	}
	if m.present() != 207 {
		t.Error(m.present())
	}
	if c := maps.Present(nil, nil); c != 0 {
		t.Error(c)
	}
}

func labelsOf(i int) string { return []string{"Fire Station 4", "Hill School"}[i%2] }
