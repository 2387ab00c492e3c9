package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/server"
)

// tally counts answers by route and code.
type tally struct {
	mu sync.Mutex
	of map[string]int
}

func (c *tally) Request(route string, code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[fmt.Sprint(route, " ", code)]++
}

func (c *tally) Slowed(by string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of["slowed "+by]++
}

func (*tally) ServeHTTP(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "lamppost_links 2") }

func measured(t *testing.T) (*tally, *server.Server) {
	c := &tally{of: map[string]int{}}
	return c, newServer(t, newFakeHub(t), func(cfg *server.Config) { cfg.Metrics = c })
}

func TestTheMetricsAreForTheHubsOwnMachine(t *testing.T) {
	_, s := measured(t)
	for _, c := range []struct {
		addr, host, header string
		want               int
	}{
		{"127.0.0.1", "localhost:8080", "", 200}, {"127.0.0.1", "127.0.0.1", "", 200}, {"::1", "[::1]:8080", "", 200}, {"127.0.0.2", "127.0.0.2:80", "", 200},
		{"192.168.1.20", "lamppost.internal", "", 404},
		{"192.168.1.20", "localhost", "", 404},                  // it says so
		{"192.168.1.20", "127.0.0.1", "X-Forwarded-For", 404},   // it says more
		{"192.168.1.1", "192.168.1.1", "", 404},                 // the machine itself, by an address for others
		{"127.0.0.1", "lamppost.internal", "", 404},             // a page under a name may ask in somebody's browser
		{"127.0.0.1", "evil.example", "", 421},                  // here too
		{"127.0.0.1", "localhost:8080", "X-Forwarded-For", 404}, // passed on by a program on the machine
		{"::ffff:192.168.1.20", "localhost", "", 404},
	} {
		b := newBrowser(t, s)
		b.addr, b.host = c.addr, c.host
		if c.header != "" {
			b.header.Set(c.header, "127.0.0.1")
		}
		p := b.ask("GET", "/metrics", "")
		if p.status != c.want || strings.Contains(p.body, "lamppost_links") != (c.want == 200) {
			t.Errorf("%v: %d", c, p.status)
		}
	}
}

func TestAnswersAreCountedByFewRoutes(t *testing.T) {
	c, s := measured(t)
	b := newBrowser(t, s)
	for _, path := range []string{
		"/", "/return", "/messages/town", "/messages/Maple%20Street", "/messages", "/~sometoken/messages/town",
		"/nothing", "/nothing/else", "/.env", "/a/style.0000.css", "/api/v1/status", "/api/v1/messages/town", "/api/v1/x", "/api",
	} {
		b.ask("GET", path, "")
	}
	b.host = "evil.example"
	b.ask("GET", "/", "")
	c.mu.Lock()
	defer c.mu.Unlock()
	want := map[string]int{
		"/ 200": 1, "/return 200": 1, "/messages 200": 2, "/messages 303": 2, "other 404": 5, "/a/ 404": 1,
		"/api/v1/status 200": 1, "/api/v1/messages 200": 1, "/ 421": 1,
	}
	if !maps.Equal(c.of, want) {
		t.Errorf("counted %v", slices.Sorted(maps.Keys(c.of)))
		t.Errorf("%v", c.of)
	}
}
