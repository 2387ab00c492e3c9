package messages_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// send has somebody send a form to a page, so long ago.
func (m *moment) send(n byte, path string, ago time.Duration, fields ...string) error {
	m.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	ds, err := messages.New().Act(m, hub.Request{Path: path, Author: author(n), Form: form})
	for _, d := range ds {
		m.put(n, record.Record{Key: d.Key, Body: d.Body, Time: record.At(now.Add(-ago))})
	}
	return err
}

// at is the path of a neighbor's post in the town's talk.
func at(n byte, client string) string { return "town/" + author(n).String()[:16] + "/" + client }

func (m *moment) page(n byte, path string) (hub.Page, error) {
	return messages.New().View(m, hub.Request{Path: path, Author: author(n)})
}

func (m *moment) thread(path string) messages.ThreadView {
	m.t.Helper()
	p, err := m.page(1, path)
	if err != nil {
		m.t.Fatal(err)
	}
	return p.Model.(messages.ThreadView)
}

func (m *moment) newestPost() messages.Post {
	m.t.Helper()
	v, err := m.view("town")
	if err != nil || len(v.Posts) == 0 {
		m.t.Fatal(v, err)
	}
	return v.Posts[0]
}

func TestAReplyStandsInPlaceAndBelowWhatItAnswers(t *testing.T) {
	m := newMoment(t)
	m.names[author(2)] = "Bo"
	m.write(2, "town", "Is there water anywhere?\nWe are four.", "q", time.Hour)
	for _, reply := range []string{"at the school", "and at the church"} {
		if err := m.send(1, at(2, "q"), time.Duration(100-len(reply))*time.Second, "text", reply, "client_id", reply[:2]); err != nil {
			t.Fatal(err)
		}
	}
	p := m.newestPost()
	if p.Text != "and at the church" || p.Re == nil || p.Re.Name != "Bo" || p.Re.Text != "Is there water anywhere? …" || p.Re.Path != "/messages/"+at(2, "q") {
		t.Errorf("%+v, %+v", p, p.Re)
	}
	v, _ := m.view("town")
	if q := v.Posts[2]; q.Replies != 2 || q.Re != nil || q.Path() != p.Re.Path {
		t.Errorf("%+v", q)
	}
	th := m.thread(at(2, "q"))
	if th.Post == nil || th.Post.ClientID != "q" || len(th.Replies) != 2 || th.Replies[0].Text != "at the school" || th.Replies[0].Re != nil {
		t.Errorf("%+v", th)
	}
	if err := m.send(1, at(2, "q"), 0, "text", "at the school", "client_id", "at"); err != nil {
		t.Error("the same again:", err)
	}
	code(t, m.send(1, "town", 0, "text", "at the school", "client_id", "at"), hub.Conflict)
}

func TestAReplyByAProgramNamesWhatItAnswers(t *testing.T) {
	m := newMoment(t)
	m.write(2, "town", "question", "q", time.Hour)
	re := author(2).String() + "/q"
	if err := m.send(1, "town", 0, "text", "answer", "client_id", "a", "re", re); err != nil {
		t.Fatal(err)
	}
	if p := m.newestPost(); p.Re == nil || p.Re.State != "here" {
		t.Errorf("%+v", p)
	}
	v, err := m.answer("town", "re", re)
	if err != nil || len(v.Items) != 1 || v.Items[0].Text != "answer" {
		t.Errorf("%+v %v", v, err)
	}
	for _, bad := range []string{"q", "/q", author(2).String(), author(2).String()[:60] + "/q", author(2).String() + "/a/b"} {
		code(t, m.send(1, "town", 0, "text", "answer", "client_id", "b", "re", bad), hub.Invalid)
	}
}

func TestNoPostAnswersItself(t *testing.T) {
	m := newMoment(t)
	re := author(1).String() + "/a"
	code(t, m.send(1, "town", 0, "text", "hello", "client_id", "a", "re", re), hub.Invalid)
	m.write(1, "town", "hello", "a", time.Minute)
	code(t, m.send(1, at(1, "a"), 0, "text", "hello again", "client_id", "a"), hub.Invalid)
	if err := m.send(2, "town", 0, "text", "hello", "client_id", "a", "re", re); err != nil {
		t.Errorf("somebody else's of the same client_id: %v", err)
	}
}

func TestAReplyOutlivesWhatItAnswers(t *testing.T) {
	m := newMoment(t)
	r := m.write(2, "town", "question", "q", time.Hour)
	re := author(2).String() + "/q"
	for _, one := range []string{re, author(3).String() + "/elsewhere"} {
		if err := m.send(1, "town", 0, "text", "answer", "client_id", one[:5], "re", one); err != nil {
			t.Fatal(err)
		}
	}
	m.put(2, record.Record{Key: r.Key, Time: r.Time + 1})
	v, err := m.view("town")
	if err != nil || len(v.Posts) != 2 {
		t.Fatal(v, err)
	}
	states := map[string]bool{}
	for _, p := range v.Posts {
		states[p.Re.State] = p.Re.Text == "" && p.Re.Path == ""
	}
	if !states["withdrawn"] || !states["unknown"] {
		t.Error(states)
	}
	if th := m.thread(at(2, "q")); th.Post != nil || len(th.Replies) != 1 {
		t.Errorf("%+v", th)
	}
	_, err = m.page(1, at(3, "elsewhere"))
	code(t, err, hub.NotFound)
}

