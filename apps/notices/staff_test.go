package notices_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
)

// An order to leave, or that somebody is missing, is of no use to anybody without words.
func TestWhatNobodyCanActOnIsNotReleased(t *testing.T) {
	m := newMoment(t)
	for _, of := range []string{"evacuate", "missing", "meeting", "road"} {
		m.refused(hub.Invalid, "one sentence", m.ask(maria, "new", "t", of, "client_id", of))
	}
	m.refused(hub.Invalid, "one sentence", m.ask(maria, "new", "t", "missing", "area", "Elm Street", "client_id", "who"))
	m.do(maria, "new", "t", "evacuate", "area", "Elm Street", "client_id", "where")
	m.do(maria, "new", "t", "inside", "client_id", "everybody")
}

func TestCoordinatorsAreToldWhatWaitsForThem(t *testing.T) {
	m := newMoment(t)
	m.do(ann, "questions", "text", "The dam is gone", "client_id", "dam")
	m.do(ann, "questions", "text", "The bridge is gone", "client_id", "bridge")
	m.do(maria, "new", "t", "evacuate", "text", "Below Mill Road.", "client_id", "leave")
	for _, one := range []struct {
		who                  byte
		signs, answers, ways int
	}{{maria, 0, 2, 1}, {tom, 1, 2, 2}, {ann, 0, 0, 0}} {
		q := m.ask(one.who, "")
		p, err := notices.New().Front(m, q)
		card, ok := p.Model.(notices.CardView)
		if err != nil || !ok || card.Waiting != one.signs || card.Asked != one.answers {
			t.Errorf("%d is told %+v, %v", one.who, p.Model, err)
		}
		if ways, err := notices.New().Office(m, q); err != nil || len(ways) != one.ways {
			t.Errorf("%d finds %v, %v", one.who, ways, err)
		}
	}
}

// A question is answered once: no other coordinator is offered to answer it, and whoever
// did finds their answer in the form.
func TestOnlyWhoMayAnswerIsOffered(t *testing.T) {
	m := newMoment(t)
	m.do(ann, "questions", "text", "The dam is gone", "client_id", "dam")
	dam := "questions/" + author(ann).String()[:16] + "/dam"
	page := func(who byte) notices.QuestionView {
		return view[notices.QuestionView](m, m.ask(who, dam))
	}
	if !page(maria).MayAnswer() || !page(tom).MayAnswer() || page(ann).MayAnswer() {
		t.Error("it is open, and coordinators answer")
	}
	m.do(maria, dam, "verdict", "false", "text", "It holds.")
	if p := page(maria); !p.MayAnswer() || p.Own().Text != "It holds." || p.Verdict(false, "") != "false" || p.Verdict(true, "true") != "true" {
		t.Errorf("hers is %+v", p.Own())
	}
	if page(tom).MayAnswer() {
		t.Error("he is offered what would be refused")
	}
}
