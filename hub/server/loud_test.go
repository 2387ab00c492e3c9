package server_test

import (
	"testing/fstest"

	"github.com/lamppost-hub/lamppost/hub"
)

// loud is an app with something to say on every page.
type loud struct {
	banner func(hub.Snapshot, hub.Request) (hub.Page, error)
	asked  []hub.Request // for the banner
}

func (*loud) Manifest() hub.Manifest {
	return hub.Manifest{Name: "loud", Title: "Loud", Files: fstest.MapFS{
		"templates/loud.html":   {Data: []byte(`<h1>Loud</h1>`)},
		"templates/banner.html": {Data: []byte(`<p data-say>Boil the water of {{$.Model}}.</p>{{if not $.Here.Wall}}<a href="{{$.Link "/loud/"}}">Why</a>{{end}}`)},
		"templates/broken.html": {Data: []byte(`<p>Half a banner {{$.Model.Missing}}</p>`)},
	}}
}

func (*loud) View(hub.Snapshot, hub.Request) (hub.Page, error) {
	return hub.Page{Template: "loud.html"}, nil
}
func (*loud) Act(hub.Snapshot, hub.Request) ([]hub.Draft, error) { return nil, nil }

func (l *loud) Banner(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	l.asked = append(l.asked, q)
	if l.banner != nil {
		return l.banner(s, q)
	}
	return hub.Page{Template: "banner.html", Model: "Elm <Street>", Topics: []hub.Term{"worst"}}, nil
}
