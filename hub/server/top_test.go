package server_test

import (
	"bytes"
	"errors"
	"html"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

const boil = `<p data-say="Boil your water">Boil the water of Elm &lt;Street&gt;.</p>`

// withLoud is a hub with an app that tops every page.
func withLoud(t *testing.T) (*fakeHub, *loud) {
	h, l := newFakeHub(t), &loud{}
	h.apps = []hub.App{messages.New(), l}
	return h, l
}

func TestABannerTopsEveryPage(t *testing.T) {
	h, l := withLoud(t)
	b := newBrowser(t, newServer(t, h))
	for path, status := range map[string]int{
		"/": 200, "/messages/": 200, "/messages/town": 200, "/you": 200, "/return": 200, "/loud/": 200, "/print": 200, "/print/new": 200, "/kiosk": 200,
		"/nothing": 404, "/messages/town/0123456789abcdef/x": 404, "/print/new?since=soon": 422,
	} {
		p := b.open(path).want(t, status)
		inside, found := strings.CutPrefix(p.body[max(0, strings.Index(p.body, "<main")):], `<main id="main">`+"\n")
		if !found && path != "/kiosk" {
			t.Errorf("%s has no main part", path)
		} else if before, _, found := strings.Cut(inside, boil); !found || strings.Contains(before, "<p") || strings.Contains(before, "<section") {
			t.Errorf("%s: something else is above the banner:\n%s", path, inside)
		}
		if wall := path == "/kiosk" || strings.HasPrefix(path, "/print"); strings.Contains(p.body, `<a href="/loud/">Why</a>`) == wall {
			t.Errorf("%s: does the banner lead away? %v", path, !wall)
		}
	}
	b.open("/messages/town")
	b.send("text", "").want(t, 422, "Write something first", "Boil the water")
	if len(l.asked) == 0 {
		t.Error("nobody has asked")
	}
}

func TestABannerStaysWithinTheSessionOfItsReaderAndKnowsNothingOfIt(t *testing.T) {
	h, l := withLoud(t)
	b := newBrowser(t, newServer(t, h, kept)).withoutCookies()
	b.open("/messages/town")
	b.send("text", "hello", "name", "Ana").want(t, 200, "Boil the water").link(t, b.prefix()+"/loud/$")
	b.open(b.prefix() + "/messages/town?x=1")
	for _, q := range l.asked {
		if q.Author != (record.Author{}) || q.Reader != nil || q.Query != nil || q.Form != nil || q.Path != "" {
			t.Fatalf("the banner is asked for somebody: %+v", q)
		}
	}
	l.banner = func(_ hub.Snapshot, q hub.Request) (hub.Page, error) {
		return hub.Page{Template: "banner.html", Model: q.T("You")}, nil
	}
	b.open("/~es/").want(t, 200, "Boil the water of Usted")
}

func TestABannerIsLeftOutAboveAPageOfItsAppThatSaysAsMuch(t *testing.T) {
	h, l := withLoud(t)
	l.tops = true
	b := newBrowser(t, newServer(t, h, func(c *server.Config) {
		c.Scripts = fstest.MapFS{"dist/own.js": {Data: []byte("1")}, "dist/loud.js": {Data: []byte("2")}}
	}))
	b.open("/loud/").want(t, 200, `<div id="banner"></div>`, "<h1>Loud</h1>", "worst")
	for path, status := range map[string]int{"/": 200, "/messages/town": 200, "/loud/nothing": 404} {
		b.open(path).want(t, status, "Boil the water of Elm <Street>")
	}
}

func TestAnOpenPageIsToldOfItsBanner(t *testing.T) {
	h, l := withLoud(t)
	b := newBrowser(t, newServer(t, h, func(c *server.Config) {
		c.Scripts = fstest.MapFS{"dist/own.js": {Data: []byte("1")}, "dist/messages.js": {Data: []byte("2")}}
	}))
	topics := func(path string) string {
		m := regexp.MustCompile(`data-topics="([^"]*)"`).FindStringSubmatch(b.open(path).body)
		if m == nil {
			t.Fatalf("%s tells a script nothing", path)
		}
		return html.UnescapeString(m[1])
	}
	const worst = `{"app":"loud","terms":["worst"]}`
	if got := topics("/you"); got != "["+worst+"]" {
		t.Errorf("the page watches %s", got)
	}
	if got := topics("/messages/"); !strings.Contains(got, `{"app":"messages"`) || !strings.Contains(got, worst) {
		t.Errorf("the page watches %s", got)
	}
	l.banner = func(hub.Snapshot, hub.Request) (hub.Page, error) {
		return hub.Page{Topics: []hub.Term{"worst"}}, nil
	}
	if got := topics("/you"); got != "["+worst+"]" {
		t.Errorf("a page without a banner watches %s", got)
	}
	b.at.want(t, 200, `<div id="banner"></div>`)

	l.banner = nil
	b.header.Set("Lamppost-Part", "1")
	for path, says := range map[string]string{"/messages/town": `id="posts"`, "/nothing": "There is no such page here."} {
		p := b.open(path)
		if !strings.HasPrefix(p.body, `<div id="banner">`+boil) || !strings.Contains(p.body, says) || strings.Contains(p.body, "<main") {
			t.Errorf("the inside of %s:\n%s", path, p.body)
		}
	}
}

func TestAPageSaysWhenItIsOutOfDateByItself(t *testing.T) {
	h, l := withLoud(t)
	b := newBrowser(t, newServer(t, h))
	for until, want := range map[time.Time]string{
		{}:                          `<div id="banner">`,
		evening:                     `<div id="banner">`,
		evening.Add(-time.Hour):     `<div id="banner">`,
		evening.Add(time.Minute):    `<div id="banner" data-stale="61">`,
		evening.Add(time.Second):    `<div id="banner" data-stale="2">`,
		evening.AddDate(0, 0, 3):    `<div id="banner" data-stale="86400">`,
		evening.Add(time.Hour - 10): `<div id="banner" data-stale="3600">`,
	} {
		l.banner = func(hub.Snapshot, hub.Request) (hub.Page, error) {
			return hub.Page{Template: "banner.html", Model: "Elm <Street>", Until: until}, nil
		}
		b.open("/you").want(t, 200, want)
	}
	h.about.Plausible = false
	b.open("/you").want(t, 200, `<div id="banner">`)
}

func TestABannerThatFailsCostsNoPage(t *testing.T) {
	for how, fails := range map[string]func(hub.Snapshot, hub.Request) (hub.Page, error){
		"with an error": func(hub.Snapshot, hub.Request) (hub.Page, error) { return hub.Page{}, errors.New("it is broken") },
		"with a person's": func(hub.Snapshot, hub.Request) (hub.Page, error) {
			return hub.Page{}, hub.Errorf(hub.NotFound, "", "None.")
		},
		"by panicking": func(hub.Snapshot, hub.Request) (hub.Page, error) { panic("it is broken") },
		"halfway": func(hub.Snapshot, hub.Request) (hub.Page, error) {
			return hub.Page{Template: "broken.html", Model: "x", Topics: []hub.Term{"worst"}}, nil
		},
		"without its template": func(hub.Snapshot, hub.Request) (hub.Page, error) { return hub.Page{Template: "none.html"}, nil },
	} {
		t.Run(how, func(t *testing.T) {
			h, l := withLoud(t)
			l.banner = fails
			var log bytes.Buffer
			b := newBrowser(t, newServer(t, h, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }))
			b.open("/messages/town").want(t, 200, `<div id="banner"></div>`, "Write a post").wantNot(t, "Half a banner")
			if !strings.Contains(log.String(), `msg="a banner failed" app=loud`) {
				t.Errorf("the log says nothing of it: %s", &log)
			}
			b.open("/nothing").want(t, 404, "There is no such page here.")
		})
	}
}
