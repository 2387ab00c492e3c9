package notices_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/apps/notices/capfetch"
)

// service is a weather service's server on this machine.
type service struct {
	*httptest.Server
	pages map[string]string
	asked []string
}

func newService(t *testing.T, secure bool) *service {
	t.Helper()
	s := &service{pages: map[string]string{}}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r.URL.Path)
		page, ok := s.pages[r.URL.Path]
		mark := fmt.Sprintf("%q", fmt.Sprint(len(page)))
		switch w.Header().Set("ETag", mark); {
		case !ok:
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Header.Get("If-None-Match") == mark:
			w.WriteHeader(http.StatusNotModified)
		default:
			fmt.Fprint(w, page)
		}
	})
	if secure {
		s.Server = httptest.NewTLSServer(h)
	} else {
		s.Server = httptest.NewServer(h)
	}
	t.Cleanup(s.Close)
	return s
}

// fetches are sources with feeds of the service.
func (s *service) fetches(log *bytes.Buffer, feeds ...string) notices.Sources {
	pool := x509.NewCertPool()
	if s.TLS != nil {
		pool.AddCert(s.Certificate())
	}
	for i := range feeds {
		feeds[i] = s.URL + feeds[i]
	}
	return notices.Sources{
		Feeds: feeds, Log: slog.New(slog.NewTextHandler(log, nil)),
		Fetch: capfetch.New(capfetch.Options{Allow: netip.Addr.IsLoopback, TLS: &tls.Config{RootCAs: pool}}),
	}
}

func (s *service) took() string {
	all := strings.Join(s.asked, " ")
	s.asked = nil
	return all
}

func TestFeedsAreFetchedWhileThereIsInternet(t *testing.T) {
	var log bytes.Buffer
	s := newService(t, true)
	tw := openTown(t, 2, s.fetches(&log, "/feed?key=secret"))
	tw.is(1)
	tw.lets(0, "wx")
	h := tw.hubs[0]
	turn := h.app.Poller(h)
	link := func(names ...string) string {
		out := `<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>t</title><updated>2026-01-01T00:00:00Z</updated>`
		for _, n := range names {
			out += `<entry><id>` + n + `</id><title>t</title><updated>2026-01-01T00:00:00Z</updated><link rel="alternate" type="application/cap+xml" href="` + n + `"/></entry>`
		}
		return out + `</feed>`
	}
	s.pages["/feed"], s.pages["/a1"] = link("/a1"), alert{}.xml(tw)
	now := time.Unix(1_800_000_000, 0)
	goes := func(after time.Duration, asks string) {
		t.Helper()
		now = now.Add(after)
		turn(t.Context(), now)
		if got := s.took(); got != asks {
			t.Errorf("after %v it asks for %q, want %q", after, got, asks)
		}
	}
	goes(0, "") // there is no internet
	h.online = true
	goes(time.Second, "/feed /a1")
	h.settle()
	for _, p := range tw.hubs {
		p.shows("Storm comes", "")
	}
	goes(time.Minute, "")
	goes(90*time.Second, "/feed") // and it has not changed
	h.online = false
	goes(time.Hour, "")
	h.online = true
	s.pages["/feed"], s.pages["/bad"] = link("/a1", "/bad", "/gone"), strings.Replace(alert{id: "b"}.xml(tw), "Severe", "Awful", 1)
	goes(time.Second, "/feed /bad /gone") // at once, and not again what is here
	if said := log.String(); !strings.Contains(said, `alert/info[1]/severity: it is one of`) || strings.Count(said, "could not be fetched") != 1 {
		t.Errorf("the log: %s", said)
	}
	goes(3*time.Minute, "/feed /gone")
	goes(3*time.Minute, "/feed /gone")
	goes(3*time.Minute, "/feed")
	delete(s.pages, "/feed")
	goes(3*time.Minute, "/feed")
	goes(3*time.Minute, "/feed") // it has failed once
	goes(3*time.Minute, "")      // twice
	goes(3*time.Minute, "/feed")

	said := h.list().Active[0]
	page, err := h.view(strings.TrimPrefix(said.Path, "/notices/"))
	must(t, err)
	if m, _ := page.Model.(notices.RelayedView); m.Feed != s.URL+"/feed" || m.ByHand || m.Relay.Open {
		t.Errorf("it comes from %q, in the open: %v", m.Feed, m.Relay.Open)
	}
	if strings.Contains(fmt.Sprint(said.By), "secret") {
		t.Errorf("everybody reads the key: %v", said.By)
	}
}

