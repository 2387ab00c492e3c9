package server

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/webui"
)

// mount is an app at /{name}/.
type mount struct {
	app     hub.App
	answers hub.Answerer // nil: not for programs
	takes   documents
	banners hub.Bannerer // nil: tops no page
	name    record.App
	raw     *http.ServeMux   // nil: no handlers of its own
	brings  map[string]int64 // bytes of forms of these at the most, by pattern
	title   hub.Phrase
	set     *template.Template
}

func newMount(a hub.App, behind hub.Host) (*mount, error) {
	m := a.Manifest()
	set, err := webui.Templates(m.Files)
	if err != nil {
		return nil, fmt.Errorf("app %s: %w", m.Name, err)
	}
	raw, err := rawRoutes(a, behind)
	if err != nil {
		return nil, fmt.Errorf("app %s: %w", m.Name, err)
	}
	brings, err := bringsOf(a)
	if err != nil {
		return nil, fmt.Errorf("app %s: %w", m.Name, err)
	}
	answers, _ := a.(hub.Answerer)
	banners, _ := a.(hub.Bannerer)
	return &mount{app: a, answers: answers, takes: documentsOf(a, behind), banners: banners, raw: raw, brings: brings, name: m.Name, title: m.Title, set: set}, nil
}

// root is where the app begins.
func (m *mount) root() string { return "/" + string(m.name) + "/" }

// mount is the app of a name, or nil.
func (s *Server) mount(name string) *mount {
	for _, m := range s.mounts {
		if string(m.name) == name {
			return m
		}
	}
	return nil
}

// app is the route of a path below an app's, or of the app's without its slash.
func (s *Server) app(v *visit) (route, bool) {
	name, below, found := strings.Cut(v.path[1:], "/")
	m := s.mount(name)
	if m == nil {
		return route{}, false
	}
	if !found {
		return route{get: func(*visit) (answer, error) { return answer{to: m.root()}, nil }}, true
	}
	r := route{
		get:  func(v *visit) (answer, error) { return s.view(v, m, below) },
		post: func(v *visit) (answer, error) { return s.act(v, m, below) },
	}
	if m.handles(v, below) {
		r.raw = func(w http.ResponseWriter, v *visit) (answer, error) { return s.hand(w, v, m, below) }
	}
	return r, true
}

// answer is an app's page.
func (m *mount) answer(p hub.Page) answer {
	a := answer{page: p.Template, in: m, title: p.Title, model: p.Model, stale: staleOf(m.name, p)}
	if p.Tops {
		a.tops = []record.App{m.name}
	}
	return a
}

// view shows what the app makes of one moment.
func (s *Server) view(v *visit, m *mount, below string) (answer, error) {
	var p hub.Page
	q := s.request(v, m, below)
	err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) (err error) {
		if p, err = m.app.View(snap, q); err != nil {
			return err
		}
		return seen(v, snap, q, p)
	})
	if err != nil {
		return answer{}, err
	}
	return m.answer(p), nil
}

// act writes what the app makes of a form and goes back to the page.
func (s *Server) act(v *visit, m *mount, below string) (answer, error) {
	shared, stranger := "", v.session == nil
	if _, err := s.take(v, m, below); errors.Is(err, hub.ErrAlready) {
		return answer{to: v.escaped + "?done=already"}, nil
	} else if err != nil {
		return answer{}, err
	}
	if stranger {
		if guest, err := s.isGuest(v); err != nil {
			return answer{}, err
		} else if guest {
			shared = "?done=guest"
		}
	}
	if r, ok := m.app.(hub.Returner); ok && shared == "" {
		if to := r.Return(s.request(v, m, below)); to != "" {
			return answer{to: to}, nil
		}
	}
	return answer{to: v.escaped + shared + fragment(v.author(), v.form.Get("client_id"))}, nil
}

// take writes what the app makes of a form and reports whether there was
// anything to write. Whoever is not signed in becomes a person of this hub by
// it, but only once the app has found nothing wrong with what was sent.
func (s *Server) take(v *visit, m *mount, below string) (wrote bool, _ error) {
	if v.session == nil {
		name, err := v.about.cleanName(v.form.Get("name"), "")
		if err != nil {
			return false, err
		}
		if _, _, err := s.drafts(v, m, below); err != nil {
			return false, err
		}
		if err := s.mayBegin(v); err != nil {
			return false, err
		}
		if err := s.welcome(v, name); err != nil {
			return false, err
		}
	}
	end, err := s.turn(v)
	if err != nil {
		return false, err
	}
	defer end()
	ds, who, err := s.drafts(v, m, below)
	if err != nil || len(ds) == 0 {
		return false, err
	}
	if err := s.inPace(v); err != nil {
		return false, err
	}
	if err := s.introduce(v, who); err != nil {
		return false, err
	}
	_, err = s.cfg.Hub.Write(v.ctx(), m.name, v.session.Key(), ds...)
	return err == nil, err
}

// turn waits until whoever sends this may write, and returns what ends their turn. All who
// sign officially here have one between them: what one is told to be the next of the
// place, such as a number, nobody else is told.
func (s *Server) turn(v *visit) (func(), error) {
	end, err := s.writes.turns.take(v.ctx(), v.session.Author[0])
	if err != nil || !v.official() {
		return end, err
	}
	after, err := s.writes.official.take(v.ctx(), 0)
	if err != nil {
		end()
		return nil, err
	}
	return func() { after(); end() }, nil
}

// drafts asks the app what to write, and who the writer is by now.
func (s *Server) drafts(v *visit, m *mount, below string) (ds []hub.Draft, who hub.Person, _ error) {
	q := s.request(v, m, below)
	if v.session != nil && !v.api {
		guest, err := s.isGuest(v)
		if err != nil {
			return nil, who, err
		}
		q.Plain = !guest
	}
	err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) (err error) {
		who = snap.Person(v.author())
		ds, err = m.app.Act(snap, q)
		return err
	})
	return ds, who, err
}

// introduce has a hub vouch for the writer if none does, and gives them the
// name of the form if they have none.
func (s *Server) introduce(v *visit, who hub.Person) error {
	if who.Home != "" && who.Name != "" {
		return nil
	}
	name, err := v.about.cleanName(v.form.Get("name"), who.Name)
	switch {
	case err != nil:
		return err
	case who.Home == "":
		return s.enroll(v, v.session.Key(), name)
	case name == "":
		return nil
	}
	if guest, err := s.isGuest(v); err != nil || guest {
		return err
	}
	return s.cfg.Hub.Rename(v.ctx(), v.session.Key(), name)
}

// byLen is how many hex digits of an author's key stand in a fragment.
const byLen = 16

// fragment leads to what an author has written, where the page shows it.
func fragment(a record.Author, clientID string) string {
	if !record.ValidKey(clientID) {
		return ""
	}
	return "#p-" + a.String()[:byLen] + "/" + url.PathEscape(clientID)
}

// person reads who somebody is.
func (s *Server) person(ctx context.Context, a record.Author) (p hub.Person, _ error) {
	if a == (record.Author{}) {
		return p, nil
	}
	err := s.cfg.Hub.Read(ctx, record.Roster, func(snap hub.Snapshot) error {
		p = snap.Person(a)
		return nil
	})
	return p, err
}

// front is the app's card for the home page; false if it has none.
func (s *Server) front(v *visit, m *mount) (a answer, ok bool, _ error) {
	f, ok := m.app.(hub.Fronter)
	if !ok {
		return a, false, nil
	}
	var p hub.Page
	q := s.request(v, m, "")
	err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) (err error) {
		p, err = f.Front(snap, q)
		return err
	})
	return m.answer(p), true, err
}
