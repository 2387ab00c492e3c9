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
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
)

// Portal answers for the hosts that phones think they ask.
type Portal struct {
	*Clients
	networks atomic.Pointer[[]netip.Prefix]
	home     string
}

// New returns a portal for the phones in some networks. They are sent home, such as
// to "http://lamppost.internal/". Who is in none of the networks is no phone and is
// never captive; no network is everywhere.
func New(c *Clients, home string, networks ...netip.Prefix) *Portal {
	p := &Portal{Clients: c, home: home}
	p.SetNetworks(networks)
	return p
}

// SetNetworks replaces the networks of phones, as interfaces come and go. It may be called
// while requests are answered.
func (p *Portal) SetNetworks(networks []netip.Prefix) {
	networks = slices.Clone(networks)
	p.networks.Store(&networks)
}

// Accepted reports whether the phone at an address was let through, or is none.
func (p *Portal) Accepted(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	networks := *p.networks.Load()
	if at.IsLoopback() || len(networks) > 0 && !slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(at) }) {
		return true
	}
	return p.Clients.Accepted(at)
}

// Phones is how many phones are there that were let through, and that were not.
func (p *Portal) Phones() (accepted, captive int) {
	networks := *p.networks.Load()
	return p.count(func(at netip.Addr) bool {
		return len(networks) == 0 || slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(at) })
	})
}

// Home is where phones are sent.
func (p *Portal) Home() string { return p.home }

// Stray answers a GET or HEAD for another host than the hub. sheet makes a page for
// the small window of a phone, which leads on by a link: 200, without a form and
// without the word that Apple looks for.
func (p *Portal) Stray(w http.ResponseWriter, r *http.Request, sheet http.Handler) {
	w.Header().Set("Cache-Control", "no-store")
	asked, known := probeFor(httpserve.HostName(r.Host), r.URL.Path)
	switch {
	case known && p.Accepted(from(r)):
		asked.open.write(w, r)
	case known && asked.apple:
		sheet.ServeHTTP(w, r)
	default:
		p.redirect(w, r)
	}
}

// redirect sends a browser to the hub's page. The body is for systems that do not
// take an empty one for a portal.
func (p *Portal) redirect(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Location", p.home)
	home := html.EscapeString(p.home)
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
