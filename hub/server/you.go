package server

import "github.com/lamppost-hub/lamppost/hub"

// youView is what the page about the reader shows.
type youView struct {
	Me      hub.Person
	Tag     string
	Known   bool
	Guest   bool
	HasCode bool // that is not yet written down
	Hides   bool // has hidden somebody
	Stolen  bool // the six words can be ended
	Judges  bool // is a moderator
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
		m.Tag, m.HasCode = v.session.Author.Tag(), v.session.HasCode()
		m.Hides = s.keeps(v) && len(s.cfg.Readers.Hidden(v.author())) > 0
	}
	return answer{page: "you.html", title: v.lang.Text("You"), model: m}, nil
}
