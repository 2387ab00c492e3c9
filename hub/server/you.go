package server

import (
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// youView is what the page about the reader shows.
type youView struct {
	Me      hub.Person
	Tag     string
	Known   bool
	Guest   bool
	HasCode bool   // that is not yet written down
	Hides   bool   // has hidden somebody
	Stolen  bool   // the six words can be ended
	Judges  bool   // is a moderator
	Speaks  string // how they are called where they speak officially; empty if they may not
}

// you is the page about the reader.
func (s *Server) you(v *visit) (answer, error) {
	m := youView{Known: v.session != nil, Stolen: s.cfg.Trust != nil}
	if m.Known {
		var err error
		if m.Me, err = s.person(v.ctx(), v.author()); err != nil {
			return answer{}, err
		}
		if m.Guest, err = s.isGuest(v); err != nil {
			return answer{}, err
		}
		if m.Judges, err = s.moderates(v); err != nil {
			return answer{}, err
		}
		if m.Speaks, err = s.speaksAs(v); err != nil {
			return answer{}, err
		}
		m.Tag, m.HasCode = v.session.Author.Tag(), v.session.HasCode()
		m.Hides = s.keeps(v) && len(s.cfg.Readers.Hidden(v.author())) > 0
	}
	return answer{page: "you.html", title: v.lang.Text("You"), model: m}, nil
}

// speaksAs is how the reader is called where they speak officially; empty if they may do
// nothing of the kind.
func (s *Server) speaksAs(v *visit) (name string, _ error) {
	err := s.cfg.Hub.Read(v.ctx(), record.Roster, func(snap hub.Snapshot) error {
		if c, ok := snap.Roster().Coordinator(v.author()); ok && c.Roles != 0 && !snap.Roster().Retired(v.author()) {
			name = c.Label
		}
		return nil
	})
	return name, err
}
