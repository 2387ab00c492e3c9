package maps

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
	"github.com/lamppost-hub/lamppost/hub"
)

// picturePath is where pictures of the map are, below the app's.
const picturePath = "picture"

// Fields of a picture's address, besides those of its map.
const (
	versionField = "v"     // what is on it: with it a browser need not ask again
	darkField    = "dark"  // for screens at night
	scaleField   = "scale" // pixels of the file in one of the page: 1 or 2
)

// How long a browser keeps a picture: that of an address which says what is on it for as
// long as it likes, any other only to ask whether it is still the same.
const (
	keepPicture = "private, max-age=604800, immutable"
	askAgain    = "private, no-cache"
)

// Routes are what is no page: tiles and pictures of the map, and what comes with a file.
func (a App) Routes(h hub.Host) map[string]hub.Handler {
	if h == nil {
		return nil // nobody whom the app could ask
	}
	all := a.exchangeRoutes(h)
	if err := a.desk.open(); err != nil {
		return all // Run says why there are no street maps
	}
	a.desk.meet(h)
	if s := a.desk.maps(); s != nil {
		all[shelf.Pattern] = s.Serve
		all["GET /"+picturePath] = a.picture(h)
		all["POST /"+extractsPath] = a.change(h)
		all["POST /"+mapPath] = takeAlong
	}
	return all
}

// picture answers with a picture of the map. One that was drawn before costs no look at
// what is on it, where the address says what that is.
func (a App) picture(h hub.Host) hub.Handler {
	return func(w http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		s := a.desk.maps()
		form := streets.Form{Dark: q.Query.Get(darkField) != "", Fine: q.Query.Get(scaleField) == "2"}
		asked, known := streets.KeyOf(q.Query.Get(versionField))
		if known {
			if png, ok := s.Kept(asked, form); ok {
				sendPicture(w, r, png, asked.Tag(form), keepPicture)
				return "", nil
			}
		}
		var g drawing
		err := h.Read(r.Context(), func(s hub.Snapshot) (err error) {
			g, err = drawingOf(a.sees(s), q)
			return err
		})
		if err != nil {
			return "", err
		}
		plan := g.plan(q)
		key := s.Key(plan)
		png, whole, err := s.Picture(r.Context(), plan, form)
		switch {
		case err != nil:
			return "", err
		case !whole:
			sendPicture(w, r, png, "", "no-store")
		case known && asked == key:
			sendPicture(w, r, png, key.Tag(form), keepPicture)
		default:
			sendPicture(w, r, png, key.Tag(form), askAgain)
		}
		return "", nil
	}
}

// plan is what is on the picture of a map.
func (g *drawing) plan(q hub.Request) streets.Plan {
	return streets.Plan{View: g.View, Marks: g.marks, Language: q.Lang}
}

// sendPicture sends a picture, or that the client has it.
func sendPicture(w http.ResponseWriter, r *http.Request, png []byte, tag, keep string) {
	w.Header().Set("Cache-Control", keep)
	if tag != "" {
		w.Header().Set("ETag", tag)
		if slices.Contains(r.Header.Values("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Length", strconv.Itoa(len(png)))
	_, _ = w.Write(png) // whoever asked may have gone
}

// smallMap is the picture beside a list of where to go; nil where there is nothing to see.
func smallMap(s hub.Snapshot, q hub.Request, m ListView, l *look) *PictureView {
	if deskOf(s).maps() == nil || m.From.At == nil && len(m.Places)+len(m.Dangers) == 0 {
		return nil
	}
	g := drawing{chart: chartOf(url.Values{sizeField: {smallSize}}), list: m, look: l}
	g.begin(s)
	g.fill()
	return g.beside(s, q, keptOf(q.Query))
}

// mapOf is the picture on a place's page; nil where there is none.
func mapOf(s hub.Snapshot, q hub.Request, p Place) (*PictureView, error) {
	return mapOfOne(s, q, url.Values{focusField: {p.ID}})
}

// mapOfSeen is the picture on the page of what somebody has seen; nil where there is none.
func mapOfSeen(s hub.Snapshot, q hub.Request, v Seen) (*PictureView, error) {
	if v.At == nil || v.Judged != "" {
		return nil, nil
	}
	return mapOfOne(s, q, url.Values{sightField: {v.ref.Below()}})
}

// mapOfOne is a small picture of what an address says the map is about.
func mapOfOne(s hub.Snapshot, q hub.Request, about url.Values) (*PictureView, error) {
	if deskOf(s).maps() == nil {
		return nil, nil
	}
	q.Query = joined(about, url.Values{sizeField: {smallSize}})
	g, err := drawingOf(s, q)
	if err != nil {
		return nil, err
	}
	return g.beside(s, q, about), nil
}

// beside is a small picture, which leads to the same on the map's page.
func (g *drawing) beside(s hub.Snapshot, q hub.Request, kept url.Values) *PictureView {
	p := g.picture(s, q, kept)
	page := g.chart
	page.size = ""
	at := page.with(g.View)
	if kept.Has(focusField) || kept.Has(sightField) {
		kept = url.Values{} // there the others are to be seen as well
	}
	p.Link = strings.TrimSuffix(mapAt(kept, at), "#map")
	p.Alt = hub.Said{Phrase: "The map"}
	return &p
}
