package maps_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	mapfiles "github.com/lamppost-hub/lamppost/apps/maps/exchange"
)

// run is a command of the hub's machine.
func (f *files) run(verb, in string, args ...string) string {
	f.t.Helper()
	var out bytes.Buffer
	if err := f.app.Commands()[verb].Run(f.t.Context(), behindFiles{f}, args, strings.NewReader(in), &out); err != nil {
		f.t.Fatal(err)
	}
	return out.String()
}

// bringMany takes a file over that becomes a list.
func (f *files) bringMany(name, text, want string) {
	f.t.Helper()
	id := f.bring(maria, name, text)
	f.many(id, want)
	f.take(maria, id)
	f.follow()
}

// wells is a table of so many places from a number on, without how they stand.
func wells(from, n int) string {
	var b strings.Builder
	b.WriteString("id,name,type,lat,lon,capacity,wkt\n")
	for i := from; i < from+n; i++ {
		if i == 100 {
			const wkt = `"POLYGON ((-62 33, -62 33.1, -61.9 33.1, -62 33), (-61.98 33.06, -61.97 33.07, -61.98 33.07, -61.98 33.06))"`
			fmt.Fprintf(&b, "%d,Well field,water,,,80,%s\n", i, wkt)
			continue
		}
		fmt.Fprintf(&b, "%d,Well %d,water,43.%05d,-72,80,\n", i, i, i)
	}
	return b.String()
}

