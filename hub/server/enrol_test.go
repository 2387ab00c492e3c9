package server_test

import (
	"crypto/x509"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/authority"
	"github.com/lamppost-hub/lamppost/hub/server"
)

// papers are what a hub has of an authority.
type papers server.Enrolment

func (p *papers) Enrolment() (server.Enrolment, bool) {
	return server.Enrolment(*p), p.Root.Root != nil
}

// enroller is a hub with an authority, as it stands.
func enroller(t *testing.T) (*papers, *server.Server) {
	t.Helper()
	i, err := authority.Found(authority.Scope{Community: "Millbrook", Founded: founded, Names: []string{"lamppost.internal", "fire-station.internal"}})
	if err != nil {
		t.Fatal(err)
	}
	p := &papers{
		Root: i.Authority, Port: "8443", Plain: "8080", Names: []string{"fire-station.internal", "lamppost.internal"}, Addrs: []netip.Addr{netip.MustParseAddr("192.168.1.1")},
	}
	return p, newServer(t, newFakeHub(t), func(c *server.Config) { c.Authority = p })
}

func TestACoordinatorEnrolsADevice(t *testing.T) {
	p, s := enroller(t)
	b := newBrowser(t, s)
	p1 := b.open("/enrol").want(t, 200, "Fingerprint (SHA-256)", "Lamppost of Millbrook", "iPhone and iPad", "Android", "Windows", "Linux",
		`href="https://lamppost.internal:8443/"`, "https://192.168.1.1:8443/", "go no further").wantNot(t, "This page is official", "the box itself: official")
	shown := strings.Join(strings.Fields(regexp.MustCompile(`(?s)<pre[^>]*>(.*?)</pre>`).FindStringSubmatch(p1.body)[1]), " ")
	if shown != p.Root.Fingerprint() {
		t.Errorf("the page shows %s", shown)
	}
	if p1.size > 6000 {
		t.Errorf("the page has %d bytes", p1.size)
	}
	crt := b.open("/enrol/lamppost.crt")
	c, err := x509.ParseCertificate([]byte(crt.body))
	if err != nil || !c.Equal(p.Root.Root) || crt.header.Get("Content-Type") != "application/x-x509-ca-cert" {
		t.Errorf("%v, %s", err, crt.header.Get("Content-Type"))
	}
	profile := b.open("/enrol/lamppost.mobileconfig")
	if profile.body != string(p.Root.Profile()) || profile.header.Get("Content-Type") != "application/x-apple-aspen-config" {
		t.Errorf("the profile is %s, %.80s", profile.header.Get("Content-Type"), profile.body)
	}
	for _, d := range []*page{crt, profile} {
		if h := d.header.Get("Content-Disposition"); !strings.HasPrefix(h, "attachment; ") || d.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s", d.url, h)
		}
	}
	b.host = "fire-station.internal"
	b.open("/enrol").want(t, 200, `href="https://fire-station.internal:8443/"`)
	p.Port = "443"
	b.open("/enrol").want(t, 200, `href="https://fire-station.internal/"`)
	p.Port = ""
	b.open("/enrol").want(t, 200, "has no certificate of its own just now").wantNot(t, "https://")

	phone, desk := newBrowser(t, s), newBrowser(t, s)
	enrolled(phone)
	phone.open("/enrol").want(t, 200, "This page is official", `href="/return"`)
	box(desk)
	desk.open("/enrol").want(t, 200, "This is the box itself", `href="/return"`)
	desk.open("/staff").want(t, 200, `href="/enrol"`)
}

func TestWithoutAnAuthorityNothingIsToBeHad(t *testing.T) {
	p, s := enroller(t)
	p.Root = authority.Authority{}
	for _, s := range []*server.Server{s, newServer(t, newFakeHub(t))} {
		b := newBrowser(t, s)
		b.open("/enrol").want(t, 200, "lamppost ca init").wantNot(t, "Fingerprint", "lamppost.crt")
		for _, file := range []string{"/enrol/lamppost.crt", "/enrol/lamppost.mobileconfig"} {
			b.open(file).want(t, 404)
		}
	}
}

// A page over HTTPS tells neighbors of the address that warns nobody.
func TestNeighborsComeBackWithoutHTTPS(t *testing.T) {
	_, s := enroller(t)
	b := newBrowser(t, s)
	enrolled(b)
	b.open("/").want(t, 200, "http://lamppost.internal:8080/").wantNot(t, "https://lamppost.internal")
	b.open("/print").want(t, 200, "http://lamppost.internal:8080/").wantNot(t, "https://lamppost.internal")
	b.open("/kiosk").want(t, 200).wantNot(t, "https://lamppost.internal")
}
