package server

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
)

// documents are what programs may send to an app as it is.
type documents struct {
	of     map[string]hub.Document // by path below the app's
	app    hub.Receiver
	behind hub.Host
}

func documentsOf(a hub.App, behind hub.Host) documents {
	r, ok := a.(hub.Receiver)
	if !ok {
		return documents{}
	}
	return documents{of: r.Documents(), app: r, behind: behind}
}

// at is the document that a request brings to a path, by its type; false if it brings none.
func (d documents) at(r *http.Request, below string) (hub.Document, bool) {
	doc, has := d.of[below]
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return doc, has && err == nil && kind == doc.Media && r.Method == http.MethodPost
}

// hint is what is wrong with the fields that a program has sent, and where a path takes a
// document how to send that.
func (d documents) hint(err error, below string) error {
	doc, has := d.of[below]
	told, is := errors.AsType[*statusError](err)
	if !has || !is || told.status != http.StatusUnsupportedMediaType && told.status != http.StatusUnprocessableEntity {
		return err
	}
	with := *told
	with.program = told.Error() + " A whole document goes here as it is, with Content-Type: " + doc.Media + " and its fields in the query."
	return &with
}

// document is how many bytes the document has at most that a visit brings; false if it
// brings none.
func (s *Server) document(v *visit) (most int64, is bool) {
	path, ok := strings.CutPrefix(v.path, apiRoot)
	if !ok {
		return 0, false
	}
	m, below := s.appOf(path)
	if m == nil {
		return 0, false
	}
	doc, is := m.takes.at(v.r, below)
	return doc.Most, is
}

// receive gives an app the document that a program has sent. leave is called once the visit
// is over.
func (s *Server) receive(v *visit, m *mount, below string, doc hub.Document, known []string) (leave func(), err error) {
	if packed(v.r) {
		return nil, forPrograms(http.StatusUnsupportedMediaType, "", "Send it as it is, not compressed.")
	}
	if v.form, err = queryFields(v.r.URL.RawQuery, known); err != nil {
		return nil, err
	}
	body := &upload{ReadCloser: v.r.Body, left: doc.Most + 1}
	form, drop, err := m.takes.app.Receive(v.ctx(), m.takes.behind, s.request(v, m, below), body)
	leave = func() {
		if drop == nil {
			return
		}
		if err := drop(); err != nil {
			s.cfg.Log.Error("a document that was received is left behind", "path", v.path, "error", err)
		}
	}
	if err != nil {
		leave()
		if said := body.said(err, doc.Most); said != nil && explain(err).status == http.StatusInternalServerError {
			err = said
		}
		return nil, err
	}
	for name, values := range form {
		v.form[name] = values
	}
	return leave, nil
}

// queryFields reads the fields of a document from the query.
func queryFields(query string, known []string) (url.Values, error) {
	form, err := url.ParseQuery(query)
	if err != nil {
		return nil, forPrograms(http.StatusBadRequest, "", "The query does not read: %s.", brief(query))
	}
	for name, values := range form {
		switch {
		case !slices.Contains(known, name):
			return nil, noField(name, known)
		case len(values) > 1:
			return nil, twice(name)
		}
	}
	return form, nil
}
