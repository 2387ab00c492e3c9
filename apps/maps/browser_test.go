package maps_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser is one without scripts; at the hub's own machine if box.
type browser struct {
	t    *testing.T
	s    *site
	box  bool
	jar  map[string]string
	lang string
	at   *html.Node
	path string
}

func (s *site) browser(t *testing.T) *browser { return &browser{t: t, s: s, jar: map[string]string{}} }

// coordinator is a browser at the box in which Kim has entered their six words.
func (s *site) coordinator(t *testing.T) *browser {
	t.Helper()
	b := s.browser(t)
	b.box = true
	b.open("/return")
	b.send("/return", "code", s.code.Text())
	return b
}

func (b *browser) ask(method, target string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return b.bring(method, target, kind, strings.NewReader(form.Encode()))
}

// bring asks with a body of some kind.
func (b *browser) bring(method, target, kind string, body io.Reader) *httptest.ResponseRecorder {
	b.t.Helper()
	target, _, _ = strings.Cut(target, "#")
	r := httptest.NewRequestWithContext(b.t.Context(), method, target, body)
	host, from, to := "lamppost.internal", "192.168.1.20", "192.168.1.1"
	if b.box {
		host, from, to = "localhost:8080", "127.0.0.1", "127.0.0.1"
	}
	r.Host, r.RemoteAddr = host, net.JoinHostPort(from, "40000")
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(to), 80)))))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Accept-Language", b.lang)
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.jar[c.Name] = c.Value
	}
	if w.Code/100 == 3 {
		return b.ask(http.MethodGet, w.Header().Get("Location"), nil)
	}
	n, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.path = n, target
	return w
}

// open opens a page that is there.
func (b *browser) open(target string) {
	b.t.Helper()
	if w := b.ask(http.MethodGet, target, nil); w.Code != http.StatusOK {
		b.t.Fatalf("%s: %d: %s", target, w.Code, b.text())
	}
}

// send fills in the form of the page with an action that ends so, and has fields, and
// sends it. A field that is not in the form is its button.
func (b *browser) send(action string, fields ...string) (status int) {
	b.t.Helper()
	for n := range b.at.Descendants() {
		if n.Data != "form" || attr(n, "method") != "post" || !strings.HasSuffix(strings.SplitN(attr(n, "action"), "?", 2)[0], action) {
			continue
		}
		form, names := valuesIn(n), namesIn(n)
		if slices.ContainsFunc(fieldNames(fields), func(f string) bool { return !slices.Contains(names, f) }) {
			continue
		}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return b.ask(http.MethodPost, attr(n, "action"), form).Code
	}
	b.t.Fatalf("no form to %s with %v on %s: %s", action, fieldNames(fields), b.path, b.text())
	return 0
}

func fieldNames(fields []string) (all []string) {
	for i := 0; i < len(fields); i += 2 {
		all = append(all, fields[i])
	}
	return all
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func namesIn(form *html.Node) (all []string) {
	for n := range form.Descendants() {
		if name := attr(n, "name"); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// valuesIn is what a form sends as it stands.
func valuesIn(form *html.Node) url.Values {
	v := url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		switch {
		case name == "":
		case n.Data == "textarea":
			v.Add(name, strings.TrimPrefix(textOf(n), "\n"))
		case n.Data == "select":
			for o := range n.Descendants() {
				if o.Data == "option" && has(o, "selected") {
					v.Set(name, attr(o, "value"))
				}
			}
			if !v.Has(name) {
				v.Set(name, "")
			}
		case n.Data == "input" && (attr(n, "type") != "checkbox" && attr(n, "type") != "radio" || has(n, "checked")):
			v.Add(name, attr(n, "value"))
		}
	}
	return v
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.Data != "script" && c.Parent.Data != "style" {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func (b *browser) main() *html.Node {
	for n := range b.at.Descendants() {
		if n.Data == "main" {
			return n
		}
	}
	return b.at
}

// text is what stands on the page, with single blanks.
func (b *browser) text() string { return strings.Join(strings.Fields(textOf(b.main())), " ") }

func (b *browser) says(all ...string) {
	b.t.Helper()
	for _, s := range all {
		if !strings.Contains(b.text(), s) {
			b.t.Errorf("%s does not say %q: %s", b.path, s, b.text())
		}
	}
}

func (b *browser) saysNot(all ...string) {
	b.t.Helper()
	for _, s := range all {
		if strings.Contains(b.text(), s) {
			b.t.Errorf("%s says %q: %s", b.path, s, b.text())
		}
	}
}

// links are where the page's own part leads.
func (b *browser) links() (all []string) {
	for n := range b.main().Descendants() {
		if n.Data == "a" {
			all = append(all, attr(n, "href"))
		}
	}
	return all
}

// link is the first that begins so.
func (b *browser) link(prefix string) string {
	b.t.Helper()
	for _, l := range b.links() {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	b.t.Fatalf("%s leads nowhere that begins %s: %v", b.path, prefix, b.links())
	return ""
}

func (b *browser) form(action string) *html.Node {
	b.t.Helper()
	for n := range b.at.Descendants() {
		if n.Data == "form" && strings.HasSuffix(attr(n, "action"), action) {
			return n
		}
	}
	b.t.Fatalf("no form to %s on %s", action, b.path)
	return nil
}

func (b *browser) formWith(field string) *html.Node {
	b.t.Helper()
	for n := range b.at.Descendants() {
		if n.Data == "form" && slices.Contains(namesIn(n), field) {
			return n
		}
	}
	b.t.Fatalf("no form with %s on %s", field, b.path)
	return nil
}

// find is the first element of a name of which an attribute begins so.
func (b *browser) find(name, attribute, begins string) *html.Node {
	b.t.Helper()
	for n := range b.main().Descendants() {
		if n.Data == name && strings.HasPrefix(attr(n, attribute), begins) {
			return n
		}
	}
	b.t.Fatalf("%s has no <%s %s=%q…>: %s", b.path, name, attribute, begins, b.text())
	return nil
}

// holding is the element of a name with this text.
func (b *browser) holding(name, text string) *html.Node {
	b.t.Helper()
	for n := range b.main().Descendants() {
		if n.Data == name && strings.Contains(textOf(n), text) {
			return n
		}
	}
	b.t.Fatalf("%s has no <%s> with %q: %s", b.path, name, text, b.text())
	return nil
}
