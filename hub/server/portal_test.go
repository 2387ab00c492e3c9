package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub/portal"
	"github.com/lamppost-hub/lamppost/hub/server"
)

// doors keeps who was let through, or nobody.
type doors struct {
	accepted map[string]time.Duration
	fail     error
}

func (d *doors) Accepted() map[string]time.Duration { return d.accepted }
func (d *doors) Accept(who string) error {
	if d.fail == nil {
		d.accepted[who] = 0
	}
	return d.fail
}
func (d *doors) SeenDevice(string)   {}
func (d *doors) ForgetDevice(string) {}

// joined is a hub whose Wi-Fi a phone has just joined.
func joined(t *testing.T) (*browser, *doors) {
	t.Helper()
	return joinedAt(t, newFakeHub(t))
}

// joinedAt is that with a hub of its own.
func joinedAt(t *testing.T, h *fakeHub) (*browser, *doors) {
	t.Helper()
	d := &doors{accepted: map[string]time.Duration{}}
	p := portal.New(portal.NewClients(d, nil, nil, slog.New(slog.DiscardHandler)), "http://lamppost.internal/")
	return newBrowser(t, newServer(t, h, func(c *server.Config) { c.Portal = p })), d
}

// probes asks as the phone's system does, under another name.
func (b *browser) probes(host, path string) *page {
	name := b.host
	b.host = host
	defer func() { b.host = name }()
	return b.ask(http.MethodGet, path, "")
}

func TestRow37APhoneWithoutCookiesIsMetAndStays(t *testing.T) {
	b, _ := joined(t)
	b.withoutCookies()
	if p := b.probes("connectivitycheck.gstatic.com", "/generate_204"); p.status != 302 || p.header.Get("Location") != "http://lamppost.internal/" {
		t.Fatalf("a probe: %d to %q", p.status, p.header.Get("Location"))
	}
	home := b.open("/").want(t, 200, "How to come back", "http://lamppost.internal/", "Stay on this Wi-Fi and close this window", "mobile data")
	if again, ways := strings.Index(home.body, "How to come back"), strings.Index(home.body, `class="doors `); again < 0 || again > ways {
		t.Error("how to come back does not stand first")
	}
	b.open("/messages/town")
	b.send("text", "Water at the school", "name", "Ana").want(t, 200, "Water at the school")
	if p := b.probes("connectivitycheck.gstatic.com", "/generate_204"); p.status != 302 {
		t.Errorf("reading and posting closed the window: %d", p.status)
	}

	b.open(b.prefix() + "/")
	sent := b.post()
	if sent.status != http.StatusSeeOther || !strings.HasSuffix(sent.header.Get("Location"), "/ok") {
		t.Fatalf("row 36: %d to %q", sent.status, sent.header.Get("Location"))
	}
	b.follow(sent).want(t, 200, "You stay on this Wi-Fi", "http://lamppost.internal/", "<html")
	if p := b.probes("connectivitycheck.gstatic.com", "/generate_204"); p.status != http.StatusNoContent {
		t.Errorf("after the last tap: %d", p.status)
	}
	b.open(b.prefix()+"/").want(t, 200, "How to come back").wantNot(t, "Stay on this Wi-Fi")
	b.open(b.prefix()+"/ok").want(t, 200, "You stay on this Wi-Fi")
}

func TestRow1AnIPhoneIsShownAPageWithoutAForm(t *testing.T) {
	b, _ := joined(t)
	b.header.Set("Accept-Language", "ar")
	p := b.probes("captive.apple.com", "/hotspot-detect.html").want(t, 200, `dir="rtl"`, `href="http://lamppost.internal/"`).wantNot(t, "Success", "<form", "<script")
	if p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", p.header.Get("Cache-Control"))
	}
}

// TestRow1TheSheetLooksLikeThePages: under Apple's name nothing else can be loaded, so that
// its style is in it, and a browser takes it.
func TestRow1TheSheetLooksLikeThePages(t *testing.T) {
	b, _ := joined(t)
	p := b.probes("captive.apple.com", "/hotspot-detect.html").want(t, 200).wantNot(t, "<link", "<img", "<script")
	_, rest, _ := strings.Cut(p.body, "<style>")
	style, _, ended := strings.Cut(rest, "</style>")
	if sum := sha256.Sum256([]byte(style)); !ended || !strings.Contains(p.header.Get("Content-Security-Policy"), "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';") {
		t.Errorf("a browser does not take %d bytes of style by %q", len(style), p.header.Get("Content-Security-Policy"))
	}
	if !strings.Contains(style, ".button{") {
		t.Error("it is not the pages' own")
	}
}

