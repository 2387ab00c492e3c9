package fieldtest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// nobody is a user who may do nothing.
const nobody = 65534

// unprivileged has a hub run as a user who may do nothing but what is named, such as
// "+net_raw".
func (f *field) unprivileged(h *fieldtest.Hub, capabilities ...string) {
	f.Helper()
	if _, err := exec.LookPath("setpriv"); err != nil && os.Getenv("CI") != "true" {
		f.Skip("setpriv is missing: install util-linux")
	}
	for _, dir := range []string{filepath.Dir(h.Program), filepath.Dir(f.dir), f.dir} {
		f.ok(os.Chmod(dir, 0o711)) //nolint:gosec // the other user has to get to the program and the folder
	}
	f.ok(filepath.WalkDir(h.Folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, nobody, nobody)
	}))
	may := strings.Join(append([]string{"-all"}, capabilities...), ",")
	script := fmt.Sprintf("#!/bin/sh\nexec setpriv --reuid=%[1]d --regid=%[1]d --clear-groups --inh-caps=%[2]s --ambient-caps=%[2]s %[3]s \"$@\"\n", nobody, may, h.Program)
	h.Program = filepath.Join(f.dir, "lamppost-as-nobody")
	f.ok(os.WriteFile(h.Program, []byte(script), 0o755)) //nolint:gosec // a program
}

// TestAGuestWithoutRoot: on somebody's network, at high ports, phones whose names and
// pages are led there get the same.
func TestAGuestWithoutRoot(t *testing.T) {
	t.Parallel()
	f := open(t)
	lan := f.bridge("lan")
	h := f.hub("School")
	f.plug(h, lan, "10.9.0.2/24")
	f.found(h)
	f.unprivileged(h)
	h.Flags = append(h.Flags, "--portal", "--dns", "10.9.0.2:5353")
	f.start(h)

	p := f.phone("phone", lan)
	p.does("ip", "address", "add", "10.9.0.7/24", "dev", p.dev)
	p.names, p.pages = "10.9.0.2:5353", "10.9.0.2:8080"
	const away = " 302 http://lamppost.internal:8080/"
	p.looksUp("captive.apple.com", "NOERROR 10.9.0.2")
	p.looksUp("www.example.org", "NOERROR 10.9.0.2")
	p.looksUp("lamppost.internal", "NOERROR 10.9.0.2")
	if got := p.asks("connectivitycheck.gstatic.com", p.pages, "/generate_204"); !strings.HasSuffix(got, away) {
		t.Errorf("Android: %s", got)
	}
	p.stays()
	if got := p.asks("connectivitycheck.gstatic.com", p.pages, "/generate_204"); got != " 204 " {
		t.Errorf("after the tap, Android: %s", got)
	}
	if got := p.asks("captive.apple.com", p.pages, "/hotspot-detect.html"); got != appleSuccess {
		t.Errorf("after the tap, iOS: %s", got)
	}
	p.looksUp("www.example.org", "SERVFAIL")
	f.post(f.person(h, "Ana"), 1, "hello")
}

// TestAHubThatIsNotRoot after root has prepared the Wi-Fi: with the capabilities that it
// takes phones are met, without them it says what is missing.
func TestAHubThatIsNotRoot(t *testing.T) {
	t.Parallel()
	f := open(t)
	air := f.bridge("air")
	h := f.hub("School")
	f.wifi[h] = f.plug(h, air)
	f.found(h)
	program := h.Program
	f.unprivileged(h)
	out, err := h.Host.Command(f.ctx, program, f.portalUp(h)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(f.ctx, 20*time.Second)
	defer cancel()
	said, err := h.Run(ctx, "run", "--data", h.Folder, "--http", ":8080", "--until-stdin-closes")
	if err == nil || !strings.Contains(err.Error(), "CAP_NET_BIND_SERVICE") {
		t.Errorf("without capabilities: %v %s", err, said)
	}

	h.Program = program
	f.unprivileged(h, "+net_bind_service", "+net_raw", "+net_admin")
	f.start(h)
	p := f.phone("phone", air)
	p.joins()
	p.stays()
	p.looksUp("lamppost.internal", "NOERROR 10.44.0.1")
}
