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
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"pgregory.net/rapid"
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
func (b behindFiles) Blobs() hub.Blobs                                 { return b.blobs }
func (behindFiles) Online() bool                                       { return false }

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

func TestAFileIsLookedAtTakenOverAndTakenBack(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "shelters 2026-11-22.csv", shelters)
	f.expect(id, "2 new, 0 changed, 0 same, 0 in conflict, 1 left out")
	v := f.plan(maria, id)
	if v.Left[0].At.String() != "line 4" || v.Left[0].Why.String() != "It does not say where it is." || v.Settings.List != "shelters" || len(v.Settings.Columns) != 9 || v.New[0].Name != "Hill School" {
		t.Errorf("%+v", v)
	}
	if f.shown() != "" {
		t.Error("it is on the map before anybody has said so")
	}
	rs := f.take(maria, id)
	if len(rs) != 2+2+1+2 || f.shown() != "Church closed; Hill School open 12" {
		t.Errorf("%d records: %s", len(rs), f.shown())
	}
	if rs, err := f.send(maria, "import/"+id, "client_id", "again", "plan", v.Plan); err != nil || len(rs) > 0 {
		t.Errorf("the same form again: %d, %v", len(rs), err)
	}
	taken, err := f.app.View(f.moment, f.ask(tom, "i/"+id))
	if m := taken.Model.(maps.Taken); err != nil || m.New != 2 || m.Changed != 0 || m.Refused != 1 || !m.Back || m.Told.Name != "Maria Ortiz" {
		t.Errorf("%+v, %v", m, err)
	}

	// The same list comes again the day after.
	f.now = now.Add(24 * time.Hour)
	next := f.bring(maria, "shelters 2026-11-23.csv", strings.ReplaceAll(strings.ReplaceAll(shelters, "open,12", "full,80"), "Church", "St. Mary"))
	f.expect(next, "0 new, 2 changed, 0 same, 0 in conflict, 1 left out")
	f.take(tom, next)
	if f.shown() != "Hill School full 80; St. Mary closed" {
		t.Error(f.shown())
	}
	f.undo(tom, next)
	if f.shown() != "Church closed; Hill School open 12" {
		t.Error(f.shown())
	}
	f.undo(maria, id)
	if f.shown() != "Church closed; Hill School open 12" {
		t.Errorf("what somebody has said since stays: %s", f.shown())
	}
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

func TestWhatWasNewGoesOffTheMapAgain(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "a.csv", shelters)
	f.take(maria, id)
	other := f.at(f.copyOf())
	if m := f.undo(maria, id); !m.Undone || m.Left != 0 || f.shown() != "" {
		t.Errorf("%+v %s", m, f.shown())
	}
	// Somebody else cannot take back what Maria has said: it is no more, for all to see.
	if m := other.undo(tom, id); !m.Undone || m.Left != 0 || other.shown() != "" {
		t.Errorf("%+v %s", m, other.shown())
	}
	if rs, err := f.send(maria, "i/"+id, "client_id", "x"); err != nil || len(rs) > 0 {
		t.Errorf("taken back twice: %d, %v", len(rs), err)
	}
	if got := f.refusedFile(ann, "i/"+id); !strings.Contains(got, "Only coordinators") {
		t.Error(got)
	}
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

func TestAListIsCalledAsItsFileButForItsDate(t *testing.T) {
	f := newFiles(t)
	for file, want := range map[string]string{
		"zone-1.csv": "zone 1", "zone-2.csv": "zone 2", "Shelters 2026-11-22.csv": "shelters", "shelters_20261123 (3).csv": "shelters",
		"Wells 22.11.2026.csv": "wells", "wells-2026-11-22T1430.csv": "wells", "2026-11-22.csv": "list", "district 12 wells.csv": "district 12 wells",
	} {
		if got := f.plan(maria, f.bring(maria, file, shelters)).Settings.List; got != want {
			t.Errorf("%s is proposed to be %q, not %q", file, got, want)
		}
	}
}

