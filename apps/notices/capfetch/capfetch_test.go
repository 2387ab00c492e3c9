package capfetch_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices/capfetch"
)

func TestNothingIsFetchedFromTheHouse(t *testing.T) {
	for addr, public := range map[string]bool{
		"93.184.215.14": true, "11.0.0.1": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true, "64:ff9b::5db8:d70e": true,
		"10.0.0.1": false, "192.168.1.1": false, "172.16.0.1": false, "172.31.255.255": false, "127.0.0.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "198.51.100.7": false, "192.0.0.170": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "::ffff:10.0.0.1": false, "::ffff:127.0.0.1": false,
		"2001:db8::1": false, "2002:a00:1::1": false, "64:ff9b::a00:1": false, "2001:0:4136:e378::1": false,
	} {
		if got := capfetch.Public(netip.MustParseAddr(addr)); got != public {
			t.Errorf("%s: %v", addr, got)
		}
	}
	asked := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer s.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	for _, at := range []string{s.URL, "http://localhost:" + port} { // also by a name that leads there
		if _, err := capfetch.New(capfetch.Options{}).Get(t.Context(), at, capfetch.Mark{}); !errors.Is(err, capfetch.ErrPrivate) || asked {
			t.Errorf("%s: %v, asked: %v", at, err, asked)
		}
	}
}

// trusting is a client that may ask this machine, over TLS as well, but not itself as ::1.
func trusting(s *httptest.Server) *capfetch.Client {
	pool := x509.NewCertPool()
	if s.TLS != nil {
		pool.AddCert(s.Certificate())
	}
	return capfetch.New(capfetch.Options{Allow: func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }, TLS: &tls.Config{RootCAs: pool}})
}

func TestARedirectIsCheckedToo(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "secret") }))
	defer plain.Close()
	to := ""
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, to, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			fmt.Fprint(w, "page")
		}
	}))
	defer s.Close()
	for name, c := range map[string]struct{ to, says string }{
		"to the same":      {s.URL + "/other", ""},
		"to the house":     {"https://127.0.0.2:1/", "its address is none of the internet"},
		"to no encryption": {plain.URL, "from an encrypted connection to one that is not"},
		"to a file":        {"file:///etc/passwd", "is no address of a feed"},
		"round and round":  {"/round", "leads on more than 5 times"},
		"with a password":  {"https://a:b@example.org/", "no name and password"},
	} {
		to = c.to
		p, err := trusting(s).Get(t.Context(), s.URL+"/away", capfetch.Mark{})
		if c.says == "" {
			if err != nil || string(p.Body) != "page" || !p.Secure || p.URL != to {
				t.Errorf("%s: %+v %v", name, p, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatHasNotChangedIsNotFetchedAgain(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("If-None-Match") == `"one"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		switch r.URL.Path {
		case "/large":
			_, _ = io.Copy(w, io.LimitReader(zeros{}, 6_000_000))
		case "/gone":
			w.WriteHeader(http.StatusGone)
		default:
			fmt.Fprint(w, "page")
		}
	}))
	defer s.Close()
	c := trusting(s)
	p, err := c.Get(t.Context(), s.URL, capfetch.Mark{})
	if err != nil || string(p.Body) != "page" || p.Same || p.Secure {
		t.Fatalf("%+v %v", p, err)
	}
	if p, err = c.Get(t.Context(), s.URL, p.Mark); err != nil || !p.Same || p.Mark.ETag != `"one"` {
		t.Errorf("%+v %v", p, err)
	}
	for path, says := range map[string]string{"/large": "is larger than 5 MB", "/gone": `answers "410 Gone"`} {
		if _, err := c.Get(t.Context(), s.URL+path, capfetch.Mark{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
