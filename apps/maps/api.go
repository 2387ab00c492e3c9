package maps

import (
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

var _ hub.Answerer = App{}

// What programs find, below /api/v1/maps/.
const (
	placesPath = "places"
	seenCall   = "seen"
	filesCall  = "files"
	listsCall  = "lists"
)

type (
	// Collection is places as GeoJSON (RFC 7946 §3.3), with what else programs want.
	Collection struct {
		Type     string     `json:"type"`
		Features []Feature  `json:"features"`
		More     int        `json:"more"`  // that are not in it
		Terms    []hub.Term `json:"terms"` // a change under one of them makes this stale
	}
	// Feature is one place as GeoJSON (RFC 7946 §3.2).
	Feature struct {
		Type       string      `json:"type"`
		ID         string      `json:"id"`
		Geometry   place.Shape `json:"geometry"`
		Properties Properties  `json:"properties"`
	}
	// Properties is all else of a place.
	Properties struct {
		Place

		Shape    struct{}   `json:"geometry,omitzero"` // which stands beside
		Versions VersionsOf `json:"versions"`
		Count    int        `json:"count,omitempty"` // of the places that this one stands for; 0: it is one
	}
	// VersionsOf is what a form says, in seen and seen_count, to have shown.
	VersionsOf struct {
		Details  string `json:"details"`
		Standing string `json:"standing,omitempty"`
		Recount  string `json:"recount,omitempty"`
	}
	// Lists is the lists of many places.
	Lists struct {
		LayersView

		Terms []hub.Term `json:"terms"`
	}
	// Sightings is what people have seen.
	Sightings struct {
		SeenListView

		Terms []hub.Term `json:"terms"`
	}
)

// featureOf is a place for programs.
func featureOf(p Place) Feature {
	versions := VersionsOf{Details: said(p.versions), Standing: said(p.stated), Recount: said(p.counted)}
	return Feature{Type: "Feature", ID: p.ID, Geometry: p.Shape, Properties: Properties{Place: p, Versions: versions}}
}

// formPath is the page whose form a program fills at a path: what it reads at places and
// seen is written at new and report, and a file of places is taken over at import.
func formPath(path string) string {
	first, below, more := strings.Cut(path, "/")
	switch {
	case first == placesPath && more:
		return placePath + "/" + below
	case first == placesPath:
		return newPath
	case first == seenCall && more:
		return seenPath + "/" + below
	case first == seenCall:
		return reportPath
	case first == filesCall && more:
		return takenPath + "/" + below
	case first == filesCall:
		return importPath
	case first == listsCall && more:
		return layerPath + "/" + below
	}
	return path
}

// Answer is, at places, where to go as GeoJSON, or with ?bbox= what is there, and at places/ID
// one of them; at map, what is on a part of the map; at seen, what people have seen, and at
// seen/BY/ID one of these; at lists, those of many places, and at lists/ID one of them; at
// files/ID a file that was taken over.
func (a App) Answer(s hub.Snapshot, q hub.Request) (any, error) {
	s = a.sees(s)
	switch path, below, _ := strings.Cut(q.Path, "/"); {
	case q.Path == placesPath && filterOf(q.Query).Unknown != "":
		return nil, filterOf(q.Query).sound()
	case q.Path == placesPath && q.Query.Has(boxField):
		return inBounds(s, q)
	case q.Path == placesPath:
		v, _, err := where(s, q)
		c := Collection{Type: "FeatureCollection", Features: []Feature{}, More: v.More, Terms: everything()}
		for _, p := range append(v.Places, v.Dangers...) {
			c.Features = append(c.Features, featureOf(p))
		}
		if err == nil && v.From.Problem != "" {
			err = &hub.Error{Code: hub.Invalid, Field: "near", Phrase: "This place is not found: %s", Args: []any{v.From.Asked}, Program: v.From.Problem}
		}
		return c, err
	case path == filesCall && hub.ValidID(below):
		return takenFor(s, q, below)
	case q.Path == onMapCall:
		return onMapOf(s, q)
	case path == placesPath && hub.ValidID(below):
		return placeFor(s, below)
	case q.Path == listsCall:
		p, err := layerList(s, q)
		m, _ := p.Model.(LayersView)
		return Lists{m, []hub.Term{layers}}, err
	case path == listsCall && hub.ValidID(below):
		_, m, err := layerStanding(s, below)
		return m, err
	case q.Path == seenCall:
		p, err := seenList(s, q)
		m, _ := p.Model.(SeenListView)
		return Sightings{m, everything()}, err
	case path == seenCall:
		at, err := spotAt(seenPath + "/" + below)
		if err != nil || at.id == "" {
			return nil, noSuchSeen()
		}
		_, v, err := seenAt(s, q, at.by, at.id)
		return v, err
	}
	return nil, noSuchPage()
}

func placeFor(s hub.Snapshot, id string) (any, error) {
	_, p, err := standingAt(s, id)
	return featureOf(p), err
}

// Fields are those of all forms.
func (App) Fields() []string {
	return []string{
		"client_id", "kind", "title", "points", "shape", "about", "contact", "hours", "stepfree", "pets", "langs", "everyday", "most", "gone", "seen", "confirms",
		"status", "short", "offers", "needs", "offer", "need",
		"ask", "text", "allow", "forbid", "add", "number", "recount", "seen_count",
		"what", "place", "saw", "withdraws", "dismisses", "told", "reason",
		"file", "list", "swap", "take", "all", "look",
	}
}

// Written is the place, or what was seen, that a request wrote about.
func (a App) Written(s hub.Snapshot, q hub.Request) (any, error) {
	s = a.sees(s)
	at, err := spotAt(formPath(q.Path))
	if err != nil {
		return nil, err
	}
	switch at.page {
	case newPath, openPath:
		if q.Form.Has(documentField) {
			return broughtInDocument(s, q)
		}
		return placeFor(s, q.Form.Get("client_id"))
	case placePath:
		return placeFor(s, at.id)
	case herePath:
		l := looking(s)
		l.sites, err = under[Site](l, hubs)
		return l.origin(hub.Request{Place: q.Place}, nil), err
	case importPath:
		return broughtBy(s, q)
	case takenPath:
		return takenFor(s, q, at.id)
	case reportPath:
		at.by, at.id = q.Author.String(), q.Form.Get("client_id")
	case layerPath:
		_, m, err := layerStanding(s, at.id)
		return m, err
	case seenPath:
		if q.Form.Has("withdraws") {
			return struct {
				ID string `json:"id"`
			}{at.by + "/" + at.id}, nil
		}
	}
	_, v, err := seenAt(s, q, at.by, at.id)
	return v, err
}
