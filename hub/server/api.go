package server

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
)

// apiRoot is where programs find what people find on the pages.
const apiRoot = "/api/v1/"

// call is what one path does for programs.
type call struct {
	get  func(http.ResponseWriter, *visit) (reply, error)
	post func(http.ResponseWriter, *visit) (reply, error)
}

// reply is an answer to a program; without a status it has been sent already.
type reply struct {
	status int
	model  any
}

// callTable is the calls that are no app's, by their path below apiRoot.
func (s *Server) callTable() map[string]call {
	own := map[string]call{
		"status": {get: s.status},
		"live":   {get: s.goLive},
	}
	if s.cfg.Clock != nil {
		told := &phones{server: s, told: map[netip.Prefix]time.Time{}}
		own["clock"] = call{post: told.tell}
	}
	return own
}

// respond answers a program. There are no CORS headers, so that no other site's
// scripts read an answer.
func (s *Server) respond(w http.ResponseWriter, v *visit) {
	r, err := s.perform(w, v)
	if err != nil {
		s.fail(w, v, err)
		return
	}
	if r.status != 0 {
		s.writeJSON(w, v, r.status, "application/json", r.model)
	}
}

func (s *Server) perform(w http.ResponseWriter, v *visit) (reply, error) {
	c, err := s.findCall(v)
	if err != nil {
		return reply{}, err
	}
	run := c.get
	if !reading(v.r) {
		run = c.post
	}
	if run == nil || !reading(v.r) && v.r.Method != http.MethodPost {
		allowed := "GET, HEAD, POST"
		if c.post == nil {
			allowed = "GET, HEAD"
		} else if c.get == nil {
			allowed = "POST"
		}
		w.Header().Set("Allow", allowed)
		return reply{}, forPrograms(http.StatusMethodNotAllowed, "", "This path takes %s only.", allowed)
	}
	if err := s.identify(w, v); err != nil {
		return reply{}, err
	}
	return run(w, v)
}

// findCall is the call of a path: one of the server's own or an app's.
func (s *Server) findCall(v *visit) (call, error) {
	if path, ok := strings.CutPrefix(v.path, apiRoot); ok {
		if c, ok := s.paths.calls[path]; ok {
			return c, nil
		}
		if m, below := s.appOf(path); m != nil && m.answers != nil {
			return call{
				get:  func(_ http.ResponseWriter, v *visit) (reply, error) { return s.ask(v, m, below) },
				post: func(w http.ResponseWriter, v *visit) (reply, error) { return s.tell(w, v, m, below) },
			}, nil
		}
	}
	return call{}, forPrograms(http.StatusNotFound, "", "There is nothing under this path. What there is begins with %s.", apiRoot)
}

// appOf is the app that a path below apiRoot is of, and the rest of it; nil for none.
func (s *Server) appOf(path string) (m *mount, below string) {
	name, below, _ := strings.Cut(path, "/")
	return s.mount(name), below
}

// identify finds the session of a program: that of its bearer token (RFC 6750),
// else of the path, else of the cookie. A token that opens nothing is refused,
// so that nobody goes on as somebody else.
func (s *Server) identify(w http.ResponseWriter, v *visit) error {
	refuse := func(err error) error {
		w.Header().Set("WWW-Authenticate", `Bearer realm="lamppost", error="invalid_token"`)
		return err
	}
	shown, must := v.inPath, true
	if header := v.r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return refuse(forPrograms(http.StatusUnauthorized, "", "Use Authorization: Bearer TOKEN, with the token from the answer to your first post."))
		}
		shown = local.Token(strings.TrimSpace(token))
	} else if v.inPath == "" {
		c, err := v.r.Cookie(v.cookieName())
		if err != nil {
			return nil //nolint:nilerr // nobody is signed in
		}
		shown, must = local.Token(c.Value), false
	}
	a, err := s.opened(v, shown)
	switch {
	case err == nil:
		v.session, v.token = a, shown
	case must:
		return refuse(status(http.StatusUnauthorized, "This token opens no session here: it has ended, or another place gave it out."))
	}
	return nil
}

// ask answers a program's GET.
func (s *Server) ask(v *visit, m *mount, below string) (reply, error) {
	var model any
	q := s.request(v, m, below)
	err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) (err error) {
		model, err = m.answers.Answer(snap, q)
		return err
	})
	return reply{http.StatusOK, model}, err
}

// newSession is what a program is told of the person that its first post made.
type newSession struct {
	Token      local.Token `json:"token"`
	ReturnCode string      `json:"return_code,omitempty"` // none for a guest
}

