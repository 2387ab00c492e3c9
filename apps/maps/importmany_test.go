package maps_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

// taps is a table of so many places, with the name of one changed and without the last of
// them.
func taps(n int, change string) string {
	var b strings.Builder
	b.WriteString("id,name,type,lat,lon,status,people\n")
	for i := range n {
		name := fmt.Sprint("Tap ", i)
		if i == 7 {
			name += change
		}
		fmt.Fprintf(&b, "%d,%s,water,44.%05d,-73,open,%d\n", i, name, i, i%3)
	}
	return b.String()
}

// follow has the layers that stand indexed.
func (f *files) follow() {
	f.t.Helper()
	if missing, err := f.app.Follow(f.t.Context(), behindFiles{f}); err != nil || missing != 0 {
		f.t.Fatalf("%d are missing, %v", missing, err)
	}
}

// many is what would become of a file of many places, once it has been read.
func (f *files) many(id, want string) maps.PlanView {
	f.t.Helper()
	v := f.plan(maria, id)
	for v.Reading { // anew where lists have come meanwhile
		f.app.HasRead(id)
		v = f.plan(maria, id)
	}
	got := fmt.Sprintf("%d new, %d changed, %d same, %d kept, %d gone, %d left out", v.Counts.New, v.Counts.Changed, v.Counts.Same, v.Counts.Conflicts, v.Counts.Gone, v.Counts.Left)
	if !v.Many || v.Reading || got != want {
		f.t.Errorf("%s (%+v); want %s", got, v.Wrong, want)
	}
	return v
}

func TestAFileOfManyPlacesBecomesOneList(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "taps.csv", taps(300, "")+"x,Nowhere,water,,,,\n")
	if v := f.many(id, "300 new, 0 changed, 0 same, 0 kept, 0 gone, 1 left out"); v.Left[0].At.String() != "line 302" || len(v.New) != 50 {
		t.Errorf("%+v", v)
	}
	if rs := f.take(maria, id); len(rs) != 2 || len(rs[0].Blobs) != 1 {
		t.Fatalf("%d records", len(rs))
	}
	f.follow()
	if l := f.list(ann, "near", "44.0000,-73"); l.Places[0].Name != "Tap 0" || !l.Places[0].OpenNow() || len(l.Places)+l.More != 300 {
		t.Errorf("%+v and %d more", l.Places[0], l.More)
	}
	tap := f.list(ann, "near", "44.00007,-73").Places[0]
	f.do(tom, "p/"+f.list(ann, "near", "44.00009,-73").Places[0].ID+"/status", "client_id", "s", "status", "closed")

	f.now = now.Add(time.Hour)
	next := f.bring(tom, "taps.csv", taps(299, " (behind the church)"))
	stale := f.many(next, "0 new, 1 changed, 297 same, 1 kept, 1 gone, 0 left out").Plan
	other := f.bring(maria, "taps.csv", taps(150, " (in front)"))
	f.many(other, "0 new, 1 changed, 148 same, 1 kept, 150 gone, 0 left out")
	f.take(maria, other)
	if got := f.refusedFile(tom, "import/"+next, "plan", stale); !strings.Contains(got, "Meanwhile something has changed here") {
		t.Error(got)
	}
	f.follow()
	f.many(next, "149 new, 1 changed, 148 same, 1 kept, 0 gone, 0 left out")
	f.take(tom, next)
	f.follow()
	if p := f.one(ann, tap.ID); p.Name != "Tap 7 (behind the church)" || p.Told.Name != "Tom Lee" || len(p.Also) > 0 {
		t.Errorf("%+v", p.Place)
	}
	if got := f.refusedFile(maria, "i/"+other); !strings.Contains(got, "Take that one back first") {
		t.Error(got)
	}
	if m := f.undo(tom, next); m.Left != 0 {
		t.Errorf("%+v", m)
	}
	f.follow()
	if l := f.list(ann, "near", "44,-73"); len(l.Places)+l.More != 150 || f.one(ann, tap.ID).Name != "Tap 7 (in front)" {
		t.Errorf("%d, %s", len(l.Places)+l.More, f.one(ann, tap.ID).Name)
	}
	f.undo(maria, other)
	f.follow()
	if l := f.list(ann, "near", "44,-73"); len(l.Places)+l.More != 300 || f.one(ann, tap.ID).Name != "Tap 7" {
		t.Errorf("%d, %s", len(l.Places)+l.More, f.one(ann, tap.ID).Name)
	}
}

