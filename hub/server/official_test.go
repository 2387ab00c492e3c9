package server_test

import (
	"context"
	"crypto/ed25519"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// witness is an app that notes who asks, and whether that is official.
type witness struct {
	asked    int
	author   record.Author
	official bool
}

func (*witness) Manifest() hub.Manifest {
	return hub.Manifest{Name: "witness", Title: "Witness", Index: func(record.Record) []hub.Term { return nil }}
}

func (w *witness) View(_ hub.Snapshot, q hub.Request) (hub.Page, error) {
	w.asked, w.author, w.official = w.asked+1, q.Author, q.Official
	return hub.Page{}, hub.Errorf(hub.NotFound, "", "There is no such page here.")
}

func (w *witness) Act(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	_, err := w.View(s, q)
	return nil, err
}

func (w *witness) Answer(s hub.Snapshot, q hub.Request) (any, error)  { return w.View(s, q) }
func (w *witness) Written(s hub.Snapshot, q hub.Request) (any, error) { return w.View(s, q) }
func (*witness) Fields() []string                                     { return nil }

// firehouse is a hub with a witness, and a coordinator's six words and key.
type firehouse struct {
	*witness
	*fakeHub
	s    *server.Server
	code returncode.Code
	key  ed25519.PrivateKey

	certificates []record.Record
}

func newFirehouse(t *testing.T, change ...func(*server.Config)) *firehouse {
	t.Helper()
	h := newFakeHub(t)
	st := &firehouse{witness: &witness{}, fakeHub: h, code: returncode.New(nil)}
	h.apps = append(h.apps, st.witness)
	st.key = st.certify(t, st.code, "Maria Ortiz")
	st.s = newServer(t, h, change...)
	return st
}

// certify has the root make whoever has a code a coordinator.
func (st *firehouse) certify(t *testing.T, code returncode.Code, name string) ed25519.PrivateKey {
	t.Helper()
	key := returncode.Key(code, town)
	who := record.AuthorOf(key)
	st.people[who] = hub.Person{Author: who, Name: name, Home: "Fire Station"}
	root := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	f := roster.Founding{Name: "Millbrook", Roots: []record.Author{record.AuthorOf(root)}, Threshold: 1, Time: record.At(founded)}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		t.Fatal(err)
	}
	r, err := roster.Certificate{Kind: roster.Coordinator, Subject: who, Label: name, Roles: roster.Notices}.Record(record.At(founded.Add(time.Hour)), record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = codec.Sign(r, root); err != nil {
		t.Fatal(err)
	}
	st.certificates = append(st.certificates, r)
	st.state = roster.Compute(f, st.certificates)
	return key
}

// box is a browser on the hub's own machine.
func box(b *browser) { b.addr, b.local, b.host = "127.0.0.1", "127.0.0.1", "localhost:8080" }

// enrolled is a browser that trusts the community's authority.
func enrolled(b *browser) { b.tls, b.host = true, "lamppost.internal:8443" }

// air is a browser of which anybody may read what it sends.
func air(*browser) {}

// signsIn is a browser in which the coordinator has entered their six words.
func (st *firehouse) signsIn(t *testing.T, how func(*browser)) *browser {
	t.Helper()
	return st.signsInWith(t, st.code, how)
}

// signsInWith is signsIn of whoever has a code.
func (st *firehouse) signsInWith(t *testing.T, code returncode.Code, how func(*browser)) *browser {
	t.Helper()
	b := newBrowser(t, st.s)
	how(b)
	b.open("/return")
	fields := []string{"code", code.Text()}
	if !b.tls && b.host == "lamppost.internal" {
		fields = append(fields, "sure", "yes")
	}
	b.send(fields...).want(t, 200, "Welcome back")
	return b
}

// sees asks for the witness' page, and reports who was asking and whether officially.
func (st *firehouse) sees(b *browser) (known, official bool) {
	st.author, st.official = record.Author{}, false
	b.open("/witness/")
	return st.author == record.AuthorOf(st.key), st.official
}

func TestOfficialIsWhoEnteredSixWordsAtTheBoxOrOverHTTPS(t *testing.T) {
	for name, c := range map[string]struct {
		way      func(*browser)
		official bool
	}{
		"at the box": {box, true}, "over HTTPS": {enrolled, true}, "on the Wi-Fi": {air, false},
		"at the box, by number":         {func(b *browser) { box(b); b.host = "127.0.0.1:8080" }, true},
		"at the box, by number (IPv6)":  {func(b *browser) { b.addr, b.local, b.host = "::1", "::1", "[::1]:8080" }, true},
		"at the box, by the usual name": {func(b *browser) { box(b); b.host = "lamppost.internal" }, false},
		"as if at the box":              {func(b *browser) { b.host = "localhost" }, false},
		"to the box from elsewhere":     {func(b *browser) { b.addr, b.host = "127.0.0.1", "localhost" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			st := newFirehouse(t)
			b := newBrowser(t, st.s)
			c.way(b)
			b.open("/return")
			b.send("code", st.code.Text(), "sure", "yes").want(t, 200, "Welcome back")
			if known, official := st.sees(b); !known || official != c.official {
				t.Errorf("known %v, official %v", known, official)
			}
			b.call("GET", "/api/v1/witness/", nil)
			if st.official != c.official {
				t.Errorf("for programs it is %v", st.official)
			}
		})
	}
}

// The session began at the box; then somebody else shows it, or it comes another way.
func TestWhatIsNotFromTheBoxIsNotOfficial(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	for name, change := range map[string]func(*browser){
		"X-Forwarded-For":    func(b *browser) { b.header.Set("X-Forwarded-For", "127.0.0.1") },
		"X-Forwarded-Proto":  func(b *browser) { b.header.Set("X-Forwarded-Proto", "https") },
		"X-Forwarded-Host":   func(b *browser) { b.header.Set("X-Forwarded-Host", "localhost") },
		"Forwarded":          func(b *browser) { b.header.Set("Forwarded", "for=127.0.0.1;proto=https") },
		"X-Real-Ip":          func(b *browser) { b.header.Set("X-Real-Ip", "127.0.0.1") },
		"Via":                func(b *browser) { b.header.Set("Via", "1.1 proxy") },
		"an empty Via":       func(b *browser) { b.header.Set("Via", "") },
		"from elsewhere":     func(b *browser) { b.addr = "192.168.1.20" },
		"to another address": func(b *browser) { b.local = "192.168.1.1" },
		"the usual name":     func(b *browser) { b.host = "lamppost.internal" },
		"rebound":            func(b *browser) { b.host = "localhost.evil.example" },
		"a dot and a name":   func(b *browser) { b.host = "evil.example." },
		"zero":               func(b *browser) { b.host = "0.0.0.0:8080" },
		"nothing":            func(b *browser) { b.host = "" },
	} {
		t.Run(name, func(t *testing.T) {
			other := newBrowser(t, st.s)
			box(other)
			change(other)
			for k, v := range b.jar {
				other.jar[k] = v
			}
			if known, official := st.sees(other); known || official {
				t.Errorf("known %v, official %v", known, official)
			}
			for _, token := range b.jar {
				other.header.Set("Authorization", "Bearer "+token)
				st.author = record.Author{}
				if other.call("GET", "/api/v1/witness/", nil); st.author != (record.Author{}) || st.official {
					t.Error("a program with the token is somebody")
				}
				if other.open("/~" + token + "/witness/"); st.author != (record.Author{}) || st.official {
					t.Error("whoever has the token in the path is somebody")
				}
			}
		})
	}
	if known, official := st.sees(b); !known || !official {
		t.Errorf("at the box itself: known %v, official %v", known, official)
	}
}

// What a program on the hub's machine passes on without saying so: it asks as of a proxy,
// or by an old version of HTTP, as such programs do.
func TestWhatAProxyOnTheBoxPassesOnIsNotOfficial(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	at := ln.Addr().String()
	for request, official := range map[string]bool{
		"GET /witness/ HTTP/1.1\r\nHost: " + at:                                              true,
		"GET /witness/ HTTP/1.1\r\nHost: localhost:1":                                        true,
		"GET /witness/ HTTP/1.0\r\nHost: " + at:                                              false,
		"GET http://" + at + "/witness/ HTTP/1.1\r\nHost: " + at:                             false,
		"GET http://localhost/witness/ HTTP/1.1\r\nHost: evil.example":                       false,
		"GET /witness/ HTTP/1.1\r\nHost: evil.example":                                       false,
		"GET /witness/ HTTP/1.1\r\nHost: " + at + "\r\nx-forwarded-for: 127.0.0.1":           false,
		"GET /witness/ HTTP/1.1\r\nHost: " + at + "\r\nX-Forwarded-Server: proxy":            false,
		"GET //witness/ HTTP/1.1\r\nHost: localhost":                                         true,
		"GET /witness/ HTTP/1.1\r\nHost: localhost\r\nConnection: close, X-Forwarded-For":    true,
		"GET /witness/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nForwarded: for=x": false,
	} {
		st.official = false
		var cookies strings.Builder
		for name, value := range b.jar {
			cookies.WriteString("Cookie: " + name + "=" + value + "\r\n")
		}
		says(t, at, request+"\r\n"+cookies.String()+"\r\n")
		if st.official != official {
			t.Errorf("%q: official %v", request, st.official)
		}
	}
}

// Whoever answers to the hub's name on some Wi-Fi, or listens there, has the cookie of
// whoever signs in on plain http. It is of no use for official acts.
func TestASessionThatBeganOnTheWiFiIsNeverOfficial(t *testing.T) {
	st := newFirehouse(t)
	victim := st.signsIn(t, air)
	var token string
	for name, value := range victim.jar {
		if strings.HasPrefix(name, "__Host-") {
			t.Errorf("on plain http there is a cookie %s", name)
		}
		token = value
	}
	if token == "" {
		t.Fatal("no cookie")
	}
	for where, how := range map[string]func(*browser){"over HTTPS": enrolled, "at the box": box, "with the victim's address": func(b *browser) { enrolled(b); b.addr = victim.addr }} {
		for shown, show := range map[string]func(*browser){
			"as a cookie":                 func(b *browser) { b.jar["lp_k3f9a2"] = token },
			"as a cookie of HTTPS":        func(b *browser) { b.jar["__Host-lp_k3f9a2"] = token },
			"as both":                     func(b *browser) { b.jar["lp_k3f9a2"], b.jar["__Host-lp_k3f9a2"] = token, token },
			"as a program's":              func(b *browser) { b.header.Set("Authorization", "Bearer "+token) },
			"as another hub's of its own": func(b *browser) { b.jar["__Host-lp_ffffffff"] = token },
		} {
			thief := newBrowser(t, st.s)
			how(thief)
			show(thief)
			if _, official := st.sees(thief); official {
				t.Errorf("official %s, shown %s", where, shown)
			}
			if thief.call("GET", "/api/v1/witness/", nil); st.official {
				t.Errorf("official for programs %s, shown %s", where, shown)
			}
		}
	}
	// In the path, by the plain form of a browser without cookies, from the same address.
	b := newBrowser(t, st.s).withoutCookies()
	b.open("/return")
	p := b.send("code", st.code.Text(), "sure", "yes").want(t, 200, "Welcome back")
	prefix, _, _ := strings.Cut(strings.TrimPrefix(p.url, "/"), "/")
	if !strings.HasPrefix(prefix, "~") {
		t.Fatalf("no session in the path: %s", p.url)
	}
	for where, how := range map[string]func(*browser){"over HTTPS": enrolled, "at the box": box} {
		thief := newBrowser(t, st.s)
		how(thief)
		thief.addr = b.addr
		st.official = false
		if thief.open("/" + prefix + "/witness/"); st.official {
			t.Errorf("official in the path %s", where)
		}
	}
}

func TestWithoutCookiesNothingIsOfficial(t *testing.T) {
	st := newFirehouse(t)
	b := newBrowser(t, st.s).withoutCookies()
	enrolled(b)
	b.open("/return").want(t, 200, "This page is official")
	p := b.send("code", st.code.Text()).want(t, 200, "Welcome back")
	prefix, _, _ := strings.Cut(strings.TrimPrefix(p.url, "/"), "/")
	st.asked = 0
	if b.open("/" + prefix + "/witness/"); st.asked == 0 || st.author != record.AuthorOf(st.key) || st.official {
		t.Errorf("asked %d times, official %v", st.asked, st.official)
	}
}

func TestACookieOverHTTPSIsNoneOfPlainHTTP(t *testing.T) {
	st := newFirehouse(t)
	b := newBrowser(t, st.s)
	enrolled(b)
	b.open("/return")
	p := b.post("code", st.code.Text())
	var found *http.Cookie
	for _, c := range (&http.Response{Header: p.header}).Cookies() {
		if c.Value != "" {
			found = c
		}
	}
	if found == nil || found.Name != "__Host-lp_k3f9a2" || !found.Secure || !found.HttpOnly || found.Path != "/" || found.Domain != "" {
		t.Fatalf("the cookie is %v", found)
	}
	plain := newBrowser(t, st.s)
	plain.jar["lp_k3f9a2"], plain.jar["__Host-lp_k3f9a2"] = found.Value, found.Value
	if known, _ := st.sees(plain); known {
		t.Error("it signs in on plain http")
	}
	b.jar["__Host-lp_aaaaaaaa"] = "another's" // sent by the browser, as hubs share a name
	b.open("/signout")
	b.send("forget", "yes").want(t, 200)
	if len(b.jar) != 0 {
		t.Errorf("left: %v", b.jar)
	}
}

// A page of the hub's name over plain http may be anybody's.
func TestAPlainPageSendsNothingToTheOneOverHTTPS(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, enrolled)
	b.open("/name")
	for _, origin := range []string{"http://lamppost.internal:8443", "HTTP://lamppost.internal:8443", "http://lamppost.internal", "null", "https://evil.example"} {
		b.header.Set("Origin", origin)
		form := b.at
		b.post("name", "Mallory").want(t, 403, "does not belong to this place")
		b.at = form
		if p := b.call("POST", "/api/v1/witness/", object{}); p.status != 403 {
			t.Errorf("a script of %s: %d", origin, p.status)
		}
		b.at = form
	}
	b.header.Set("Origin", "https://lamppost.internal:8443")
	b.post("name", "Maria").want(t, 303)
}

