package server_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// unsealed is an address without what makes its ?done= count.
func unsealed(u string) string {
	return regexp.MustCompile(`(\?done=[a-z]+)\.[\w-]{27}`).ReplaceAllString(u, "$1")
}

const nameSaved = "Your name is saved."

// renamed is somebody who has just given a name, at the page that says so.
func renamed(t *testing.T, b *browser) *page {
	t.Helper()
	b.open("/name")
	p := b.send("name", "Ana").want(t, 200, nameSaved)
	if unsealed(p.url) != "/?done=name" {
		t.Errorf("it is said at %s", p.url)
	}
	return p
}

func TestALinkTellsNobodyThatSomethingWasDone(t *testing.T) {
	s := newServer(t, newFakeHub(t), kept)
	b, other, stranger := signedIn(t, s), signedIn(t, s), newBrowser(t, s)
	link := renamed(t, b).url
	b.open(link).want(t, 200, nameSaved) // going back to it
	seal := strings.TrimPrefix(link, "/?done=name")
	for _, to := range []string{link, "/?done=name", "/?done=out", "/?done=out" + seal, "/?done=name.", "/?done=name" + seal + "x", "/?done=" + seal} {
		for _, who := range []*browser{other, stranger} {
			who.open(to).wantNot(t, `class="notice"`)
		}
		if to != link {
			b.open(to).wantNot(t, `class="notice"`)
		}
	}
}

func TestWhoIsSignedOutIsToldOnThisDeviceOnly(t *testing.T) {
	s := newServer(t, newFakeHub(t))
	b, other := signedIn(t, s), newBrowser(t, s)
	other.addr = "192.168.1.21"
	b.open("/signout")
	p := b.send().want(t, 200, "This device is signed out.")
	other.open(p.url).wantNot(t, `class="notice"`)
}

func TestALinkToTheWallSaysNothingOfASignOut(t *testing.T) {
	const told = "This screen belongs to nobody"
	s := newServer(t, newFakeHub(t), kept)
	b := newBrowser(t, s)
	for _, to := range []string{"/kiosk?left=yes", "/kiosk?done=screen"} {
		b.open(to).wantNot(t, told)
	}
	b = signedIn(t, s)
	b.open("/code")
	b.send()
	b.open("/kiosk").wantNot(t, told)
	b.send().want(t, 200, told)
}

func TestWithoutCookiesItIsSaidAsWell(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t))).withoutCookies()
	b.open("/messages/town")
	b.send("text", "hello")
	for _, to := range []string{"/you", "/name"} {
		for _, l := range b.at.links() {
			if strings.HasSuffix(l, to) {
				b.open(l)
				break
			}
		}
	}
	b.send("name", "Ana").want(t, 200, nameSaved)
}

func TestWhatWasDoneIsSaidForAShortTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := signedIn(t, newServer(t, newFakeHub(t), kept))
		link := renamed(t, b).url
		time.Sleep(time.Minute)
		b.open(link).want(t, 200, nameSaved)
		time.Sleep(2 * time.Minute)
		b.open(link).wantNot(t, nameSaved)
	})
}
