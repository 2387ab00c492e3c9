package maps_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
)

// document sends GeoJSON as a program does.
func (f *files) document(who byte, text string, query ...string) (b maps.Brought, _ error) {
	f.t.Helper()
	q := f.ask(who, "places", query...)
	form, leave, err := f.app.Receive(f.t.Context(), behindFiles{f}, q, strings.NewReader(text))
	if leave != nil {
		defer func() {
			if err := leave(); err != nil {
				f.t.Error(err)
			}
			p, err := f.app.View(f.moment, f.ask(maria, "import"))
			if err != nil || len(p.Model.(maps.ImportsView).Waiting) > 0 {
				f.t.Errorf("it waits: %+v, %v", p.Model, err)
			}
		}()
	}
	if err != nil {
		return b, err
	}
	for name, values := range form {
		q.Form[name] = values
	}
	ds, err := f.app.Act(f.moment, q)
	if err != nil {
		return b, err
	}
	for _, d := range ds {
		if r := f.put(who, d, f.now); f.app.Manifest().Check(r) != nil && !r.Withdrawn() {
			f.t.Fatal("it writes what it does not take")
		}
	}
	v, err := f.app.Written(f.moment, q)
	if err != nil {
		f.t.Fatal(err)
	}
	f.answered(described(f.t), "Brought", "places", v)
	return v.(maps.Brought), nil
}

