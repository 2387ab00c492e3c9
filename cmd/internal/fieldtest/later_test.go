package fieldtest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/miekg/dns"
)

// TestPortalUpWhileTheHubRuns: nobody starts the hub again, neither the first time nor
// for another address; what was posted is there, and after portal down it goes on.
func TestPortalUpWhileTheHubRuns(t *testing.T) {
	t.Parallel()
	f := open(t)
	air := f.bridge("air")
	h := f.hub("Fire Station")
	wifi := f.plug(h, air)
	f.found(h)
	f.start(h)
	f.post(f.person(h, "Ana"), 1, "before")
	pid, machine := h.PID(), f.machine(h.Host)

	up := []string{"portal", "up", "--data", h.Folder, "--interface", wifi.Dev}
	if said := machine.does(h.Program, up...); !strings.Contains(said, "meets phones there in a few seconds") {
		t.Errorf("portal up: %s", said)
	}
	const within = 10 * time.Second
	answers := func(what, at string) {
		t.Helper()
		took, err := fieldtest.Await(f.ctx, within, 100*time.Millisecond, what, func(context.Context) (bool, error) {
			said, err := machine.lookUpAt(at+":53", "lamppost.internal", dns.TypeA)
			return err == nil && said == "NOERROR "+at, nil
		})
		f.ok(err)
		f.figure(what, took, within)
	}
	answers("portal up, phones' names are answered", "10.44.0.1")
	p := f.phone("phone", air)
	p.joins()
	p.looksUp("captive.apple.com", "NOERROR 192.0.2.1")
	p.stays()
	if home := p.asks("lamppost.internal", p.pages, "/"); !strings.Contains(home, "before") {
		t.Errorf("what was posted is not there: %s", home)
	}

	machine.does(h.Program, append(up, "--address", "10.45.0.1/24")...)
	answers("portal up with another address, names are answered", "10.45.0.1")
	machine.does(h.Program, "portal", "down", "--data", h.Folder)
	_, err := fieldtest.Await(f.ctx, within, 100*time.Millisecond, "the hub is as before", func(context.Context) (bool, error) {
		return strings.Contains(h.Said(), "there is no network of phones any more"), nil
	})
	f.ok(err)
	f.post(f.person(h, "Ben"), 2, "after")
	if !h.Runs() || h.PID() != pid {
		t.Error("it is another process")
	}
}
