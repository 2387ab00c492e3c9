// Package portal meets phones that join the Wi-Fi of a hub: it answers the probes by
// which they find out whether they are on the internet.
//
// A phone that is new is captive: every name it asks for leads here, and its probes
// are answered so that its system opens the page of the place by itself. Once
// somebody there taps that they want to stay, the probes get what they expect, and
// the phone keeps the Wi-Fi. See README.md for what its user sees.
package portal

import (
	"html"
	"io"
	"net/http"
	"net/netip"
	"strconv"
)

// Config is what a Portal is made of.
type Config struct {
	// Pages are the hub's own, for requests that name the hub.
	Pages http.Handler
	// Ours reports whether a request names the hub.
	Ours func(*http.Request) bool
	// Guarded reports whether a path is only for requests that name the hub; Pages
	// refuse it to others, in words.
	Guarded func(path string) bool
	// Accepted reports whether the phone at an address was let through.
	Accepted func(netip.Addr) bool
	// Sheet is the page in a phone's portal sheet that a link leads on from: 200,
	// without a form and without the word that Apple looks for.
	Sheet http.Handler
	// Home is where people are sent, such as "http://lamppost.internal/".
	Home string
}

// Portal answers what phones ask at port 80, whatever host they think they ask.
type Portal struct{ Config }

// New returns a portal.
func New(c Config) *Portal { return &Portal{c} }

// ServeHTTP answers one request.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if p.Ours(r) || !reads || p.Guarded(r.URL.Path) {
		p.Pages.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	asked, known := probeFor(hostOf(r.Host), r.URL.Path)
	switch {
	case known && p.Accepted(from(r)):
		asked.open.write(w, r)
	case known && asked.apple:
		p.Sheet.ServeHTTP(w, r)
	default:
		p.redirect(w, r)
	}
}

// redirect sends a browser to the hub's page. The body is for systems that do not
// take an empty one for a portal.
func (p *Portal) redirect(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Location", p.Home)
	home := html.EscapeString(p.Home)
	answer{
		status: http.StatusFound, kind: "text/html; charset=utf-8",
		body: `<!doctype html><title>Lamppost</title><a href="` + home + `">` + home + "</a>\n",
	}.write(w, r)
}

// write sends an answer, without its body where only the head was asked for.
func (a answer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for k, v := range a.header {
		h.Set(k, v)
	}
	if a.status == http.StatusNoContent {
		w.WriteHeader(a.status)
		return
	}
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, a.body) // a phone that has gone away needs none
	}
}

// from is the address that a request comes from; the zero Addr if unknown.
func from(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
