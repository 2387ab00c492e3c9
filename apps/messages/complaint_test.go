package messages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// reports are the reports that the hub holds, newest first.
func (m *moment) reports() (all []messages.Complaint) {
	m.t.Helper()
	for it, err := range m.Newest("reports", 0) {
		b, bad := hub.Collection[messages.Complaint]{}.Decode(it.Record)
		if err != nil || bad != nil {
			m.t.Fatal(err, bad)
		}
		all = append(all, b)
	}
	return all
}

func TestAPostIsReportedOncePerReader(t *testing.T) {
	m := newMoment(t)
	r := m.write(2, "town", "something bad", "a", time.Hour)
	path := at(2, "a") + "/report"
	for _, n := range []byte{1, 1, 3} {
		if err := m.send(n, path, 0, "reason", " It is\u202e a lie "); err != nil {
			t.Fatal(err)
		}
	}
	all := m.reports()
	if len(all) != 2 || all[0].Reason != "It is a lie" || all[0].Post != r.Key || string(all[0].ID) != string(idOf(r)) || record.Author(all[0].Author) != author(2) {
		t.Fatalf("%+v", all)
	}
	p, err := m.page(1, path)
	if v := p.Model.(messages.ComplaintView); err != nil || !v.Done || v.Post.Text != "something bad" {
		t.Errorf("%+v %v", v, err)
	}
	if p, err := m.page(4, path); err != nil || p.Model.(messages.ComplaintView).Done {
		t.Errorf("%+v %v", p, err)
	}
	if v, err := m.view("town"); err != nil || len(v.Posts) != 1 || v.Posts[0].Replies != 0 {
		t.Errorf("a report is shown: %+v %v", v, err)
	}
}

func idOf(r record.Record) []byte {
	id := r.ID()
	return id[:]
}

func TestWhatCannotBeReported(t *testing.T) {
	m := newMoment(t)
	r := m.write(2, "town", "a post", "a", time.Hour)
	path := at(2, "a") + "/report"
	code(t, m.send(2, path, 0), hub.Invalid)
	code(t, m.send(1, path, 0, "reason", strings.Repeat("a", 201)), hub.Invalid)
	code(t, m.send(1, path, 0, "reason", "\x00"), hub.Invalid)
	code(t, m.send(1, at(2, "b")+"/report", 0), hub.NotFound)
	m.put(2, record.Record{Key: r.Key, Time: r.Time + 1})
	code(t, m.send(1, path, 0), hub.NotFound)
	if _, err := m.page(1, path); err == nil {
		t.Error("there is a page")
	}
	if all := m.reports(); all != nil {
		t.Errorf("%+v", all)
	}
}

func TestAReportThatSaysNothingIsNone(t *testing.T) {
	m := newMoment(t)
	r := m.write(2, "town", "a post", "a", time.Hour)
	if err := m.send(1, at(2, "a")+"/report", 0); err != nil {
		t.Fatal(err)
	}
	good := m.held[len(m.held)-1]
	check := messages.New().Manifest().Check
	if err := check(good); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]record.Record{
		"of another post": {Key: good.Key[:len(good.Key)-1] + "x", Body: good.Body},
		"with no body":    {Key: good.Key, Body: []byte{0xa0}},
		"with a post's":   {Key: good.Key, Body: r.Body},
	} {
		if check(bad) == nil {
			t.Error(name)
		}
	}
}