func TestAListThatWasNewGoesOffTheMapAgain(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "taps.csv", taps(250, ""))
	f.many(id, "250 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	if m := f.undo(tom, id); m.Left != 0 || !m.Undone {
		t.Errorf("%+v", m)
	}
	f.follow()
	if l := f.list(ann); len(l.Places) != 0 || l.More != 0 {
		t.Errorf("%d places", len(l.Places))
	}
}

func TestTwoHundredPlacesAreSingleOnesAndOneMoreIsAList(t *testing.T) {
	f := newFiles(t)
	table := func(n int) string {
		out := "id,name,type,lat,lon,contact\n"
		for i := range n {
			out += fmt.Sprintf("%d,Tap %d,water,44.%03d,-73,%s\n", i, i, i, strings.Repeat("c", 100))
		}
		return out
	}
	first := f.bring(maria, "a.csv", table(200))
	f.expect(first, "200 new, 0 changed, 0 same, 0 in conflict, 0 left out")
	rs := f.take(maria, first)
	parts := len(rs) - 201 // what stood before is said in several records
	if parts < 2 || rs[200+parts].Key != "i/"+first || rs[200].Key != "i/"+first+"/0" {
		t.Errorf("%d records, the last at %s", len(rs), rs[len(rs)-1].Key)
	}
	second := f.bring(maria, "a.csv", strings.ReplaceAll(table(200), "ccc", "dd"))
	f.expect(second, "0 new, 200 changed, 0 same, 0 in conflict, 0 left out")
	if rs := f.take(maria, second); len(rs) < 201+5 {
		t.Errorf("%d records", len(rs))
	}
	f.many(f.bring(maria, "b.csv", table(201)), "1 new, 0 changed, 0 same, 200 kept, 0 gone, 0 left out")
	if m := f.undo(maria, second); m.Left != 0 || f.list(ann).Places[0].Contact != strings.Repeat("c", 100) {
		t.Errorf("%d are left", m.Left)
	}
	if m := f.undo(maria, first); m.Left != 0 || len(f.list(ann).Places) != 0 {
		t.Errorf("%d are left", m.Left)
	}
}

