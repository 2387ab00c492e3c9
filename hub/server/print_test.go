package server_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/server"
)

func TestWhatIsNewIsPrinted(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	post(t, h, 1, "Ana", "Water at the school", time.Hour)
	post(t, h, 2, "Bo", "Yesterday's bread", 25*time.Hour)
	post(t, h, 3, "Cem", "Old news", 10*24*time.Hour)

	p := b.open("/print/new").want(t, 200, "Fire Station · Millbrook · Sunday, 22 November 2026, 18:42", "Saturday, 21 November 2026, 18:42",
		"Water at the school", "Sunday, 22 November 2026, 17:42", "http://lamppost.internal/").wantNot(t, "bread", "Old news")
	for _, l := range p.links() {
		if len(l) > 17 && l[:17] == "/print/new?since=" {
			b.open(l).want(t, 200, "Water at the school")
		}
	}
	for since, old := range map[string]bool{"2026-11-21T08:00:00Z": false, "2026-11-01": true, "2026-11-21T08:00": false} {
		p := b.open("/print/new?since="+since).want(t, 200, "Yesterday's bread")
		if old {
			p.want(t, 200, "Old news")
		} else {
			p.wantNot(t, "Old news")
		}
	}
	b.open("/print/new?since=soon").want(t, 422, "A day looks like this")
	h.about.Plausible = false
	b.open("/print/new?since=2026-11-21").want(t, 200, "The clock here is not set", "Old news")
}

func TestThePageForADoorSaysWhatMattersMost(t *testing.T) {
	h, l := withLoud(t)
	h.apps[0], h.apps[1] = h.apps[1], h.apps[0]
	h.apps, l.card = h.apps[:2], "ten minutes"
	f := newFakeHub(t)
	post(t, f, 1, "Ana", "Water at the school", time.Hour)
	for i := range 10 {
		post(t, f, 2, "Bo", strings.Repeat("Bread ", i+1), time.Duration(i+2)*time.Hour)
	}
	f.apps = h.apps
	b := newBrowser(t, newServer(t, f))
	p := b.open("/print").want(t, 200, "<h1>News from <bdi>Fire Station</bdi></h1>", "As of <bdi>Sunday, 22 November 2026, 18:42</bdi>",
		"Boil it for ten minutes.", "Water at the school", "http://lamppost.internal/", `<div class="qr"><svg`, `href="/print/new"`).
		wantNot(t, strings.Repeat("Bread ", 10))
	if posts, marked := strings.Count(p.body, `<p class="text brief"`), strings.Count(p.body, "Not official, from a neighbor:"); posts == 0 || posts != marked {
		t.Errorf("of %d neighbors' posts on a door %d are marked as theirs", posts, marked)
	}
	if strings.Index(p.body, "ten minutes") > strings.Index(p.body, "Water at the school") {
		t.Error("the first app's card is not the first")
	}
	if p.wantNot(t, "Boil the water of"); !strings.Contains(b.open("/print/new").body, boil) {
		t.Error("above what is new the banner is missing")
	}
	b.open("/~es/print").want(t, 200, `lang="es"`, "Noticias de", "Lo que dicen los vecinos")
	f.about.Plausible = false
	b.open("/print").want(t, 200, "Water at the school").wantNot(t, "As of", "18:42")
}

func TestACardThatFailsIsMissingOnThePageForADoorWhichSaysSo(t *testing.T) {
	const short = "Something is missing here"
	for how, fails := range map[string]func() (hub.Page, error){
		"with an error": func() (hub.Page, error) { return hub.Page{}, errors.New("it is broken") },
		"by panicking":  func() (hub.Page, error) { panic("it is broken") },
		"halfway":       func() (hub.Page, error) { return hub.Page{Template: "broken.html", Model: "x"}, nil },
	} {
		t.Run(how, func(t *testing.T) {
			h, l := withLoud(t)
			var log bytes.Buffer
			b := newBrowser(t, newServer(t, h, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }))
			b.open("/print").want(t, 200, "What neighbors say").wantNot(t, short) // an app without anything to say misses nothing
			l.print = fails
			b.open("/print").want(t, 200, short, "What neighbors say", `<div class="qr">`).wantNot(t, "Half a banner")
			if !strings.Contains(log.String(), `msg="a card of the bulletin failed" app=loud`) {
				t.Errorf("the log says nothing of it: %s", &log)
			}
		})
	}
}

// met is a portal at an address for phones.
type met struct{}

func (met) Stray(http.ResponseWriter, *http.Request, http.Handler) {}
func (met) Accepted(netip.Addr) bool                               { return true }
func (met) Accept(netip.Addr) error                                { return nil }
func (met) Home() string                                           { return "http://lamppost.internal/" }

func TestWhatIsPrintedAtTheBoxLeadsPhonesToIt(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t), func(c *server.Config) { c.Portal = met{} }))
	b.host = "localhost:8080"
	for _, path := range []string{"/print", "/print/new", "/kiosk", "/"} {
		b.open(path).want(t, 200, "http://lamppost.internal/", `<div class="qr">`).wantNot(t, "http://localhost")
	}
}

func TestWhatIsPrintedAtABoxWithoutItsOwnWifiLeadsPhonesToIt(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t), func(c *server.Config) { c.Reached = func() string { return "10.66.1.1:8080" } }))
	for _, host := range []string{"localhost:8080", "127.0.0.1:8080"} {
		b.host = host
		for _, path := range []string{"/print", "/print/new", "/kiosk"} {
			b.open(path).want(t, 200, "http://10.66.1.1:8080/", `<div class="qr">`).wantNot(t, "http://"+host)
		}
	}
}

// What is read elsewhere names no address that only the box's own screen can open.
func TestWhatIsPrintedWhereNoOtherDeviceComesNamesNoAddress(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.host = "localhost:8080"
	for _, path := range []string{"/print", "/print/new", "/kiosk?sheet=4"} {
		b.open(path).want(t, 200, "only on the box itself").wantNot(t, "http://localhost", "Take part with your phone")
	}
	b.open("/").want(t, 200, "http://localhost:8080/")
}
