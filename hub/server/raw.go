package server

import (
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
	body := &upload{ReadCloser: v.r.Body, left: hub.MaxUpload + maxForm}
	v.r.Body = body
	if v.form, err = readHead(v.r); err == nil {
		a, err = s.admit(v, func(v *visit) (answer, error) { return rt.raw(w, v) })
	}
	if err == nil {
		return a, nil
	}
	if said := body.said(err); said != nil && explain(err).status == http.StatusInternalServerError {
		return answer{}, said
	}
	return answer{}, err
}

// handling is for how long a request is worked on. One with files may take longer to
// come in than others.
func (s *Server) handling(w http.ResponseWriter, r *http.Request) time.Duration {
	l := s.cfg.Limits
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != filesForm {
		return l.Handling
	}
	c := http.NewResponseController(w)
	// Where a connection has no such bounds there is nothing to move.
	_ = c.SetReadDeadline(time.Now().Add(l.Upload))
	_ = c.SetWriteDeadline(time.Now().Add(l.Upload + l.Handling))
	return l.Upload + l.Handling
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
func (b *upload) said(err error) error {
	switch {
	case errors.Is(b.err, errTooLarge):
		return status(http.StatusRequestEntityTooLarge, "What was sent is far too large, so it was not kept. At most %d MB fit.", hub.MaxUpload>>20)
	case b.err != nil || errors.Is(err, io.ErrUnexpectedEOF):
		return brokeOff()
	}
	return nil
}
