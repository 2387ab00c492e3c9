package server_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// kept makes the server keep what belongs to readers.
func kept(c *server.Config) { c.Readers = c.Sessions.(*local.Local) }

// signedIn is somebody who has posted.
func signedIn(t *testing.T, s *server.Server) *browser {
	b := newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "hello")
	return b
}

func TestSomebodyIsHiddenAndShownAgainWithoutScripts(t *testing.T) {
	h := newFakeHub(t)
	loud := record.AuthorOf(h.neighbor(1, "Loud"))
	b := signedIn(t, newServer(t, h, kept))
	b.open("/you").wantNot(t, "People you have hidden")
	b.open("/hidden").want(t, 200, "You have hidden nobody")

	b.open("/hide?back=/messages/town%3Fbefore%3D5&author="+loud.String()).want(t, 200, "Loud", loud.Tag(), "for you alone")
	p := b.send().want(t, 200, "folded to one line from now on")
	if unsealed(p.url) != "/messages/town?done=hidden" {
		t.Errorf("went on at %s", p.url)
	}
	b.open("/you").want(t, 200, "People you have hidden")
	b.open("/hidden").want(t, 200, "Loud", loud.Tag())
	p = b.send().want(t, 200, "You see what they post again", "You have hidden nobody")
	if unsealed(p.url) != "/hidden?done=unhidden" {
		t.Errorf("went on at %s", p.url)
	}
}

func TestWhatCannotBeHiddenSaysWhy(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h, kept)
	other := record.AuthorOf(h.neighbor(1, "Loud")).String()
	newBrowser(t, s).open("/hide?author="+other).want(t, 200, "not signed in", "Enter my six words")
	newBrowser(t, s).open("/hidden").want(t, 200, "not signed in")
	b := signedIn(t, s)
	for _, bad := range []string{"", "abc", strings.Repeat("00", 32), other + "00"} {
		b.open("/hide?author="+bad).want(t, 422, "This link is damaged")
	}
	var me record.Author
	for a, p := range h.people {
		if p.Home == "Fire Station" {
			me = a
		}
	}
	b.open("/hide?author=" + me.String())
	b.send().want(t, 422, "This is you")
	b.open("/hide?author=" + other)
	b.post("csrf", "wrong").want(t, 403, "Nothing was sent yet")
	b.open("/hidden").want(t, 200, "You have hidden nobody")
}

func TestHidingLeadsBackToPagesOfThisHubOnly(t *testing.T) {
	h := newFakeHub(t)
	other := record.AuthorOf(h.neighbor(1, "Loud")).String()
	b := signedIn(t, newServer(t, h, kept))
	for from, want := range map[string]string{
		"/messages/Maple%20Street#p-1": "/messages/Maple%20Street?done=hidden",
		"//evil.example/x":             "/hidden?done=hidden",
		"https://evil.example/":        "/hidden?done=hidden",
		`/\evil.example`:               "/%5Cevil.example?done=hidden",
		"javascript:alert(1)":          "/hidden?done=hidden",
		"/~token/messages/town":        "/hidden?done=hidden",
		"":                             "/hidden?done=hidden",
		"/" + strings.Repeat("a", 600): "/hidden?done=hidden",
	} {
		b.open("/hide?author=" + other + "&back=" + url.QueryEscape(from))
		if got := unsealed(b.post().header.Get("Location")); got != want {
			t.Errorf("from %q to %q, want %q", from, got, want)
		}
	}
}

func TestAHiddenPersonsPostsAreFoldedForTheReaderAlone(t *testing.T) {
	h := newFakeHub(t)
	key := h.neighbor(1, "Loud")
	h.post(t, key, "town", "shouting", "loud-1")
	s := newServer(t, h, kept)
	b, other := signedIn(t, s), signedIn(t, s)
	b.open("/").want(t, 200, "shouting")
	thread := "/messages/town/" + record.AuthorOf(key).String()[:16] + "/loud-1"
	b.open(thread).want(t, 200, "Hide what this person posts")
	for _, l := range b.at.links() {
		if strings.HasPrefix(l, "/hide?") {
			b.open(l).want(t, 200, "Loud")
		}
	}
	if p := b.send().want(t, 200, "<summary>A post by someone you have hidden</summary>", "folded to one line from now on"); unsealed(p.url) != thread+"?done=hidden" {
		t.Errorf("went on at %s", p.url)
	}
	b.open("/messages/town").want(t, 200, "<summary>A post by someone you have hidden</summary>")
	b.open("/").wantNot(t, "shouting")
	b.open("/messages/").wantNot(t, "shouting")
	for _, p := range []string{"/", "/messages/town"} {
		other.open(p).want(t, 200, "shouting").wantNot(t, "you have hidden")
		newBrowser(t, s).open(p).want(t, 200, "shouting")
	}
	newBrowser(t, s).open(thread).wantNot(t, "Hide what")
}
