package server

import (
	"crypto/ed25519"
	"net/http"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/webui"
)

// What a page's form says of its writer.
const (
	asField   = "as"   // the key of whoever it was opened for, in hex; empty if they may have six words
	anewField = "anew" // "yes": whoever sends it does so in their own name
	knowField = "know" // "yes": the six words are right, though nobody is known here by them
)

// accept decides whether a form may be acted upon: it has to come from this hub's own
// page for whoever sends it. What was opened for somebody else, at another place or
// before this device was signed out, is taken with their six words, which sign them
// in, or knowingly in the sender's own name.
func (s *Server) accept(v *visit) error {
	fresh, another := s.forge.check(v.form.Get("csrf"), string(v.token), v.addr), v.ofAnother()
	switch {
	case fresh && (another && v.form.Get(anewField) != "yes" || v.offersWords()):
		return s.signInWriter(v)
	case fresh:
		return nil
	case another:
		return hub.Errorf(hub.Forbidden, "", "Nothing was sent yet: this place cannot tell that it is you who wrote this. What you typed is still here. Enter your six words below it, then send it again.")
	}
	return hub.Errorf(hub.Forbidden, "", "Nothing was sent yet: this page was open for too long, or this device was signed out meanwhile. What you typed is still here. Check it and send it again.")
}

// writer is for whom the form of a visit was opened; zero where it does not say.
func (v *visit) writer() record.Author {
	a, err := authorIn(v.form.Get(asField))
	if err != nil {
		return record.Author{}
	}
	return a
}

// ofAnother reports whether a form was opened for somebody else than who sends it.
func (v *visit) ofAnother() bool {
	w := v.writer()
	return w != (record.Author{}) && w != v.author()
}

// offersWords reports whether somebody who is not signed in has put their six words into
// a form that would do without.
func (v *visit) offersWords() bool {
	return v.session == nil && v.form.Has(asField) && v.form.Get(asField) == "" && !hub.Blank(v.form.Get(returncode.Field))
}

// signInWriter signs in the writer of a form by the six words in it.
func (s *Server) signInWriter(v *visit) error {
	key, err := s.keyInForm(v)
	if err != nil {
		return err
	}
	if !v.ofAnother() {
		err = s.knows(v, key, knowField)
	} else if record.AuthorOf(key) != v.writer() {
		err = hub.Errorf(hub.Invalid, returncode.Field, "These are not the six words of whoever wrote this. Compare each with what you wrote down.")
		s.guessed(v)
	}
	if err == nil {
		err = s.discreet(v, key, knowField)
	}
	if err != nil {
		return err
	}
	return s.resume(v, key)
}

// keyInForm is the key of the six words in a form, unless it has been ended for good.
func (s *Server) keyInForm(v *visit) (ed25519.PrivateKey, error) {
	code, err := returncode.Parse(v.form.Get(returncode.Field))
	if err != nil {
		return nil, err
	}
	if err := s.mayGuess(v); err != nil {
		return nil, err
	}
	key, err := s.derive.key(v.ctx(), v.addr, code, s.cfg.Community)
	if err != nil {
		return nil, err
	}
	return key, s.stands(v, key)
}

// resume signs in somebody who has their six words, in place of who was signed in.
func (s *Server) resume(v *visit, key ed25519.PrivateKey) error {
	was := v.token
	t, err := s.start(v, key, returncode.Code{})
	if err != nil {
		return err
	}
	s.end(tokens{path: was})
	return s.enter(v, t)
}

// as is what the forms of a page say of their writer: the reader, or else whoever a form
// that is shown again was opened for. Those who share a key have no words.
func (s *Server) as(v *visit) webui.As {
	if v.trouble != nil && v.ofAnother() {
		return webui.As{Key: v.writer().String(), Other: true, Name: s.nameOf(v, v.writer()), Reader: s.nameOf(v, v.author())}
	}
	if v.session == nil {
		return webui.As{Elsewhere: v.knownElsewhere(), Unknown: v.unsure()}
	}
	if guest, err := s.isGuest(v); guest && err == nil {
		return webui.As{}
	}
	act, held, err := s.heldBack(v.ctx(), v.author())
	return webui.As{Key: v.author().String(), Muted: err == nil && held && act.Do == moderation.Mute}
}

// knownElsewhere reports whether the browser was signed in at another hub.
func (v *visit) knownElsewhere() bool {
	return slices.ContainsFunc(v.r.Cookies(), func(c *http.Cookie) bool {
		name := strings.TrimPrefix(c.Name, hostPrefix)
		return strings.HasPrefix(name, cookiePrefix) && name != cookiePrefix+v.about.ID && name != langCookie
	})
}

// nameOf is what somebody is called, or empty.
func (s *Server) nameOf(v *visit, who record.Author) string {
	p, err := s.person(v.ctx(), who)
	if err != nil {
		return ""
	}
	return p.Name
}
