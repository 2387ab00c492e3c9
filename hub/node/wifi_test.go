package node_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/miekg/dns"
)

// TestAHubMeetsPhones: with the portal and the name server on free ports, as a guest
// on somebody's network.
func TestAHubMeetsPhones(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{notes{}}, HTTP: "127.0.0.1:0", TrustClock: true,
		Wifi: node.Wifi{Portal: true, DNS: "127.0.0.1:0", Virtual: netip.MustParseAddr("192.0.2.1"), Upstreams: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:9")}},
	})
	ok(t, err)
	runs(t, n)

	// The box itself is no phone: its probes succeed, and other names are not led astray.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.HTTPAddr()+"/generate_204", nil)
	ok(t, err)
	req.Host = "connectivitycheck.gstatic.com"
	r, err := http.DefaultTransport.RoundTrip(req)
	ok(t, err)
	ok(t, r.Body.Close())
	if r.StatusCode != http.StatusNoContent {
		t.Errorf("a probe: %d", r.StatusCode)
	}
	for name, want := range map[string]string{
		"lamppost.internal.": "", "place-1.internal.": "", "captive.apple.com.": "192.0.2.1",
	} {
		if got := lookUp(t, n.DNSAddr(), name); !strings.Contains(got, want) || got == "" {
			t.Errorf("%s is %q", name, got)
		}
	}
}

// TestTheMetricsTellOfPhones: what the name server has answered, and who is asked.
func TestTheMetricsTellOfPhones(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{notes{}}, HTTP: "127.0.0.1:0", TrustClock: true,
		Wifi: node.Wifi{Portal: true, DNS: "127.0.0.1:0", Upstreams: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:9")}},
	})
	ok(t, err)
	runs(t, n)
	lookUp(t, n.DNSAddr(), "captive.apple.com.")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.HTTPAddr()+"/metrics", nil)
	ok(t, err)
	r, err := http.DefaultTransport.RoundTrip(req)
	ok(t, err)
	text, err := io.ReadAll(r.Body)
	ok(t, err)
	ok(t, r.Body.Close())
	for _, line := range []string{`lamppost_dns_queries_total{outcome="quick"} 1`, `lamppost_dns_server_up{server="127.0.0.1:9"} `, `lamppost_portal_phones{state="captive"} `} {
		if !strings.Contains(string(text), line) {
			t.Errorf("missing %s", line)
		}
	}
}

// lookUp asks for a name's IPv4 addresses until there are some.
func lookUp(t *testing.T, at, name string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		m, err := dns.ExchangeContext(ctx, new(dns.Msg).SetQuestion(name, dns.TypeA), at)
		if err == nil && len(m.Answer) > 0 {
			a, is := m.Answer[0].(*dns.A)
			if !is {
				t.Fatalf("%s: %v", name, m)
			}
			return a.A.String()
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v, %v", name, m, err)
		case <-tick.C:
		}
	}
}

func TestPortsOfNamesThatAreTaken(t *testing.T) {
	taken, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	ok(t, err)
	defer taken.Close()
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	_, err = node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, Wifi: node.Wifi{DNS: taken.LocalAddr().String()}})
	if err == nil || !strings.Contains(err.Error(), "another program uses that port") {
		t.Errorf("%v", err)
	}
}
