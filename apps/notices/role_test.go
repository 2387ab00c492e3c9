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

// Another hub may hold what a neighbor has signed in a coordinator's place, or what somebody
// wrote who is none any more: it counts for nothing, whatever it is.

func TestOnlyCoordinatorsAnswer(t *testing.T) {
	m := newMoment(t)
	m.do(ann, "questions", "text", "the dam is broken?", "client_id", "q")
	r := m.do(maria, "questions/"+author(ann).String()[:16]+"/q", "verdict", "false", "text", "It holds.")
	m.put(ann, hub.Draft{Key: r.Key, Body: []byte(strings.Replace(string(r.Body), "It holds.", "Run now!!", 1))}, now.Add(time.Minute))
	m.now = now.Add(2 * time.Minute)
	answers := func() string {
		var all []string
		for _, a := range view[notices.QuestionsView](m, m.ask(ann, "questions")).Answered {
			for _, one := range a.Answers {
				all = append(all, one.Text)
			}
		}
		return strings.Join(all, "; ")
	}
	if got := answers(); got != "It holds." {
		t.Errorf("answers: %q", got)
	}
	m.grant(maria, "Maria Ortiz", "fire district", roster.Moderate)
	if got := answers(); got != "" {
		t.Errorf("of one who is none any more: %q", got)
	}
}

func TestANeighborDiscardsNoDraft(t *testing.T) {
	m := newMoment(t)
	q := m.ask(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	q.Official = false
	_, err := m.act(q)
	must(t, err)
	d, err := hub.Collection[notices.Draft]{}.Draft("d/a", notices.Draft{Discard: true})
	must(t, err)
	d.Class, d.TTL = record.Talk, 30
	m.put(ann, d, now.Add(time.Minute))
	m.now = now.Add(2 * time.Minute)
	if n := m.list(tom).Drafts; n != 1 {
		t.Errorf("%d drafts wait", n)
	}
}

func TestANeighborsTemplateIsOfferedToNobody(t *testing.T) {
	m := newMoment(t)
	r := m.do(maria, "templates", "head", "Goats on the road", "client_id", "t")
	m.put(ann, hub.Draft{Key: "t/x", Body: []byte(strings.Replace(string(r.Body), "Goats", "Ghost", 1))}, now.Add(time.Minute))
	m.now = now.Add(2 * time.Minute)
	offered := ""
	for _, c := range view[notices.ComposeView](m, m.ask(tom, "new")).Choices {
		if c.Own {
			offered += c.Head
		}
	}
	if offered != "Goats on the road" {
		t.Errorf("offered: %q", offered)
	}
}
