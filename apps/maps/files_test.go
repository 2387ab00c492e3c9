package maps_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// files is a hub to which people bring files.
type files struct {
	*moment
	app   maps.App
	blobs *blobs
	ctx   context.Context // of forms; nil: the test's
}

func newFiles(t *testing.T) *files {
	t.Helper()
	app := maps.New(maps.Options{Folder: t.TempDir()})
	f := &files{moment: newMoment(t), app: app, blobs: &blobs{all: map[[32]byte][]byte{}}}
	f.of = &app
	ctx, cancel := context.WithCancel(context.Background()) // it ends before the folder is cleared
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		app.ReadFiles(ctx, behindFiles{f})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return f
}

// at is the same hub by what another one holds.
func (f *files) at(m *moment) *files { return &files{moment: m, app: f.app, blobs: f.blobs} }

// blobs are in memory.
type blobs struct {
	mu  sync.Mutex
	all map[[32]byte][]byte
}

func (b *blobs) Put(_ context.Context, r io.Reader, most int64) (record.Blob, error) {
	raw, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return record.Blob{}, err
	}
	sum := sha256.Sum256(raw)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[sum] = raw
	return record.Blob{Sum: sum, Size: uint64(len(raw))}, nil
}

func (b *blobs) Open(_ context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	raw, ok := b.all[sum]
	if !ok {
		return nil, hub.Errorf(hub.NotFound, "", "This file is not here yet.")
	}
	return file{bytes.NewReader(raw)}, nil
}

// behind is the hub behind the app: what it writes is its own.
type behindFiles struct{ *files }

func (b behindFiles) Read(_ context.Context, f func(hub.Snapshot) error) error { return f(b.moment) }

func (b behindFiles) Write(_ context.Context, ds ...hub.Draft) (out []record.Record, _ error) {
	if !b.Roster().Has(author(station), roster.Maps) {
		return nil, hub.Errorf(hub.Forbidden, "", "You may not write this here.")
	}
	for _, d := range ds {
		out = append(out, b.sign(key(station), d, b.now))
	}
	return out, nil
}

func (behindFiles) Watch(context.Context, ...hub.Term) <-chan struct{} { return nil }

func (b behindFiles) Blobs() hub.Blobs { return b.blobs }

func (behindFiles) Online() bool { return false }

// post sends a form to one of the app's own handlers.
func (f *files) post(who byte, pattern, path, kind string, body []byte, form url.Values) (string, error) {
	f.t.Helper()
	answer := f.app.Routes(behindFiles{f})[pattern]
	if answer == nil {
		f.t.Fatalf("nothing answers %s", pattern)
	}
	ctx := f.ctx
	if ctx == nil {
		ctx = f.t.Context()
	}
	r := httptest.NewRequestWithContext(ctx, "POST", path, bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	q := f.ask(who, strings.TrimPrefix(path, "/"))
	q.Form = form
	var to string
	var err error
	mux := http.NewServeMux()
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { to, err = answer(w, r, q) })
	mux.ServeHTTP(httptest.NewRecorder(), r)
	return to, err
}

// bring sends a file, and is its id.
func (f *files) bring(who byte, name, text string) string {
	f.t.Helper()
	id, err := f.upload(who, name, text)
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

// unread sends a file that cannot be read, and is what is said of it. It does not wait.
func (f *files) unread(name, text string) string {
	f.t.Helper()
	_, err := f.upload(maria, name, text)
	told, is := errors.AsType[*hub.Error](err)
	if !is || told.Code != hub.Invalid || told.Field != "file" {
		f.t.Fatalf("%s: %v", name, err)
	}
	p, err := f.app.View(f.moment, f.ask(maria, "import"))
	if err != nil {
		f.t.Fatal(err)
	}
	if waits := p.Model.(maps.ImportsView).Waiting; len(waits) > 0 {
		f.t.Errorf("%s waits: %+v", name, waits)
	}
	return told.Error()
}

func (f *files) upload(who byte, name, text string) (id string, _ error) {
	f.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	p, err := w.CreateFormFile("file", name)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := io.WriteString(p, text); err != nil {
		f.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.t.Fatal(err)
	}
	to, err := f.post(who, "POST /import", "/import", w.FormDataContentType(), body.Bytes(), nil)
	return strings.TrimPrefix(to, "/maps/import/"), err
}

// plan is what would become of a file.
func (f *files) plan(who byte, id string) maps.PlanView {
	f.t.Helper()
	p, err := f.app.View(f.moment, f.ask(who, "import/"+id))
	if err != nil {
		f.t.Fatal(err)
	}
	return p.Model.(maps.PlanView)
}

// do sends a form to the app that has the files.
func (f *files) send(who byte, path string, form ...string) ([]record.Record, error) {
	f.t.Helper()
	q := f.ask(who, path)
	for i := 0; i < len(form); i += 2 {
		q.Form.Add(form[i], form[i+1])
	}
	ds, err := f.app.Act(f.moment, q)
	var out []record.Record
	for _, d := range ds {
		r := f.put(who, d, f.now)
		if err := f.app.Manifest().Check(r); err != nil && !r.Withdrawn() {
			f.t.Fatalf("it writes what it does not take: %v", err)
		}
		out = append(out, r)
	}
	return out, err
}

// take takes a file over as its plan stands now.
func (f *files) take(who byte, id string, more ...string) []record.Record {
	f.t.Helper()
	rs, err := f.send(who, "import/"+id, append([]string{"client_id", f.client(), "plan", f.plan(who, id).Plan}, more...)...)
	if err != nil {
		f.t.Fatal(err)
	}
	return rs
}

func (f *files) undo(who byte, id string) maps.Taken {
	f.t.Helper()
	if rs, err := f.send(who, "i/"+id, "client_id", f.client()); err != nil || len(rs) == 0 {
		f.t.Fatalf("%d records, %v", len(rs), err)
	}
	p, err := f.app.View(f.moment, f.ask(who, "i/"+id))
	if err != nil {
		f.t.Fatal(err)
	}
	return p.Model.(maps.Taken)
}

func (f *files) refusedFile(who byte, path string, form ...string) string {
	f.t.Helper()
	rs, err := f.send(who, path, append([]string{"client_id", f.client()}, form...)...)
	told, is := errors.AsType[*hub.Error](err)
	if !is || len(rs) > 0 {
		f.t.Fatalf("%d records, %v", len(rs), err)
	}
	return told.Error()
}

const shelters = "id,name,type,lat,lon,status,people,capacity,contact\n" +
	"1,Hill School,shelter,44.47,-73.21,open,12,80,desk\n" +
	"2,Church,shelter,44.48,-73.22,closed,,50,\n" +
	"3,Nowhere,shelter,,,open,,,\n"

func counts(v maps.PlanView) string {
	return fmt.Sprintf("%d new, %d changed, %d same, %d in conflict, %d left out", v.Counts.New, v.Counts.Changed, v.Counts.Same, v.Counts.Conflicts, v.Counts.Left)
}

func (f *files) expect(id, want string) {
	f.t.Helper()
	if got := counts(f.plan(maria, id)); got != want {
		f.t.Errorf("%s; want %s", got, want)
	}
}

// shown is what stands on the map, for comparison.
func (m *moment) shown() string {
	var out []string
	for _, p := range m.list(ann, "all", "yes").Places {
		line := p.Name
		if p.Standing != nil {
			line += " " + p.Standing.Status.String()
		}
		if p.People != nil {
			line += fmt.Sprintf(" %d", p.People.Present)
		}
		if p.Gone {
			line += " gone"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}
