package server_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestOnlyTheHubsOwnNamesAreAnswered(t *testing.T) {
	s := newServer(t, newFakeHub(t), func(c *server.Config) { c.Hosts = []string{"Fire-Station.lan"} })
	for host, want := range map[string]int{
		"lamppost.internal": 200, "LAMPPOST.internal.": 200, "lamppost.internal:8080": 200, "hub.internal": 200,
		"localhost": 200, "localhost:8080": 200, "127.0.0.1:8080": 200, "127.9.9.9": 200, "[::1]:8080": 200,
		"192.168.1.1": 200, "192.168.1.1:80": 200, "fire-station.lan": 200, "fire-station.lan:80": 200,
		"fire-station.internal": 200, "Fire-Station.internal.:8080": 200, "school.internal": 421, ".internal": 421,
		"evil.example": 421, "192.168.1.2": 421, "lamppost.internal.evil.example": 421, "": 421,
		"localhost.evil.example": 421, "0.0.0.0": 421, "[fe80::1]": 421,
	} {
		b := newBrowser(t, s)
		b.host = host
		if p := b.ask("GET", "/", ""); p.status != want {
			t.Errorf("Host %q: %d, want %d", host, p.status, want)
		} else if want == 421 {
			p.want(t, 421, "http://lamppost.internal/")
		}
	}
}

func TestEveryPageIsGuarded(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town")
	b.send("text", "hello")
	code := strings.Fields(b.words())
	for _, path := range []string{"/", "/messages/", "/messages/town", "/messages/Maple%20Street", "/code", "/return", "/name", "/signout", "/nothing", "/messages/a%2fb"} {
		p := b.open(path)
		if n := strings.Count(p.body, "This is not the emergency number"); n != 1 {
			t.Errorf("%s says %d times that it is not the emergency number", path, n)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
			"Content-Type": "text/html; charset=utf-8",
		} {
			if p.header.Get(header) != want {
				t.Errorf("%s: %s is %q", path, header, p.header.Get(header))
			}
		}
		for _, inline := range []string{"<script", "<style", " style=", " onclick", "http-equiv"} {
			if strings.Contains(p.body, inline) {
				t.Errorf("%s holds %s", path, inline)
			}
		}
		said := strings.ToLower(p.body)
		for _, drawn := range code { // which may be any words
			said = strings.ReplaceAll(said, drawn, "")
		}
		for _, word := range []string{"record", "slot", "roster", "resident", "vouch", " sync"} {
			if strings.Contains(said, word) {
				t.Errorf("%s says %q", path, word)
			}
		}
		head := b.ask("HEAD", path, "")
		if head.status != p.status || head.size != 0 || head.header.Get("Content-Length") == "" {
			t.Errorf("HEAD %s: %d, %d bytes", path, head.status, head.size)
		}
	}
}

func TestAssetsNeverChange(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	for _, l := range b.open("/").links() {
		if !strings.HasPrefix(l, "/a/") {
			continue
		}
		p := b.open(l).want(t, 200)
		if p.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || p.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %v", l, p.header)
		}
		b.header.Set("Accept-Encoding", "gzip;q=0")
		if q := b.open(l); q.header.Get("Content-Encoding") != "" || q.body != p.body {
			t.Errorf("%s differs uncompressed", l)
		}
		b.header.Del("Accept-Encoding")
	}
	b.open("/a/style.0000.css").want(t, 404)
}

func TestAFormIsBoundToWhoOpenedIt(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	ana, bo := newBrowser(t, s), newBrowser(t, s)
	bo.addr = "192.168.1.21"

	ana.open("/messages/town")
	bo.at = ana.at // a page of somebody at another address
	bo.post("text", "forged").want(t, 403, "Nothing was sent yet", "forged</textarea>")

	ana.send("text", "hello")
	bo.open("/messages/town")
	bo.send("text", "hello from Bo")
	ana.open("/messages/town")
	bo.at = ana.at // a page of somebody else's session
	bo.post("text", "forged").want(t, 403)
	if h.writes != 2 {
		t.Errorf("%d posts", h.writes)
	}

	old := newBrowser(t, s)
	old.open("/messages/town")
	before := old.at
	old.send("text", "hello")
	old.at = before // opened before the session, at the same address
	old.send("text", "from the other tab", "client_id", "z").want(t, 200, "from the other tab")
}

