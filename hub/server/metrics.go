package server

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
	"github.com/lamppost-hub/lamppost/webui"
)

// Metrics counts what is answered, and tells it.
type Metrics interface {
	http.Handler
	// Request counts an answer. There are few routes, whatever is asked for.
	Request(route string, code int)
	// Slowed counts a post that came too soon, by whose pace it was: person or address.
	Slowed(by string)
}

// metricsPath is where programs on the hub's own machine find the metrics. For
// everybody else there is no such page.
const metricsPath = "/metrics"

// mayMeasure reports whether a request comes from the hub's own machine and
// means it: under a foreign name it would be another site's page that asks.
func mayMeasure(v *visit) bool {
	host := httpserve.HostName(v.r.Host)
	addr, err := netip.ParseAddr(host)
	here := host == "localhost" || err == nil && addr.Unmap().IsLoopback()
	return here && atTheBox(v) && v.inPath == ""
}

// route is what a request counts as: a page or call of the server's own, an app,
// or one word for the rest.
func (s *Server) route(v *visit) string {
	if path, ok := strings.CutPrefix(v.path, apiRoot); ok {
		name, _, _ := strings.Cut(path, "/")
		if _, ok := s.paths.calls[path]; ok || s.mount(name) != nil {
			return apiRoot + name
		}
		return "other"
	}
	if _, ok := s.paths.pages[v.path]; ok || v.path == metricsPath {
		return v.path
	}
	name, _, _ := strings.Cut(v.path[1:], "/")
	switch {
	case s.mount(name) != nil:
		return "/" + name
	case strings.HasPrefix(v.path, webui.AssetRoot):
		return webui.AssetRoot
	}
	return "other"
}

// Sockets is how many live ones are open.
func (s *Server) Sockets() int { return len(s.live.rooms) }
