package maps

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// Fields of the map's address while a point is picked for a form.
const (
	formField   = "form"   // path of the form
	fieldsField = "fields" // what had been typed into it, as carried reads it
)

// Bounds of what is carried along.
const (
	maxCarried = 4 << 10 // bytes of it, as JSON: a place has no more. Twice that, in an address and a Referer, fits a request's headers.
	maxPoint   = 200     // bytes of points: more are an outline, which stays the place's own
	carriedMap = "15"    // zoom of the map around a form's point
)

// carriable are the fields that go along: those that say what somebody has typed. The six
// words, what names the form and what lets it be sent stay where they are.
func carriable() []string {
	return []string{
		"kind", "title", "points", "shape", "about", "contact", "hours", "stepfree", "pets", "langs", "everyday", "most", "seen", "confirms",
		"what", "text", "name",
	}
}

// takeAlong leads from a form to the map, where a point is picked for it, and has what was
// typed go along in the address: nothing is written.
func takeAlong(_ http.ResponseWriter, _ *http.Request, q hub.Request) (to string, _ error) {
	path := q.Form.Get(formField)
	if !picksFor(path) {
		return "", noSuchPage()
	}
	v := url.Values{}
	for _, field := range carriable() {
		if some := slices.DeleteFunc(slices.Clone(q.Form[field]), func(s string) bool { return s == "" }); len(some) > 0 {
			v[field] = some
		}
	}
	address := url.Values{pickField: {"1"}, formField: {path}}
	if at, err := pointsOf(v.Get("points"), orb.Point{}); err == nil && len(at) > 0 {
		address.Set(centerField, at[0].String())
		address.Set(zoomField, carriedMap)
	}
	if len(v.Get("points")) > maxPoint {
		v.Del("points")
	}
	b, err := json.Marshal(v)
	if err != nil || len(b) > maxCarried {
		return "", hub.Errorf(hub.Invalid, "", "All this together is too long for one place. Please shorten it, or draw it with fewer points.")
	}
	address.Set(fieldsField, base64.RawURLEncoding.EncodeToString(b))
	return mapAt(address), nil
}

// picksFor reports whether a path is that of a form for which a point can be picked.
func picksFor(path string) bool { return formAt(path).page != "" }

// formAt is what the path of such a form leads to; the zero spot of any other path.
func formAt(path string) spot {
	below, ok := strings.CutPrefix(path, "/maps/")
	at, err := spotAt(below)
	if !ok || err != nil {
		return spot{}
	}
	switch at.page {
	case newPath, openPath, herePath, reportPath:
		return at
	case placePath:
		if at.do == editPage {
			return at
		}
	}
	return spot{}
}

// carried is what an address has of a form; nil where it has none.
func carried(q url.Values) url.Values {
	s := q.Get(fieldsField)
	if s == "" || len(s) > base64.RawURLEncoding.EncodedLen(maxCarried) {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	var all, v map[string][]string
	if json.Unmarshal(b, &all) != nil {
		return nil
	}
	v = url.Values{}
	for _, field := range carriable() {
		if some, ok := all[field]; ok {
			v[field] = some
		}
	}
	return v
}

// resumed is a request for a form with what was typed into it before a point was picked:
// that begins where the point is; false if that is none.
func resumed(q hub.Request) (_ hub.Request, is bool) {
	v := carried(q.Query)
	if v == nil || len(q.Form) > 0 { // shown again, with what was sent
		return q, false
	}
	if points := q.Query.Get("points"); points != "" {
		v.Set("points", points)
	}
	if _, ok := v["title"]; !ok {
		v["title"] = []string{""} // of a form that is shown again
	}
	q.Form = v
	return q, true
}

// backTo is the path of the form for which a point is picked, with some points or with
// those that it had; empty where none is.
func backTo(q url.Values, points place.Steps) string {
	path := q.Get(formField)
	if !picksFor(path) {
		return ""
	}
	v := url.Values{fieldsField: {q.Get(fieldsField)}}
	if len(points) > 0 {
		v.Set("points", textOf(points))
	}
	return path + "?" + v.Encode()
}
