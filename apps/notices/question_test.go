package notices_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
)

func TestNobodyFloodsTheCoordinatorsWithQuestions(t *testing.T) {
	m := newMoment(t)
	asks := func(who byte, n int, plain bool) hub.Request {
		q := m.ask(who, "questions", "text", fmt.Sprintf("Is it true? %d", n), "client_id", fmt.Sprintf("q%d", n))
		q.Plain = plain
		return q
	}
	for n := range 6 {
		if rs, err := m.act(asks(ann, n, true)); err != nil || len(rs) != 1 {
			t.Fatal(n, err)
		}
		m.now = m.now.Add(30 * time.Second)
	}
	m.refused(hub.TooMany, "You can ask this in 57 min", asks(ann, 6, true))
	if rs, err := m.act(asks(ann, 5, true)); err != nil || len(rs) > 0 {
		t.Errorf("the form of before, sent again: %d, %v", len(rs), err)
	}
	if _, err := m.act(asks(tom, 7, true)); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := m.act(asks(ann, 8, false)); err != nil {
		t.Errorf("a key that many share: %v", err)
	}
	m.now = now.Add(time.Hour + time.Second)
	m.refused(hub.TooMany, "You can ask this", asks(ann, 9, true)) // six of the hour are left, with the program's
	m.now = now.Add(time.Hour + 30*time.Second)
	if _, err := m.act(asks(ann, 9, true)); err != nil {
		t.Errorf("an hour after: %v", err)
	}
}

// fresh has somebody who is new here ask once, through a place.
func (m *moment) fresh(who, via byte) hub.Request {
	m.via, m.since[who] = via, m.now.Add(-time.Minute)
	q := m.ask(who, "questions", "text", fmt.Sprintf("Made up %d", who), "client_id", "made-up")
	q.Place = map[byte]string{station: "Fire Station 4", school: "Hill School"}[via]
	return q
}

// Whoever floods the questions makes up people for it: they push away nobody's who has
// been here for a while, nor that of somebody new at another place, and what is not on
// the first page is on the next ones.
func TestAFloodOfNewPeoplePushesNoQuestionAway(t *testing.T) {
	m := newMoment(t)
	const cat byte = 9 // keeps asking
	for n := range 5 {
		m.do(cat, "questions", "text", fmt.Sprintf("Cat asks %d", n), "client_id", fmt.Sprintf("c%d", n))
	}
	m.do(ann, "questions", "text", "Ann asks", "client_id", "a")
	if _, err := m.act(m.fresh(10, school)); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for n := range byte(44) {
		m.now = m.now.Add(time.Minute)
		if _, err := m.act(m.fresh(20+n, station)); err == nil {
			asked++
		}
	}
	if asked != 40 {
		t.Errorf("%d of those who are new were let ask within an hour", asked)
	}
	m.refused(hub.TooMany, "Very many who are new here", m.fresh(150, station))
	if _, err := m.act(m.fresh(151, school)); err != nil {
		t.Errorf("at another place: %v", err)
	}
	m.via = station
	if _, err := m.act(m.ask(tom, "questions", "text", "Tom asks", "client_id", "t")); err != nil {
		t.Errorf("who is not new: %v", err)
	}

	q := m.ask(maria, "questions")
	first := view[notices.QuestionsView](m, q)
	where := map[string]int{}
	for i, one := range first.Open {
		where[one.Text] = i + 1
	}
	for text, most := range map[string]int{"Tom asks": 1, "Ann asks": 2, "Cat asks 0": 5, "Cat asks 2": 5, "Made up 10": 9} {
		if at := where[text]; at == 0 || at > most {
			t.Errorf("%q stands at %d", text, at)
		}
	}
	if len(first.Open) != 40 || first.More == "" || len(first.Answered) != 0 || first.Paged {
		t.Errorf("%d on the first page, %q", len(first.Open), first.More)
	}
	all, v := map[string]bool{}, first
	for range 5 {
		for _, one := range v.Open {
			if all[one.ID] {
				t.Errorf("%s is on two pages", one.Text)
			}
			all[one.ID] = true
		}
		if v.More == "" {
			break
		}
		q.Query.Set("before", v.More)
		v = view[notices.QuestionsView](m, q)
	}
	if want := 5 + 4 + asked; len(all) != want {
		t.Errorf("%d questions on all pages, want %d", len(all), want)
	}
	card, err := notices.New().Front(m, m.ask(maria, ""))
	if c, ok := card.Model.(notices.CardView); err != nil || !ok || c.Asked != len(all) {
		t.Errorf("she is told %+v, %v", card.Model, err)
	}
}