func TestAChangedPostStaysWhereItStood(t *testing.T) {
	m := newMoment(t)
	r := m.write(1, "town", "Water at five", "a", time.Hour)
	m.write(2, "town", "thanks", "b", time.Minute)
	edit := at(1, "a") + "/edit"
	if err := m.send(1, edit, 0, "text", "Water at six", "edits", r.ID().String()); err != nil {
		t.Fatal(err)
	}
	v, err := m.view("town")
	if err != nil || len(v.Posts) != 2 {
		t.Fatal(v, err)
	}
	p := v.Posts[1]
	if p.Text != "Water at six" || !p.At.Equal(now.Add(-time.Hour)) || !p.Edited.Equal(now) {
		t.Errorf("%+v", p)
	}
	if err := m.send(1, edit, 0, "text", "Water at six", "edits", r.ID().String()); err != nil {
		t.Error("the same again:", err)
	}
	code(t, m.send(1, edit, 0, "text", "Water at seven", "edits", r.ID().String()), hub.Conflict)
	if err := m.send(1, edit, -time.Minute, "text", "Water at seven", "edits", p.ID); err != nil {
		t.Error("with what it replaces:", err)
	}
	if v, _ := m.view("town"); !v.Posts[1].At.Equal(now.Add(-time.Hour)) {
		t.Errorf("the second change has moved it: %+v", v.Posts[1])
	}
	code(t, m.send(1, edit, 0, "text", " ", "edits", p.ID), hub.Invalid)
	code(t, m.send(2, edit, 0, "text", "no", "edits", p.ID), hub.Forbidden)
	code(t, m.send(1, at(1, "x")+"/edit", 0, "text", "no", "edits", p.ID), hub.NotFound)
}

func TestAChangedReplyGoesOnAnswering(t *testing.T) {
	m := newMoment(t)
	m.write(2, "town", "question", "q", time.Hour)
	if err := m.send(1, at(2, "q"), time.Minute, "text", "answer", "client_id", "a"); err != nil {
		t.Fatal(err)
	}
	if err := m.send(1, "town", 0, "text", "better answer", "client_id", "a", "edits", m.newestPost().ID); err != nil {
		t.Fatal(err)
	}
	if th := m.thread(at(2, "q")); len(th.Replies) != 1 || th.Replies[0].Text != "better answer" || th.Post.Replies != 1 {
		t.Errorf("%+v", th)
	}
}

func TestAPostTakenBackIsGoneEverywhere(t *testing.T) {
	m := newMoment(t)
	r := m.write(1, "town", "a mistake", "a", time.Hour)
	back := at(1, "a") + "/edit"
	code(t, m.send(1, back, 0, "withdraws", strings.Repeat("0", 64)), hub.Conflict)
	code(t, m.send(2, back, 0, "withdraws", r.ID().String()), hub.Forbidden)
	for range 2 { // the second finds it gone
		if err := m.send(1, back, 0, "withdraws", r.ID().String()); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := m.view("town"); err != nil || len(v.Posts) != 0 {
		t.Errorf("%+v %v", v, err)
	}
	for _, path := range []string{at(1, "a"), back} {
		_, err := m.page(1, path)
		code(t, err, hub.NotFound)
	}
	code(t, m.send(1, back, 0, "text", "again", "edits", r.ID().String()), hub.NotFound)
	w, err := messages.New().Written(m, hub.Request{Path: "town", Author: author(1), Form: url.Values{"client_id": {"a"}, "withdraws": {r.ID().String()}}})
	if p, _ := w.(messages.Post); err != nil || p.ClientID != "a" || p.Text != "" {
		t.Errorf("%+v %v", w, err)
	}
}

func TestOnlyOnesOwnPostCanBeOpenedForChange(t *testing.T) {
	m := newMoment(t)
	long := strings.TrimSpace(strings.Repeat("word ", 390))
	m.write(1, "town", long, "a", time.Hour)
	p, err := m.page(1, at(1, "a")+"/edit")
	if v := p.Model.(messages.EditView); err != nil || v.Text != long {
		t.Errorf("%+v %v", v, err)
	}
	for n, path := range map[byte]string{2: at(1, "a") + "/edit", 3: at(1, "b") + "/edit"} {
		_, err := m.page(n, path)
		code(t, err, hub.Forbidden)
	}
	for _, bad := range []string{"town/", "town/x", "town/x/y", at(1, "a") + "/more", at(1, "a") + "/edit/more", "town/zzzzzzzzzzzzzzzz/a", at(1, "")} {
		_, err := m.page(1, bad)
		code(t, err, hub.NotFound)
	}
}

func TestFormsLeadBackToWhatTheyAreAbout(t *testing.T) {
	for path, want := range map[string][2]string{
		"town":               {"", ""},
		at(1, "a"):           {"", ""},
		at(1, "a") + "/edit": {"/messages/" + at(1, "a") + "?done=changed", "/messages/town?done=withdrawn"},
	} {
		for i, form := range []url.Values{{"edits": {"x"}}, {"withdraws": {"x"}}} {
			if got := messages.New().Return(hub.Request{Path: path, Form: form}); got != want[i] {
				t.Errorf("%s %v: %q, want %q", path, form, got, want[i])
			}
		}
	}
}

func TestTheLargestReplyFitsARecord(t *testing.T) {
	m := newMoment(t)
	ch := strings.Repeat("c", 64)
	re := author(2).String() + "/" + strings.Repeat("q", 64)
	text := strings.Repeat("é", 1950)
	client := strings.Repeat("i", 64)
	if err := m.send(1, ch, time.Minute, "text", text, "client_id", client, "re", re); err != nil {
		t.Fatal(err)
	}
	v, err := m.view(ch)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.send(1, ch, 0, "text", text[2:]+"x", "client_id", client, "edits", v.Posts[0].ID); err != nil {
		t.Fatal(err)
	}
	code(t, m.send(1, ch, 0, "text", text+"é", "client_id", "j", "re", re), hub.Invalid)
}
