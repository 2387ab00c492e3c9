package server

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
)

//go:embed templates/*.html catalog.*.toml
var pages embed.FS

// homeView is what the first page shows.
type homeView struct {
	Cards   []template.HTML // of the apps, escaped by their templates
	Places  []Neighbor
	Me      hub.Person
	Tag     string
	Known   bool
	HasCode bool
	Hides   bool   // has hidden somebody
	Address string // by which this page was reached
}

// done is what is said of what has just happened, by ?done=.
var done = map[string]hub.Phrase{
	"code": "Good. Keep your six words where you find them again; they are not shown any more.",
	"back": "Welcome back. This device is signed in.",
	"name": "Your name is saved.",

	"hidden":   "What they post is folded to one line from now on. You can undo this on the start page, under “You”.",
	"unhidden": "You see what they post again.",

	"out":   "This device is signed out.",
	"clock": "The time is set.",
	"guest": "There is no room for another name here, so this was posted under the name that all guests share.",
}

// nearestFirst orders places: in reach, then by when they were last heard.
func nearestFirst(places []Neighbor) []Neighbor {
	places = slices.Clone(places)
	slices.SortStableFunc(places, func(a, b Neighbor) int {
		switch {
		case a.Linked != b.Linked && a.Linked:
			return -1
		case a.Linked != b.Linked:
			return 1
		case a.Linked:
			return strings.Compare(a.Label, b.Label)
		}
		return cmp.Or(b.Heard.Compare(a.Heard), strings.Compare(a.Label, b.Label))
	})
	return places
}

// home is the first page.
func (s *Server) home(v *visit) (answer, error) {
	who, err := s.person(v.ctx(), v.author())
	if err != nil {
		return answer{}, err
	}
	m := homeView{
		Places: nearestFirst(v.about.Neighbors), Me: who, Known: v.session != nil,
		Address: "http://" + v.r.Host + "/",
	}
	if v.r.TLS != nil {
		m.Address = "https://" + v.r.Host + "/"
	}
	if m.Known {
		m.Tag, m.HasCode = v.session.Author.Tag(), !v.session.Code().IsZero()
		m.Hides = s.keeps(v) && len(s.cfg.Readers.Hidden(v.author())) > 0
	}
	for _, app := range s.mounts {
		card, ok, err := s.front(v, app)
		if err != nil {
			return answer{}, err
		}
		if !ok {
			continue
		}
		var b bytes.Buffer
		f := s.frame(v, card)
		if err := app.set.ExecuteTemplate(&b, card.page, f); err != nil {
			return answer{}, err
		}
		m.Cards = append(m.Cards, template.HTML(b.String())) //nolint:gosec // it comes from html/template
	}
	return answer{page: "home.html", title: v.lang.Text("Home"), model: m}, nil
}