// One person has room for so many posts only: what does not fit becomes one list.
func TestWhatSomebodyHasNoRoomForBecomesOneList(t *testing.T) {
	f := newFiles(t)
	id := f.bring(maria, "a.csv", taps(190, ""))
	f.many(id, "190 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	// The same list stays one, however short it has become.
	f.many(f.bring(maria, "a.csv", taps(10, "")), "0 new, 0 changed, 10 same, 0 kept, 180 gone, 0 left out")
}

func TestAFileOfManyPlacesThatIsBrokenSaysWhere(t *testing.T) {
	f := newFiles(t)
	if got := f.unread("taps.csv", taps(300, "")+"\"x,y\n"); !strings.Contains(got, "line 302") {
		t.Error(got)
	}
	// Whoever does not wait until it has been read is told when they look.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.ctx = ctx
	id, err := f.upload(maria, "taps.csv", taps(9000, "")+"\"x,y\n")
	if err == nil {
		f.app.HasRead(id)
		_, err = f.app.View(f.moment, f.ask(maria, "import/"+id))
	}
	if told, is := errors.AsType[*hub.Error](err); !is || told.Code != hub.Invalid || !strings.Contains(told.Error(), "line 9002") {
		t.Error(err)
	}
	p, err := f.app.View(f.moment, f.ask(maria, "import"))
	if err != nil || len(p.Model.(maps.ImportsView).Waiting) > 0 {
		t.Errorf("%+v, %v", p.Model, err)
	}
}

// Whoever comes next does not wait for a file that was thrown away.
func TestAFileThatIsThrownAwayIsReadNoFurther(t *testing.T) {
	f := newFiles(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.ctx = ctx // nobody waits for it
	const n = 60_000
	id, err := f.upload(maria, "taps.csv", taps(n, ""))
	if err != nil {
		t.Fatal(err)
	}
	entries := f.app.Reading(id)
	for v := f.plan(maria, id); v.Reading && v.Read == 0; v = f.plan(maria, id) { // it has begun
	}
	if _, err := f.post(maria, "POST /import/{id}/drop", "/import/"+id+"/drop", "", nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := entries(); got >= n {
		t.Errorf("%d entries were read", got)
	}
	f.ctx = nil
	f.many(f.bring(maria, "taps.csv", taps(300, "")), "300 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
}

func TestAFileOfManyPlacesFromTheConsoleWaitsForACoordinator(t *testing.T) {
	f := newFiles(t)
	run := func(verb, in string, args ...string) (string, error) {
		var out bytes.Buffer
		err := f.app.Commands()[verb].Run(t.Context(), behindFiles{f}, args, strings.NewReader(in), &out)
		return out.String(), err
	}
	out, err := run("import", taps(10_500, ""), "taps.csv")
	_, waits, found := strings.Cut(out, "It waits for a coordinator at /maps/import/")
	if err != nil || !strings.Contains(out, "10000 entries have been read") || !strings.Contains(out, "as one list: 10500 new") || !found {
		t.Fatalf("%s%v", out, err)
	}
	waits = strings.TrimSpace(waits)
	f.many(waits, "10500 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, waits)
	f.follow()
	file, err := run("export", "", "csv")
	if err != nil || strings.Count(file, "\n") != 10_502 {
		t.Fatalf("%d lines, %v", strings.Count(file, "\n"), err)
	}
	// What was exported comes to another community as the same places.
	f = newFiles(t)
	out, err = run("import", file, "places.csv")
	_, waits, found = strings.Cut(out, "It waits for a coordinator at /maps/import/")
	if err != nil || !strings.Contains(out, "10500 new, 0 changed, 0 as they are, 0 no more in it, 0 left out") || !found {
		t.Fatalf("%s%v", out, err)
	}
	waits = strings.TrimSpace(waits)
	f.many(waits, "10500 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, waits)
	f.follow()
	again, err := run("export", "", "csv")
	if err != nil || untold(again) != untold(file) {
		t.Errorf("%d bytes came back as %d, %v", len(file), len(again), err)
	}
}

// untold is a table without who said so, when, and in which version.
func untold(table string) string {
	var out []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, ",")
		out = append(out, strings.Join(cells[:max(0, len(cells)-3)], ","))
	}
	return strings.Join(out, "\n")
}

var _ hub.Host = behindFiles{}

// A place that is here by itself is the one of a list of many of the same kind and name close by,
// and the other way round.
func TestAListOfManyKnowsAPlaceThatIsHere(t *testing.T) {
	f := newFiles(t)
	f.place(tom, "x", "shelter", "Harbor Hall", "44.00300,-73")
	f.do(tom, "p/x/status", "client_id", "s", "status", "full")
	text := halls(210) + "900,harbor hall,shelter,44.00310,-73,open,4\n901,Harbor Hall,shelter,44.00311,-73,open,4\n"
	id := f.bring(maria, "halls.csv", text)
	f.many(id, "211 new, 1 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	if p := f.one(ann, "x"); p.Standing.Status != place.Full || p.Standing.Told.Name != "Tom Lee" {
		t.Errorf("%+v", p.Place)
	}
	f.many(f.bring(maria, "halls.csv", text), "0 new, 0 changed, 211 same, 1 kept, 0 gone, 0 left out")
	few := f.bring(tom, "few.csv", "name,type,lat,lon,capacity\nTap 5,shelter,44.00006,-73,60\nTap 500,shelter,44.5,-73,60\n")
	f.expect(few, "1 new, 0 changed, 0 same, 1 in conflict, 0 left out")
}
