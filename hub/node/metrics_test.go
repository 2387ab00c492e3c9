package node_test

import (
	"context"
	"io"
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
			"lamppost_links 1\n", "lamppost_clock_plausible 1\n", `lamppost_link_sent_bytes_total{label="Place 2"`, "go_goroutines ",
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
