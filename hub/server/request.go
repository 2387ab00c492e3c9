package server

import "github.com/lamppost-hub/lamppost/hub"

// request is what a visit asks of an app, with what is kept for the reader.
func (s *Server) request(v *visit, m *mount, below string) hub.Request {
	q := forAll(v)
	q.Path, q.Query, q.Form = below, v.r.URL.Query(), v.form
	q.Author, q.Official = v.author(), v.official()
	if v.trouble != nil && v.ofAnother() {
		q.Writer = v.writer()
	}
	if s.keeps(v) {
		q.Reader = reader{s.cfg.Readers, v.author(), m.name}
	}
	return q
}

// forAll asks for what is the same for everybody who reads in the visit's language.
func forAll(v *visit) hub.Request {
	return hub.Request{Say: v.lang.Text, Lang: v.lang.Code, Place: v.about.Place}
}
