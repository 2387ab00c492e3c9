package messages_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestAHiddenPostSaysWhyWhereItStandsAndIsNoNews(t *testing.T) {
	m := newMoment(t)
	m.write(2, "town", "buy my pills", "bad", time.Hour)
	m.write(3, "town", "water at the school", "good", 2*time.Hour)
	if err := m.send(3, at(2, "bad"), 0, "text", "go away", "client_id", "answer"); err != nil {
		t.Fatal(err)
	}
	m.hidden = map[string]string{"bad": "spam"}
	v, err := m.view("town")
	if err != nil || len(v.Posts) != 3 {
		t.Fatalf("%+v %v", v.Posts, err)
	}
	for _, p := range v.Posts {
		if want := p.ClientID == "bad"; (p.Judged == "spam") != want {
			t.Errorf("%s is hidden for %q", p.ClientID, p.Judged)
		}
		if p.Re != nil && (!p.Re.Judged || p.Re.Text != "") {
			t.Errorf("the quote of a hidden post: %+v", p.Re)
		}
	}
	p, err := m.page(1, at(2, "bad"))
	if v := p.Model.(messages.ThreadView); err != nil || v.Post.Judged != "spam" || v.Post.Text != "buy my pills" || len(v.Replies) != 1 || v.Judge != "" {
		t.Errorf("its own page: %+v %v", v, err)
	}
	p, err = messages.New().Front(m, hub.Request{})
	if c := p.Model.(messages.Card); err != nil || len(c.Posts) != 2 {
		t.Errorf("on the first page: %+v %v", c.Posts, err)
	}
	for words, want := range map[string]int{"pills": 0, "school": 1} {
		p, err := messages.New().View(m, hub.Request{Path: "search", Query: url.Values{"q": {words}}})
		if v := p.Model.(messages.SearchView); err != nil || len(v.Posts) != want {
			t.Errorf("%s is found: %+v %v", words, v.Posts, err)
		}
	}
	m.hidden["answer"] = "rude"
	p, err = m.page(1, "")
	if v := p.Model.(messages.ListView); err != nil || len(v.Rows) != 1 || v.Rows[0].Newest.ClientID != "good" {
		t.Errorf("in the list of talks: %+v %v", v.Rows, err)
	}
	m.hidden["good"] = "all of it"
	p, err = m.page(1, "")
	if v := p.Model.(messages.ListView); err != nil || len(v.Rows) != 1 || v.Rows[0].Newest == nil || v.Rows[0].Newest.Judged == "" {
		t.Errorf("a talk of which all is hidden: %+v %v", v.Rows, err)
	}
	m.hidden = map[string]string{"bad": "spam"}
	p, err = messages.New().Print(m, hub.Request{})
	if v := p.Model.(messages.ReportView); err != nil || len(v.Posts) != 2 {
		t.Errorf("on a door: %+v %v", v.Posts, err)
	}
	m.hidden["answer"] = "rude"
	p, err = messages.New().Report(m, hub.Request{}, time.Time{})
	if v := p.Model.(messages.ReportView); err != nil || len(v.Posts) != 3 || v.Posts[0].Judged == "" {
		t.Errorf("on paper: %+v %v", v.Posts, err)
	}
}

// moderator gives somebody's key the role.
func (m *moment) moderator(n byte) {
	m.t.Helper()
	f := roster.Founding{Name: "Elm Street", Roots: []record.Author{author(200)}, Threshold: 1, Time: record.At(now.AddDate(0, -1, 0))}
	r, err := roster.Certificate{Kind: roster.Coordinator, Subject: author(n), Label: "Maria", Roles: roster.Moderate}.Record(record.At(now), record.Via{})
	if err != nil {
		m.t.Fatal(err)
	}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		m.t.Fatal(err)
	}
	if r, err = codec.Sign(r, key(200)); err != nil {
		m.t.Fatal(err)
	}
	m.who = roster.Compute(f, []record.Record{r})
}

func TestModeratorsAreLedToWhereAPostIsHidden(t *testing.T) {
	m := newMoment(t)
	r := m.write(2, "town", "buy my pills", "bad", time.Hour)
	m.moderator(1)
	p, err := m.page(1, at(2, "bad"))
	if v := p.Model.(messages.ThreadView); err != nil || !strings.Contains(v.Judge, "author="+author(2).String()) {
		t.Errorf("%+v %v", v, err)
	}
	p, err = m.page(3, at(2, "bad"))
	if v := p.Model.(messages.ThreadView); err != nil || v.Judge != "" {
		t.Errorf("somebody else: %+v %v", v, err)
	}
	c, err := messages.New().Case(m, hub.Request{}, r.Key, r.Author)
	if err != nil || c.Text != "buy my pills" || c.Path != "/messages/"+at(2, "bad") || c.Where != "Town talk" || c.ID() != r.ID() {
		t.Errorf("%+v %v", c, err)
	}
	for _, k := range []string{"", "report/x", r.Key + "x"} {
		_, err := messages.New().Case(m, hub.Request{}, k, r.Author)
		code(t, err, hub.NotFound)
	}
}

func TestReportsAreReadTheLatestFirst(t *testing.T) {
	m := newMoment(t)
	r := m.write(2, "town", "one", "a", time.Hour)
	m.write(2, "town", "two", "b", time.Hour)
	for n, id := range map[byte]string{3: "a", 4: "b"} {
		if err := m.send(n, at(2, id)+"/report", time.Duration(n)*time.Minute, "reason", "because of "+id); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (all []hub.Report) {
		t.Helper()
		for r, err := range messages.New().Reports(m, hub.Request{}) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
	all := read()
	if len(all) != 2 || all[0].By != author(3) || all[0].Reason != "because of a" || all[0].Text != "one" || all[1].Text != "two" {
		t.Fatalf("%+v", all)
	}
	m.put(2, record.Record{Key: r.Key, Time: r.Time + 1}) // takes it back
	if all = read(); len(all) != 1 || all[0].Text != "two" {
		t.Errorf("%+v", all)
	}
}
