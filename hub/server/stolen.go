package server

import (
	"crypto/ed25519"
	"errors"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// stolenPath is the page on which somebody ends six words that another has.
const stolenPath = "/stolen"

// stolenView is what that page shows.
type stolenView struct {
	Here bool // it can be done from where the reader is
	Sure bool // the box was ticked before

	// Effects is what others see otherwise by it, where they are to be read first; Code the
	// six words that this is about.
	Effects []hub.Effect
	Code    string
}

// stolen asks whether six words are to be ended.
func (s *Server) stolen(v *visit) (answer, error) {
	m := stolenView{Here: v.way.private(), Sure: v.form.Get("sure") == "yes"}
	return answer{page: "stolen.html", title: v.lang.Text("Somebody else has my six words"), model: m}, nil
}

// renounce ends the key of whoever enters six words. They are asked for whoever is
// signed in: it is for good, and a device may have been left lying about.
func (s *Server) renounce(v *visit) (answer, error) {
	if !v.way.private() { // the words in the form say who it is, so a session is not asked for
		return answer{}, hub.Errorf(hub.Forbidden, "", "Nothing was ended: this can be done at the box itself alone. Ask whoever looks after this place.")
	}
	key, err := s.keyInForm(v)
	if err != nil {
		return answer{}, err
	}
	if v.form.Get("sure") != "yes" {
		return answer{}, hub.Errorf(hub.Invalid, "sure", "Tick the box: this cannot be taken back.")
	}
	if v.form.Get("seen") != "yes" {
		effects, err := s.without(v, record.AuthorOf(key))
		if err != nil {
			return answer{}, err
		}
		if len(effects) > 0 {
			m := stolenView{Here: true, Sure: true, Effects: effects, Code: v.form.Get("code")}
			return answer{page: "stolen.html", title: v.lang.Text("Somebody else has my six words"), model: m}, nil
		}
	}
	if err := s.cfg.Trust.Renounce(v.ctx(), key); err != nil {
		if said, ok := errors.AsType[*hub.Error](err); ok && said.Code == hub.NotFound {
			s.guessed(v)
		}
		return answer{}, err
	}
	if v.author() == record.AuthorOf(key) {
		if err := s.signOut(v); err != nil {
			return answer{}, err
		}
	}
	return answer{to: "/?done=ended"}, nil
}

// without is what is different for others once nothing of somebody's counts officially.
func (s *Server) without(v *visit, who record.Author) (all []hub.Effect, _ error) {
	for _, m := range s.mounts {
		f, ok := m.app.(hub.Foreseer)
		if !ok {
			continue
		}
		err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) error {
			c, ok := snap.Roster().Coordinator(who)
			if !ok {
				return nil
			}
			some, err := f.Without(snap, forAll(v), who, c.Roles)
			all = append(all, some...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	now, err := s.decided(v)
	if err != nil {
		return nil, err
	}
	removals, err := s.removals(v)
	if err != nil {
		return nil, err
	}
	err = s.cfg.Hub.Read(v.ctx(), record.Roster, func(snap hub.Snapshot) error {
		if c, ok := snap.Roster().Coordinator(who); ok && c.Roles.Has(roster.Moderate) {
			all = append(all, moderation.Without(forAll(v), now, removals, snap.Roster(), who)...)
		}
		return nil
	})
	return all, err
}

// stands is a Forbidden for a key that is ended for good.
func (s *Server) stands(v *visit, key ed25519.PrivateKey) error {
	over := false
	err := s.cfg.Hub.Read(v.ctx(), record.Roster, func(snap hub.Snapshot) error {
		over = snap.Roster().Revoked(record.AuthorOf(key))
		return nil
	})
	if err == nil && over {
		err = hub.Errorf(hub.Forbidden, returncode.Field, "These six words were ended for good: nobody can use them any more. Just write, and you get six new ones.")
	}
	return err
}
