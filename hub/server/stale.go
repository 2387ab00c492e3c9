package server

import (
	"encoding/json"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// staleness is what makes a page out of date.
type staleness struct {
	topics []topicGroup // a change under one of them
	until  time.Time    // time alone, from then on by the hub's clock; zero for never
}

// staleOf is it for an app's page.
func staleOf(app record.App, p hub.Page) (s staleness) {
	if len(p.Topics) > 0 {
		s.topics = []topicGroup{{App: app, Terms: p.Topics}}
	}
	s.until = p.Until
	return s
}

// and is what makes a page out of date that shows one thing and another.
func (s staleness) and(o staleness) staleness {
	both := staleness{until: s.until}
	both.topics = append(append(both.topics, s.topics...), o.topics...)
	if !o.until.IsZero() && (s.until.IsZero() || o.until.Before(s.until)) {
		both.until = o.until
	}
	return both
}

// longest is how many seconds an open page waits before it looks again by itself.
const longest = 24 * 60 * 60

// in is in how many seconds the page is out of date by itself; 0 if that is not known.
func (s staleness) in(about About) int {
	left := s.until.Sub(about.Now)
	if !about.Plausible || s.until.IsZero() || left <= 0 {
		return 0
	}
	return int(min(left/time.Second+1, longest))
}

// watched is the topics as the live socket takes them.
func (s staleness) watched() string {
	b, err := json.Marshal(s.topics)
	if err != nil || s.topics == nil {
		return "[]"
	}
	return string(b)
}
