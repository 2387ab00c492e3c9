package server

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

// visit is one request on its way to an answer.
type visit struct {
	r       *http.Request
	addr    netip.Addr
	way     way
	path    string // without the prefix
	escaped string // the same, as it was sent
	about   About
	lang    *catalog.Language
	api     bool // asked by a program

	// What stands before the path of every link and form, for browsers that keep no
	// cookies: /~es~TOKEN, or one of the two.
	langInPath string
	inPath     local.Token

	session *local.Active // nil for somebody not signed in
	token   local.Token   // of the session
	cookies []*http.Cookie

	form    url.Values // of a POST
	once    string     // names the sending, so that a repetition makes no second person; a secret
	trouble *problem   // with the form, which is shown again
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// author is who is signed in; zero for nobody.
func (v *visit) author() record.Author {
	if v.session == nil {
		return record.Author{}
	}
	return v.session.Author
}

// answer is what a handler found: a page, or where to go on.
type answer struct {
	sent bool   // by the handler itself
	to   string // escaped path on this hub, without prefix; if not empty, the rest is not looked at

	file *file // to download; if not nil, the rest is not looked at

	page  string // template of the server's own, or of the mount's
	whole bool   // the template makes all of the page, nothing stands around it
	in    *mount // nil for the server's own
	title string // in the reader's language
	model any
	stale staleness
	tops  []record.App // whose banner is left out, as the page itself says as much
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	began, body := time.Now(), r.Body
	w := &meter{ResponseWriter: rw, status: http.StatusOK}
	v := &visit{r: r, addr: addressOf(r.RemoteAddr), lang: s.speaks.English(), way: wayOf(r)}
	var prefix string
	prefix, v.path, v.escaped = splitPath(r.URL)
	s.readPrefix(v, prefix)
	v.api = v.path == "/api" || strings.HasPrefix(v.path, "/api/")
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // a sentinel value, as net/http compares it
				panic(p)
			}
			s.cfg.Log.Error("a page panicked", "path", v.path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if !w.wrote {
				s.refuse(w, v, trouble(http.StatusInternalServerError, brokenText))
			}
		}
		if s.cfg.Metrics != nil {
			s.cfg.Metrics.Request(s.route(v), w.status)
		}
		s.cfg.Log.LogAttrs(r.Context(), slog.LevelDebug, "page", slog.String("method", r.Method), slog.String("path", v.path),
			slog.Int("status", w.status), slog.Int("bytes", w.bytes), slog.Duration("took", time.Since(began)))
		linger(w, r, body)
	}()
	s.serve(w, v)
}

func (s *Server) serve(w http.ResponseWriter, v *visit) {
	v.about = s.cfg.Hub.About()
	scripts := !v.about.Plausible || s.assets.Scripted() || v.path == kioskPath
	host := ""
	ours := s.hosts.ours(v.r, v.about.Place)
	if ours {
		host = v.r.Host
	}
	if !ours && s.open.enter(v.addr) {
		strayed := s.stray(w, v)
		if s.open.leave(v.addr); strayed {
			return
		}
	}
	guard(w.Header(), scripts, host)
	if !ours {
		s.refuse(w, v, trouble(http.StatusMisdirectedRequest, "This is Lamppost, but not under that name. Open http://lamppost.internal/ or the address that is written at this place."))
		return
	}
	if !s.open.enter(v.addr) {
		p := trouble(http.StatusTooManyRequests, "Your device asks for too much at once. Wait a few seconds, then reload the page.")
		p.program = "Too many requests come from this address. Wait for as many seconds as Retry-After says, and ask more seldom."
		s.refuse(w, v, p)
		return
	}
	defer s.open.leave(v.addr)
	ctx := v.ctx()
	if !reading(v.r) {
		// A button pressed twice breaks off the first request; what it writes
		// is written, and the second finds it.
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, s.handling(w, v))
	defer cancel()
	v.r = v.r.WithContext(ctx)

	if asset, ok := s.assets.Find(v.path); ok && reading(v.r) {
		sendAsset(w, v.r, asset)
		return
	}
	if v.path == metricsPath && s.cfg.Metrics != nil && mayMeasure(v) {
		s.cfg.Metrics.ServeHTTP(w, v.r)
		return
	}
	if v.api {
		s.speak(v)
		s.respond(w, v)
		return
	}
	if s.moved(v) {
		s.redirect(w, v, v.r.URL.RawQuery)
		return
	}
	a, err := s.handle(w, v)
	if err != nil {
		s.fail(w, v, err)
		return
	}
	s.send(w, v, a)
}

