package server

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip" // faster than the standard one, with fewer bytes
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/webui"
)

// guard sets the headers that every answer has.
// Scripts run only where pages have any; host is this hub's, once that is known.
func guard(h http.Header, scripts bool, host string) {
	policy := "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if scripts {
		policy += "; script-src 'self'; connect-src 'self'"
		if host != "" { // older browsers do not take 'self' for websockets
			policy += " ws://" + host + " wss://" + host
		}
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer browsers send Origin: null, and every form fails
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// say puts something in the reader's language.
func (v *visit) say(s hub.Said) string { return v.lang.Text(s.Phrase, s.Args...) }

// frame is what stands around an answer and what its template sees.
func (s *Server) frame(v *visit, a answer) *webui.Frame {
	about := v.about
	f := &webui.Frame{
		Title: a.title, Lang: v.lang, Path: v.escaped, Prefix: v.prefix(v.langInPath), Languages: s.tongues(v), Model: a.model, Assets: s.assets,
		Here:  webui.Here{Community: about.Community, Place: about.Place, Internet: internetWords[about.Internet], CutOff: about.CutOff, Full: about.Full, Wall: a.whole || v.path == kioskPath || v.path == printPath || v.path == newsPath, OwnSOS: a.page == homePage && a.in == nil, Hosts: addresses(v)},
		Clock: webui.Clock{Now: about.Now, Plausible: about.Plausible},
		Form:  s.form(v),
		Tabs:  s.tabs(v.path),
		Parts: s.partsOf(v, a),
	}
	for _, n := range about.Neighbors {
		if n.Linked {
			f.Here.Reach++
		}
	}
	if v.session != nil {
		f.You = webui.You{Known: true, InPath: v.inPath != "", Remind: v.session.HasCode() && len(a.stale.topics) > 0 && v.trouble == nil, Sign: s.toSign(v)}
	}
	f.Notice = v.lang.Text(s.justDone(v))
	if t := v.trouble; t != nil {
		f.Notice, f.Wrong = v.say(t.said), true
		if t.field != "" {
			f.Notice = v.lang.Text(seeBelow(a))
		}
	}
	return f
}

// seeBelow leads to what is wrong with a field.
func seeBelow(a answer) hub.Phrase {
	if a.in == nil { // a form that sends nothing to others
		return "That did not work yet. Please see below."
	}
	return "Not sent yet. Please see below."
}

// describe adds what the page's script finds in the page: in what stands around an
// answer, not in its inside.
func (s *Server) describe(f *webui.Frame, v *visit, a answer) {
	f.Island.Topics = a.stale.watched()
	script := s.assets.Script(cmp.Or(a.island(), "own"))
	if script == "" {
		return
	}
	f.Island.Script, f.Island.Build = script, s.build(v)
	if v.session != nil {
		f.You.Key, f.You.Name = v.session.Author.String(), s.nameOf(v, v.session.Author)
	}
}

var internetWords = map[Internet]hub.Phrase{Up: "Internet works", Down: "No internet here"}

func (s *Server) tabs(path string) []webui.Tab {
	tabs := []webui.Tab{{Title: "Home", Path: "/", Icon: "home", Here: path == "/"}}
	for _, m := range s.mounts {
		tabs = append(tabs, webui.Tab{Title: m.title, Path: m.root(), Icon: string(m.name), Here: strings.HasPrefix(path, m.root())})
	}
	return append(tabs, webui.Tab{Title: "You", Path: "/you", Icon: "you", Here: path == "/you"})
}

// form is the state of a page's forms: fresh, or what was sent and is wrong.
func (s *Server) form(v *visit) webui.Form {
	var random [nonceLen + 16]byte
	if _, err := rand.Read(random[:]); err != nil {
		panic("server: no random numbers: " + err.Error())
	}
	nonce := [nonceLen]byte(random[:])
	f := webui.Form{ClientID: hex.EncodeToString(random[nonceLen:]), As: s.as(v)}
	if v.session != nil {
		f.CSRF = s.forge.forSession(nonce, string(v.token))
	} else {
		f.CSRF = s.forge.forAddress(nonce, v.addr)
	}
	if v.trouble == nil {
		return f
	}
	f.Again, f.Kept, f.Problems = true, make(url.Values, len(v.form)), map[string]string{}
	for field, values := range v.form {
		for _, val := range values {
			f.Kept.Add(field, strings.ToValidUTF8(val, "\ufffd"))
		}
	}
	// A retry is the same post, unless what was posted is another one.
	if id := v.form.Get("client_id"); v.trouble.status != http.StatusConflict && record.ValidKey(id) {
		f.ClientID = id
	}
	if v.trouble.field != "" {
		f.Problems[v.trouble.field] = v.say(v.trouble.said)
	}
	return f
}

// send writes a handler's answer.
func (s *Server) send(w http.ResponseWriter, v *visit, a answer) {
	if a.sent {
		return
	}
	if a.to != "" {
		v.escaped = s.sealDone(v, a.to)
		s.redirect(w, v, "")
		return
	}
	if a.file != nil {
		w.Header().Set("Content-Disposition", `attachment; filename="`+a.file.name+`"`)
		s.write(w, v, http.StatusOK, a.file.kind, a.file.body)
		return
	}
	page, err := s.render(v, a)
	if err != nil {
		s.fail(w, v, err)
		return
	}
	status := http.StatusOK
	if v.trouble != nil {
		status = v.trouble.status
		v.trouble.later(w.Header())
	}
	s.write(w, v, status, htmlType, page)
}

// redirect goes on at the visit's path, under its prefix. 303 makes a GET of it.
func (s *Server) redirect(w http.ResponseWriter, v *visit, query string) {
	for _, c := range v.cookies {
		http.SetCookie(w, c)
	}
	to := v.prefix(v.langInPath) + v.escaped
	if query != "" {
		to += "?" + query
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// fail answers with an error's own page and logs what the person cannot help.
func (s *Server) fail(w http.ResponseWriter, v *visit, err error) {
	p := explain(err)
	if p.internal != nil {
		s.cfg.Log.Error("a page failed", "method", v.r.Method, "path", v.path, "error", p.internal)
	}
	s.refuse(w, v, p)
}

// errorView is the page that says what is wrong, in place of the one that was asked for.
type errorView struct {
	Said  string
	Typed string // what was sent and would be lost with its form; empty if nothing
}

// typed is the long text of the form that a visit has sent.
func typed(v *visit) string {
	return strings.ToValidUTF8(cmp.Or(v.form.Get("text"), v.form.Get("reason")), "\ufffd")
}

// refuse answers with a page that says what is wrong.
func (s *Server) refuse(w http.ResponseWriter, v *visit, p problem) {
	p.later(w.Header())
	if v.api {
		s.writeProblem(w, v, p)
		return
	}
	v.trouble = nil // nothing of it is shown again
	a := answer{page: "error.html", title: v.lang.Text(heading(p.status, reading(v.r))), model: errorView{Said: v.say(p.said), Typed: typed(v)}}
	if a.title == "" {
		a.title = http.StatusText(p.status)
	}
	page, err := s.render(v, a)
	if err != nil {
		s.cfg.Log.Error("the page of an error failed", "error", err)
		http.Error(w, v.say(p.said), p.status)
		return
	}
	s.write(w, v, p.status, htmlType, page)
}

func (s *Server) render(v *visit, a answer) ([]byte, error) {
	set, f := s.set(a), s.frame(v, a)
	var above staleness
	f.Banner, above = s.top(v, f, a.tops)
	a.stale = a.stale.and(above)
	f.Stale = a.stale.in(v.about)
	b := bytes.NewBuffer(make([]byte, 0, pageRoom))
	parts := []string{"top", a.page, "bottom"}
	inside := !a.whole && v.r.Header.Get(partHeader) != ""
	switch {
	case a.whole:
		parts = []string{a.page}
	case inside:
		parts = []string{"banner", a.page}
	}
	if !inside {
		s.describe(f, v, a)
	}
	if t := v.trouble; t != nil && t.field != "" {
		if err := set.ExecuteTemplate(b, a.page, f); err != nil {
			return nil, err
		}
		if !bytes.Contains(b.Bytes(), []byte(`id="`+f.Problem(t.field).ID()+`"`)) {
			f.Notice = v.say(t.said) // nothing below says it: the field is a hidden one
		}
		b.Reset()
	}
	for _, part := range parts {
		if err := set.ExecuteTemplate(b, part, f); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// pageRoom is what most pages fit into, in bytes, so that they are not moved as they grow.
const pageRoom = 24 << 10

const htmlType = "text/html; charset=utf-8"

// write sends a page, compressed where that is understood.
func (s *Server) write(w http.ResponseWriter, v *visit, status int, kind string, page []byte) {
	h := w.Header()
	for _, c := range v.cookies {
		http.SetCookie(w, c)
	}
	h.Set("Content-Type", kind)
	h.Set("Vary", "Accept-Encoding")
	if v.r.Header.Get(partHeader) != "" {
		h.Set("Lamppost-Build", s.build(v))
	}
	if takesGzip(v.r) {
		page = s.squeeze(page)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	if v.r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(page); err != nil {
		s.cfg.Log.Debug("a page was not read to its end", "error", err)
	}
}

// partHeader is how a page's script asks for the inside of the page alone.
const partHeader = "Lamppost-Part"

// build names what made a page: scripts of one do not fit pages of another.
func (s *Server) build(v *visit) string { return s.assets.Build() + v.about.Version }

// island is the name of the page's script.
func (a answer) island() string {
	if a.in == nil {
		return ""
	}
	return string(a.in.name)
}

// squeezed is how hard pages are compressed: it takes a twentieth of a millisecond more
// than by default, and fiftieth fewer bytes.
const squeezed = 8

// squeeze compresses a page. A compressor is 800 KB, so they are used again.
func (s *Server) squeeze(page []byte) []byte {
	out := bytes.NewBuffer(make([]byte, 0, len(page)/3))
	w, ok := s.zips.Get().(*gzip.Writer)
	if ok {
		w.Reset(out)
	} else {
		w, _ = gzip.NewWriterLevel(out, squeezed) // there is such a level
	}
	_, _ = w.Write(page) // a bytes.Buffer takes all
	_ = w.Close()
	s.zips.Put(w)
	return out.Bytes()
}

// sendAsset sends a file that never changes.
func sendAsset(w http.ResponseWriter, r *http.Request, a webui.Asset) {
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body, zipped := a.Gzip, true
	if !takesGzip(r) {
		if plain, err := a.Plain(); err == nil { // it was made here
			body, zipped = plain, false
		}
	}
	if zipped {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the client is gone
}

// takesGzip reads Accept-Encoding (RFC 9110 §12.5.3) as far as it matters here.
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
