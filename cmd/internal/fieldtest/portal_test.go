package fieldtest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
	"github.com/miekg/dns"
)

// lookUpVariable has the test's program look a name up, so that it can be asked from
// a phone's namespace: "NAME SERVER".
const lookUpVariable = "LAMPPOST_TEST_LOOKUP"

// lookUp prints the IPv4 addresses of a name, or what the server says instead.
func lookUp(ask string) error {
	name, server, _ := strings.Cut(ask, " ")
	m, err := dns.Exchange(new(dns.Msg).SetQuestion(name+".", dns.TypeA), server)
	if err != nil {
		return err
	}
	said := dns.RcodeToString[m.Rcode]
	for _, rr := range m.Answer {
		if a, ok := rr.(*dns.A); ok {
			said += " " + a.A.String()
		}
	}
	fmt.Print(said)
	return nil
}

// phone is a machine that joins a Wi-Fi with a DHCP client of its own.
type phone struct {
	*field
	host *netnstest.Host
	dev  string
	jar  string // what its browser keeps
}

// dhcpScript sets up what the client was told, as a phone's system does.
const dhcpScript = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface" && ip route add default via "$router" && echo "got $ip $dns $domain"
`

func (f *field) phone(name string, air *netnstest.Bridge) *phone {
	f.Helper()
	host, err := f.net.Host(f.ctx, name)
	f.ok(err)
	port, err := host.Plug(f.ctx, air)
	f.ok(err)
	return &phone{f, host, port.Dev, filepath.Join(f.dir, name+".cookies")}
}

// does runs a command on the phone and returns what it prints.
func (p *phone) does(env []string, name string, args ...string) string {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	cmd := p.host.Command(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func (p *phone) joins() {
	p.Helper()
	script := filepath.Join(p.dir, "dhcp.sh")
	p.ok(os.WriteFile(script, []byte(dhcpScript), 0o700))
	if got := p.does(nil, "udhcpc", "-i", p.dev, "-n", "-q", "-t", "10", "-T", "1", "-s", script); !strings.Contains(got, "got 10.44.") || !strings.Contains(got, " 10.44.0.1 internal") {
		p.Fatalf("what it got: %s", got)
	}
}

func (p *phone) looksUp(name, want string) {
	p.Helper()
	if got := p.does([]string{lookUpVariable + "=" + name + " 10.44.0.1:53"}, os.Args[0]); got != want {
		p.Errorf("%s is %q, want %q", name, got, want)
	}
}

// asks makes a request as a probe or a browser does, to the address to which the name
// leads, and returns the status with the body behind it.
func (p *phone) asks(host, at, path string, more ...string) string {
	p.Helper()
	args := append([]string{"-s", "-m", "10", "-b", p.jar, "-c", p.jar, "-w", " %{http_code} %{redirect_url}", "-H", "Host: " + host, "http://" + at + path}, more...)
	return p.does(nil, "curl", args...)
}

var csrf = regexp.MustCompile(`action="/stay"><input type="hidden" name="csrf" value="([^"]+)"`)

// TestAPhoneJoinsTheWiFi: it gets its address, is led to the page, sees that and how
// to come back, stays by a tap, and posts; then all is undone.
func TestAPhoneJoinsTheWiFi(t *testing.T) {
	t.Parallel()
	f := open(t)
	if _, err := exec.LookPath("udhcpc"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("a DHCP client is missing: install udhcpc")
	}
	air := f.bridge("air")
	h := f.hub("Fire Station")
	wifi := f.plug(h, air)
	f.found(h)
	machine := &phone{field: f, host: h.Host}
	state := func() string {
		return machine.does(nil, "nft", "list", "ruleset") + machine.does(nil, "ip", "-4", "address") + machine.does(nil, "ip", "rule") + machine.does(nil, "ip", "route")
	}
	before := state()
	machine.does(nil, h.Program, "portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--pages", "8080")
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
	home := p.asks("lamppost.internal", "10.44.0.1", "/")
	token := csrf.FindStringSubmatch(home)
	if token == nil || !strings.Contains(home, "How to come back") {
		t.Fatalf("the page: %s", home)
	}
	if got := p.asks("lamppost.internal", "10.44.0.1", "/stay", "--data-urlencode", "csrf="+token[1]); !strings.HasSuffix(got, "/ok") {
		t.Fatalf("the last tap: %s", got)
	}
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
	machine.does(nil, h.Program, "portal", "down", "--data", h.Folder)
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
	machine := &phone{field: f, host: h.Host}
	before := machine.does(nil, "nft", "list", "ruleset")
	up := []string{"portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--pages", "8080"}
	machine.does(nil, h.Program, up...)
	if said := machine.does(nil, h.Program, up...); !strings.Contains(said, "already") {
		t.Errorf("up twice: %s", said)
	}
	f.start(h)
	f.ok(h.Kill())
	machine.does(nil, h.Program, "portal", "down", "--data", h.Folder)
	if said := machine.does(nil, h.Program, "portal", "down", "--data", h.Folder); !strings.Contains(said, "nothing to undo") {
		t.Errorf("down twice: %s", said)
	}
	if after := machine.does(nil, "nft", "list", "ruleset"); after != before {
		t.Errorf("left: %s", after)
	}
}
