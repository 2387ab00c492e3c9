package node_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"golang.org/x/sys/unix"
)

// BenchmarkPage is what a page costs a hub whose neighbors talk: each reader is
// signed in, and takes the page as browsers do, compressed.
func BenchmarkPage(b *testing.B) {
	_, paths := folders(b, 1)
	n := withPages(b, paths[0])
	const people, each = 40, 5
	for i := range people {
		key := returncode.Key(returncode.New(nil), n.Store().Codec().Community())
		ok(b, n.Enroll(b.Context(), key, fmt.Sprint("Neighbor ", i)))
		for j := range each {
			q := hub.Request{Path: "town", Author: record.AuthorOf(key), Form: map[string][]string{
				"client_id": {fmt.Sprintf("c%d-%d", i, j)}, "text": {fmt.Sprintf("Post %d of %d: %s", j, i, strings.Repeat("water and blankets ", 10))},
			}}
			var ds []hub.Draft
			app := messages.New()
			ok(b, n.Read(b.Context(), "messages", func(s hub.Snapshot) (err error) {
				ds, err = app.Act(s, q)
				return err
			}))
			_, err := n.Write(b.Context(), "messages", key, ds...)
			ok(b, err)
		}
	}
	cookies := signIn(b, n)
	for _, page := range []struct{ name, path string }{{"town", "/messages/town"}, {"channels", "/messages/"}, {"home", "/"}} {
		b.Run(page.name, func(b *testing.B) {
			b.ReportAllocs()
			before := processorTime(b)
			for b.Loop() {
				if w := ask(b, n, page.path, cookies); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
			b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// ask is one request of a browser.
func ask(b *testing.B, n *node.Node, path string, cookies []*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost"+path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	n.Pages().ServeHTTP(w, r)
	return w
}

// signIn makes somebody known by a post and returns their cookies.
func signIn(b *testing.B, n *node.Node) []*http.Cookie {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "http://localhost/api/v1/messages/town", strings.NewReader(`{"text":"hello","client_id":"hello","name":"Ana"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	n.Pages().ServeHTTP(w, r)
	if w.Code != http.StatusCreated || len(w.Result().Cookies()) == 0 {
		b.Fatal(w.Code, w.Body)
	}
	return w.Result().Cookies()
}

// processorTime is what this process has used so far: what it takes by the clock
// depends on what else the machine does.
func processorTime(b *testing.B) time.Duration {
	var u unix.Rusage
	ok(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
