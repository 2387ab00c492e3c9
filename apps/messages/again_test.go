package messages_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestTheSameTextFromAPageSoonAfterIsTheSamePost(t *testing.T) {
	const text = "Water at the school"
	re := author(3).String() + "/q"
	for name, c := range map[string]struct {
		before  func(*moment)
		n       byte
		channel string
		text    string
		re      string
		program bool
		drafts  int
	}{
		"the same":            {},
		"with other blanks":   {text: text + " \r\n"},
		"of a program":        {program: true, drafts: 1},
		"another text":        {text: "Bread at the school", drafts: 1},
		"somebody else's":     {n: 2, drafts: 1},
		"in another talk":     {channel: "Maple Street", drafts: 1},
		"as an answer":        {re: re, drafts: 1},
		"others wrote since":  {before: func(m *moment) { m.write(2, "town", "thanks", "b", time.Minute) }},
		"they wrote since":    {before: func(m *moment) { m.write(1, "town", "and bread", "b", time.Minute) }, drafts: 1},
		"it was taken back":   {before: func(m *moment) { m.put(1, record.Record{Key: townHash + "/a", Time: record.At(now)}) }, drafts: 1},
		"it is an old answer": {before: func(m *moment) { m.reply(1, text, "b", re, 2*time.Minute) }, re: re},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMoment(t)
			m.write(1, "town", text, "a", 9*time.Minute)
			if c.before != nil {
				c.before(m)
			}
			q := hub.Request{Path: "town", Author: author(1), Plain: !c.program, Form: url.Values{"text": {text}, "client_id": {"later"}, "re": {c.re}}}
			if c.channel != "" {
				q.Path = c.channel
			}
			if c.text != "" {
				q.Form.Set("text", c.text)
			}
			if c.n != 0 {
				q.Author = author(c.n)
			}
			ds, err := messages.New().Act(m, q)
			if c.drafts == 0 {
				if !errors.Is(err, hub.ErrAlready) {
					t.Errorf("%d drafts, %v", len(ds), err)
				}
			} else if err != nil || len(ds) != c.drafts {
				t.Errorf("%d drafts, %v", len(ds), err)
			}
		})
	}

	m := newMoment(t)
	m.write(1, "town", text, "a", 11*time.Minute)
	ds, err := messages.New().Act(m, hub.Request{Path: "town", Author: author(1), Plain: true, Form: url.Values{"text": {text}, "client_id": {"later"}}})
	if err != nil || len(ds) != 1 {
		t.Errorf("after 11 minutes: %d drafts, %v", len(ds), err)
	}
}

// reply does what the form below a post does, at a moment so long ago.
func (m *moment) reply(n byte, text, id, re string, ago time.Duration) {
	m.t.Helper()
	if err := m.send(n, "town", ago, "text", text, "client_id", id, "re", re); err != nil {
		m.t.Fatal(err)
	}
}
