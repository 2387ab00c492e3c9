package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// rawKey is the key of a request's *raw in its context.
type rawKey struct{}

// raw is one request on its way through an app's own handlers.
type raw struct {
	ask hub.Request
	to  string
	err error
}

// rawRoutes are the handlers of an app that answers HTTP by itself; nil if it has none.
func rawRoutes(a hub.App, behind hub.Host) (_ *http.ServeMux, err error) {
	r, ok := a.(hub.Router)
	if !ok {
		return nil, nil
	}
	mux := http.NewServeMux()
	defer func() {
		if wrong := recover(); wrong != nil { // net/http has no other way to say so
			err = fmt.Errorf("its routes: %v", wrong)
		}
	}()
	for pattern, answer := range r.Routes(behind) {
		if method, at, _ := strings.Cut(pattern, " "); method != http.MethodGet && method != http.MethodPost || !strings.HasPrefix(at, "/") {
			return nil, fmt.Errorf("its route %q: a pattern here is GET or POST, and a path", pattern)
		}
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if one, ok := r.Context().Value(rawKey{}).(*raw); ok {
				one.to, one.err = answer(w, r, one.ask)
			}
		})
	}
	return mux, nil
}

// bringsOf is how much the forms of an app's own routes bring, by pattern.
func bringsOf(a hub.App) (map[string]int64, error) {
	u, ok := a.(hub.Uploader)
	if !ok {
		return nil, nil
	}
	all := u.Uploads()
	for pattern, most := range all {
		if method, _, _ := strings.Cut(pattern, " "); method != http.MethodPost || most <= 0 {
			return nil, fmt.Errorf("its form %q of %d bytes: a form is at POST and a path, and brings something", pattern, most)
		}
	}
	return all, nil
}

// below is a visit's request as an app's own handlers see it: its path begins below the
// app's, and no session stands in it.
func (v *visit) below(ctx context.Context, m *mount, at string) *http.Request {
	r := v.r.WithContext(ctx)
	r.URL = &url.URL{Path: "/" + at, RawPath: "/" + strings.TrimPrefix(v.escaped, m.root()), RawQuery: v.r.URL.RawQuery}
	r.RequestURI = r.URL.RequestURI()
	return r
}

// handles reports whether an app answers a visit below its path by itself.
func (m *mount) handles(v *visit, at string) bool {
	if m.raw == nil || path.Clean("/"+at) != strings.TrimSuffix("/"+at, "/") && at != "" {
		return false
	}
	_, pattern := m.raw.Handler(v.below(v.ctx(), m, at))
	return pattern != ""
}

// hand gives a visit to an app that answers it by itself, and is where to go on, or that
// an answer was sent.
func (s *Server) hand(w http.ResponseWriter, v *visit, m *mount, at string) (answer, error) {
	one := &raw{ask: s.request(v, m, at)}
	m.raw.ServeHTTP(w, v.below(context.WithValue(v.ctx(), rawKey{}, one), m, at))
	begun, ok := w.(*meter)
	switch {
	case one.err == nil:
		return answer{to: one.to, sent: one.to == ""}, nil
	case ok && begun.wrote:
		s.cfg.Log.Error("an app failed after it had begun to answer", "path", v.path, "error", one.err)
		one.err = nil
	}
	return answer{sent: true}, one.err
}

// upload gives the form of a visit to an app that takes it by itself.
func (s *Server) upload(w http.ResponseWriter, v *visit, rt route) (a answer, err error) {
	most := s.brings(v)
	body := &upload{ReadCloser: v.r.Body, left: most + maxForm}
	v.r.Body = body
	if v.form, err = readHead(v.r); err == nil {
		a, err = s.admit(v, func(v *visit) (answer, error) { return rt.raw(w, v) })
	}
	if err == nil {
		return a, nil
	}
	if said := body.said(err, most); said != nil && explain(err).status == http.StatusInternalServerError {
		return answer{}, said
	}
	return answer{}, err
}

// brings is how many bytes the form of a visit may bring, beside its fields.
func (s *Server) brings(v *visit) int64 {
	name, below, _ := strings.Cut(v.path[1:], "/")
	m := s.mount(name)
	if m == nil || !m.handles(v, below) {
		return hub.MaxUpload
	}
	_, pattern := m.raw.Handler(v.below(v.ctx(), m, below))
	return cmp.Or(m.brings[pattern], hub.MaxUpload)
}

// slowest is how many bytes a second a large form has to bring, but for the time that any
// with files has: as the edge of a Wi-Fi still gives.
const slowest = 32 << 10

// slowly is how long so many bytes take at the most.
func slowly(n int64) time.Duration { return time.Duration(n) * (time.Second / slowest) }

// handling is for how long a request is worked on. One with files may take longer to
// come in than others, and longer yet where an app takes large ones and it keeps coming.
func (s *Server) handling(w http.ResponseWriter, v *visit) time.Duration {
	l, r := s.cfg.Limits, v.r
	most, is := s.document(v)
	if !is {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != filesForm {
			return l.Handling
		}
		most = s.brings(v)
	}
	c, began, within := http.NewResponseController(w), time.Now(), l.Upload
	if most > hub.MaxUpload {
		if r.ContentLength >= 0 {
			most = min(most, r.ContentLength)
		}
		within += slowly(most)
		r.Body = &steady{ReadCloser: r.Body, until: began.Add(l.Upload), more: func(until time.Time) { _ = c.SetReadDeadline(until) }}
	}
	// Where a connection has no such bounds there is nothing to move.
	_ = c.SetReadDeadline(began.Add(l.Upload))
	_ = c.SetWriteDeadline(began.Add(within + l.Handling))
	return within + l.Handling
}

// steady is a body that has more time for what has come of it.
type steady struct {
	io.ReadCloser

	until time.Time // when it had to be here if no more of it came
	come  int64     // for which there was no more time yet
	more  func(until time.Time)
}

// stepped is of how many bytes at once it is said that there is more time.
const stepped = 64 << 10

func (b *steady) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.come += int64(n); b.come >= stepped {
		b.until, b.come = b.until.Add(slowly(b.come)), 0
		b.more(b.until)
	}
	return n, err
}

// upload is a body of a bounded size that remembers what went wrong with it.
type upload struct {
	io.ReadCloser

	left int64
	err  error
}

var errTooLarge = errors.New("more than a form may bring")

func (b *upload) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.err = errTooLarge
		return 0, b.err
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// said is that in words, where an app failed with err; nil if it was not the body's fault.
func (b *upload) said(err error, most int64) error {
	switch {
	case errors.Is(b.err, errTooLarge):
		return status(http.StatusRequestEntityTooLarge, "What was sent is far too large, so it was not kept. At most %d MB fit.", (most+1<<20-1)>>20)
	case b.err != nil || errors.Is(err, io.ErrUnexpectedEOF):
		return brokeOff()
	}
	return nil
}
