package server

import (
	"crypto/ed25519"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/returncode"
)

// Sessions keeps who is signed in: hub/local's Local.
type Sessions interface {
	Start(key ed25519.PrivateKey, kind local.Kind, addr netip.Addr, code returncode.Code, now time.Time) (local.Token, error)
	Find(token local.Token, addr netip.Addr, now time.Time) (*local.Active, error)
	Confirm(token local.Token) error
	End(token local.Token) error
	Guest(now time.Time) (ed25519.PrivateKey, error)
}

// A session lives in a cookie where the browser returns it, else in the path.
// Nobody can know beforehand which, so signing in starts both, sets the cookie
// and goes on under the path. If the cookie comes along there, the path's
// session ends and the address becomes clean; if not, every link and form stays
// under the path.

// signIn finds the session of a request. It reports true if the address is to
// become clean: the cookie has come back, or the path opens nothing.
func (s *Server) signIn(v *visit) (moved bool) {
	var cookie *local.Active
	var cookieToken local.Token
	if c, err := v.r.Cookie(v.cookieName()); err == nil {
		cookieToken = local.Token(c.Value)
		cookie, _ = s.opened(v, cookieToken) // nobody is signed in by what opens nothing
	}
	if v.inPath == "" {
		if cookie != nil {
			v.session, v.token = cookie, cookieToken
		}
		return false
	}
	token := v.inPath
	inPath, err := s.opened(v, token)
	if err != nil || inPath.Kind != local.Path {
		v.inPath = ""
		if cookie != nil {
			v.session, v.token = cookie, cookieToken
		}
		return reading(v.r)
	}
	if cookie != nil && cookie.Author == inPath.Author && reading(v.r) {
		if err := s.cfg.Sessions.End(token); err != nil {
			s.cfg.Log.Warn("a session in a path could not be ended", "error", err)
		}
		v.inPath = ""
		return true
	}
	v.session, v.token = inPath, token
	return false
}

// tokens are the two sessions that signing in starts; a program gets no path.
type tokens struct{ cookie, path local.Token }

// start starts sessions for a person's key.
func (s *Server) start(v *visit, key ed25519.PrivateKey, code returncode.Code) (t tokens, err error) {
	now := v.about.Now
	kind := local.Cookie
	if v.way.private() {
		kind = local.Private
	}
	if t.cookie, err = s.cfg.Sessions.Start(key, kind, v.addr, code, now); err != nil {
		return tokens{}, err
	}
	if v.api {
		return t, nil
	}
	if t.path, err = s.cfg.Sessions.Start(key, local.Path, v.addr, code, now); err != nil {
		s.end(t)
		return tokens{}, err
	}
	return t, nil
}

// end takes back what start has started.
func (s *Server) end(t tokens) {
	for _, token := range []local.Token{t.cookie, t.path} {
		if token == "" {
			continue
		}
		if err := s.cfg.Sessions.End(token); err != nil {
			s.cfg.Log.Warn("a session could not be ended", "error", err)
		}
	}
}

// enter makes the rest of the visit one of the new session.
func (s *Server) enter(v *visit, t tokens) error {
	a, err := s.opened(v, t.cookie)
	if err != nil {
		return err
	}
	v.session, v.token = a, t.cookie
	if t.path != "" {
		v.token, v.inPath = t.path, t.path
	}
	v.cookies = append(v.cookies, v.cookie(string(t.cookie), local.CookieIdle))
	return nil
}

const (
	// cookiePrefix begins the name of every cookie of every hub, but for hostPrefix.
	cookiePrefix = "lp_"
	// hostPrefix begins those over HTTPS: no browser takes such a one from plain http, so that
	// nobody who answers there puts one in (RFC 6265bis, section 4.1.3.2).
	hostPrefix = "__Host-"
)

func (v *visit) cookieName() string {
	if v.r.TLS != nil {
		return hostPrefix + cookiePrefix + v.about.ID
	}
	return cookiePrefix + v.about.ID
}

func (v *visit) cookie(value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: v.cookieName(), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil,
	}
}

// forget has the browser drop every hub's cookies: hubs share one name, so what another
// place gave out is sent to this one as well, and would sign its reader in there again.
func (v *visit) forget() {
	gone := map[string]bool{langCookie: true, v.cookieName(): true}
	for _, c := range v.r.Cookies() {
		if strings.HasPrefix(strings.TrimPrefix(c.Name, hostPrefix), cookiePrefix) {
			gone[c.Name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(gone)) {
		v.cookies = append(v.cookies, &http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: v.r.TLS != nil})
	}
}