// moved finds the language and the session of a visit. It reports true if the
// address is to become clean.
func (s *Server) moved(v *visit) bool {
	switch {
	case v.path == kioskPath:
		s.forScreen(v)
		return v.session == nil && s.forAll(v)
	case s.paths.pages[v.path].forAll:
		return s.forAll(v)
	}
	spoken, signed := s.speak(v), s.signIn(v)
	return spoken || signed
}

// handle finds the handler and, for a form, whether it may be acted upon. What
// a form's handler refuses is shown again with what the person has typed.
func (s *Server) handle(w http.ResponseWriter, v *visit) (answer, error) {
	rt, err := s.find(v)
	if err != nil {
		return answer{}, err
	}
	switch {
	case reading(v.r) && rt.raw != nil:
		return rt.raw(w, v)
	case reading(v.r):
		return rt.get(v)
	case v.r.Method != http.MethodPost || rt.post == nil:
		allowed := "GET, HEAD"
		if rt.post != nil {
			allowed += ", POST"
		}
		w.Header().Set("Allow", allowed)
		return answer{}, status(http.StatusMethodNotAllowed, "Nothing can be sent to this page in that way.")
	}
	if s.crossed(v.r) {
		return answer{}, status(http.StatusForbidden, "This was sent from a page that does not belong to this place, so nothing was done.")
	}
	var a answer
	if rt.raw != nil {
		a, err = s.upload(w, v, rt)
	} else {
		if v.form, err = readForm(w, v.r); err != nil {
			return answer{}, err
		}
		a, err = s.admit(v, rt.post)
	}
	if err != nil {
		return s.again(v, rt, err)
	}
	return a, nil
}

// admit has a form acted upon, if it may be.
func (s *Server) admit(v *visit, do func(*visit) (answer, error)) (answer, error) {
	if err := s.accept(v); err != nil {
		return answer{}, err
	}
	v.once = v.form.Get("csrf")
	return do(v)
}

// again shows a page once more, with what is wrong with the form that was sent to it.
func (s *Server) again(v *visit, rt route, err error) (answer, error) {
	p := explain(err)
	if p.status == http.StatusInternalServerError {
		return answer{}, err
	}
	if p.internal != nil {
		s.cfg.Log.Error("a form was not taken", "path", v.path, "error", p.internal)
	}
	v.trouble = &p
	a, none := rt.get(v)
	if rt.raw != nil && none != nil { // it is on no page
		return answer{}, err
	}
	return a, none
}

func reading(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// splitPath takes the prefix from a path: /~TOKEN/messages/town. What
// it returns begins with one slash and no more: //name would be another host.
func splitPath(u *url.URL) (prefix, path, escaped string) {
	path, escaped = rooted(u.Path), rooted(u.EscapedPath())
	if !strings.HasPrefix(path, "/~") {
		return "", path, escaped
	}
	token, rest, _ := strings.Cut(path[1:], "/")
	_, restEscaped, _ := strings.Cut(escaped[1:], "/")
	return token[1:], rooted(rest), rooted(restEscaped)
}

func rooted(path string) string { return "/" + strings.TrimLeft(path, "/") }

// meter notes what was answered.
type meter struct {
	http.ResponseWriter
	status, bytes int
	wrote         bool
}

func (m *meter) WriteHeader(code int) {
	if !m.wrote {
		m.status, m.wrote = code, true
	}
	m.ResponseWriter.WriteHeader(code)
}

func (m *meter) Write(b []byte) (int, error) {
	m.wrote = true
	n, err := m.ResponseWriter.Write(b)
	m.bytes += n
	return n, err
}

// Hijack takes over the connection, for a websocket.
func (m *meter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, buffered, err := http.NewResponseController(m.ResponseWriter).Hijack()
	if err == nil {
		m.status, m.wrote = http.StatusSwitchingProtocols, true
	}
	return c, buffered, err
}

// Unwrap lets http.ResponseController and MaxBytesReader reach the connection.
func (m *meter) Unwrap() http.ResponseWriter { return m.ResponseWriter }