// TestRow1NoNameOfAPlaceLetsAPhoneThrough: it is read by people, and not by their systems.
func TestRow1NoNameOfAPlaceLetsAPhoneThrough(t *testing.T) {
	for _, name := range []string{"Success House", "SUCCESS", "success\n", "Microsoft Connect Test", "Microsoft NCSI", "NetworkManager is online", "Successuccess & <b>", "Succesſ"} {
		h := newFakeHub(t)
		h.about.Place, h.about.Community = name, "Town of "+name
		b, _ := joinedAt(t, h)
		p := b.probes("captive.apple.com", "/hotspot-detect.html").want(t, 200, `href="http://lamppost.internal/"`)
		for _, word := range []string{"success", "microsoft connect test", "microsoft ncsi", "networkmanager is online"} {
			if strings.Contains(strings.ToLower(p.body), word) || !utf8.ValidString(p.body) {
				t.Errorf("of %q the system reads %q: %s", name, word, p.body)
			}
		}
		if read := html.UnescapeString(p.body); strings.Count(read, name) < 3 || strings.Count(read, "Town of "+name) != 1 {
			t.Errorf("of %q people read: %s", name, p.body)
		}
		head, _, _ := strings.Cut(html.UnescapeString(p.body), "</title>")
		if strings.Count(head, name) != 1 {
			t.Errorf("the title is not %q once: %s", name, p.body)
		}
	}
}

func TestRow38WhatIsOursIsNotForOtherHosts(t *testing.T) {
	b, _ := joined(t)
	for _, path := range []string{"/api/v1/status", "/api/v1/live"} {
		if p := b.probes("captive.apple.com", path); p.status != http.StatusMisdirectedRequest {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	b.open("/")
	b.header.Set("Origin", "http://evil.example")
	b.header.Set("Sec-Fetch-Site", "cross-site")
	if p := b.post(); p.status != http.StatusForbidden {
		t.Errorf("a tap from elsewhere: %d", p.status)
	}
	if p := b.probes("evil.example", "/generate_204"); p.status != 302 {
		t.Error("it let the phone through")
	}
}

func TestAFullDiskLetsNobodyThrough(t *testing.T) {
	b, d := joined(t)
	d.fail = errors.New("no space left")
	b.open("/")
	b.post().want(t, 503, "nothing was changed")
	if p := b.probes("x", "/generate_204"); p.status != 302 {
		t.Errorf("the phone is let through: %d", p.status)
	}
}

func TestWithoutAPortalOtherHostsAreToldSo(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	if p := b.probes("connectivitycheck.gstatic.com", "/generate_204"); p.status != http.StatusMisdirectedRequest {
		t.Errorf("%d", p.status)
	}
	b.open("/").wantNot(t, "Stay on this Wi-Fi")
	if p := b.ask(http.MethodGet, "/ok", ""); p.status != http.StatusNotFound {
		t.Errorf("/ok: %d", p.status)
	}
}

// share is what is left until a phone has a share of the internet again; zero if it has
// one.
type share time.Duration

func (s *share) UsedUp(netip.Addr) (time.Duration, bool) { return time.Duration(*s), *s > 0 }

func TestAPhoneWithoutAShareOfTheInternetIsToldSo(t *testing.T) {
	var s share
	b := newBrowser(t, newServer(t, newFakeHub(t), func(c *server.Config) { c.Shares = &s }))
	const told = "share of the internet"
	b.open("/").wantNot(t, told)
	for left, says := range map[time.Duration]string{24 * time.Hour: "in 24 h at", 61 * time.Minute: "in 2 h at", time.Second: "in 1 h at"} {
		s = share(left)
		b.open("/").want(t, 200, told, says, "go on reading and writing")
	}
	s = share(time.Minute)
	b.header.Set("Accept-Language", "ar")
	b.open("/").want(t, 200, "خلال ساعة")
	s = 0
	b.open("/").wantNot(t, "خلال ساعة")
}