// A cancellation counts by the way that its warning came.
func TestProvenanceOfFeeds(t *testing.T) {
	var log bytes.Buffer
	secure, open := newService(t, true), newService(t, false)
	both := secure.fetches(&log, "/feed", "/other")
	tw := openTown(t, 2, both, open.fetches(&log, "/feed"))
	tw.is(6)
	tw.lets(0, "wx")
	tw.lets(1, "wx")
	quiet := alert{id: "c", sent: 5, kind: "Cancel", refs: "wx,a1@+0", head: "All is well"}.xml(tw)
	polls := func(p *place) {
		t.Helper()
		p.online = true
		p.app.Poller(p)(t.Context(), time.Unix(1_800_000_000, 0))
		p.settle()
	}
	secure.pages["/feed"] = alert{}.xml(tw)
	polls(tw.hubs[0])
	open.pages["/feed"], secure.pages["/other"] = quiet, quiet
	polls(tw.hubs[1])
	if top := tw.hubs[1].top(); top != "Storm comes" {
		t.Errorf("a feed that anybody on the way can change has silenced it: %q", top)
	}
	polls(tw.hubs[0])
	if top := tw.hubs[0].top(); top != "Storm comes" {
		t.Errorf("another feed has silenced it: %q", top)
	}
	secure.pages["/feed"] = quiet
	polls(tw.hubs[0])
	tw.hubs[1].shows("All is well", "")
}

func TestMuchIsFollowedInSeveralTurns(t *testing.T) {
	var log bytes.Buffer
	s := newService(t, true)
	tw := openTown(t, 1, s.fetches(&log, "/feed"))
	tw.is(1)
	tw.lets(0, "wx")
	h := tw.hubs[0]
	h.online = true
	out := `<rss version="2.0"><channel><title>t</title>`
	for n := range 70 {
		out += fmt.Sprintf(`<item><title>t</title><link>/n%d</link></item>`, n)
		s.pages[fmt.Sprintf("/n%d", n)] = alert{id: fmt.Sprintf("n%d", n), head: fmt.Sprint(n)}.xml(tw)
	}
	s.pages["/feed"] = out + `</channel></rss>`
	turn := h.app.Poller(h)
	for n, want := range []int{51, 21, 1} {
		turn(t.Context(), time.Unix(1_800_000_000+int64(n)*200, 0))
		if got := len(s.asked); got != want {
			t.Errorf("turn %d asks for %d pages, want %d", n, got, want)
		}
		s.asked = nil
	}
	l := h.list()
	if got := len(l.Active) + l.Left[0].Count; got != 70 {
		t.Errorf("%d are here", got)
	}
}

// Two relays fetch one feed, and the second has found all of it known. Once the first may
// pass on nothing more, the second says it.
func TestAnotherRelayStepsInWhereOneIsPutOut(t *testing.T) {
	var log bytes.Buffer
	s := newService(t, true)
	tw := openTown(t, 3, s.fetches(&log, "/feed"), s.fetches(&log, "/feed"))
	tw.is(6)
	tw.lets(0, "wx")
	tw.lets(1, "wx")
	s.pages["/feed"] = alert{}.xml(tw)
	at := time.Unix(1_800_000_000, 0)
	first, second := tw.hubs[0].app.Poller(tw.hubs[0]), tw.hubs[1].app.Poller(tw.hubs[1])
	tw.hubs[0].online, tw.hubs[1].online = true, true
	first(t.Context(), at)
	tw.settle()
	second(t.Context(), at)
	tw.settle()
	tw.hubs[2].shows("Storm comes", "")
	tw.lets(0, "other")
	second(t.Context(), at.Add(time.Second))
	tw.settle()
	if top := tw.hubs[2].top(); top != "Storm comes" {
		t.Errorf("on top is %q", top)
	}
}
