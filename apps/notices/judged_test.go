package notices_test

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestModeratorsJudgeQuestionsAndNothingElse(t *testing.T) {
	m := newMoment(t)
	r := m.do(ann, "questions", "text", "Is the dam broken?", "client_id", "q")
	n := m.do(maria, "new", "t", "boil-water", "text", "All streets north of the river.", "client_id", "n1")
	c, err := notices.New().Case(m, m.ask(maria, ""), r.Key, r.Author)
	if err != nil || c.Text != "Is the dam broken?" || c.ID() != r.ID() || c.Path != "/notices/questions/"+author(ann).String()[:16]+"/q" {
		t.Errorf("%+v %v", c, err)
	}
	for _, key := range []string{n.Key, "q/", "q/other", ""} {
		if c, err := notices.New().Case(m, m.ask(maria, ""), key, n.Author); err == nil {
			t.Errorf("%q can be judged: %+v", key, c)
		}
	}
	path := "questions/" + author(ann).String()[:16] + "/q"
	if v := view[notices.QuestionView](m, m.ask(maria, path)); v.Judge != "" {
		t.Errorf("somebody without the role is led to %s", v.Judge)
	}
	m.grant(tom, "Tom Lee", "", roster.Moderate)
	if v := view[notices.QuestionView](m, m.ask(tom, path)); !strings.HasPrefix(v.Judge, "/judge?") || !strings.Contains(v.Judge, "key=q%2Fq") {
		t.Errorf("a moderator is led to %q", v.Judge)
	}
	m.hidden = map[string]string{"q/q": "Spam or advertising"}
	if v := view[notices.QuestionView](m, m.ask(tom, path)); v.Hidden != hub.Phrase("Spam or advertising") {
		t.Errorf("it is hidden for %q", v.Hidden)
	}
}
