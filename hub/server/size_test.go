package server_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/webui"
)

// firstView is what the first view of a page may cost: one TCP window.
const firstView = 14_000

// banner is about what stands above it while a notice holds.
const banner = 300

// aim is what it is meant to cost, which leaves room for apps to come.
const aim = 13_600

func TestTheFirstViewIsSmall(t *testing.T) {
	h := newFakeHub(t)
	h.reached = 3
	s := newServer(t, h, func(c *server.Config) { c.Scripts = webui.Scripts })
	same := rand.NewChaCha8([32]byte{}) // what is written is the same at each run, as random words differ by 50 bytes
	for i := range 30 {
		post(t, h, byte(i), returncode.New(same).Words()[0], words80(same), time.Duration(i)*time.Minute)
	}
	known := newBrowser(t, s)
	known.open("/messages/town")
	known.send("text", "hello", "name", "Ana")
	for who, b := range map[string]*browser{"a stranger": newBrowser(t, s), "a neighbor": known} {
		for _, lang := range []string{"en", "ar"} {
			b.open("/~" + lang + "/")
			for _, path := range []string{"/", "/messages/town"} {
				p := b.open(path).want(t, 200)
				parts := parts(t, s, p)
				total := p.size + parts["style"] + parts["icon"] + parts["script"]
				t.Logf("%-14s for %s in %s: %5d bytes gzip: page %d (%d plain), %v", path, who, lang, total, p.size, len(p.body), parts)
				if total > firstView-banner || total > aim {
					t.Errorf("%s: %d bytes, at most %d, meant to be %d", path, total, firstView, aim)
				}
				if parts["style"] == 0 || parts["icon"] == 0 {
					t.Errorf("%s: %v: something was not found", path, parts)
				}
				if parts["script"] == 0 {
					t.Log("the scripts are not built, and not counted: make webui")
				}
			}
		}
	}
}

var assetAttr = regexp.MustCompile(`(?:href|src)="(/a/[^"#]+)`)

// parts are the sizes of what a page brings along, by kind.
func parts(t *testing.T, s *server.Server, p *page) map[string]int {
	t.Helper()
	kinds := map[string]string{"text/css; charset=utf-8": "style", "image/svg+xml": "icon", "text/javascript; charset=utf-8": "script"}
	sizes, seen := map[string]int{}, map[string]bool{}
	for _, m := range assetAttr.FindAllStringSubmatch(p.body, -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		asset := newBrowser(t, s).open(m[1]).want(t, 200)
		kind, ok := kinds[asset.header.Get("Content-Type")]
		if !ok {
			t.Errorf("%s: %q is not counted", m[1], asset.header.Get("Content-Type"))
		}
		sizes[kind] += asset.size
	}
	return sizes
}

// words80 is a text of 80 characters that compresses worse than what people write.
func words80(source io.Reader) string {
	var text string
	for len(text) < 80 {
		text += returncode.New(source).Text() + " "
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
