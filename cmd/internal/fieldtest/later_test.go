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
	away := machine.isAway("127.0.0.1:8080")

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
		_, after, found := strings.Cut(h.Said(), "there is no network of phones any more")
		return found && strings.Contains(after, "the hub is open again"), nil
	})
	f.ok(err)
	f.post(f.person(h, "Ben"), 2, "after")
	if !h.Runs() || h.PID() != pid {
		t.Error("it is another process")
	}
	const bound = 3 * time.Second
	longest := away()
	f.figure("while the hub opened anew, nobody listened for the pages", longest, bound)
	if longest > bound {
		t.Errorf("nobody listened for %v", longest)
	}
}

// TestPortalUpThatTheHubCannotGoBy: it says why, and goes on as it was.
func TestPortalUpThatTheHubCannotGoBy(t *testing.T) {
	t.Parallel()
	f := open(t)
	h := f.hub("School")
	wifi := f.plug(h, f.bridge("air"))
	f.found(h)
	program, machine := h.Program, f.machine(h.Host)
	f.unprivileged(h)
	f.start(h)
	up := []string{"portal", "up", "--data", h.Folder, "--interface", wifi.Dev}
	says := func(what string) {
		t.Helper()
		_, err := fieldtest.Await(f.ctx, 10*time.Second, 100*time.Millisecond, what, func(context.Context) (bool, error) {
			return strings.Contains(h.Said(), what), nil
		})
		f.ok(err)
	}
	if said := machine.does(program, append(up, "--pages", "80")...); !strings.Contains(said, "Start it again: lamppost run") {
		t.Errorf("portal up for another port: %s", said)
	}
	says("start with --http :80")
	f.post(f.person(h, "Ana"), 1, "it goes on")
	machine.does(program, up...)
	says("CAP_NET_BIND_SERVICE") // it lacks the right to
	says("the hub is open again")
	f.post(f.person(h, "Ben"), 2, "and on")
	machine.does(program, "portal", "down", "--data", h.Folder)
}

// isAway connects again and again, until the function that it returns is called, which
// tells for how long at a time nobody listened at an address.
func (m machine) isAway(at string) (end func() (longest time.Duration)) {
	ctx, cancel := context.WithCancel(m.ctx)
	told := make(chan time.Duration, 1)
	go func() {
		longest, heard := time.Duration(0), time.Now()
		for ctx.Err() == nil {
			if c, err := m.host.Dial(ctx, "tcp", at); err == nil {
				_ = c.Close() // that it was there is all that counts
				longest, heard = max(longest, time.Since(heard)), time.Now()
			}
			_ = fieldtest.Pause(ctx, 5*time.Millisecond) // until the end
		}
		told <- longest
	}()
	m.Cleanup(cancel)
	return func() time.Duration {
		cancel()
		return <-told
	}
}