func TestOneAddressCannotTakeAll(t *testing.T) {
	h := newFakeHub(t)
	began, release := make(chan struct{}), make(chan struct{})
	var reads atomic.Int32
	h.beforeRead = func(record.App) {
		if reads.Add(1) <= 2 { // the first two get stuck
			began <- struct{}{}
			<-release
		}
	}
	s := newServer(t, h, func(c *server.Config) { c.Limits.OpenRequests = 2 })
	var stuck sync.WaitGroup
	for range 2 {
		stuck.Go(func() { newBrowser(t, s).open("/messages/town") })
		<-began
	}
	newBrowser(t, s).open("/messages/town").want(t, 429, "too much at once")
	other := newBrowser(t, s)
	other.addr = "192.168.1.30"
	other.open("/messages/town").want(t, 200)
	close(release)
	stuck.Wait()
	newBrowser(t, s).open("/messages/town").want(t, 200)
}

func TestNewcomersAreLimitedWithWords(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h, func(c *server.Config) { c.Newcomers = local.NewNewcomers(1) })
	one, two := newBrowser(t, s), newBrowser(t, s)
	one.open("/messages/town")
	one.send("text", "hello").want(t, 200)
	two.open("/messages/town")
	two.send("text", "hello too").want(t, 429, "Try again in", "hello too</textarea>")
	one.open("/messages/town")
	one.send("text", "hello again").want(t, 200)
}

func TestWhoFindsNoPlaceWritesAsAGuest(t *testing.T) {
	h := newFakeHub(t)
	guest := record.Author{}
	s := newServer(t, h, func(c *server.Config) {
		key, err := c.Sessions.Guest(h.about.Now)
		if err != nil {
			t.Fatal(err)
		}
		guest = record.AuthorOf(key)
	})
	h.failEnroll = func(k ed25519.PrivateKey) error {
		if record.AuthorOf(k) != guest {
			return local.ErrFull
		}
		return nil
	}
	b := newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "hello", "name", "Ana").want(t, 200, "no room for another name", "Guest", "hello").wantNot(t, "Write down")
	b.open("/name").want(t, 200, "All guests share one name")
	b.open("/messages/town")
	b.send("text", "again").want(t, 200, "again")
	if h.people[guest].Name != "Guest" || h.enrolled != 1 {
		t.Errorf("%+v", h.people)
	}
}

// broken is an app that does what no app should.
type broken struct{ view func() error }

func (broken) Manifest() hub.Manifest { return hub.Manifest{Name: "broken", Title: "Broken"} }
func (b broken) View(hub.Snapshot, hub.Request) (hub.Page, error) {
	return hub.Page{Template: "nothing.html"}, b.view()
}
func (broken) Act(hub.Snapshot, hub.Request) ([]hub.Draft, error) { panic("act") }

func TestABrokenPageIsLoggedOnceAndSaysSo(t *testing.T) {
	for name, view := range map[string]func() error{
		"panic":       func() error { panic("view") },
		"error":       func() error { return errors.New("view failed") },
		"no template": func() error { return nil },
	} {
		h := newFakeHub(t)
		h.apps = append(h.apps, broken{view})
		var log bytes.Buffer
		s := newServer(t, h, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		newBrowser(t, s).open("/broken/").want(t, 500, "Something went wrong here", "start page").wantNot(t, "view failed")
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%s: logged %d times:\n%s", name, n, log.String())
		}
	}
}

