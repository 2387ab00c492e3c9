package maps

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
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
	if s := a.desk.maps(); s != nil {
		all[shelf.Pattern] = s.Serve
		all["GET /"+picturePath] = a.picture(h)
		all["POST /"+extractsPath] = a.change(h)
	}
	return all
}

// picture answers with a picture of the map.
func (a App) picture(h hub.Host) hub.Handler {
	return func(w http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		var g drawing
		err := h.Read(r.Context(), func(s hub.Snapshot) (err error) {
			g, err = drawingOf(a.sees(s), q)
			return err
		})
		if err != nil {
			return "", err
		}
		s := a.desk.maps()
		how := draw.Look{Language: q.Lang, Dark: q.Query.Get(darkField) != ""}
		v := g.View
		if q.Query.Get(scaleField) == "2" {
			v.Scale = 2
		}
		v = v.Sound()
		tag := `"` + s.Key(v, g.marks, how).Tag() + `"`
		if slices.Contains(r.Header.Values("If-None-Match"), tag) {
			sealed(w, tag, askAgain)
			w.WriteHeader(http.StatusNotModified)
			return "", nil
		}
		png, whole, err := s.Picture(r.Context(), v, g.marks, how)
		if err != nil {
			return "", err
		}
		keep := askAgain
		switch asked := q.Query.Get(versionField); {
		case !whole:
			tag, keep = "", "no-store"
		case asked != "" && asked == s.Key(g.View, g.marks, draw.Look{Language: q.Lang}).Tag():
			keep = keepPicture
		}
		sealed(w, tag, keep)
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Content-Length", strconv.Itoa(len(png)))
		_, _ = w.Write(png) // whoever asked may have gone
		return "", nil
	}
}

// sealed says for how long an answer is good.
func sealed(w http.ResponseWriter, tag, keep string) {
	w.Header().Set("Cache-Control", keep)
	if tag != "" {
		w.Header().Set("ETag", tag)
	}
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
func (l *look) mapOf(s hub.Snapshot, q hub.Request, p Place, from Origin) *PictureView {
	if deskOf(s).maps() == nil {
		return nil
	}
	g := drawing{chart: chartOf(url.Values{sizeField: {smallSize}}), look: l}
	g.list.From = from
	g.View = g.Fit(boundOf(p), beginDeepest)
	g.here()
	g.mark(p)
	return g.beside(s, q, url.Values{focusField: {p.ID}})
}

// beside is a small picture, which leads to the same on the map's page.
func (g *drawing) beside(s hub.Snapshot, q hub.Request, kept url.Values) *PictureView {
	p := g.picture(s, q, kept)
	page := g.chart
	page.size = ""
	at := page.with(g.View)
	if kept.Has(focusField) {
		kept = url.Values{} // there the others are to be seen as well
	}
	p.Link = strings.TrimSuffix(mapAt(kept, at), "#map")
	p.Alt = hub.Said{Phrase: "The map"}
	return &p
}
