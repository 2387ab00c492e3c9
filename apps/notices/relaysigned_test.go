package notices_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/apps/notices/capsig"
	"github.com/lamppost-hub/lamppost/apps/notices/capsig/capsigtest"
	"github.com/lamppost-hub/lamppost/hub"
)

// A practice may stand around a real alert that the sender has signed (EDXL-DE): what holds
// is that it is a practice.
func TestASignedAlertWithinAPracticeIsAPractice(t *testing.T) {
	sign, pin := signer(t)
	pins := notices.Sources{Pins: func() ([]capsig.Pin, error) { return []capsig.Pin{pin}, nil }}
	tw := openTown(t, 2, pins, pins)
	tw.is(1)
	tw.lets(0, "wx")
	relay, checks := tw.hubs[0], tw.hubs[1]
	raw := sign(alert{}.xml(tw))
	_, err := relay.imports(raw)
	must(t, err)
	rewrite(t, relay, func(b *notices.Relayed) { b.Grade.Status = notices.Exercise })
	_, err = checks.blobs.Put(t.Context(), strings.NewReader(raw), 1<<20)
	must(t, err)
	must(t, checks.app.CheckAll(t.Context(), checks))
	if got := checks.words(0); got != "Forwarded from Weather Service · signature checked" {
		t.Error(got)
	}
	if m := checks.list(); !m.Active[0].Grade.Practice() {
		t.Errorf("it is shown as real: %+v", m.Active[0].Grade)
	}
}

// signer signs in the name of wx.
func signer(t *testing.T) (sign func(string) string, pin capsig.Pin) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "wx"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	must(t, err)
	pin, err = capsig.NewPin("wx", cert)
	must(t, err)
	return func(raw string) string {
		out, err := capsigtest.Sign([]byte(raw), key, cert)
		must(t, err)
		return string(out)
	}, pin
}

func (p *place) words(n int) string { return p.list().Active[n].By.Words.String() }

func TestSignaturesAreCheckedAgainstPinnedKeys(t *testing.T) {
	sign, pin := signer(t)
	pins := notices.Sources{Pins: func() ([]capsig.Pin, error) { return []capsig.Pin{pin}, nil }}
	tw := openTown(t, 3, pins, pins)
	tw.is(1)
	tw.lets(0, "wx")
	raw := sign(alert{}.xml(tw))
	relay, checks, not := tw.hubs[0], tw.hubs[1], tw.hubs[2]
	said, err := relay.imports(raw)
	if err != nil || !strings.Contains(said, "its signature holds") {
		t.Fatalf("%v: %s", err, said)
	}
	tw.settle()
	if got := relay.words(0); got != "Forwarded from Weather Service · signature checked" {
		t.Error(got)
	}
	if got := not.words(0); got != "Forwarded from Weather Service · signature checked at Hub h0, not here" {
		t.Error(got)
	}
	page, err := checks.view(pathIn(t, said))
	must(t, err)
	if m, _ := page.Model.(notices.RelayedView); !m.Pending {
		t.Error("it shows an original that is not here")
	}
	brings := func(p *place, raw string) {
		t.Helper()
		_, err := p.blobs.Put(t.Context(), strings.NewReader(raw), 1<<20)
		must(t, err)
		must(t, p.app.CheckAll(t.Context(), p))
	}
	brings(checks, raw)
	if got := checks.words(0); got != "Forwarded from Weather Service · signature checked" {
		t.Error(got)
	}
	if said, err = relay.imports(strings.Replace(raw, "Storm comes", "Sunny", 1)); err == nil || !strings.Contains(said, "alert/Signature: the signature does not hold") {
		t.Errorf("%v: %s", err, said)
	}

	t.Run("what a relay makes of it does not count where it was checked", func(t *testing.T) {
		rewrite(t, relay, func(b *notices.Relayed) { b.Words[0].Head, b.Grade.Severity = "Sunny", notices.Minor })
		if m := not.list(); heads(m.Active) != "Sunny" {
			t.Errorf("the lie has not arrived: %q", heads(m.Active))
		}
		if m := checks.list(); heads(m.Active) != "Storm comes" || m.Active[0].Grade.Severity != notices.Severe {
			t.Errorf("%+v", m.Active)
		}
	})
	t.Run("a signature that does not hold here is said", func(t *testing.T) {
		forged := strings.Replace(raw, "Storm comes", "Sunny skies", 1)
		rewrite(t, relay, func(b *notices.Relayed) { b.Words[0].Head = "Sunny skies" }, forged)
		brings(checks, forged)
		checks.shows("", "Sunny skies")
		if top := checks.top(); top != "" {
			t.Errorf("on top: %q", top)
		}
	})
}

func TestARelayIsRefutedByTheOriginal(t *testing.T) {
	sign, pin := signer(t)
	pins := notices.Sources{Pins: func() ([]capsig.Pin, error) { return []capsig.Pin{pin}, nil }}
	fingerprint, err := hex.DecodeString(pin.Fingerprint())
	must(t, err)
	for name, lies := range map[string]func(p *place, plain, other string) (original string){
		"there is no signature in it": func(p *place, plain, _ string) string {
			_, err := p.imports(plain)
			must(t, err)
			rewrite(t, p, func(b *notices.Relayed) { b.Pin, b.Signed = fingerprint, true })
			return plain
		},
		"it is signed as another alert": func(p *place, plain, other string) string {
			_, err := p.imports(sign(plain))
			must(t, err)
			rewrite(t, p, func(*notices.Relayed) {}, other)
			return other
		},
	} {
		t.Run(name, func(t *testing.T) {
			tw := openTown(t, 2, pins, pins)
			tw.is(1)
			tw.lets(0, "wx")
			relay, checks := tw.hubs[0], tw.hubs[1]
			original := lies(relay, alert{}.xml(tw), sign(alert{id: "other", head: "Hail"}.xml(tw)))
			checks.settle()
			checks.shows("Storm comes", "")
			_, err := checks.blobs.Put(t.Context(), strings.NewReader(original), 1<<20)
			must(t, err)
			must(t, checks.app.CheckAll(t.Context(), checks))
			checks.shows("", "Storm comes")
			if top := checks.top(); top != "" {
				t.Errorf("on top: %q", top)
			}
		})
	}
}

// rewrite has a hub lie about its first alert, or about another original.
func rewrite(t *testing.T, p *place, lie func(*notices.Relayed), raw ...string) {
	t.Helper()
	var d hub.Draft
	must(t, p.Read(t.Context(), func(s hub.Snapshot) error {
		for it, err := range s.Newest("x", 0) {
			must(t, err)
			b, err := hub.Collection[notices.Relayed]{}.Decode(it.Record)
			must(t, err)
			lie(&b)
			d, err = hub.Collection[notices.Relayed]{}.Draft(it.Key, b)
			must(t, err)
			d.Class, d.TTL, d.Blobs = it.Class, it.TTL, it.Blobs
			break
		}
		return nil
	}))
	for _, r := range raw {
		b, err := p.Put(t.Context(), strings.NewReader(r), 1<<20)
		must(t, err)
		d.Blobs[0] = b
	}
	_, err := p.Write(t.Context(), d)
	must(t, err)
	p.settle()
}
