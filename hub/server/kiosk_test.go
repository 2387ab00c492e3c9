package server_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var refresh = regexp.MustCompile(`<meta http-equiv="refresh" content="20;url=([^"]*)">`)

func TestAScreenOnAWallTurnsItsPages(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	post(t, h, 1, "Ana", "Water at the school", time.Minute)

	var seen strings.Builder
	at := "/~es/kiosk"
	for range 5 {
		p := b.open(at).want(t, 200, `lang="es"`, "http://lamppost.internal/")
		seen.WriteString(p.body)
		next := refresh.FindStringSubmatch(p.body)
		if next == nil {
			t.Fatalf("%s stays for ever:\n%s", at, p.body)
		}
		at = next[1]
	}
	for _, want := range []string{"Water at the school", "Harbor Clinic", "<svg"} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("no page shows %q", want)
		}
	}
	if at != "/~es/kiosk?sheet=0" {
		t.Errorf("after the last page comes %s", at)
	}
	if p := b.open("/kiosk?sheet=1&stay=1").want(t, 200, "Turn pages again"); refresh.MatchString(p.body) {
		t.Error("a page that was told to stay turns")
	}
	for _, odd := range []string{"-1", "99", "x", "9999999999999999999999"} {
		b.open("/kiosk?sheet="+odd).want(t, 200, "Water at the school")
	}
}

// Its script is told what makes a sheet out of date, and how to get the same one as it is by then.
func TestAScreenOnAWallIsToldWhatIsNew(t *testing.T) {
	h, _ := withLoud(t)
	b := newBrowser(t, newServer(t, h))
	for path, here := range map[string]string{
		"/kiosk": "/kiosk?sheet=0", "/~es/kiosk?sheet=2": "/~es/kiosk?sheet=2", "/kiosk?sheet=1&stay=1": "/kiosk?sheet=1&stay=1",
	} {
		b.open(path).want(t, 200, `data-here="`+here+`"`, `{"app":"messages","terms":[`, `{"app":"loud","terms":["worst"]}`)
	}
}

func TestAScreenOnAWallKnowsNobody(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	b, portal := newBrowser(t, s), newBrowser(t, s).withoutCookies()
	for _, one := range []*browser{b, portal} {
		one.open("/messages/town")
		one.send("text", "Water at the school", "name", "Ana")
	}
	prefix := portal.prefix()
	b.open("/~fr/")
	for _, path := range []string{"/print"} {
		p := b.ask("GET", path, "").want(t, 200, `lang="en"`).wantNot(t, "return code", b.jar["lp_k3f9a2"])
		if c := p.header.Values("Set-Cookie"); len(c) > 0 {
			t.Errorf("%s sets %v", path, c)
		}
		p = portal.ask("GET", prefix+path+"?since=2026-11-21", "")
		if to := p.header.Get("Location"); p.status != 303 || to != path+"?since=2026-11-21" {
			t.Errorf("a session stays in the address of %s: %d, %s", path, p.status, to)
		}
	}
	b.open("/you").want(t, 200, "Ana") // and is still signed in
}

// A tap on the wrong link is not to cost somebody who they are.
func TestAScreenOnAWallAsksAndThenSignsOutWhoeverOpensIt(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, newFakeHub(t))
			b := newBrowser(t, s)
			b.cookies = cookies
			b.open("/messages/town")
			b.send("text", "Water at the school", "name", "Ana")
			session, prefix := b.jar["lp_k3f9a2"], b.prefix()
			mine := func(path string) string { return prefix + path }

			b.open(mine("/kiosk")).want(t, 200, "You have not written down your return code yet", "Show my code first").wantNot(t, "Take part with your phone")
			b.open(mine("/you")).want(t, 200, "<bdi>Ana</bdi>")
			b.open(mine("/code"))
			b.send()
			b.ask("HEAD", mine("/kiosk"), "")
			b.open(mine("/kiosk")).want(t, 200, "signed out first", "Sign out on this device").wantNot(t, "You have not written down", "Take part with your phone")
			b.open(mine("/you")).want(t, 200, "<bdi>Ana</bdi>")

			b.open(mine("/kiosk"))
			p := b.send().want(t, 200, "This screen belongs to nobody", "Water at the school")
			if strings.Contains(p.url, "/~") || b.jar["lp_k3f9a2"] != "" {
				t.Errorf("the session stays: %s, %v", p.url, b.jar)
			}
			b.open("/kiosk?sheet=1").want(t, 200).wantNot(t, "belongs to nobody")
			if cookies {
				b.jar["lp_k3f9a2"] = session
			}
			b.open(mine("/you")).want(t, 200).wantNot(t, "<bdi>Ana</bdi>")
		})
	}
}

func TestAScreenOnAWallSpeaksAsItsReaderDid(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, newServer(t, newFakeHub(t)))
			b.cookies = cookies
			b.open("/~fr/messages/town")
			b.send("text", "De l'eau", "name", "Ana")
			mine := b.prefix()
			b.open(mine + "/staff")
			b.open(b.at.link(t, "/kiosk$")).want(t, 200, `lang="fr"`, `name="csrf"`)
			b.send().want(t, 200, `lang="fr"`, "Ce que disent les voisins", "data-turn")
			b.open(mine+"/you").wantNot(t, "<bdi>Ana</bdi>")
		})
	}
}

func TestWhoCannotComeBackIsSignedOutOnlyWhenTheySaySo(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/messages/town")
	b.send("text", "Water at the school", "name", "Ana")
	b.open("/kiosk")
	b.send().want(t, 200, "This screen belongs to nobody", "Water at the school")
	b.open("/you").want(t, 200).wantNot(t, "<bdi>Ana</bdi>")
}
