package server

import (
	"crypto/ed25519"
	"html/template"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/qr"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// codeView is what the page of the return code shows.
type codeView struct {
	Known, Guest bool
	Words        []string      // until they are written down
	QR           template.HTML // of the words, if that is wished for
}

// code shows the return code until the person says that it is written down.
func (s *Server) code(v *visit) (answer, error) {
	m := codeView{Known: v.session != nil}
	if m.Known && v.session.HasCode() {
		words := v.session.Code().Words()
		m.Words = words[:]
		if v.r.URL.Query().Get("qr") != "" {
			code, err := qr.Encode(strings.ToUpper(v.session.Code().Text()), qr.Paper) // capitals make a smaller one
			if err != nil {
				return answer{}, err
			}
			m.QR = template.HTML(code.SVG(v.lang.Text("Your six words as a QR code"))) //nolint:gosec // package qr escapes
		}
	} else if m.Known {
		var err error
		if m.Guest, err = s.isGuest(v); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "code.html", title: v.lang.Text("Your return code"), model: m}, nil
}

func (s *Server) writtenDown(v *visit) (answer, error) {
	if v.session == nil {
		return answer{}, notSignedIn()
	}
	if err := s.cfg.Sessions.Confirm(v.token); err != nil {
		return answer{}, err
	}
	return answer{to: "/?done=code"}, nil
}

// returnView is what the page for the six words shows.
type returnView struct {
	Unknown  bool // are the words right, or meant to be entered here?
	Official bool // here they are for official acts as well
	Warned   bool // they are, and were entered where they should not be
}

func (s *Server) comeBack(v *visit) (answer, error) {
	m := returnView{Unknown: v.unsure(), Official: v.way.private(), Warned: v.trouble != nil && v.trouble.said.Phrase == officialWords}
	return answer{page: "return.html", title: v.lang.Text("Welcome back"), model: m}, nil
}

// unknownCode is said of six words from the list that nobody here knows: each
// makes somebody, so a mistyped one would make somebody new.
const unknownCode hub.Phrase = "This place knows nobody by these six words. Compare each with what you wrote down. If all are right, the news of you may not have arrived here yet: tick the box to go on."

// recognize signs in whoever enters six words. A hub vouches for them when they
// first write, if none does by then.
func (s *Server) recognize(v *visit) (answer, error) {
	key, err := s.keyInForm(v)
	if err != nil {
		return answer{}, err
	}
	if err := s.knows(v, key, "sure"); err != nil {
		return answer{}, err
	}
	if err := s.discreet(v, key, "sure"); err != nil {
		return answer{}, err
	}
	if err := s.resume(v, key); err != nil {
		return answer{}, err
	}
	return answer{to: "/?done=back"}, nil
}

// knows is a NotFound where nobody is known by a key here, and the form does not say in
// the field sure that its words are right.
func (s *Server) knows(v *visit, key ed25519.PrivateKey, sure string) error {
	who, err := s.person(v.ctx(), record.AuthorOf(key))
	if err == nil && who.Home == "" && who.Name == "" && v.form.Get(sure) != "yes" {
		err = hub.Errorf(hub.NotFound, returncode.Field, unknownCode)
		s.guessed(v)
	}
	return err
}

// nameView is what the page of the name shows.
type nameView struct {
	Known, Guest bool
	Name, Tag    string
}

func (s *Server) name(v *visit) (answer, error) {
	m := nameView{Known: v.session != nil}
	if m.Known {
		who, err := s.person(v.ctx(), v.session.Author)
		if err != nil {
			return answer{}, err
		}
		if m.Guest, err = s.isGuest(v); err != nil {
			return answer{}, err
		}
		m.Name, m.Tag = who.Name, v.session.Author.Tag()
	}
	return answer{page: "name.html", title: v.lang.Text("Your name"), model: m}, nil
}

func (s *Server) rename(v *visit) (answer, error) {
	if v.session == nil {
		return answer{}, notSignedIn()
	}
	if shared, err := s.isGuest(v); err != nil {
		return answer{}, err
	} else if shared {
		return answer{}, hub.Errorf(hub.Forbidden, "", "Guests share one name.")
	}
	who, err := s.person(v.ctx(), v.session.Author)
	if err != nil {
		return answer{}, err
	}
	name, err := v.about.cleanName(v.form.Get("name"), who.Name)
	if err != nil {
		return answer{}, err
	}
	if name == "" {
		return answer{}, hub.Errorf(hub.Invalid, "name", "Write the name that neighbors should see.")
	}
	end, err := s.writes.turns.take(v.ctx(), v.session.Author[0])
	if err != nil {
		return answer{}, err
	}
	defer end()
	if who, err = s.person(v.ctx(), v.session.Author); err == nil && (who.Home == "" || who.Name != name) {
		err = s.inPace(v)
	}
	switch {
	case err != nil:
		return answer{}, err
	case who.Home == "":
		err = s.enroll(v, v.session.Key(), name)
	case who.Name != name:
		err = s.cfg.Hub.Rename(v.ctx(), v.session.Key(), name)
	}
	if err != nil {
		return answer{}, err
	}
	return answer{to: "/?done=name"}, nil
}

// leaveView is what the page for signing out shows.
type leaveView struct {
	Known   bool
	Unsaved bool // the return code is not written down
}

func (s *Server) leaving(v *visit) (answer, error) {
	m := leaveView{Known: v.session != nil}
	m.Unsaved = m.Known && v.session.HasCode()
	return answer{page: "signout.html", title: v.lang.Text("Sign out"), model: m}, nil
}

// leave signs out. Somebody whose session ended meanwhile is out as well.
func (s *Server) leave(v *visit) (answer, error) {
	if err := s.signOut(v); err != nil {
		return answer{}, err
	}
	if v.form.Get("forget") == "" {
		return answer{to: "/?done=out"}, nil
	}
	v.langInPath = ""
	v.forget()
	return answer{to: "/?done=forgot"}, nil
}

// signOut ends the visit's session, here and in the browser.
func (s *Server) signOut(v *visit) error {
	if v.token != "" {
		if err := s.cfg.Sessions.End(v.token); err != nil {
			return err
		}
	}
	v.session, v.token, v.inPath = nil, "", ""
	v.cookies = append(v.cookies, v.cookie("", -time.Second))
	return nil
}

func notSignedIn() error {
	return hub.Errorf(hub.Forbidden, "", "This device is not signed in here. Enter your six words first.")
}