// aged are sessions that began longer ago than they did.
type aged struct {
	server.Sessions
	by time.Duration
}

func (a *aged) Find(token local.Token, addr netip.Addr, now time.Time) (*local.Active, error) {
	found, err := a.Sessions.Find(token, addr, now)
	if err == nil {
		found.Age += a.by
	}
	return found, err
}

func TestOverHTTPSOfficialEndsInTheEveningAndTheSessionDoesNot(t *testing.T) {
	old := &aged{}
	st := newFirehouse(t, func(c *server.Config) { old.Sessions, c.Sessions = c.Sessions, old })
	phone, desk := st.signsIn(t, enrolled), st.signsIn(t, box)
	for _, c := range []struct {
		by                time.Duration
		overHTTPS, atHome bool
	}{{0, true, true}, {11 * time.Hour, true, true}, {13 * time.Hour, false, true}} {
		old.by = c.by
		const again = "enter your six words here once more"
		if p := phone.open("/"); strings.Contains(p.body, again) == c.overHTTPS || strings.Contains(desk.open("/").body, again) {
			t.Errorf("after %v they are asked for their words wrongly", c.by)
		}
		if known, official := st.sees(phone); !known || official != c.overHTTPS {
			t.Errorf("after %v over HTTPS: known %v, official %v", c.by, known, official)
		}
		if known, official := st.sees(desk); !known || official != c.atHome {
			t.Errorf("after %v at the box: known %v, official %v", c.by, known, official)
		}
	}
}

