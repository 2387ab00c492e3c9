package server_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
)

// firstView is what the first view of a page may cost: one TCP window.
const firstView = 14_000

// aim is what it is meant to cost, which leaves room for scripts and languages.
const aim = 8_000

func TestTheFirstViewIsSmall(t *testing.T) {
	h := newFakeHub(t)
	h.reached = 3
	s := newServer(t, h)
	for i := range 30 {
		post(t, h, byte(i), returncode.New(nil).Words()[0], words80(), time.Duration(i)*time.Minute)
	}
	newcomer, known := newBrowser(t, s), newBrowser(t, s)
	known.open("/messages/town")
	known.send("text", "hello", "name", "Ana")
	for path, b := range map[string]*browser{"/": newcomer, "/messages/town": newcomer, "/messages/town?": known, "/?": known} {
		p := b.open(path).want(t, 200)
		total, css, icon := p.size, 0, 0
		for _, l := range p.links() {
			if a := newBrowser(t, s); len(l) > 3 && l[:3] == "/a/" {
				if asset := a.open(l); asset.header.Get("Content-Type") == "image/svg+xml" {
					icon += asset.size
				} else {
					css += asset.size
				}
			}
		}
		total += css + icon
		t.Logf("%-16s %5d bytes gzip: page %d (%d plain), style %d, icon %d", path, total, p.size, len(p.body), css, icon)
		if total > firstView || total > aim {
			t.Errorf("%s: %d bytes, at most %d, meant to be %d", path, total, firstView, aim)
		}
	}
}

// words80 is a text of 80 characters that compresses worse than what people write.
func words80() string {
	var text string
	for len(text) < 80 {
		text += returncode.New(nil).Text() + " "
	}
	return text[:80]
}

// post writes to the town's talk as a neighbor who has been here for long.
func post(t testing.TB, h *fakeHub, n byte, name, text string, ago time.Duration) {
	t.Helper()
	key, now := h.neighbor(n, name), h.about.Now
	ds, err := h.apps[0].Act(snapshot{h, "messages"}, hub.Request{Path: "town", Form: map[string][]string{"text": {text}, "client_id": {fmt.Sprintf("c%d", h.seq)}}})
	if err != nil {
		t.Fatal(err)
	}
	h.about.Now = now.Add(-ago)
	defer func() { h.about.Now = now }()
	if _, err := h.Write(t.Context(), "messages", key, ds...); err != nil {
		t.Fatal(err)
	}
}
