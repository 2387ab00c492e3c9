package server_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/portal"
	"github.com/lamppost-hub/lamppost/hub/server"
)

// TestUnderForeignNamesNothingOfOursIsToldOrDone: a phone that has just come (C) and one
// that chose to stay, without internet or with it (A, O), are led to the hub's own name
// at most; so is a browser on the hub's own machine.
func TestUnderForeignNamesNothingOfOursIsToldOrDone(t *testing.T) {
	d := &doors{accepted: map[string]time.Duration{}}
	p := portal.New(portal.NewClients(d, nil, nil, slog.New(slog.DiscardHandler)), "http://lamppost.internal/")
	b := newBrowser(t, newServer(t, newFakeHub(t), func(c *server.Config) { c.Portal, c.Metrics = p, &tally{of: map[string]int{}} }))
	paths := []string{
		"/api", "/api/v1/status", "/api/v1/live", "/api/v1/messages/town", "/api/v1/nothing", "/metrics", "/metrics/",
		"/staff", "/staff/", "/~sometoken/staff", "/~sometoken/metrics", "/~sometoken/api/v1/status", "/kiosk", "/messages/town", "/stay", "/name",
	}
	for _, accepted := range []bool{false, true} {
		for _, addr := range []string{b.addr, "127.0.0.1"} {
			for _, host := range []string{"evil.example", "captive.apple.com", "lamppost.internal.evil.example", "192.168.1.2", "school.internal"} {
				for _, path := range paths {
					for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
						c := *b
						c.addr, c.host = addr, host
						p := c.ask(method, path, "")
						led := p.status == http.StatusFound && p.header.Get("Location") == "http://lamppost.internal/" && len(p.body) < 120 ||
							host == "captive.apple.com" && p.body == c.probes(host, "/hotspot-detect.html").body || // whatever of it is asked for
							host == "captive.apple.com" && p.status == http.StatusOK && method == http.MethodHead
						if !led && p.status != http.StatusMisdirectedRequest {
							t.Errorf("%s %s of %s, from %s, stays %v: %d", method, path, host, addr, accepted, p.status)
						}
						if led && (strings.HasPrefix(path, "/api") || path == "/metrics") {
							t.Errorf("%s %s of %s is led on: a program would follow", method, path, host)
						}
					}
				}
			}
		}
		if len(d.accepted) != 0 && !accepted {
			t.Fatal("somebody was let through")
		}
		d.accepted[b.addr] = 0
	}
}
