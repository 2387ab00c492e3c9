package maps_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"pgregory.net/rapid"
)

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
	if got := f.refusedFile(maria, "i/"+id); !strings.Contains(got, "Take that one back first") {
		t.Error(got)
	}
	f.undo(tom, next)
	if f.shown() != "Church closed; Hill School open 12" {
		t.Error(f.shown())
	}
	f.undo(maria, id)
	if f.shown() != "" {
		t.Errorf("as before both files: %s", f.shown())
	}
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

func TestWhatSomebodyHasSaidSinceStays(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "a.csv", shelters)
	f.take(maria, id)
	hill := f.list(ann).Places[0]
	f.do(tom, "p/"+hill.ID+"/edit", "client_id", "e", "kind", "shelter", "title", "Hill School, gym", "points", "44.47,-73.21", "most", "90")
	next := f.bring(maria, "a.csv", strings.ReplaceAll(shelters, "desk", "door"))
	f.expect(next, "0 new, 0 changed, 1 same, 1 in conflict, 1 left out")
	if v := f.plan(maria, next).Conflicts[0]; v.Why.String() != "It was said here, by Tom Lee, and not by this list." || len(v.Diffs) == 0 {
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
	if err != nil || b.Taken || b.Plan.New != 2 || len(b.Plan.Left) != 1 || b.Plan.Left[0] != (maps.Reason{At: "line 4", Name: "Nowhere", Why: "It does not say where it is."}) || f.shown() != "" {
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
