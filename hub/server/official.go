package server

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
	"github.com/lamppost-hub/lamppost/hub/local"
)

// way is how a request has come. The connection alone says so: what stands in a header
// can only make it worse.
type way int

const (
	byAir  way = iota // plain http from elsewhere: others may read it, or have answered in the hub's place
	atBox             // from the hub's own machine, by a name that leads to no other
	sealed            // over HTTPS, with the certificate that the community's own authority gave the hub
)

// private reports whether nobody overhears what comes that way, and nobody but this hub
// answers it.
func (w way) private() bool { return w != byAir }

// wayOf is how a request has come. Serve has no TLS, and ServeTLS shows no certificate but
// the community's.
func wayOf(r *http.Request) way {
	switch {
	case r.TLS != nil:
		return sealed
	case atHome(r):
		return atBox
	}
	return byAir
}

// atHome reports whether a request comes from this machine, to this machine, by a name
// that a browser resolves to nothing else. That leaves out a foreign name made to lead
// here (DNS rebinding), and what a program on this machine passes on: it says so in a
// header, or it asks for a whole address as of a proxy, or by a version of HTTP that no
// browser speaks, as the usual ones do unless they are told otherwise.
func atHome(r *http.Request) bool {
	if !addressOf(r.RemoteAddr).IsLoopback() || !localAddr(r).IsLoopback() || passedOn(r) {
		return false
	}
	if r.URL.Host != "" || !r.ProtoAtLeast(1, 1) {
		return false
	}
	name := httpserve.HostName(r.Host)
	named, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && named.IsLoopback()
}

// passedOn reports whether somebody says of a request that it came from elsewhere.
func passedOn(r *http.Request) bool {
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// atTheBox reports whether a request comes from the hub's own machine, by whatever name.
func atTheBox(v *visit) bool { return v.addr.IsLoopback() && !passedOn(v.r) }

// officialLife is for how long after six words were entered over HTTPS official acts are
// signed without them: a browser shows the session to each hub that answers there to the
// one name, and one of them may have turned rogue.
const officialLife = 12 * time.Hour

// official reports whether what is done in a visit may count as official. A session that
// began where others could overhear it never does, however it is shown later.
func (v *visit) official() bool {
	if v.session == nil || v.session.Kind != local.Private {
		return false
	}
	return v.way == atBox || v.way == sealed && v.session.Age < officialLife
}

// crossed reports whether another site's page has sent something. A page of the hub's own
// name over plain http is another site to one over HTTPS: anybody may have made it.
func (s *Server) crossed(r *http.Request) bool {
	if r.TLS != nil && strings.HasPrefix(strings.ToLower(r.Header.Get("Origin")), "http:") {
		return true
	}
	return s.origin.Check(r) != nil
}

// opened is the session that a token opens on a visit's way: one that is only ever shown
// where nobody overhears it opens nothing elsewhere.
func (s *Server) opened(v *visit, token local.Token) (*local.Active, error) {
	a, err := s.cfg.Sessions.Find(token, v.addr, v.about.Now)
	if err == nil && a.Kind == local.Private && !v.way.private() {
		return nil, local.ErrNoSession
	}
	return a, err
}
