package notices_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

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
