package messages_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// report is what goes on paper.
func (m *moment) report(since time.Time) messages.ReportView {
	m.t.Helper()
	p, err := messages.New().Report(m, hub.Request{}, since)
	if err != nil {
		m.t.Fatal(err)
	}
	return p.Model.(messages.ReportView)
}

func texts(posts []messages.Post) (all []string) {
	for _, p := range posts {
		all = append(all, p.Text)
	}
	return all
}

func TestPaperHoldsWhatHasCome(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "old", "a", 25*time.Hour)
	m.write(2, "elm street", "new", "b", time.Hour)
	first := m.write(1, "town", "newest", "c", time.Minute)
	m.put(3, record.Record{Key: first.Key[:17] + "d", Body: first.Body, Time: record.At(now.Add(48 * time.Hour))})

	if got := fmt.Sprint(texts(m.report(now.Add(-24 * time.Hour)).Posts)); got != "[newest new newest]" {
		t.Errorf("of a day: %v, the last by a clock that runs ahead", got)
	}
	if got := fmt.Sprint(texts(m.report(time.Time{}).Posts)); got != "[newest new old newest]" {
		t.Errorf("where nobody knows the time: %v", got)
	}
}

func TestPaperHasAnEnd(t *testing.T) {
	m := newMoment(t)
	for i := range 160 {
		m.write(byte(1+i%3), "town", "post", fmt.Sprintf("c%d", i), time.Duration(i)*time.Second)
	}
	if got := m.report(time.Time{}); len(got.Posts) != 150 || !got.More {
		t.Errorf("%d posts, more: %v", len(got.Posts), got.More)
	}
}
