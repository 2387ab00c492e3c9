package maps_test

import (
	"net/url"
	"strings"
	"testing"
)

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
