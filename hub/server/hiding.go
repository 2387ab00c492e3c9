package server

import (
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// hidingView is what the page shows on which somebody is hidden.
type hidingView struct {
	Known bool
	Guest bool // writes under the name that all guests share
	Who   hidden
	Back  string // where the reader came from, escaped
}

// hidden is somebody whom the reader has hidden, or is about to.
type hidden struct{ Key, Name, Tag string }

// hiddenView is what the page shows of all whom the reader has hidden.
type hiddenView struct {
	Known  bool
	Guest  bool
	People []hidden
}

// hiding asks whether somebody is to be hidden.
func (s *Server) hiding(v *visit) (answer, error) {
	known := s.keeps(v)
	m := hidingView{Known: known, Guest: v.session != nil && !known, Back: wayBack(field(v, "back"))}
	if m.Known {
		who, err := authorIn(field(v, "author"))
		if err != nil {
			return answer{}, err
		}
		if m.Who, err = s.shown(v, who); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "hide.html", title: v.lang.Text("Hide somebody"), model: m}, nil
}

func (s *Server) hide(v *visit) (answer, error) {
	if err := s.setHidden(v, true); err != nil {
		return answer{}, err
	}
	return answer{to: wayBack(v.form.Get("back")) + "?done=hidden"}, nil
}

func (s *Server) unhide(v *visit) (answer, error) {
	if err := s.setHidden(v, false); err != nil {
		return answer{}, err
	}
	return answer{to: "/hidden?done=unhidden"}, nil
}

// setHidden does what a form with somebody's key asks for. It is a write to the disk
// and goes at the pace of posts.
func (s *Server) setHidden(v *visit, hide bool) error {
	if v.session == nil {
		return notSignedIn()
	}
	if !s.keeps(v) {
		return hub.Errorf(hub.Forbidden, "", "Guests share one name, so nothing can be kept for you alone.")
	}
	other, err := authorIn(v.form.Get("author"))
	if err != nil {
		return err
	}
	if hide && other == v.author() {
		return hub.Errorf(hub.Invalid, "", "This is you. Your own posts stay in view.")
	}
	if s.cfg.Readers.Hides(v.author(), other) == hide {
		return nil
	}
	if err := s.inPace(v); err != nil {
		return err
	}
	return s.cfg.Readers.SetHidden(v.author(), other, hide)
}

// hiddenPage lists whom the reader has hidden.
func (s *Server) hiddenPage(v *visit) (answer, error) {
	known := s.keeps(v)
	m := hiddenView{Known: known, Guest: v.session != nil && !known}
	if m.Known {
		for _, who := range s.cfg.Readers.Hidden(v.author()) {
			one, err := s.shown(v, who)
			if err != nil {
				return answer{}, err
			}
			m.People = append(m.People, one)
		}
	}
	return answer{page: "hidden.html", title: v.lang.Text("People you have hidden"), model: m}, nil
}

// shown is somebody as a page shows them.
func (s *Server) shown(v *visit, who record.Author) (hidden, error) {
	p, err := s.person(v.ctx(), who)
	return hidden{Key: who.String(), Name: p.Name, Tag: who.Tag()}, err
}

// field is one of a form that was sent, or else of the page's address.
func field(v *visit, name string) string {
	if v.form != nil {
		return v.form.Get(name)
	}
	return v.r.URL.Query().Get(name)
}

// authorIn reads somebody's key in hex.
func authorIn(s string) (a record.Author, _ error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(a) || record.Author(b) == a {
		return a, hub.Errorf(hub.Invalid, "", "This link is damaged. Go back to the post and try again.")
	}
	return record.Author(b), nil
}

// maxWayBack bounds the path that a form brings along, in bytes.
const maxWayBack = 512

// wayBack is the page of this hub that a form says it came from, without its query,
// or the list of who is hidden where it says nothing usable.
func wayBack(from string) string {
	u, err := url.Parse(from)
	if err != nil || len(from) > maxWayBack || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "/~") {
		return "/hidden"
	}
	return rooted(u.EscapedPath())
}