func TestAFileWithoutAPlaceSaysSo(t *testing.T) {
	f := newFiles(t)
	for name, text := range map[string]string{
		"head.csv": "id,name,type,lat,lon\n", "none.geojson": `{"type":"FeatureCollection","features":[]}`, "words.txt": "hello",
		"none.kml": `<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>`, "none.gpx": `<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"/>`,
	} {
		if got := f.unread(name, text); !strings.Contains(got, "There is no place in this file.") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestWhatSomebodyHasSaidSinceStays(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "a.csv", shelters)
	f.take(maria, id)
	hill := f.list(ann).Places[0]
	f.do(tom, "p/"+hill.ID+"/edit", "client_id", "e", "kind", "shelter", "title", "Hill School, gym", "points", "44.47,-73.21", "most", "90")
	next := f.bring(maria, "a.csv", strings.ReplaceAll(shelters, "desk", "door"))
	f.expect(next, "0 new, 0 changed, 1 same, 1 in conflict, 1 left out")
	if v := f.plan(maria, next).Conflicts[0]; v.Why.String() != "It was written here by hand, by Tom Lee." || len(v.Diffs) == 0 {
		t.Errorf("%+v", v)
	}
	if got := f.refusedFile(maria, "import/"+next, "plan", f.plan(maria, next).Plan); !strings.Contains(got, "nothing in this file") {
		t.Error(got)
	}
	f.take(maria, next, "take", hill.ID)
	if p := f.one(ann, hill.ID); p.Name != "Hill School" || p.Contact != "door" || p.Most != 90 || len(p.Also) > 0 {
		t.Errorf("%+v", p.Place)
	}
	f.undo(tom, next)
	if p := f.one(ann, hill.ID); p.Name != "Hill School, gym" || p.Contact != "" || p.Told.Name != "Tom Lee" {
		t.Errorf("%+v", p.Place)
	}
	// Whoever takes the first file back leaves what Tom has said.
	if m := f.undo(maria, id); m.Left != 1 || f.shown() != "Hill School, gym open 12" {
		t.Errorf("%d are left: %s", m.Left, f.shown())
	}
}

// Two people take over the same list, and another one, at the same time.
func TestTwoImportsAtOnce(t *testing.T) {
	f := newFiles(t)
	a, b := f.bring(maria, "a.csv", shelters), f.bring(tom, "a.csv", shelters)
	stale := f.plan(tom, b).Plan
	f.take(maria, a)
	if got := f.refusedFile(tom, "import/"+b, "plan", stale); !strings.Contains(got, "Meanwhile something has changed") {
		t.Error(got)
	}
	f.expect(b, "0 new, 0 changed, 2 same, 0 in conflict, 1 left out")

	// At two places that are cut apart, each takes over its own version of the list.
	here := newFiles(t)
	there := here.at(here.copyOf())
	c, d := here.bring(maria, "a.csv", shelters), there.bring(tom, "a.csv", strings.ReplaceAll(shelters, "desk", "door"))
	here.take(maria, c)
	there.now = now.Add(time.Minute)
	there.take(tom, d)
	exchange(here.moment, there.moment)
	for _, m := range []*files{here, there} {
		p := m.list(ann).Places[0]
		if p.Contact != "door" || len(p.Also) != 1 || p.Also[0].Diffs[0].Text != "desk" || len(m.list(ann).Places) != 2 {
			t.Errorf("%+v", p)
		}
	}
}

func TestAPlaceThatWasTakenOffAndThatOthersStillEdit(t *testing.T) {
	f := newFiles(t)
	f.take(maria, f.bring(maria, "a.csv", shelters))
	id := f.list(ann).Places[0].ID
	apart := f.at(f.copyOf())
	f.do(maria, "p/"+id+"/edit", "client_id", "g", "gone", "yes")
	next := f.bring(maria, "a.csv", strings.ReplaceAll(shelters, "desk", "door"))
	if v := f.plan(maria, next); counts(v) != "0 new, 0 changed, 1 same, 1 in conflict, 1 left out" || v.Conflicts[0].Why.String() != "It was taken off the map here, by Maria Ortiz." {
		t.Errorf("%+v", v)
	}
	apart.now = now.Add(time.Minute)
	apart.do(tom, "p/"+id+"/edit", "client_id", "e", "kind", "shelter", "title", "Hill School", "points", "44.47,-73.21", "contact", "gate")
	exchange(f.moment, apart.moment)
	if v := f.plan(maria, next); v.Counts.Conflicts != 1 || !strings.Contains(v.Conflicts[0].Why.String(), "Several have changed it here") {
		t.Errorf("%+v", v.Conflicts)
	}
	f.take(maria, next, "all", "yes")
	if p := f.one(ann, id); p.Contact != "door" || p.Gone || len(p.Also) > 0 {
		t.Errorf("%+v", p.Place)
	}
}

func TestOfAFileWithoutIdsThePlacesAreFoundByNameAndPlace(t *testing.T) {
	f := newFiles(t)
	f.place(maria, "well", "water", "Artesian Well", "44.47,-73.21")
	f.place(maria, "far", "water", "Artesian Well", "44.9,-73.21")
	id := f.bring(maria, "wells.csv", "name,type,lat,lon,hours\nartesian well,water,44.4705,-73.2105,all day\nOther,water,44.3,-73.2,\n")
	f.expect(id, "1 new, 0 changed, 0 same, 1 in conflict, 0 left out")
	f.take(maria, id, "take", "well")
	if p := f.one(ann, "well"); p.Hours != "all day" || len(f.list(ann).Places) != 3 {
		t.Errorf("%+v", p.Place)
	}
}

func TestHowAFileIsReadCanBeChanged(t *testing.T) {
	f := newFiles(t)
	f.do(maria, "here", "client_id", "h", "points", "44.5,-73.2")
	id := f.bring(maria, "x.csv", "a,b,c,d\nHill School,-73.21,44.47,many\n")
	f.expect(id, "0 new, 0 changed, 0 same, 0 in conflict, 1 left out")
	read := func(form url.Values) error {
		_, err := f.post(maria, "POST /import/{id}/read", "/import/"+id+"/read", "application/x-www-form-urlencoded", nil, form)
		return err
	}
	if err := read(url.Values{"list": {"schools"}, "kind": {"shelter"}, "column0": {"name"}, "column1": {"latitude"}, "column2": {"longitude"}, "column3": {"none"}}); err != nil {
		t.Fatal(err)
	}
	if v := f.plan(maria, id); v.Counts.Swapped != 1 || v.Counts.Left != 1 || !strings.Contains(v.Left[0].Why.String(), "swapped it would lie here") {
		t.Errorf("%+v", v)
	}
	if err := read(url.Values{"list": {"schools"}, "swap": {"swap"}}); err != nil {
		t.Fatal(err)
	}
	if v := f.plan(maria, id); v.Counts.New != 1 || v.New[0].Where != "44.47,-73.21" || v.New[0].Kind != "Shelter" || v.Settings.List != "schools" {
		t.Errorf("%+v", v)
	}
	for says, form := range map[string]url.Values{
		"a name by which":     {"list": {" "}},
		"too long":            {"list": {strings.Repeat("x", 61)}},
		"Only one column can": {"list": {"x"}, "column0": {"latitude"}},
		"belong together":     {"list": {"x"}, "column1": {""}},
	} {
		if err := read(form); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
	if _, err := f.post(maria, "POST /import/{id}/drop", "/import/"+id+"/drop", "application/x-www-form-urlencoded", nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := f.app.View(f.moment, f.ask(maria, "import/"+id)); err == nil || !strings.Contains(err.Error(), "not here any more") {
		t.Error(err)
	}
}

func TestAFileThatCannotBeReadSaysWhere(t *testing.T) {
	f := newFiles(t)
	for name, c := range map[string]struct{ text, says string }{
		"a.geojson": {`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"name":"A"}},}`, "line 1, column"},
		"a.kml":     {`<kml><Placemark></kml>`, "line 1"},
		"a.gpx":     {`<gpx><wpt lat="44" lon="-73"><name>A</wpt></gpx>`, "line 1"},
		"a.csv":     {"name,lat,lon\nA,44,-73\n\"B,44,-73\n", "line 3"},
		"a.pdf":     {"%PDF-1.7\n1 0 obj\n<< >>\n", "it is no table"},
		"a.kmz":     {"PK\x03\x04 and no more", "damaged"},
	} {
		if got := f.unread(name, c.text); !strings.Contains(got, c.says) {
			t.Errorf("%s: %s", name, got)
		}
	}
	// Where others of its columns may help, a table waits for somebody to say which.
	id := f.bring(maria, "half.csv", "name,lat,other\nA,44,-73\n")
	v := f.plan(maria, id)
	if v.Wrong == nil || !strings.Contains(v.Wrong.String(), "Latitude and longitude belong together") || len(v.Settings.Columns) != 3 {
		t.Errorf("%+v", v.Wrong)
	}
	if got := f.refusedFile(maria, "import/"+id, "plan", v.Plan); !strings.Contains(got, "Latitude and longitude belong together") {
		t.Error(got)
	}
	form := url.Values{"list": {"half"}, "kind": {"water"}, "column2": {"longitude"}}
	if _, err := f.post(maria, "POST /import/{id}/read", "/import/"+id+"/read", "application/x-www-form-urlencoded", nil, form); err != nil {
		t.Fatal(err)
	}
	f.expect(id, "1 new, 0 changed, 0 same, 0 in conflict, 0 left out")
	if _, err := f.post(maria, "POST /import/{id}/drop", "/import/"+id+"/drop", "", nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := f.post(maria, "POST /import", "/import", "application/x-www-form-urlencoded", nil, nil); err == nil || !strings.Contains(err.Error(), "Choose a file first") {
		t.Error(err)
	}
	if _, err := f.app.View(f.moment, f.ask(ann, "import")); err == nil || !strings.Contains(err.Error(), "Only coordinators") {
		t.Error(err)
	}
}

func TestAProgramTakesAFileOverAndBack(t *testing.T) {
	f := newFiles(t)
	send := func(more ...string) (maps.Brought, error) {
		q := f.ask(maria, "files", append([]string{"client_id", "f", "list", "red cross", "file", shelters, "kind", "shelter"}, more...)...)
		if _, err := f.send(maria, "files", append([]string{"client_id", "f", "list", "red cross", "file", shelters, "kind", "shelter"}, more...)...); err != nil {
			return maps.Brought{}, err
		}
		v, err := f.app.Written(f.moment, q)
		if err != nil {
			t.Fatal(err)
		}
		return v.(maps.Brought), nil
	}
	b, err := send("look", "yes")
	if err != nil || b.Taken || b.Plan.New != 2 || len(b.Plan.Left) != 1 || b.Plan.Left[0] != (maps.Reason{At: "line 4", Why: "It does not say where it is."}) || f.shown() != "" {
		t.Errorf("%+v, %v", b, err)
	}
	if b, err = send(); err != nil || !b.Taken || b.File.New != 2 || b.Plan.Same != 2 || f.shown() != "Church closed; Hill School open 12" {
		t.Errorf("%+v, %v", b, err)
	}
	if rs, err := f.send(maria, "files", "client_id", "f", "list", "red cross", "file", shelters); err != nil || len(rs) > 0 {
		t.Errorf("the same again: %d records, %v", len(rs), err)
	}
	if rs, err := f.send(maria, "files/f", "client_id", "u"); err != nil || len(rs) == 0 || f.shown() != "" {
		t.Errorf("%d records, %v", len(rs), err)
	}
	for says, form := range map[string][]string{
		"Choose a file first": {"list", "x"}, "Give it a name": {"file", shelters}, "This file cannot be read": {"list", "x", "file", "{"},
	} {
		if got := f.refusedFile(maria, "files", form...); !strings.Contains(got, says) {
			t.Errorf("%s; want %q", got, says)
		}
	}
	if got := f.refusedFile(ann, "files", "list", "x", "file", shelters); !strings.Contains(got, "Only coordinators") {
		t.Error(got)
	}
}

// Whatever a file changes, taking it back brings back what stood before.
func TestTakingAFileBackBringsBackWhatStoodBefore(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFiles(t)
		line := func(n int) string {
			pick := func(name string, all ...string) string { return rapid.SampledFrom(all).Draw(rt, name) }
			return fmt.Sprintf("%d,Place %d,%s,44.%d,-73.%d,%s,%s,%s,%s\n", n, n, pick("kind", "shelter", "water", ""), n, n, pick("status", "open", "full", ""), pick("people", "", "3", "9"), pick("capacity", "", "80"), pick("contact", "", "desk", "gate"))
		}
		file := func(name string) string {
			out := "id,name,type,lat,lon,status,people,capacity,contact\n"
			for n := 1; n <= 5; n++ {
				if rapid.Bool().Draw(rt, "has") {
					out += line(n)
				}
			}
			return out + "9,Always " + name + ",water,44.9,-73.9,,,,\n"
		}
		f.take(maria, f.bring(maria, "list.csv", file("first")))
		if rapid.Bool().Draw(rt, "an edit") {
			p := f.list(ann, "all", "yes").Places[0]
			f.do(tom, "p/"+p.ID+"/status", "client_id", "s", "status", "closing")
		}
		before := f.shown()
		f.now = f.now.Add(time.Minute)
		who := rapid.SampledFrom([]byte{maria, tom}).Draw(rt, "who")
		id := f.bring(who, "list.csv", file("second"))
		f.take(who, id, "all", "yes")
		f.now = f.now.Add(time.Minute)
		if m := f.undo(who, id); m.Left != 0 || f.shown() != before {
			rt.Fatalf("%s, not %s; %d left", f.shown(), before, m.Left)
		}
	})
}

func TestAFileFromTheConsoleWaitsForACoordinator(t *testing.T) {
	f := newFiles(t)
	run := func(verb string, in string, args ...string) (string, error) {
		var out bytes.Buffer
		err := f.app.Commands()[verb].Run(t.Context(), behindFiles{f}, args, strings.NewReader(in), &out)
		return out.String(), err
	}
	f.say(roster.Certificate{Kind: roster.Hub, Subject: author(station), Label: "Fire Station 4", Roles: roster.Maps})
	out, err := run("import", shelters, "shelters.csv", "--look")
	if err != nil || strings.Contains(out, "It waits") || !strings.Contains(out, "left out: line 4 (Nowhere): It does not say where it is.") {
		t.Errorf("%s%v", out, err)
	}
	out, err = run("import", shelters, "/home/kim/shelters.csv", "--name", "schools", "--kind", "shelter")
	said, waits, found := strings.Cut(out, "It waits for a coordinator at /maps/import/")
	if err != nil || !found || !strings.Contains(said, "“schools”: 2 new, 0 changed") || f.shown() != "" {
		t.Fatalf("%s%v: %s", out, err, f.shown())
	}
	if m := f.take(maria, strings.TrimSpace(waits)); f.shown() != "Church closed; Hill School open 12" {
		t.Errorf("%+v: %s", m, f.shown())
	}
	for _, args := range [][]string{nil, {"-", "--kind", "castle"}, {"-", "--fast"}} {
		if _, err := run("import", shelters, args...); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
	for _, name := range []string{"geojson", "places.kml", "kmz", "gpx", "csv"} {
		file, err := run("export", "", name)
		if err != nil || len(file) < 100 {
			t.Errorf("%s: %s, %v", name, file, err)
		}
		out, err := run("import", file, name, "--look", "--name", "x")
		if err != nil || !strings.Contains(out, "0 new, 0 changed, 2 as they are, 0 in conflict, 0 left out") {
			t.Errorf("%s: %s, %v", name, out, err)
		}
	}
	if _, err := run("export", "", "pdf"); err == nil {
		t.Error("it writes PDF")
	}
}
