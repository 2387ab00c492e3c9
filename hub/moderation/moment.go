package moderation

import (
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Moment is what was decided by one moment of a hub, without what is of a clock that
// runs ahead of the hub's. It is the State's Clock.
type Moment struct {
	*State

	now  time.Time
	sure bool
}

var _ Clock = Moment{}

// Now is the hub's time.
func (m Moment) Now() (time.Time, bool) { return m.now, m.sure }

// Ahead is false: what was is left out.
func (m Moment) Ahead(record.Time) bool { return false }

// Read is all that was decided, by a snapshot of app mod.
func Read(s hub.Snapshot) (Moment, error) { return read(s, s.Newest(All, 0)) }

// ReadAbout is what was decided about somebody, by a snapshot of app mod; nothing
// about their posts.
func ReadAbout(s hub.Snapshot, who record.Author) (Moment, error) {
	return read(s, s.Slots(Decision{Do: Free, Post: Post{Author: who}}.key()))
}

func read(s hub.Snapshot, items func(func(hub.Item, error) bool)) (m Moment, _ error) {
	var rs []record.Record
	for it, err := range items {
		if err != nil {
			return m, err
		}
		if !it.Ahead {
			rs = append(rs, it.Record)
		}
	}
	m.State = Fold(rs, s.Roster())
	m.now, m.sure = s.Now()
	return m, nil
}

// ReadRemovals is every removal that a moderator has signed, the latest first, by a
// snapshot of app roster.
func ReadRemovals(s hub.Snapshot) ([]Removal, error) {
	var rs []record.Record
	for it, err := range s.Newest(Removals, 0) {
		if err != nil {
			return nil, err
		}
		rs = append(rs, it.Record)
	}
	return RemovalsOf(rs, s.Roster()), nil
}