func TestOfficialWordsOnTheWiFiAreWarnedOf(t *testing.T) {
	const warns = "These six words are official"
	st := newFirehouse(t)
	b := newBrowser(t, st.s)
	b.open("/return").wantNot(t, "This page is official")
	b.post("code", st.code.Text()).want(t, 403, warns, "begins with https://", `name="sure"`)
	if known, _ := st.sees(b); known {
		t.Error("signed in by words that were only warned of")
	}
	b.open("/return")
	b.send("code", st.code.Text(), "sure", "yes").want(t, 200, "Welcome back", `<a href="/enrol">Nothing official is signed from here`).wantNot(t, warns)

	// In the form of a post that somebody else's words are put into.
	ana := newBrowser(t, st.s)
	ana.jar["lp_bbbbbbbb"] = "from elsewhere"
	ana.open("/messages/town")
	ana.post("text", "hello", "code", st.code.Text()).want(t, 403, warns, `name="know"`, "hello</textarea>")

	for _, how := range []func(*browser){box, enrolled} {
		b := newBrowser(t, st.s)
		how(b)
		b.open("/return").want(t, 200, "This page is official")
		b.send("code", st.code.Text()).want(t, 200, "Welcome back")
	}
}

func TestWrongWordsDelayAndNeverLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFirehouse(t)
		guesser, coordinator := newBrowser(t, st.s), newBrowser(t, st.s)
		coordinator.addr = "192.168.1.21"
		guesser.open("/return")
		form := guesser.at
		for range 6 {
			guesser.at = form
			guesser.post("code", returncode.New(nil).Text()).want(t, 404, "knows nobody by these six words")
		}
		guesser.at = form
		p := guesser.post("code", st.code.Text(), "sure", "yes").want(t, 429, "Six words were wrong several times in a row here. Wait 10 s")
		if wait := p.header.Get("Retry-After"); wait != "10" {
			t.Errorf("to wait: %s s", wait)
		}
		coordinator.open("/return")
		coordinator.send("code", st.code.Text(), "sure", "yes").want(t, 200, "Welcome back")
		time.Sleep(6500 * time.Millisecond)
		guesser.at = form
		guesser.post("code", st.code.Text(), "sure", "yes").want(t, 429, "Wait 4 s")
		time.Sleep(3500 * time.Millisecond)
		guesser.at = form
		guesser.send("code", st.code.Text(), "sure", "yes").want(t, 200, "Welcome back")
	})
}
