package notices_test

import (
	"fmt"
	"testing"
	"time"

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
