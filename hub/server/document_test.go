package server_test

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
)

// library is an app that takes books of programs, and forms.
type library struct {
	hub.App

	left int // books whose request is over
}

func (s *library) Manifest() hub.Manifest { return hub.Manifest{Name: "shelf", Title: "Shelf"} }

func (*library) Act(hub.Snapshot, hub.Request) ([]hub.Draft, error) { return nil, nil }

func (*library) Answer(hub.Snapshot, hub.Request) (any, error) { return struct{}{}, nil }

func (*library) Fields() []string { return []string{"client_id", "title"} }

func (*library) Written(_ hub.Snapshot, q hub.Request) (any, error) { return q.Form, nil }

func (*library) Documents() map[string]hub.Document {
	return map[string]hub.Document{"books": {Media: "text/x-book", Most: 1000}, "large": {Media: "text/x-book", Most: 8 << 20}}
}

func (s *library) Receive(_ context.Context, _ hub.Host, q hub.Request, body io.Reader) (url.Values, func() error, error) {
	b, err := io.ReadAll(body)
	if err == nil && strings.Contains(string(b), "torn") {
		err = hub.Errorf(hub.Invalid, "", "It is torn.")
	}
	return url.Values{"title": {q.Form.Get("title") + ": " + string(b[:min(len(b), 10)])}}, func() error { s.left++; return nil }, err
}

func TestAProgramSendsADocumentAsItIs(t *testing.T) {
	h, app := newFakeHub(t), &library{}
	h.apps = []hub.App{app}
	b := newProgram(t, newServer(t, h))
	send := func(kind, path, body string) *page {
		b.header.Set("Content-Type", kind)
		return b.call("POST", "/api/v1/shelf/"+path, body)
	}
	var form struct {
		Title []string `json:"title"`
		ID    []string `json:"client_id"`
	}
	p := send("text/x-book; charset=utf-8", "books?title=Moby+Dick&client_id=c", "Call me Ishmael.")
	if err := json.Unmarshal([]byte(p.body), &form); err != nil || !slices.Equal(form.Title, []string{"Moby Dick: Call me Is"}) || !slices.Equal(form.ID, []string{"c"}) || app.left != 1 {
		t.Errorf("%s %v, %d left", p.body, err, app.left)
	}
	if p := send("text/x-book", "books", strings.Repeat("x", 1000)); p.status != 200 {
		t.Error(p.body)
	}
	send("text/x-book", "books", strings.Repeat("x", 1001)).problem(t, 413, "", "far too large")
	send("text/x-book", "books", "torn").problem(t, 422, "", "It is torn.")
	if app.left != 4 {
		t.Errorf("%d are left", app.left)
	}
	send("text/x-book", "books?shelf=1", "a").problem(t, 422, "shelf", "There are: client_id, title")
	send("text/x-book", "books?title=1&title=2", "a").problem(t, 422, "title", "twice")
	send("text/x-book", "books?title=%zz", "a").problem(t, 400, "", "does not read")
	send("text/x-book", "forms", "a").problem(t, 415, "", "Send JSON")
	send("text/x-other", "books", "a").problem(t, 415, "", "Content-Type: text/x-book")
	send("application/json", "books", `{"type": "Book"}`).problem(t, 422, "type", "Content-Type: text/x-book")
	send("application/json", "books", `{"title": 1}`).problem(t, 422, "title", "takes text")
	if p := send("application/json", "books", `{"title": "a"}`); p.status != 200 {
		t.Error(p.body)
	}
	b.header.Set("Content-Encoding", "gzip")
	send("text/x-book", "books", "a").problem(t, 415, "", "not compressed")
	b.header.Del("Content-Encoding")
	b.header.Set("Origin", "http://elsewhere.example")
	send("text/x-book", "books", "a").problem(t, 403, "", "")
	b.header.Del("Origin")
	before := app.left
	b.header.Set("Lamppost-Author", "somebody else")
	send("text/x-book", "books", "a").problem(t, 401, "", "somebody else")
	b.header.Del("Lamppost-Author")
	b.header.Set("Idempotency-Key", "short")
	send("text/x-book", "books", "a").problem(t, 400, "", "Idempotency-Key")
	b.header.Del("Idempotency-Key")
	if app.left != before {
		t.Error("what is refused was read")
	}
	if p := send("text/x-book", "large", strings.Repeat("x", 7<<20)); p.status != 200 {
		t.Error(p.body)
	}
	if app.left != 5 {
		t.Errorf("%d are left", app.left)
	}
}
