package server

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/qr"
	"github.com/lamppost-hub/lamppost/webui"
)

//go:embed templates/*.html catalog.*.toml
var pages embed.FS

// homePage is the template of the first page, which says at a place of its own
// that this is not the emergency number.
const homePage = "home.html"

// maxDoors is how many ways in the first page has: more would have to be searched.
const maxDoors = 4

// homeView is what the first page shows.
type homeView struct {
	Doors   []door
	Cards   []template.HTML // of the apps, escaped by their templates
	Places  []Neighbor
	Back    comeback
	Tongues []webui.Tongue // the other languages
	Captive bool           // the reader's phone has to be told to stay
	Without int            // hours that the reader's phone has no share of the internet any more; 0 if it has one
	Asked   int            // posts that wait for the reader, a moderator
	Trust   bool           // there is a page of who may speak officially
	Version string         // of the program
}

// door is a large way in.
type door struct {
	Title hub.Phrase
	Path  string
	Icon  string
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
	cards, stale, err := s.cards(v)
	if err != nil {
		return answer{}, err
	}
	back, err := s.howToComeBack(v, qr.Screen)
	if err != nil {
		return answer{}, err
	}
	asked, err := s.undecided(v)
	if err != nil {
		return answer{}, err
	}
	tongues := slices.DeleteFunc(s.tongues(v), func(t webui.Tongue) bool { return t.Here })
	m := homeView{Doors: s.doors(v), Cards: cards, Places: nearestFirst(v.about.Neighbors), Back: back, Tongues: tongues, Captive: s.captive(v), Without: s.hoursWithout(v), Asked: asked, Trust: s.cfg.Trust != nil, Version: v.about.Version}
	return answer{page: homePage, title: v.lang.Text("Home"), model: m, stale: stale}, nil
}

// doors are the ways in: those of the apps, and the person's own at the end.
func (s *Server) doors(v *visit) (all []door) {
	for _, m := range s.mounts {
		if g, ok := m.app.(hub.Guide); ok {
			for _, w := range g.Ways() {
				all = append(all, door{w.Title, m.root() + w.Path, w.Icon})
			}
		}
	}
	mine := door{"You", "/you", "you"}
	switch {
	case v.session == nil:
		mine = door{"I have six words already", "/return", "key"}
	case v.session.HasCode():
		mine = door{"Show my return code", "/code", "key"}
	}
	return append(all[:min(len(all), maxDoors-1)], mine)
}

// cards are what the apps show on the first page, and what makes them stale.
func (s *Server) cards(v *visit) (all []template.HTML, stale staleness, _ error) {
	for _, app := range s.mounts {
		card, ok, err := s.front(v, app)
		if err != nil {
			return nil, stale, err
		}
		if !ok {
			continue
		}
		html, err := s.inside(v, card)
		if err != nil {
			return nil, stale, err
		}
		all, stale = append(all, html), stale.and(card.stale)
	}
	return all, stale, nil
}

// inside is an app's answer without what stands around it.
func (s *Server) inside(v *visit, a answer) (template.HTML, error) {
	var b bytes.Buffer
	if err := a.in.set.ExecuteTemplate(&b, a.page, s.frame(v, a)); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // it comes from html/template
}
