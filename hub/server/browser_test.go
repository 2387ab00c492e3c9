package server_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is somebody's browser, or curl: it follows redirects and keeps cookies
// if it is one that does.
type browser struct {
	t       testing.TB
	h       http.Handler
	cookies bool
	jar     map[string]string
	addr    string
	local   string // the hub's address
	host    string
	tls     bool
	header  http.Header // of every request
	at      *page
	ctx     context.Context // of its requests
}

// page is what a browser has got.
type page struct {
	status int
	header http.Header
	body   string
	url    string
	size   int // of the body as it travelled
}

func newBrowser(t testing.TB, h http.Handler) *browser {
	return &browser{t: t, h: h, cookies: true, jar: map[string]string{}, addr: "192.168.1.20", local: "192.168.1.1", host: "lamppost.internal", ctx: t.Context(), header: http.Header{}}
}

// without cookies, as in the sheet of a captive portal.
func (b *browser) withoutCookies() *browser {
	b.cookies = false
	return b
}

func (b *browser) open(target string) *page { return b.follow(b.ask(http.MethodGet, target, "")) }

// send fills in the first form of the page that it is at, as far as fields
// says, and sends it to its action.
func (b *browser) send(fields ...string) *page {
	b.t.Helper()
	return b.follow(b.post(fields...))
}

// post is send without following redirects.
func (b *browser) post(fields ...string) *page {
	b.t.Helper()
	action, form := b.at.form(b.t)
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.ask(http.MethodPost, action, form.Encode())
}

func (b *browser) follow(p *page) *page {
	for range 5 {
		to := p.header.Get("Location")
		if p.status/100 != 3 || to == "" {
			return p
		}
		p = b.ask(http.MethodGet, to, "")
	}
	b.t.Fatal("redirected for ever")
	return nil
}

// ask makes one request. A body is a form's.
func (b *browser) ask(method, target, body string) *page {
	target, fragment, _ := strings.Cut(target, "#")
	r := httptest.NewRequest(method, "http://hub"+target, strings.NewReader(body))
	r.URL.Scheme, r.URL.Host = "", ""
	r.Host = b.host // on its own, for names that no URL could have
	if b.tls {
		r.TLS = &tls.ConnectionState{HandshakeComplete: true}
	}
	r.RemoteAddr = net.JoinHostPort(b.addr, "40000")
	r = r.WithContext(context.WithValue(b.ctx, http.LocalAddrContextKey, net.Addr(net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(b.local), 80)))))
	r.Header.Set("Accept-Encoding", "gzip")
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	res := w.Result()
	for _, c := range res.Cookies() {
		if b.cookies && c.MaxAge >= 0 {
			b.jar[c.Name] = c.Value
		} else {
			delete(b.jar, c.Name)
		}
	}
	p := &page{status: res.StatusCode, header: res.Header, url: target, size: w.Body.Len()}
	if fragment != "" {
		p.url += "#" + fragment
	}
	p.body = w.Body.String()
	if res.Header.Get("Content-Encoding") == "gzip" && method != http.MethodHead {
		z, err := gzip.NewReader(strings.NewReader(p.body))
		if err != nil {
			b.t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			b.t.Fatal(err)
		}
		p.body = string(plain)
	}
	b.at = p
	return p
}

var (
	formTag   = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)"[^>]*>(.*?)</form>`)
	hiddenTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	areaTag   = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>`)
	inputTag  = regexp.MustCompile(`<input id="[^"]*" name="([^"]*)" value="([^"]*)"`)
	hrefAttr  = regexp.MustCompile(`(?:href|action)="([^"]*)"`)
)

// form reads the page's first form: where it goes and what is in it.
func (p *page) form(t testing.TB) (action string, fields url.Values) {
	t.Helper()
	m := formTag.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("no form on %s (%d):\n%s", p.url, p.status, p.body)
	}
	fields = url.Values{}
	for _, re := range []*regexp.Regexp{hiddenTag, areaTag, inputTag} {
		for _, f := range re.FindAllStringSubmatch(m[2], -1) {
			fields.Set(f[1], html.UnescapeString(f[2]))
		}
	}
	return html.UnescapeString(m[1]), fields
}

// links are where the page's links and forms lead.
func (p *page) links() (all []string) {
	for _, m := range hrefAttr.FindAllStringSubmatch(p.body, -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	return all
}

// want fails unless the page has the status and holds the texts.
func (p *page) want(t testing.TB, status int, texts ...string) *page {
	t.Helper()
	if p.status != status {
		t.Errorf("%s: status %d, want %d\n%s", p.url, p.status, status, p.body)
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(p.body), text) {
			t.Errorf("%s: %q is not on the page:\n%s", p.url, text, p.body)
		}
	}
	return p
}

// wantNot fails if the page holds one of the texts.
func (p *page) wantNot(t testing.TB, texts ...string) *page {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(p.body), text) {
			t.Errorf("%s: %q is on the page:\n%s", p.url, text, p.body)
		}
	}
	return p
}