// tell writes what a program sends, as the page's form does: 201 with the item,
// or 200 if it was there before.
func (s *Server) tell(w http.ResponseWriter, v *visit, m *mount, below string) (reply, error) {
	err := s.fromHere(v)
	if err != nil {
		return reply{}, err
	}
	if !writtenAs(v) {
		return reply{}, status(http.StatusUnauthorized, "This was written as somebody else. Enter their six words first.")
	}
	stranger := v.session == nil
	if v.once, err = sending(v); err != nil {
		return reply{}, err
	}
	fields := append(m.answers.Fields(), "name")
	if doc, is := m.takes.at(v.r, below); is {
		leave, err := s.receive(v, m, below, doc, fields)
		if err != nil {
			return reply{}, err
		}
		defer leave()
	} else if v.form, err = readFields(w, v.r, fields); err != nil {
		return reply{}, m.takes.hint(err, below)
	}
	wrote, err := s.take(v, m, below)
	if err != nil {
		return reply{}, err
	}
	var item any
	q := s.request(v, m, below)
	err = s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) (err error) {
		item, err = m.answers.Written(snap, q)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	if stranger {
		session := newSession{Token: v.token}
		if code := v.session.Code(); !code.IsZero() {
			session.ReturnCode = code.Text()
		}
		if item, err = withMember(item, "session", session); err != nil {
			return reply{}, err
		}
	}
	if wrote {
		return reply{http.StatusCreated, item}, nil
	}
	return reply{http.StatusOK, item}, nil
}

// authorHeader is the key of the person as whom something was written, empty for
// nobody: it is not taken from anybody else.
const authorHeader = "Lamppost-Author"

// writtenAs reports whether what was sent was written as who sends it: an empty
// header says that nobody was signed in.
func writtenAs(v *visit) bool {
	wants := v.r.Header.Values(authorHeader)
	switch {
	case len(wants) == 0:
		return true
	case v.session == nil:
		return wants[0] == ""
	}
	return wants[0] == v.author().String()
}

// Bounds of an Idempotency-Key, in bytes. Whoever repeats it gets the session
// that its first sending began, so it has to be a secret.
const (
	minOnce = 20
	maxOnce = 128
)

// sending names what a program sends without a session: by its Idempotency-Key,
// so that a repetition after a lost answer makes no second person.
func sending(v *visit) (string, error) {
	key := v.r.Header.Get("Idempotency-Key")
	switch {
	case key == "":
		return rand.Text(), nil
	case len(key) < minOnce || len(key) > maxOnce:
		return "", forPrograms(http.StatusBadRequest, "", "An Idempotency-Key is a random secret of %d to %d characters.", minOnce, maxOnce)
	}
	return "api " + v.addr.String() + " " + key, nil
}

// withMember is a model that marshals to an object, and one member more.
func withMember(model any, name string, value any) (any, error) {
	b, err := json.Marshal(model)
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("an item for programs is no object: %w", err)
	}
	if all[name], err = json.Marshal(value); err != nil {
		return nil, err
	}
	return all, nil
}

// fromHere refuses what another site's page has sent.
func (s *Server) fromHere(v *visit) error {
	if s.crossed(v.r) || !sameOrigin(v.r) {
		return status(http.StatusForbidden, "This was sent from a page that does not belong to this place, so nothing was done.")
	}
	return nil
}

// sameOrigin reports whether a request comes from this hub's own pages, or from
// no page at all: browsers say in Origin which page it was.
func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// statusView is how a hub stands, for programs.
type statusView struct {
	Community string         `json:"community"`
	Place     string         `json:"place"`
	Version   string         `json:"version"`
	Time      time.Time      `json:"time"`
	Plausible bool           `json:"plausible"` // whether the time is
	Internet  string         `json:"internet"`  // up, down, unknown
	Neighbors []neighborView `json:"neighbors"`
}

type neighborView struct {
	Label  string    `json:"label"`
	Linked bool      `json:"linked"`
	Heard  time.Time `json:"heard,omitzero"` // last; missing for never
}

func (s *Server) status(_ http.ResponseWriter, v *visit) (reply, error) {
	about := v.about
	m := statusView{
		Community: about.Community, Place: about.Place, Version: about.Version,
		Time: about.Now.Truncate(time.Second), Plausible: about.Plausible,
		Internet:  map[Internet]string{Up: "up", Down: "down", Unknown: "unknown"}[about.Internet],
		Neighbors: []neighborView{},
	}
	for _, n := range nearestFirst(about.Neighbors) {
		one := neighborView{Label: n.Label, Linked: n.Linked, Heard: n.Heard.Truncate(time.Second)}
		if n.Linked {
			one.Heard = m.Time
		}
		m.Neighbors = append(m.Neighbors, one)
	}
	return reply{http.StatusOK, m}, nil
}

// problemView is an error for programs: problem details (RFC 9457). The type is
// about:blank, as the status says what kind it is.
type problemView struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"` // the member or parameter that it is about
}

func (s *Server) writeProblem(w http.ResponseWriter, v *visit, p problem) {
	detail := p.program
	if detail == "" || v.r.Header.Get(authorHeader) != "" { // a page's script tells a person
		detail = v.say(p.said)
	}
	s.writeJSON(w, v, p.status, "application/problem+json", problemView{
		Type: "about:blank", Title: http.StatusText(p.status), Status: p.status, Detail: detail, Field: p.field,
	})
}

func (s *Server) writeJSON(w http.ResponseWriter, v *visit, status int, kind string, model any) {
	b, err := json.Marshal(model)
	if err != nil {
		s.cfg.Log.Error("an answer did not marshal", "path", v.path, "error", err)
		http.Error(w, v.lang.Text(brokenText), http.StatusInternalServerError)
		return
	}
	s.write(w, v, status, kind, append(b, '\n'))
}
