package fieldtest_test

import (
	"strings"
	"testing"
)

// TestAPhoneJoinsTheWiFi: it gets its address, is led to the page, sees that and how
// to come back, stays by a tap, and posts; then all is undone.
func TestAPhoneJoinsTheWiFi(t *testing.T) {
	t.Parallel()
	f := open(t)
	air := f.bridge("air")
	h := f.hub("Fire Station")
	wifi := f.plug(h, air)
	f.found(h)
	machine := f.machine(h.Host)
	state := func() string {
		return machine.does("nft", "list", "ruleset") + machine.does("ip", "-4", "address") + machine.does("ip", "rule") + machine.does("ip", "route")
	}
	before := state()
	machine.does(h.Program, "portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--pages", "8080")
	f.start(h)

	p := f.phone("phone", air)
	p.joins()
	p.looksUp("captive.apple.com", "NOERROR 192.0.2.1")
	p.looksUp("www.example.org", "NOERROR 192.0.2.1")
	p.looksUp("lamppost.internal", "NOERROR 10.44.0.1")
	p.looksUp("fire-station.internal", "NOERROR 10.44.0.1")

	const away = " 302 http://lamppost.internal/"
	for _, at := range []string{"192.0.2.1", "93.184.215.14"} { // by its name, or by an address it knows
		if got := p.asks("connectivitycheck.gstatic.com", at, "/generate_204"); !strings.HasSuffix(got, away) {
			t.Errorf("Android: %s", got)
		}
	}
	if got := p.asks("captive.apple.com", "192.0.2.1", "/hotspot-detect.html"); !strings.Contains(got, "http://lamppost.internal/") || strings.Contains(got, "Success") {
		t.Errorf("iOS: %s", got)
	}
	p.stays()
	stays := func(what string) {
		t.Helper()
		if got := p.asks("connectivitycheck.gstatic.com", "192.0.2.1", "/generate_204"); got != " 204 " {
			t.Errorf("%s, Android: %s", what, got)
		}
		if got := p.asks("captive.apple.com", "192.0.2.1", "/hotspot-detect.html"); !strings.HasPrefix(got, "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML> 200") {
			t.Errorf("%s, iOS: %s", what, got)
		}
		p.looksUp("www.example.org", "SERVFAIL") // there is no internet, and nothing is known
		p.looksUp("lamppost.internal", "NOERROR 10.44.0.1")
	}
	stays("after the tap")
	f.stop(h)
	f.start(h)
	stays("after a restart of the hub")
	f.post(f.person(h, "Ana"), 1, "hello")

	f.stop(h)
	machine.does(h.Program, "portal", "down", "--data", h.Folder)
	if after := state(); after != before {
		t.Errorf("portal down leaves\n%s\nof\n%s", after, before)
	}
}

// TestPortalDownAfterAKill: whatever the hub and its machine were in the middle of.
func TestPortalDownAfterAKill(t *testing.T) {
	t.Parallel()
	f := open(t)
	h := f.hub("School")
	wifi := f.plug(h, f.bridge("air"))
	f.found(h)
	machine := f.machine(h.Host)
	before := machine.does("nft", "list", "ruleset")
	up := []string{"portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--pages", "8080"}
	machine.does(h.Program, up...)
	if said := machine.does(h.Program, up...); !strings.Contains(said, "already") {
		t.Errorf("up twice: %s", said)
	}
	f.start(h)
	f.ok(h.Kill())
	machine.does(h.Program, "portal", "down", "--data", h.Folder)
	if said := machine.does(h.Program, "portal", "down", "--data", h.Folder); !strings.Contains(said, "nothing to undo") {
		t.Errorf("down twice: %s", said)
	}
	if after := machine.does("nft", "list", "ruleset"); after != before {
		t.Errorf("left: %s", after)
	}
}
