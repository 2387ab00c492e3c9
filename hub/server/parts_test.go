package server_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// fresh is what is another thing each time that a page is made.
var fresh = regexp.MustCompile(`name="(csrf|client_id)" value="[^"]*"`)

var withdrawn = regexp.MustCompile(`name="withdraws" value="([^"]*)"`)

// Several neighbors write, answer, change, take back, hide each other, change their
// names and languages, and time passes: whatever a reader opens is what it would be
// if nothing were kept of what others have opened.
func TestWhatIsKeptOfPagesChangesNoPage(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h, kept, func(c *server.Config) {
		c.Limits = server.Limits{Posts: 10_000, AddressPosts: 10_000}
	})
	r := rand.New(rand.NewPCG(1, 7)) //nolint:gosec // a test
	browsers := []*browser{signedIn(t, s), signedIn(t, s), newBrowser(t, s), newBrowser(t, s).withoutCookies()}
	for i, b := range browsers {
		b.addr = fmt.Sprint("192.168.1.", 30+i)
		b.open("/messages/town")
		if !b.cookies {
			b.send("text", "in the sheet of a portal")
		}
	}
	oneOf := func(p *page, pattern string) string {
		var all []string
		for _, l := range p.links() {
			if regexp.MustCompile(pattern).MatchString(l) {
				all = append(all, l)
			}
		}
		if len(all) == 0 {
			return ""
		}
		return all[r.IntN(len(all))]
	}
	root := func(b *browser) string { return regexp.MustCompile(`^(/~[^/]+)?`).FindString(b.at.url) }
	said := 0
	compared := 0
	for range max(simnet.Count(400), 60) {
		b := browsers[r.IntN(len(browsers))]
		b.open(root(b) + "/messages/town")
		what := r.IntN(9)
		if said++; said%10 == 0 {
			what = 4 // of which there are few ways
		}
		switch what {
		case 0:
			b.send("text", fmt.Sprint("post ", said))
		case 1:
			if to := oneOf(b.at, threadLink); to != "" {
				b.open(to)
				b.send("text", fmt.Sprint("answer ", said))
			}
		case 2:
			if to := oneOf(b.at, `/edit$`); to != "" {
				b.open(to)
				b.send("text", fmt.Sprint("changed ", said))
			}
		case 3:
			if to := oneOf(b.at, `/edit$`); to != "" {
				b.open(to)
				b.post("withdraws", withdrawn.FindStringSubmatch(b.at.body)[1])
			}
		case 4:
			if to := oneOf(b.at, threadLink); to != "" {
				b.open(to)
				if to := oneOf(b.at, `/hide\?`); to != "" {
					b.open(to)
					b.send()
				}
			}
		case 5:
			b.open(root(b) + "/name")
			if formTag.MatchString(b.at.body) {
				b.send("name", fmt.Sprint("Name ", said))
			}
		case 6:
			b.open([]string{"/~es", "/~ar", "/~en"}[r.IntN(3)] + "/messages/town")
		case 7:
			h.mu.Lock()
			h.about.Now = h.about.Now.Add(time.Duration(r.Int64N(int64(2 * time.Hour))))
			h.about.Plausible = r.IntN(4) > 0
			h.mu.Unlock()
		case 8:
			h.mu.Lock()
			h.reached = r.IntN(3)
			h.mu.Unlock()
		}
		reader := browsers[r.IntN(len(browsers))]
		at := root(reader)
		for _, path := range []string{"/messages/town", "/messages/search?q=post", "/messages/", "/"} {
			with := reader.open(at + path)
			server.KeepParts(s, false)
			without := reader.open(at + path)
			server.KeepParts(s, true)
			if a, b := fresh.ReplaceAllString(with.body, ""), fresh.ReplaceAllString(without.body, ""); a != b {
				t.Fatalf("%s after %d steps:\n%s\nand not\n%s", path, said, a, b)
			}
			compared++
		}
	}
	if n := server.Parts(s); n < 10 {
		t.Errorf("%d parts are kept after %d pages", n, compared)
	}
}
