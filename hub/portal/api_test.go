package portal_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/portal"
)

const apiHost = "millbrook.example.org"

// letThrough is whether all phones were.
type letThrough bool

func (l letThrough) Accepted(netip.Addr) bool { return bool(l) }

func api(accepted bool) http.Handler {
	return portal.API(letThrough(accepted), func() string { return apiHost }, home)
}

func TestRow34ThePhoneAsksTheAPI(t *testing.T) {
	for state, want := range map[string]map[string]any{
		"C": {"captive": true, "user-portal-url": "https://" + apiHost + "/"},
		"A": {"captive": false, "venue-info-url": home},
		"O": {"captive": false, "venue-info-url": home},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run("row 34 RFC 8908/in "+state+"/"+method, func(t *testing.T) {
				got := ask(api(state != "C"), method, apiHost+":443", portal.APIPath, "")
				if got.status != 200 || got.header.Get("Content-Type") != "application/captive+json" || got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%d %v", got.status, got.header)
				}
				if method == http.MethodHead {
					return
				}
				var told map[string]any
				if err := json.Unmarshal([]byte(got.body), &told); err != nil {
					t.Fatalf("%v: %s", err, got.body)
				}
				for k, v := range want {
					if told[k] != v {
						t.Errorf("%s is %v, want %v", k, told[k], v)
					}
				}
				if len(told) != len(want) {
					t.Errorf("more than was asked for: %s", got.body)
				}
			})
		}
	}
}

func TestBesidesTheAPIOnlyTheWayToThePagesIsThere(t *testing.T) {
	for what, c := range map[string]struct {
		method, host, path string
		status             int
	}{
		"the page for people":  {http.MethodGet, apiHost, "/", 302},
		"the API of the pages": {http.MethodGet, apiHost, "/api/v1/status", 302},
		"another host":         {http.MethodGet, "evil.example", portal.APIPath, 421},
		"a form":               {http.MethodPost, apiHost, portal.APIPath, 405},
	} {
		got := ask(api(false), c.method, c.host, c.path, "")
		if got.status != c.status || c.status == 302 && got.header.Get("Location") != home {
			t.Errorf("%s: %d to %q", what, got.status, got.header.Get("Location"))
		}
	}
}

// renewed writes a certificate for names that holds for a day from begins on.
func renewed(t *testing.T, dir string, begins time.Time, names ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(begins.Unix()), Subject: pkix.Name{CommonName: "a hub"}, DNSNames: names,
		NotBefore: begins, NotAfter: begins.Add(24 * time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		// A renewal is not in the same moment as the one before.
		if err := os.Chtimes(filepath.Join(dir, name), begins, begins); err != nil {
			t.Fatal(err)
		}
	}
}

// box is a hub with a clock.
type box struct {
	now  time.Time
	sure bool
}

func (b *box) clock() (time.Time, bool) { return b.now, b.sure }

func (b *box) certificate(dir string) *portal.Certificate {
	return portal.NewCertificate(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), b.clock)
}

// is holds a certificate to be for a name, or to be none.
func is(t *testing.T, c *portal.Certificate, want string) {
	t.Helper()
	err := c.Look()
	name, ok := c.Valid()
	if _, get := c.Get(nil); ok != (want != "") || ok && (name != want || err != nil) || ok != (get == nil) {
		t.Errorf("%q, %v, %v; want %q", name, ok, err, want)
	}
}

func TestRow35ACertificateCountsWhileItHolds(t *testing.T) {
	dir, begins := t.TempDir(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	b := &box{begins.Add(time.Hour), true}
	c := b.certificate(dir)
	is(t, c, "")
	renewed(t, dir, begins, apiHost)
	is(t, c, apiHost)
	b.now = begins.Add(25 * time.Hour)
	is(t, c, "")
	b.sure = false // a clock that nobody believes ends nothing
	is(t, c, apiHost)
	b.sure = true
	renewed(t, dir, b.now, "*.hub.example.org")
	is(t, c, "lamppost.hub.example.org")
	b.now = begins
	is(t, c, "")
}

func TestRow35AHalfRenewalKeepsTheCertificateBefore(t *testing.T) {
	dir, begins := t.TempDir(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	b := &box{begins.Add(time.Hour), true}
	renewed(t, dir, begins, apiHost)
	c := b.certificate(dir)
	is(t, c, apiHost)
	before, err := os.ReadFile(filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	renewed(t, dir, begins.Add(time.Hour), apiHost)
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), before, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Look(); err == nil || !strings.Contains(err.Error(), "key") {
		t.Errorf("a key that does not match: %v", err)
	}
	if name, ok := c.Valid(); !ok || name != apiHost {
		t.Errorf("%q, %v", name, ok)
	}
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.certificate(dir).Look(); err == nil {
		t.Error("what is no certificate was read")
	}
	renewed(t, dir, begins)
	if err := b.certificate(dir).Look(); err == nil || !strings.Contains(err.Error(), "no host name") {
		t.Errorf("for no name: %v", err)
	}
}

func FuzzAPI(f *testing.F) {
	f.Add(apiHost, portal.APIPath, false)
	f.Add("x", "/", true)
	f.Fuzz(func(t *testing.T, host, path string, accepted bool) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host, r.URL.Path, r.RemoteAddr = host, path, phone.String()+":1"
		w := httptest.NewRecorder()
		api(accepted).ServeHTTP(w, r)
		if w.Code >= 500 || w.Code == http.StatusOK && strings.Contains(w.Body.String(), `"captive":true`) == accepted {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
