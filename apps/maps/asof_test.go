package maps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

// What a file says of how it stands is as old as the file says, not as young as its import.
func TestWhatAFileSaysIsAsOldAsItSays(t *testing.T) {
	hour := func(n int) string { return now.Add(-time.Duration(n) * time.Hour).Format(time.RFC3339) }
	rows := func(n int) string {
		text := "name,kind,lat,lon,status,people,updated\n" +
			"Old Hall,shelter,44.1,-73.1,open,7," + hour(13) + "\n" +
			"Young Hall,shelter,44.2,-73.1,open,8," + hour(1) + "\n" +
			"Odd Hall,shelter,44.3,-73.1,open,9," + hour(-5) + "\n"
		for i := range n {
			text += "Tap " + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ",water,44,-73,,,\n"
		}
		return text
	}
	for name, taps := range map[string]int{"few": 0, "many": 220} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			f.take(maria, f.bring(maria, "halls.csv", rows(taps)))
			f.follow()
			at := map[string]maps.Place{}
			for _, p := range f.list(ann, "kind", "shelter").Places {
				at[p.Name] = p
			}
			for hall, want := range map[string]struct {
				at  time.Time
				old bool
			}{"Old Hall": {now.Add(-13 * time.Hour), true}, "Young Hall": {now.Add(-time.Hour), false}, "Odd Hall": {f.now, false}} {
				p := at[hall]
				if p.Standing == nil || p.People == nil || p.Standing.Told.At.Sub(want.at).Abs() > time.Minute || p.Standing.Told.Old != want.old || p.People.Told.At.Sub(want.at).Abs() > time.Minute {
					t.Errorf("%s: %+v", hall, p)
				}
			}
		})
	}
}

// Whoever exports places, changes one in a spreadsheet and brings the file again says that now.
func TestWhatWasChangedInAFileIsNew(t *testing.T) {
	f := newFiles(t)
	f.take(maria, f.bring(maria, "halls.csv", "id,name,kind,lat,lon,status\nh,Hall,shelter,44.1,-73.1,open\n"))
	hall := f.list(ann).Places[0]
	f.now = f.now.Add(20 * time.Hour)
	text := f.run("export", "", "csv")
	f.take(maria, f.bring(maria, "places.csv", strings.Replace(text, ",open,", ",closed,", 1)))
	if p := f.one(ann, hall.ID); p.Standing.Status != place.Closed || p.Standing.Told.Old || f.now.Sub(p.Standing.Told.At) > time.Minute {
		t.Errorf("%+v", p.Standing)
	}

	// What has been said here since stays, unless somebody chooses what the file says.
	f.now = f.now.Add(time.Minute)
	f.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	f.expect(f.bring(maria, "places.csv", strings.Replace(text, ",open,", ",closing,", 1)), "0 new, 0 changed, 0 same, 1 in conflict, 0 left out")
}

// A list that says the same as of later leaves what was changed by hand in its place.
func TestWhatAListSaysAgainLaterIsTheSameWord(t *testing.T) {
	f := newFiles(t)
	text := func(h int) string {
		var b strings.Builder
		b.WriteString("id,name,type,lat,lon,updated\n")
		for i := range 250 {
			fmt.Fprintf(&b, "%d,Tap %d,water,44.%05d,-73,%s\n", i, i, i, now.Add(-time.Duration(h)*time.Hour).Format(time.RFC3339))
		}
		return b.String()
	}
	take := func(text string) {
		id := f.bring(maria, "taps.csv", text)
		f.settled(maria, id)
		f.take(maria, id)
		f.follow()
		f.now = f.now.Add(time.Minute)
	}
	take(text(5))
	tap := f.named(ann, "Tap 5")
	f.do(tom, "p/"+tap.ID+"/edit", "client_id", "e", "kind", "water", "title", "Behind the church", "points", "44.00005,-73")
	take(text(1) + "900,Tap 900,water,44.9,-73,\n")
	if p := f.one(ann, tap.ID); p.Name != "Behind the church" || len(p.Also) > 0 {
		t.Errorf("%+v", p.Place)
	}
}

// A file tells how a place stands and how many are there each with its own time.
func TestAFileTellsEachValueWithItsAge(t *testing.T) {
	f := newFiles(t)
	f.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44,-73", "most", "90")
	stood := f.now
	f.now = f.now.Add(20 * time.Hour)
	f.do(tom, "p/x/count", "client_id", "r", "recount", "7")
	many := newFiles(t)
	rows := "name,kind,lat,lon,status,people,updated,people_updated\nHill School,shelter,44,-73,open,7," + stood.Format(time.RFC3339) + "," + f.now.Format(time.RFC3339) + "\n"
	for i := range 220 {
		rows += fmt.Sprintf("Tap %d,water,44.%05d,-73.1,,,,\n", i, i)
	}
	many.now = f.now
	id := many.bring(maria, "halls.csv", rows)
	many.settled(maria, id)
	if v := many.plan(maria, id); v.Newest.Sub(f.now).Abs() > time.Second {
		t.Errorf("its newest is of %v", v.Newest)
	}
	many.take(maria, id)
	many.follow()
	if text := many.run("export", "", "csv"); !strings.Contains(text, ","+stood.UTC().Format(time.RFC3339)+","+f.now.UTC().Format(time.RFC3339)+",") {
		t.Error("the export of a list of many tells both with one time")
	}
	for _, format := range []string{"csv", "geojson", "kml"} {
		g := newFiles(t)
		g.now = f.now.Add(time.Hour)
		g.take(maria, g.bring(maria, "places."+format, f.run("export", "", format)))
		p := g.named(ann, "Hill School")
		if p.Standing.Told.At.Sub(stood).Abs() > time.Second || p.People.Told.At.Sub(f.now).Abs() > time.Second || !p.Standing.Told.Old || p.People.Told.Old {
			t.Errorf("%s: %+v %+v", format, p.Standing.Told, p.People.Told)
		}
	}
}

// A list that says the same as of later makes what it had said young again.
func TestWhatAListConfirmsIsYoungAgain(t *testing.T) {
	for name, taps := range map[string]int{"few": 0, "many": 220} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			text := func(at time.Time) string {
				b := "id,name,type,lat,lon,status,people,updated\nh,Hall,shelter,44.5,-73,open,7," + at.Format(time.RFC3339) + "\n"
				for i := range taps {
					b += fmt.Sprintf("%d,Tap %d,water,44.%05d,-73,,,\n", i, i, i)
				}
				return b
			}
			take := func(text string) maps.PlanView {
				id := f.bring(maria, "halls.csv", text)
				f.settled(maria, id)
				v := f.plan(maria, id)
				f.take(maria, id)
				f.follow()
				return v
			}
			take(text(f.now))
			f.now = f.now.Add(20 * time.Hour)
			if p := f.named(ann, "Hall"); !p.Standing.Told.Old || !p.People.Told.Old {
				t.Fatalf("%+v", p)
			}
			v := take(text(f.now.Add(-time.Minute)))
			if v.Counts.Changed != 1 || len(v.Changed) != 1 || v.Changed[0].Why == nil || v.Counts.Same != taps {
				t.Errorf("%+v", v.Counts)
			}
			if p := f.named(ann, "Hall"); p.Standing.Told.Old || p.People.Told.Old || p.People.Present != 7 {
				t.Errorf("%+v", p)
			}
			id := f.bring(maria, "halls.csv", text(f.now.Add(-time.Minute)))
			f.settled(maria, id)
			if v := f.plan(maria, id); v.Counts.Changed != 0 {
				t.Errorf("%+v", v.Counts)
			}
		})
	}
}
