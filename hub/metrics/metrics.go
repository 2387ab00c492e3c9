// Package metrics tells a monitoring system how a hub stands, in the Prometheus
// text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
//
// What is asked for is looked up when it is asked for; only what happens is
// counted as it happens. Labels take their values from what the hub knows (its
// apps, classes, routes and certified hubs), never from what a client has sent.
// Nothing in it says who wrote what.
package metrics

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Path is where the metrics are served.
const Path = "/metrics"

// atOnce bounds how many may ask at once; each has the whole status made.
const atOnce = 3

// Source is what is asked with each look.
type Source struct {
	Status  func() (control.Status, error)
	Traffic func() map[string]Traffic // by a hub's key in hex
	Sockets func() int                // live ones that are open
	// Prepared is how many newcomers can write without waiting for their keys.
	Prepared func() int
}

// Traffic is what went over the link with a hub since it came up, in bytes.
type Traffic struct{ Sent, Received uint64 }

// Metrics are one hub's. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	handler  http.Handler
	requests *prometheus.CounterVec
	posts    *prometheus.CounterVec
	slowed   *prometheus.CounterVec
}

// New makes the metrics of a hub. They can be asked for as soon as the source can.
func New(from Source, log *slog.Logger) (*Metrics, error) {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lamppost_http_requests_total", Help: "Requests answered by the pages and the API.",
		}, []string{"route", "code"}),
		posts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lamppost_posts_written_total", Help: "Posts that people wrote at this hub, edits and withdrawals included.",
		}, []string{"app"}),
		slowed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lamppost_posts_slowed_total", Help: "Posts that were asked to wait, by whose pace it was: one person's, one address's, that of all newcomers together, or of somebody whom a moderator slowed down.",
		}, []string{"by"}),
	}
	for _, c := range []prometheus.Collector{
		m.requests, m.posts, m.slowed, newCollector(from),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: atOnce,
	})
	return m, nil
}

// Request counts an answer. A route is one of the few that the hub has.
func (m *Metrics) Request(route string, code int) {
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
}

// Wrote counts what was written.
func (m *Metrics) Wrote(app string, n int) { m.posts.WithLabelValues(app).Add(float64(n)) }

// Slowed counts a post that came too soon. By is person, address, newcomers or slowed.
func (m *Metrics) Slowed(by string) { m.slowed.WithLabelValues(by).Inc() }

// ServeHTTP gives them to whoever may ask, which the caller has to judge.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// Text is the metrics as they are served.
func (m *Metrics) Text() (string, error) {
	r, err := http.NewRequest(http.MethodGet, Path, nil)
	if err != nil {
		return "", err
	}
	w := &page{header: http.Header{}, code: http.StatusOK}
	m.handler.ServeHTTP(w, r)
	if w.code != http.StatusOK {
		return "", fmt.Errorf("the metrics cannot be told: %s", bytes.TrimSpace(w.body.Bytes()))
	}
	return w.body.String(), nil
}

// page is an answer that stays here.
type page struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (p *page) Header() http.Header         { return p.header }
func (p *page) WriteHeader(code int)        { p.code = code }
func (p *page) Write(b []byte) (int, error) { return p.body.Write(b) }
