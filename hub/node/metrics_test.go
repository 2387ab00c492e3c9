package node_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// scrape reads the metrics at an address.
func scrape(t *testing.T, addr string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	res, err := client.Get("http://" + addr + "/metrics")
	ok(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	ok(t, err)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", addr, res.Status, b)
	}
	return string(b)
}

func TestAHubIsMeasuredOnItsOwnMachineAtTheConsoleAndWhereItIsTold(t *testing.T) {
	_, path := folders(t, 2)
	other, _ := start(t, path[1])
	f, err := node.ReadFolder(path[0])
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{notes{}}, HTTP: "127.0.0.1:0", Listen: []string{"127.0.0.1:0"}, Peers: other.SyncAddrs(),
		Control: true, Metrics: "127.0.0.1:0", Version: "1.2.3", TrustClock: true,
	})
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	defer func() {
		cancel()
		ok(t, <-done)
	}()
	ana := key("a")
	ok(t, n.Enroll(t.Context(), ana, ""))
	r := write(t, n, ana, "one", "a note")
	until(t, other, "the note arrives", func(v *store.View) bool { return holds(r)(v) })

	text, err := control.NewClient(path[0]).Metrics(t.Context())
	ok(t, err)
	for where, text := range map[string]string{"console": text, "pages": scrape(t, n.HTTPAddr()), "of its own": scrape(t, n.MetricsAddr())} {
		for _, line := range []string{
			`lamppost_info{version="1.2.3"} 1`, `lamppost_posts_written_total{app="notes"} 1`, `lamppost_app_records{app="notes"} 1`,
			"lamppost_links 1\n", "lamppost_clock_plausible 1\n", `lamppost_link_sent_bytes_total{label="Place 2"`, `lamppost_protocol_sent_bytes_total{protocol="/lamppost/sync/2"}`, "go_goroutines ",
		} {
			if !strings.Contains(text, line) {
				t.Errorf("%s: missing %s", where, line)
			}
		}
	}
	if !strings.Contains(scrape(t, n.MetricsAddr()), `lamppost_http_requests_total{code="200",route="/metrics"} 1`) {
		t.Error("requests are not counted")
	}
}

// answer is the code with which the pages answer who asks for the metrics at an
// address, under a name.
func answer(t *testing.T, addr, host string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/metrics", nil)
	ok(t, err)
	r.Host = host
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	res, err := client.Do(r)
	ok(t, err)
	ok(t, res.Body.Close())
	return res.StatusCode
}

// outward is an address of this machine at which others reach it; "" if it has none.
func outward(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	ok(t, err)
	for _, a := range all {
		if n, is := a.(*net.IPNet); is && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return ""
}

func TestTheMetricsAreThereOverIPv6AsOverIPv4AndForNobodyElse(t *testing.T) {
	_, path := folders(t, 1)
	f, err := node.ReadFolder(path[0])
	ok(t, err)
	n, err := node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, HTTP: "[::]:0", Listen: []string{"127.0.0.1:0"}, TrustClock: true})
	ok(t, err)
	runs(t, n)
	_, port, err := net.SplitHostPort(n.HTTPAddr())
	ok(t, err)
	at := func(host string) string { return net.JoinHostPort(host, port) }
	for _, c := range []struct {
		addr, host string
		want       int
	}{
		{"::1", at("::1"), 200}, {"127.0.0.1", at("127.0.0.1"), 200}, {"::1", at("localhost"), 200}, {"127.0.0.1", at("localhost"), 200},
		{"::1", "evil.example", 421}, {"::1", "lamppost.internal", 404}, {"127.0.0.1", "lamppost.internal", 404},
	} {
		if got := answer(t, at(c.addr), c.host); got != c.want {
			t.Errorf("at %s under the name %s: %d, want %d", c.addr, c.host, got, c.want)
		}
	}
	if addr := outward(t); addr != "" {
		for _, host := range []string{at(addr), at("localhost"), at("::1")} { // the second and third are lies
			if got := answer(t, at(addr), host); got != 404 {
				t.Errorf("at %s under the name %s: %d", addr, host, got)
			}
		}
	}
}
