package fieldtest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
	"github.com/miekg/dns"
)

// machine is something on the field at which one types.
type machine struct {
	*field
	host *netnstest.Host
}

func (f *field) machine(h *netnstest.Host) machine { return machine{f, h} }

// does runs a command on the machine and returns what it prints.
func (m machine) does(name string, args ...string) string {
	m.Helper()
	ctx, cancel := context.WithTimeout(m.ctx, 30*time.Second)
	defer cancel()
	out, err := m.host.Command(ctx, name, args...).CombinedOutput()
	if err != nil {
		m.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// phone is a machine that joins a Wi-Fi with a DHCP client of its own.
type phone struct {
	machine
	air    *netnstest.Bridge
	dev    string
	jar    string // what its browser keeps
	resolv string // its resolv.conf, from the lease
	names  string // where the hub answers names
	pages  string // and has its pages
}

// dhcpScript sets up what the client was told, as a phone's system does.
const dhcpScript = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface" && ip route add default via "$router" &&
echo "nameserver $dns" >"$RESOLV" && echo "got $ip $dns $domain"
`

func (f *field) phone(name string, air *netnstest.Bridge) *phone {
	f.Helper()
	if _, err := exec.LookPath("udhcpc"); err != nil && os.Getenv("CI") != "true" {
		f.Skip("a DHCP client is missing: install udhcpc")
	}
	host, err := f.net.Host(f.ctx, name)
	f.ok(err)
	port, err := host.Plug(f.ctx, air)
	f.ok(err)
	at := filepath.Join(f.dir, name)
	return &phone{f.machine(host), air, port.Dev, at + ".cookies", at + ".resolv.conf", "10.44.0.1:53", "10.44.0.1"}
}

func (p *phone) joins() {
	p.Helper()
	script := filepath.Join(p.dir, "dhcp.sh")
	p.ok(os.WriteFile(script, []byte(dhcpScript), 0o700))
	got := p.does("env", "RESOLV="+p.resolv, "udhcpc", "-i", p.dev, "-n", "-q", "-t", "10", "-T", "1", "-s", script)
	if !strings.Contains(got, "got 10.44.") || !strings.Contains(got, " 10.44.0.1 internal") {
		p.Fatalf("what it got: %s", got)
	}
}

// lookUp asks the hub for the addresses of a name, of either kind: "NOERROR 192.0.2.1".
func (p *phone) lookUp(name string, kind uint16) (string, error) {
	return p.lookUpAt(p.names, name, kind)
}

// lookUpAt is lookUp for a name server ("host:port").
func (m machine) lookUpAt(server, name string, kind uint16) (string, error) {
	const within = 5 * time.Second
	ctx, cancel := context.WithTimeout(m.ctx, within)
	defer cancel()
	conn, err := m.host.Dial(ctx, "udp", server)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	q := new(dns.Msg).SetQuestion(name+".", kind)
	reply, _, err := (&dns.Client{Timeout: within}).ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: conn})
	if err != nil {
		return "", err
	}
	said := dns.RcodeToString[reply.Rcode]
	for _, rr := range reply.Answer {
		switch a := rr.(type) {
		case *dns.A:
			said += " " + a.A.String()
		case *dns.AAAA:
			said += " " + a.AAAA.String()
		}
	}
	return said, nil
}

func (p *phone) looksUp(name, want string) {
	p.Helper()
	if got := p.hearsOf(name, dns.TypeA); got != want {
		p.Errorf("%s is %q, want %q", name, got, want)
	}
}

// asks makes a request as a probe or a browser does, to the address to which the name
// leads, and returns the status with the body behind it.
func (p *phone) asks(host, at, path string, more ...string) string {
	p.Helper()
	args := append([]string{"-s", "-m", "10", "-b", p.jar, "-c", p.jar, "-w", " %{http_code} %{redirect_url}", "-H", "Host: " + host, "http://" + at + path}, more...)
	return p.does("curl", args...)
}

var csrf = regexp.MustCompile(`action="/stay"><input type="hidden" name="csrf" value="([^"]+)"`)

// stays makes the last tap on the page.
func (p *phone) stays() {
	p.Helper()
	home := p.asks("lamppost.internal", p.pages, "/")
	token := csrf.FindStringSubmatch(home)
	if token == nil || !strings.Contains(home, "How to come back") {
		p.Fatalf("the page: %s", home)
	}
	if got := p.asks("lamppost.internal", p.pages, "/stay", "--data-urlencode", "csrf="+token[1]); !strings.HasSuffix(got, "/ok") {
		p.Fatalf("the last tap: %s", got)
	}
}
