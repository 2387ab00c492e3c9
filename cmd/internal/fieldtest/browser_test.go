package fieldtest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// visits is the program that uses a phone's browser.
const visits = webui + "e2e/phone.mjs"

const webui = "../../../webui/"

// browses has the phone's browser do one of the visits, in its own network and with
// the name server that it was told.
func (p *phone) browses(visit, way string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 3*time.Minute)
	defer cancel()
	begun := time.Now()
	out, err := p.host.CommandResolving(ctx, p.resolv, "node", visits, visit, way).CombinedOutput()
	if err != nil {
		p.Fatalf("%s %s: %v\n%s", visit, way, err, out)
	}
	p.Logf("%s, %s: %v", visit, way, time.Since(begun).Round(10*time.Millisecond))
}

// needsBrowser skips where there is none, but not in continuous integration.
func (f *field) needsBrowser() {
	f.Helper()
	if os.Getenv("CI") == "true" {
		return
	}
	if _, err := os.Stat(webui + "node_modules/playwright-core"); err != nil {
		f.Skip("a browser cannot be driven: make webui")
	}
	if _, err := exec.LookPath("chromium"); err != nil && os.Getenv("CHROMIUM") == "" {
		f.Skip("a browser is missing: install chromium, or say in CHROMIUM where it is")
	}
}

// TestABrowserIsLedToThePage on a phone that has just joined: whoever holds it reads
// how to come back, taps to stay, comes back in another browser and posts.
func TestABrowserIsLedToThePage(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.needsBrowser()
	air := f.bridge("air")
	h := f.hub("Fire Station")
	wifi := f.plug(h, air)
	f.found(h)
	f.machine(h.Host).does(h.Program, "portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--pages", "8080")
	f.start(h)
	for name, way := range map[string]string{"plain": "without-scripts", "scripted": "with-scripts"} {
		p := f.phone(name, air)
		p.joins()
		p.probes(captive)
		p.browses("stay", way)
		p.probes(accepted)
		p.browses("post", way)
		read := p.asks("lamppost.internal", "10.44.0.1", "/messages/town")
		if !strings.Contains(read, "Hello from "+way) {
			t.Errorf("the talk: %s", read)
		}
	}
}
