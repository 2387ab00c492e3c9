package server

import (
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// youView is what the page about the reader shows.
type youView struct {
	Me      hub.Person
	Tag     string
	Known   bool
	Guest   bool
	HasCode bool     // that is not yet written down
	Hides   bool     // has hidden somebody
	Stolen  bool     // the six words can be ended
	Judges  bool     // is a moderator
	Asked   int      // posts that wait for a moderator
	Speaks  *speaker // what they may do officially; nil for nothing
	Office  []door   // where they do it
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
		if m.Asked, err = s.undecided(v); err != nil {
			return answer{}, err
		}
		if m.Speaks, err = s.speaksAs(v); err != nil {
			return answer{}, err
		}
		if m.Office, err = s.office(v); err != nil {
			return answer{}, err
		}
		m.Tag, m.HasCode = v.session.Author.Tag(), v.session.HasCode()
		m.Hides = s.keeps(v) && len(s.cfg.Readers.Hidden(v.author())) > 0
	}
	return answer{page: "you.html", title: v.lang.Text("You"), model: m}, nil
}

// speaksAs is what the reader may do officially, and how they are called there; nil if
// nothing of the kind.
func (s *Server) speaksAs(v *visit) (one *speaker, _ error) {
	err := s.cfg.Hub.Read(v.ctx(), record.Roster, func(snap hub.Snapshot) error {
		if c, ok := snap.Roster().Coordinator(v.author()); ok && c.Roles != 0 && !snap.Roster().Retired(v.author()) {
			one = &speaker{Name: c.Label, Tag: v.author().Tag(), Area: c.Area, May: mayDo(register.Roles(c.Roles), c.Senders)}
		}
		return nil
	})
	return one, err
}

// office is the ways in of the apps for what the reader may do officially.
func (s *Server) office(v *visit) (all []door, _ error) {
	for _, m := range s.mounts {
		o, ok := m.app.(hub.Officer)
		if !ok {
			continue
		}
		var ways []hub.Way
		err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) (err error) {
			ways, err = o.Office(snap, s.request(v, m, ""))
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, w := range ways {
			all = append(all, door{w.Title, m.root() + w.Path, w.Icon})
		}
	}
	return all, nil
}
