package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/metrics"
)

var evening = time.Date(2026, 11, 22, 18, 42, 0, 0, time.UTC)

// standing is a hub with two links, one of them doubled, and an address without one.
func standing() control.Status {
	link := func(peer, label string, equal bool, waiting int) control.Link {
		return control.Link{Peer: strings.Repeat(peer, 64), Label: label, Since: evening, Equal: equal, Waiting: waiting, Behind: control.Behind{They: new(uint64(7))}}
	}
	return control.Status{
		Program: control.Program{Version: "1.2.3", Traffic: []control.Traffic{{Sent: 3, Received: 4}, {Protocol: "/lamppost/sync/2", Sent: 500, Received: 600}}},
		Clock:   control.Clock{Now: evening, Plausible: true},
		Set:     []control.Class{{Name: "notice", Records: 1}, {Name: "talk", Records: 40}},
		Apps:    []control.App{{Name: "messages", Records: 41}},
		Disk:    control.Disk{Records: 4096, Free: 1000, Total: 2000},
		Blobs:   control.Blobs{Kept: 8, Bytes: 9000, Waiting: 2},
		Members: make([]control.Member, 3),
		Links:   []control.Link{link("a", "Hill \"School\"", true, 0), link("b", "Clinic", false, 12), link("b", "Clinic", false, 12), {Addr: "192.0.2.1:4680"}},
		Warnings: []doctor.Finding{
			{Code: "disk", Level: doctor.Warn}, {Code: "links", Level: doctor.Warn}, {Code: "links", Level: doctor.Warn},
		},
	}
}

func newMetrics(t *testing.T, status func() (control.Status, error)) *metrics.Metrics {
	t.Helper()
	m, err := metrics.New(metrics.Source{
		Status: status, Sockets: func() int { return 5 }, Prepared: func() int { return 7 },
		Traffic: func() map[string]metrics.Traffic {
			return map[string]metrics.Traffic{strings.Repeat("a", 64): {Sent: 100, Received: 200}}
		},
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheMetricsTellHowTheHubStands(t *testing.T) {
	m := newMetrics(t, func() (control.Status, error) { return standing(), nil })
	m.Request("/", 200)
	m.Request("/", 200)
	m.Request("other", 404)
	m.Wrote("messages", 2)
	text, err := m.Text()
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for _, line := range []string{
		`lamppost_info{version="1.2.3"} 1`, `lamppost_records{class="talk"} 40`, `lamppost_app_records{app="messages"} 41`,
		`lamppost_attachments 8`, `lamppost_attachment_bytes 9000`, `lamppost_attachments_waiting 2`,
		`lamppost_store_bytes 4096`, `lamppost_disk_free_bytes 1000`, `lamppost_disk_bytes 2000`, `lamppost_links 2`, `lamppost_members 3`,
		`lamppost_link_equal{label="Hill \"School\"",peer="` + a + `"} 1`, `lamppost_link_waiting_records{label="Clinic",peer="` + b + `"} 12`,
		`lamppost_link_behind_changes{end="there",label="Clinic",peer="` + b + `"} 7`,
		`lamppost_link_sent_bytes_total{label="Hill \"School\"",peer="` + a + `"} 100`,
		`lamppost_protocol_sent_bytes_total{protocol="/lamppost/sync/2"} 500`, `lamppost_protocol_received_bytes_total{protocol="/lamppost/sync/2"} 600`,
		`lamppost_protocol_sent_bytes_total{protocol=""} 3`, "# TYPE lamppost_protocol_sent_bytes_total counter",
		`lamppost_live_sockets 5`, `lamppost_newcomers_prepared 7`, `lamppost_clock_plausible 1`, `lamppost_clock_seconds 1.79537292e+09`,
		`lamppost_warning{code="links",level="warn"} 1`,
		`lamppost_http_requests_total{code="200",route="/"} 2`, `lamppost_http_requests_total{code="404",route="other"} 1`,
		`lamppost_posts_written_total{app="messages"} 2`, "# TYPE lamppost_link_sent_bytes_total counter", "go_goroutines ", "process_open_fds ",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("missing %s", line)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestManyLinksAndProtocolsAreBounded(t *testing.T) {
	m := newMetrics(t, func() (control.Status, error) {
		s := standing()
		for i := range 1000 {
			s.Links = append(s.Links, control.Link{Peer: fmt.Sprintf("%064x", i), Since: evening})
			s.Program.Traffic = append(s.Program.Traffic, control.Traffic{Protocol: fmt.Sprintf("/x/%d", i)})
		}
		return s, nil
	})
	text, err := m.Text()
	if n := strings.Count(text, "\nlamppost_link_equal{"); err != nil || n != 64 {
		t.Errorf("%d links one by one, %v", n, err)
	}
	if n := strings.Count(text, "\nlamppost_protocol_sent_bytes_total{"); n != 16 {
		t.Errorf("%d protocols one by one", n)
	}
	if !strings.Contains(text, "\nlamppost_links 1002\n") {
		t.Error("not all are counted")
	}
}

func TestAHubThatCannotSayHowItStandsSaysThat(t *testing.T) {
	m := newMetrics(t, func() (control.Status, error) { return control.Status{}, errors.New("the disk is gone") })
	if _, err := m.Text(); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("%v", err)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest(http.MethodGet, metrics.Path, nil))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("%d", w.Code)
	}
}

func TestTheMetricsAreServedAtAnAddressOfTheirOwn(t *testing.T) {
	m := newMetrics(t, func() (control.Status, error) { return standing(), nil })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Serve(ctx, ln, slog.New(slog.DiscardHandler)) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]int{"/metrics": 200, "/": 404, "/metrics/x": 404, "/debug/pprof/": 404} {
		res, err := client.Get("http://" + ln.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if res.Body.Close(); err != nil || res.StatusCode != want || strings.Contains(string(body), "lamppost_links 2") != (want == 200) {
			t.Errorf("%s: %d, %v", path, res.StatusCode, err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