// found is a place by its name in what is shown of a plan.
func found(t *testing.T, all []maps.Coming, name string) maps.Coming {
	t.Helper()
	for _, c := range all {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("%s is none of %+v", name, all)
	return maps.Coming{}
}

// turned is what differs, one field after the other.
func turned(all []mapfiles.Turn) string {
	var out []string
	for _, d := range all {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s: %s%v, was %s%v", d.Title, d.Text, d.Words, d.Was.Text, d.Was.Words)))
	}
	return strings.Join(out, "; ")
}

// brook is a line more of a table that a hub has made.
const brook = ",Brook,,41,-70,,water,,,,,,,,,,,,,,,,,\n"

// A hub's own places, of several lists and single ones, come back from a file.
func TestWhatAHubHasExportedIsAllHere(t *testing.T) {
	f := newFiles(t)
	f.bringMany("taps.csv", taps(250, ""), "250 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.bringMany("wells.csv", wells(0, 201), "201 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	f.do(tom, "new", "client_id", "flood", "kind", "hazard", "title", "Flood", "points", "42,-70 42,-70.1 42.1,-70.1", "shape", "area")
	for i := range 53 {
		id := fmt.Sprint("single", i)
		f.place(tom, id, "shelter", fmt.Sprint("School ", i), fmt.Sprintf("42.%04d,-71", i))
	}
	f.do(tom, "p/"+f.list(ann, "near", "44.00009,-73").Places[0].ID+"/status", "client_id", "s", "status", "closed")
	f.do(tom, "p/single3/status", "client_id", "s3", "status", "open")
	for _, format := range []string{"csv", "geojson", "kml", "kmz", "gpx"} {
		file := f.run("export", "", format)
		id := f.bring(maria, "places."+format, file)
		v := f.many(id, "0 new, 0 changed, 505 same, 0 kept, 0 gone, 0 left out")
		if got := f.refusedFile(maria, "import/"+id, "plan", v.Plan); !strings.Contains(got, "There is nothing in this file to take over.") {
			t.Error(got)
		}
	}

	if v := f.plan(maria, f.bring(maria, "places.csv", f.run("export", "", "csv"))); !v.Newest.Equal(now.Truncate(time.Second)) {
		t.Errorf("%s", v.Newest)
	}

	// What has changed since the file was made is seen, wherever it stands.
	file := f.run("export", "", "csv")
	f.now = now.Add(time.Hour)
	f.do(tom, "p/single9/edit", "client_id", "e9", "kind", "shelter", "title", "School nine", "points", "42.0009,-71")
	changed := strings.NewReplacer("Tap 7,", "Tap seven,", "School 5,", "School five,").Replace(file) + brook
	id := f.bring(maria, "places.csv", changed)
	v := f.many(id, "1 new, 1 changed, 502 same, 2 kept, 0 gone, 0 left out")
	if got := turned(found(t, v.Changed, "Tap seven").Diffs); got != "Name: Tap seven[], was Tap 7[]" {
		t.Error(got)
	}
	if got := turned(found(t, v.Conflicts, "School five").Stays); got != "Name: School five[], was School 5[]" {
		t.Error(got)
	}
	if got := turned(found(t, v.Conflicts, "School 9").Stays); got != "Name: School 9[], was School nine[]" {
		t.Error(got)
	}
	// Taking it over does what was said.
	f.take(maria, id)
	f.follow()
	for near, want := range map[string]string{"44.00007,-73": "Tap seven", "42.0005,-71": "School 5", "42.0009,-71": "School nine", "41,-70": "Brook"} {
		if p := f.list(ann, "near", near).Places[0]; p.Name != want {
			t.Errorf("%s is %q", near, p.Name)
		}
	}
}

// Of a place of which somebody has said how it stands, the list still says what it is.
func TestWhatStaysAndWhatChangesOfAPlaceIsSaidTruly(t *testing.T) {
	f := newFiles(t)
	f.bringMany("wells.csv", wells(0, 205), "205 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	at := func(i int) string { return f.list(ann, "near", fmt.Sprintf("43.%05d,-72", i)).Places[0].ID }
	f.do(tom, "p/"+at(3)+"/status", "client_id", "s", "status", "closed")
	f.do(tom, "p/"+at(204)+"/status", "client_id", "s2", "status", "open")
	f.now = now.Add(time.Hour)
	next := strings.Replace(wells(0, 203), "Well 3,water,43.00003,-72,80", "Well 3,water,43.00003,-72,90", 1)
	next = strings.Replace(strings.ReplaceAll(next, "\n", ",\n"), "wkt,", "wkt,status", 1)
	next = strings.Replace(next, "90,,\n", "90,,open\n", 1)
	v := f.many(f.bring(maria, "wells.csv", next), "0 new, 1 changed, 202 same, 0 kept, 2 gone, 0 left out")
	c := found(t, v.Changed, "Well 3")
	if got := turned(c.Diffs); got != "How many for a longer time?: 90[], was 80[]" {
		t.Error(got)
	}
	if got := turned(c.Stays); got != "How it stands: [Now open], was [Closed]" {
		t.Error(got)
	}
	if len(v.Gone) != 2 || found(t, v.Gone, "Well 203").Why != nil {
		t.Errorf("%+v", v.Gone)
	}
	id := f.bring(maria, "wells.csv", next)
	f.many(id, "0 new, 1 changed, 202 same, 0 kept, 2 gone, 0 left out")
	f.take(maria, id)
	f.follow()
	if p := f.list(ann, "near", "43.00003,-72").Places[0]; p.Everyday != 90 || p.Standing.Status.String() != "closed" {
		t.Errorf("%+v", p)
	}
}

// A place that two lists have stays where one of them has it no more.
func TestAPlaceOfTwoListsStaysWhereOneHasItNoMore(t *testing.T) {
	f := newFiles(t)
	f.bringMany("wells.csv", wells(0, 202), "202 new, 0 changed, 0 same, 0 kept, 0 gone, 0 left out")
	file := f.run("export", "", "csv")
	lines := strings.SplitAfter(file, "\n")
	f.bringMany("all.csv", file+brook, "1 new, 0 changed, 202 same, 0 kept, 0 gone, 0 left out")
	v := f.many(f.bring(maria, "all.csv", strings.Join(lines[:len(lines)-2], "")), "0 new, 0 changed, 201 same, 0 kept, 2 gone, 0 left out")
	stays, goes := 0, 0
	for _, c := range v.Gone {
		if c.Why != nil && strings.Contains(c.Why.String(), "It stays") {
			stays++
		} else if c.Name == "Brook" {
			goes++
		}
	}
	if stays != 1 || goes != 1 {
		t.Errorf("%+v", v.Gone)
	}
}

// GPX has no areas: of the very same outline, the area that is here stays.
func TestAnAreaThatIsHereStaysOneWhereGPXHasItsOutline(t *testing.T) {
	f := newFiles(t)
	f.do(tom, "new", "client_id", "flood", "kind", "hazard", "title", "Flood", "points", "42,-70 42,-70.1 42.1,-70.1", "shape", "area")
	file := f.run("export", "", "gpx")
	f.expect(f.bring(maria, "places.gpx", file), "0 new, 0 changed, 1 same, 0 in conflict, 0 left out")
	id := f.bring(maria, "places.gpx", strings.Replace(file, "Flood", "High water", 1))
	f.expect(id, "0 new, 1 changed, 0 same, 0 in conflict, 0 left out")
	f.take(maria, id)
	if p := f.one(ann, "flood"); p.Name != "High water" || len(p.Shape.Parts) != 1 || p.Shape.String() != "42,-70 42,-70.1 42.1,-70.1" && p.Shape.String() != "42,-70 42.1,-70.1 42,-70.1" {
		t.Errorf("%+v", p.Place)
	}
	// Another outline is another shape.
	file = f.run("export", "", "gpx")
	if v := f.plan(maria, f.bring(maria, "places.gpx", strings.Replace(file, "42.1", "42.2", 1))); len(v.Changed) != 1 || v.Changed[0].Diffs[0].Title != "Where is it?" {
		t.Errorf("%+v", v.Changed)
	}
}

// What is left out of a file is named as its file names it, and what is new shows what the
// columns were taken as.
func TestAPreviewNamesWhatIsLeftOutAndShowsWhatIsNew(t *testing.T) {
	f := newFiles(t)
	for name, text := range map[string]string{
		"a.csv": "name,type,lat,lon\nTap,water,44,-73\nWell,water,north,-73\n",
		"a.geojson": `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[-73,44]},"properties":{"name":"Tap"}},` +
			`{"type":"Feature","geometry":{"type":"Point","coordinates":[200,144]},"properties":{"name":"Well"}},{"type":"Feature","geometry":7,"properties":{"name":"Well"}}]}`,
		"a.kml": `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Tap</name><Point><coordinates>-73,44</coordinates></Point></Placemark>` +
			`<Placemark><name>Well</name><Point><coordinates>-73,144</coordinates></Point></Placemark></Document></kml>`,
		"a.gpx": `<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><wpt lat="44" lon="-73"><name>Tap</name></wpt><wpt lat="x" lon="-73"><name>Well</name></wpt></gpx>`,
		"fema.geojson": `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[-73,44]},"properties":{"SHELTER_ID":1,"SHELTER_NAME":"Tap","SHELTER_STATUS":"OPEN"}},` +
			`{"type":"Feature","geometry":{"type":"Point","coordinates":[-73,44]},"properties":{"SHELTER_ID":1,"SHELTER_NAME":"Well","SHELTER_STATUS":"OPEN"}}]}`,
	} {
		v := f.plan(maria, f.bring(maria, name, text))
		if len(v.New) != 1 || v.New[0].Name != "Tap" || len(v.Left) == 0 {
			t.Fatalf("%s: %+v, %v", name, v, v.Wrong)
		}
		for _, one := range v.Left {
			if one.Name != "Well" {
				t.Errorf("%s: %s of %q: %s", name, one.At, one.Name, one.Why)
			}
		}
	}
	facts := func(c maps.Coming) string {
		var out []string
		for _, one := range c.Facts {
			out = append(out, one.String())
		}
		return strings.Join(out, "; ")
	}
	v := f.plan(maria, f.bring(maria, "b.csv", "name,type,wkt,status,people,capacity\n"+
		"School,shelter,POINT (-73 44),open,12,80\nBridge,road,\"LINESTRING (-73 44, -73 45)\",,,\nFlood,hazard,\"POLYGON ((-73 44, -73 45, -72 45, -73 44))\",,,\n"))
	for name, want := range map[string]string{
		"School": "Now open; 12 people there; Room for 80 people for a longer time", "Bridge": "A line", "Flood": "An area",
	} {
		if got := facts(found(t, v.New, name)); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A shelter of FEMA's is the same one, whichever file of theirs it comes in.
func TestFEMAsSheltersAreRecognised(t *testing.T) {
	f := newFiles(t)
	first := f.bring(maria, "fema.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[-73,44]},"properties":{"SHELTER_ID":1,"SHELTER_NAME":"ARMORY","SHELTER_STATUS":"OPEN","PET_ACCOMMODATIONS_CODE":"ONSITE","TOTAL_POPULATION":131,"EVACUATION_CAPACITY":100,"SHELTER_OPEN_DATE":"2026-11-20"}}]}`)
	v := f.plan(maria, first)
	if v.Counts.Shelters != 1 || strings.Join(v.Unused, " ") != "SHELTER_OPEN_DATE" {
		t.Errorf("%+v, %q", v.Counts, v.Unused)
	}
	f.take(maria, first)
	table := f.bring(maria, "fema.csv", "SHELTER_ID,SHELTER_NAME,SHELTER_STATUS,PET_ACCOMMODATIONS_CODE,TOTAL_POPULATION,EVACUATION_CAPACITY,SHELTER_OPEN_DATE,LATITUDE,LONGITUDE\n1,ARMORY,OPEN,ONSITE,131,100,2026-11-20,44,-73\n")
	f.expect(table, "0 new, 0 changed, 1 same, 0 in conflict, 0 left out")
	if v := f.plan(maria, table); v.Counts.Shelters != 1 || strings.Join(v.Unused, " ") != "SHELTER_OPEN_DATE" || len(v.Noted) > 0 {
		t.Errorf("%+v, %q, %+v", v.Counts, v.Unused, v.Noted)
	}
	// What a column of names is called says what the places are.
	if v := f.plan(maria, f.bring(maria, "x.csv", "Shelter name,lat,lon\nGym,43,-73\n")); v.New[0].Kind != "Shelter" || v.Counts.Shelters != 0 {
		t.Errorf("%+v", v.New)
	}
}

// Where nobody has said where the hub stands, its places say where others are to be expected.
func TestWhatIsSwappedIsSeenByThePlacesThatAreHere(t *testing.T) {
	f := newFiles(t)
	swapped := "id,name,type,lat,lon\n1,Tap,water,-73.2,44.4\n"
	f.expect(f.bring(maria, "taps.csv", swapped), "1 new, 0 changed, 0 same, 0 in conflict, 0 left out")
	f.place(tom, "a", "shelter", "School", "44.5,-73.1")
	f.place(tom, "b", "shelter", "Church", "44.1,-73.4")
	id := f.bring(maria, "taps.csv", swapped)
	f.expect(id, "0 new, 0 changed, 0 same, 0 in conflict, 1 left out")
	if v := f.plan(maria, id); v.Counts.Swapped != 1 {
		t.Errorf("%+v", v)
	}
	f.many(f.bring(maria, "more.csv", taps(250, "")+"x,Tap,water,-73.2,44.4,,\n"), "250 new, 0 changed, 0 same, 0 kept, 0 gone, 1 left out")
	f.place(tom, "c", "shelter", "Far away", "-44.1,73.4") // that they do not say
	f.expect(f.bring(maria, "taps.csv", swapped), "1 new, 0 changed, 0 same, 0 in conflict, 0 left out")
}