func TestAProgramSendsGeoJSON(t *testing.T) {
	f := newFiles(t)
	const hall = `{"type": "Feature", "id": "hall", "geometry": {"type": "Point", "coordinates": [-73.2, 44.4]}, "properties": {"name": "Hall", "kind": "shelter", "status": "open"}}`
	b, err := f.document(maria, hall, "client_id", "a", "look", "yes")
	if err != nil || b.Taken || b.Plan.New != 1 || f.shown() != "" {
		t.Errorf("%+v, %v", b, err)
	}
	b, err = f.document(maria, hall, "client_id", "a")
	if err != nil || !b.Taken || b.File.New != 1 || b.File.List != "places" || f.shown() != "Hall open" {
		t.Errorf("%+v, %v: %s", b, err, f.shown())
	}
	before := len(f.held)
	if b, err = f.document(maria, hall, "client_id", "a"); err != nil || !b.Taken || b.Plan != nil || len(f.held) != before {
		t.Errorf("again: %+v, %v", b, err)
	}
	if b, err = f.document(maria, hall, "client_id", "b"); err != nil || b.Taken || b.Plan.Same != 1 || len(f.held) != before {
		t.Errorf("the same as another: %+v, %v", b, err)
	}
	full := `{"type": "FeatureCollection", "features": [` + strings.Replace(hall, "open", "full", 1) + `, {"type": "Feature", "geometry": null, "properties": {"name": "Nowhere"}}]}`
	b, err = f.document(maria, full, "client_id", "c", "list", "red cross")
	if err != nil || b.Taken || b.Plan.Kept != 1 || b.Plan.Conflicts[0].Name != "Hall" || f.shown() != "Hall open" {
		t.Errorf("of another list: %+v, %v: %s", b.Plan, err, f.shown())
	}
	b, err = f.document(maria, full, "client_id", "c")
	if err != nil || !b.Taken || b.File.Changed != 1 || b.Plan.Refused != 1 || b.Plan.Left[0].Name != "Nowhere" || f.shown() != "Hall full" {
		t.Errorf("%+v %+v, %v: %s", b, b.Plan, err, f.shown())
	}
	for says, text := range map[string]string{"This file cannot be read": "{", "Only coordinators": hall, "It says nothing of itself": ""} {
		who := maria
		if says == "Only coordinators" {
			who = ann
		}
		if _, err := f.document(who, text, "client_id", "d"); err == nil || !strings.Contains(err.Error(), says) && text != "" {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := f.document(maria, hall); err == nil {
		t.Error("without a client_id it is taken")
	}
}

// What programs are given of places they can send back.
func TestWhatAProgramIsGivenItCanSendBack(t *testing.T) {
	f := newFiles(t)
	f.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44.001,-73", "most", "100", "everyday", "50", "langs", "en pt", "pets", "yes", "about", "Gym", "contact", "desk", "hours", "all day")
	f.do(maria, "places/x/status", "client_id", "s", "status", "filling", "offers", "beds meals", "needs", "fuel")
	f.do(maria, "places/x/count", "client_id", "n", "recount", "12")
	f.place(maria, "road", "road", "Main Street", "44,-73 44.1,-73.1", "shape", "line")
	f.place(maria, "flood", "hazard", "Flood", "44,-73 44.1,-73 44.1,-73.1", "shape", "area")
	given := func(f *files) []byte {
		q := f.ask(ann, "places")
		q.Query = url.Values{"all": {"yes"}}
		v, err := f.app.Answer(f.moment, q)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := given(f)
	if b, err := f.document(maria, string(text), "client_id", "f"); err != nil || b.Taken || b.Plan.Same != 3 {
		t.Errorf("where it is from: %+v, %v", b.Plan, err)
	}
	other := newFiles(t)
	if b, err := other.document(maria, string(text), "client_id", "f"); err != nil || !b.Taken || b.File.New != 3 || b.Plan.Refused > 0 {
		t.Errorf("elsewhere: %+v, %v", b, err)
	}
	for _, id := range []string{"x", "road", "flood"} {
		a, b := f.one(ann, id), other.one(ann, id)
		if d := a.Details.Differences(b.Details); len(d) > 0 {
			t.Errorf("%s differs: %v", id, d)
		}
		if (a.Standing == nil) != (b.Standing == nil) || a.Standing != nil && len(a.Standing.State.Differences(b.Standing.State)) > 0 {
			t.Errorf("%s: %+v; %+v", id, a.Standing, b.Standing)
		}
		if (a.People == nil) != (b.People == nil) || a.People != nil && a.People.Present != b.People.Present {
			t.Errorf("%s: %+v; %+v", id, a.People, b.People)
		}
	}
}

// Of very many places it is one list, as by the page.
func TestAProgramSendsManyPlaces(t *testing.T) {
	f := newFiles(t)
	var all []string
	for i := range 500 {
		all = append(all, fmt.Sprintf(`{"type": "Feature", "id": "w%d", "geometry": {"type": "Point", "coordinates": [-73.%04d, 44.4]}, "properties": {"name": "Well %d", "kind": "water"}}`, i, i, i))
	}
	text := `{"type": "FeatureCollection", "features": [` + strings.Join(all, ",") + `]}`
	b, err := f.document(maria, text, "client_id", "a", "list", "wells", "look", "yes")
	if err != nil || b.Taken || b.Plan.New != 500 {
		t.Fatalf("%+v, %v", b.Plan, err)
	}
	if b, err = f.document(maria, text, "client_id", "a", "list", "wells"); err != nil || !b.Taken || b.File.New != 500 || b.File.Layer == "" || b.Plan.Same != 500 || b.Plan.New != 0 {
		t.Fatalf("%+v, %v", b, err)
	}
	if b, err = f.document(maria, text, "client_id", "a", "list", "wells"); err != nil || !b.Taken {
		t.Errorf("again: %+v, %v", b, err)
	}
	if rs, err := f.send(maria, "files/a", "client_id", "u"); err != nil || len(rs) == 0 {
		t.Errorf("back: %d, %v", len(rs), err)
	}
	if _, err := f.document(maria, text[:len(text)-200], "client_id", "b", "list", "wells"); err == nil {
		t.Error("a broken one is taken")
	}
}

// What a request has brought that a stop of the machine cut off waits for nobody.
func TestADocumentOfARequestThatBrokeOffIsClearedAway(t *testing.T) {
	folder := t.TempDir()
	f := newFiles(t)
	app := maps.New(maps.Options{Folder: folder})
	q := f.ask(maria, "places", "client_id", "a")
	if _, _, err := app.Receive(t.Context(), behindFiles{f}, q, strings.NewReader(`{"type": "FeatureCollection", "features": []}`)); err == nil {
		t.Fatal("nothing is a place")
	}
	left := func() int {
		files, err := os.ReadDir(filepath.Join(folder, "inbox"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if _, _, err := app.Receive(t.Context(), behindFiles{f}, q, strings.NewReader(`{"type": "Feature", "geometry": {"type": "Point", "coordinates": [-73, 44]}, "properties": {"name": "Well"}}`)); err != nil || left() == 0 {
		t.Fatalf("%d files, %v", left(), err)
	}
	p, err := app.View(f.moment, f.ask(maria, "import"))
	if err != nil || len(p.Model.(maps.ImportsView).Waiting) > 0 {
		t.Errorf("coordinators are shown %+v, %v", p.Model, err)
	}
	again := maps.New(maps.Options{Folder: folder})
	again.Routes(behindFiles{f})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := again.Run(ctx, behindFiles{f}); err != nil {
		t.Fatal(err)
	}
	if n := left(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}