func TestNoSecretGetsIntoTheLog(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, newFakeHub(t), func(c *server.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	b := newBrowser(t, s).withoutCookies()
	b.open("/messages/town")
	b.send("text", "hello").want(t, 200)
	token := strings.TrimPrefix(b.prefix(), "/~")
	noWords(t, log.String(), b.words())
	for _, secret := range []string{token, "192.168.1.20"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), "path=/messages/town") {
		t.Errorf("nothing in the log:\n%s", log.String())
	}
}

// noWords finds a return code in a text by two of its words beside each other,
// however they are set apart: one alone may be an ordinary word of a log.
func noWords(t *testing.T, text, code string) {
	t.Helper()
	words := strings.Fields(code)
	for i, word := range words[1:] {
		pair := regexp.MustCompile(words[i] + "[^a-z]{1,3}" + word)
		if pair.MatchString(text) {
			t.Errorf("%s is in the log:\n%s", pair, text)
		}
	}
}

func TestARequestThatTakesTooLongIsEndedWithWords(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h, func(c *server.Config) { c.Limits.Handling = time.Nanosecond })
	newBrowser(t, s).open("/messages/town").want(t, 503, "took too long")
}

func TestTwoAppsCannotShareAPath(t *testing.T) {
	h := newFakeHub(t)
	for name, list := range map[string][]hub.App{
		"same name":      {broken{}, broken{}},
		"the hub's page": {named{"code"}},
	} {
		if _, err := server.New(server.Config{Hub: h, Sessions: struct{ server.Sessions }{}, Apps: list}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type named struct{ name record.App }

func (n named) Manifest() hub.Manifest                           { return hub.Manifest{Name: n.name} }
func (named) View(hub.Snapshot, hub.Request) (hub.Page, error)   { return hub.Page{}, nil }
func (named) Act(hub.Snapshot, hub.Request) ([]hub.Draft, error) { return nil, nil }

// serve runs a server on a real socket until the test ends.
func serve(t *testing.T, limits server.Limits) (addr string, stop func() error) {
	t.Helper()
	s := newServer(t, newFakeHub(t), func(c *server.Config) { c.Limits = limits })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String(), stop
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOverASocket(t *testing.T) {
	addr, stop := serve(t, server.Limits{Header: 200 * time.Millisecond, PerAddress: 3})
	get := func(c net.Conn, more string) (*http.Response, error) {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+addr+"\r\n"+more+"\r\n"); err != nil {
			return nil, err
		}
		return http.ReadResponse(bufio.NewReader(c), nil)
	}
	first := dial(t, addr)
	if res, err := get(first, ""); err != nil || res.StatusCode != 200 {
		t.Fatalf("%v %v", res, err)
	}
	if res, err := get(dial(t, addr), "X: "+strings.Repeat("x", 32<<10)+"\r\n"); err != nil || res.StatusCode != 431 {
		t.Errorf("32 KiB of header: %v %v", res, err)
	}
	slow := dial(t, addr)
	if _, err := io.WriteString(slow, "GET / HTTP/1.1\r\nHost:"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(slow); err != nil {
		t.Errorf("a header that never ends: %v", err)
	}
	if err := stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("still listening")
	}
}

func TestConnectionsOfOneAddressAreBounded(t *testing.T) {
	addr, _ := serve(t, server.Limits{PerAddress: 2, Header: time.Minute})
	a, b := dial(t, addr), dial(t, addr)
	third := dial(t, addr)
	if _, err := third.Read(make([]byte, 1)); err == nil {
		t.Error("a third connection is served")
	}
	_, _ = a.Close(), b.Close()
	for { // until the server has noticed
		c := dial(t, addr)
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+addr+"\r\nConnection: close\r\n\r\n"); err == nil {
			if res, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
				if res.StatusCode != 200 {
					t.Error(res.Status)
				}
				return
			}
		}
		_ = c.Close()
		if t.Context().Err() != nil {
			t.Fatal("never served again")
		}
	}
}
