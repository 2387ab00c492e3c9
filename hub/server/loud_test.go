package server_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing/fstest"

	"github.com/lamppost-hub/lamppost/hub"
)

// loud is an app with something to say on every page, and answers of its own.
type loud struct {
	banner func(hub.Snapshot, hub.Request) (hub.Page, error)
	asked  []hub.Request // for the banner
	routes map[string]hub.Handler
	card   string // on paper; empty for none
	print  func() (hub.Page, error)
	tops   bool // its page says as much as its banner
}

func (*loud) Manifest() hub.Manifest {
	return hub.Manifest{Name: "loud", Title: "Loud", Files: fstest.MapFS{
		"templates/loud.html": {Data: []byte(`<h1>Loud</h1><form method="post" action="{{$.Link "/loud/upload"}}" enctype="multipart/form-data">{{template "hidden" $}}` +
			`<input type="file" name="file">{{template "problem" ($.Problem "file")}}<input name="why" value="{{$.Kept "why"}}"></form>`)},
		"templates/banner.html": {Data: []byte(`<p data-say="Boil your water">Boil the water of {{$.Model}}.</p>{{if not $.Here.Wall}}<a href="{{$.Link "/loud/"}}">Why</a>{{end}}`)},
		"templates/broken.html": {Data: []byte(`<p>Half a banner {{$.Model.Missing}}</p>`)},
		"templates/card.html":   {Data: []byte(`<h2>Water</h2><p>Boil it for {{$.Model}}.</p>`)},
	}}
}

func (l *loud) View(_ hub.Snapshot, q hub.Request) (hub.Page, error) {
	if q.Path != "" && q.Path != "upload" {
		return hub.Page{}, hub.Errorf(hub.NotFound, "", "There is no such page here.")
	}
	return hub.Page{Template: "loud.html", Tops: l.tops}, nil
}
func (*loud) Act(hub.Snapshot, hub.Request) ([]hub.Draft, error) { return nil, nil }

func (l *loud) Banner(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	l.asked = append(l.asked, q)
	if l.banner != nil {
		return l.banner(s, q)
	}
	return hub.Page{Template: "banner.html", Model: "Elm <Street>", Topics: []hub.Term{"worst"}}, nil
}

func (l *loud) Print(hub.Snapshot, hub.Request) (hub.Page, error) {
	switch {
	case l.print != nil:
		return l.print()
	case l.card == "":
		return hub.Page{}, nil
	}
	return hub.Page{Template: "card.html", Model: l.card}, nil
}

func (l *loud) Routes(hub.Host) map[string]hub.Handler {
	if l.routes != nil {
		return l.routes
	}
	return map[string]hub.Handler{
		"GET /feed.atom": func(w http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
			w.Header().Set("Content-Type", "application/atom+xml")
			_, err := fmt.Fprintf(w, "<feed>%s %s %v %s</feed>", r.URL, q.T("You"), q.Author, q.Query.Get("x"))
			return "", err
		},
		"GET /one/{id}": func(_ http.ResponseWriter, r *http.Request, _ hub.Request) (string, error) {
			return "", hub.Errorf(hub.NotFound, "", "“%s” is not here.", r.PathValue("id"))
		},
		"POST /upload": take,
		"POST /large":  take,
		"POST /small":  take,
		"POST /elsewhere": func(http.ResponseWriter, *http.Request, hub.Request) (string, error) {
			return "", hub.Errorf(hub.Invalid, "file", "It does not read.")
		},
		"POST /half": func(w http.ResponseWriter, _ *http.Request, _ hub.Request) (string, error) {
			_, err := io.WriteString(w, "half")
			return "", errors.Join(err, errors.New("the other half"))
		},
	}
}

// Uploads are: of two of the forms it takes much more than of others, and less.
func (*loud) Uploads() map[string]int64 {
	return map[string]int64{"POST /large": 8 << 20, "POST /small": 1000}
}

// take takes a file, and says at ?sum= which.
func take(_ http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
	f, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return "", hub.Errorf(hub.Invalid, "file", "Choose a file first.")
	}
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/loud/?sum=%x&by=%s&why=%s&then=%s", sha256.Sum256(b), q.Author, q.Form.Get("why"), r.FormValue("then")), nil
}
