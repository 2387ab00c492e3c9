package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/webui"
)

// A language lives where a session does: in a cookie where the browser returns
// it, else in the path. A link to /~es/ is how one is chosen.

const (
	langCookie     = cookiePrefix + "lang"
	langCookieLife = 365 * 24 * time.Hour
)

// readPrefix takes apart what stands before the path: a language, a session, or
// both with a tilde between them.
func (s *Server) readPrefix(v *visit, prefix string) {
	for part := range strings.SplitSeq(prefix, "~") {
		if _, ok := s.speaks.Language(part); ok {
			v.langInPath = part
		} else {
			v.inPath = local.Token(part)
		}
	}
}

// prefix is what stands before the path of links in a language; "" for whatever
// the browser asks for.
func (v *visit) prefix(lang string) string {
	switch {
	case lang == "" && v.inPath == "":
		return ""
	case lang == "":
		return "/~" + string(v.inPath)
	case v.inPath == "":
		return "/~" + lang
	}
	return "/~" + lang + "~" + string(v.inPath)
}

// speak finds the reader's language: that of the path, else of the cookie, else
// what the browser asks for. It reports true if the address is to become clean,
// as the cookie says the same.
func (s *Server) speak(v *visit) (moved bool) {
	v.lang = s.speaks.Match(v.r.Header.Get("Accept-Language"))
	kept := ""
	if c, err := v.r.Cookie(langCookie); err == nil {
		if l, ok := s.speaks.Language(c.Value); ok {
			v.lang, kept = l, c.Value
		}
	}
	l, ok := s.speaks.Language(v.langInPath)
	if !ok {
		return false
	}
	v.lang = l
	if kept != l.Code && v.opensPage() {
		v.cookies = append(v.cookies, &http.Cookie{
			Name: langCookie, Value: l.Code, Path: "/", MaxAge: int(langCookieLife / time.Second),
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil,
		})
	}
	if kept != l.Code || !reading(v.r) {
		return false
	}
	v.langInPath = ""
	return true
}

// opensPage tells whether somebody opens a page. What an open page asks for by itself may arrive after its
// reader has chosen another language, and chooses none.
func (v *visit) opensPage() bool {
	return v.r.Method == http.MethodGet && v.r.Header.Get(partHeader) == "" && !v.api
}

// tongues are the languages in which this page can be had.
func (s *Server) tongues(v *visit) (out []webui.Tongue) {
	for _, l := range s.speaks.Languages() {
		out = append(out, webui.Tongue{Language: l, Path: v.prefix(l.Code) + v.escaped, Here: l == v.lang})
	}
	return out
}

// languages is the page on which one is chosen.
func (s *Server) languages(v *visit) (answer, error) {
	return answer{page: "language.html", title: v.lang.Text("Languages")}, nil
}
