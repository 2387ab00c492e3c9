package exchange_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// said is an entry on a few lines, for comparison.
func said(e exchange.Entry) string {
	d := e.Sheet.Details
	out := fmt.Sprintf("%s %q at %s; about %q, contact %q, hours %q; step-free %s, pets %s, %s; %d/%d", d.Kind, d.Name, d.Shape, d.About, d.Contact, d.Hours, d.StepFree, d.Pets, strings.Join(d.Langs, "+"), d.Everyday, d.Most)
	if st := e.Sheet.State; st != nil {
		out += fmt.Sprintf("; %s", st.Status)
	}
	if e.Sheet.People != nil {
		out += fmt.Sprintf(", %d there", *e.Sheet.People)
	}
	for _, n := range e.Notes {
		out += "\n" + n.String()
	}
	return out
}

func TestWhatOtherProgramsWriteIsUnderstood(t *testing.T) {
	latin1 := []byte("Nombre;Tipo;Latitud;Longitud;Capacidad;Estado;Mascotas;Idiomas;Direcci\xf3n;C\xf3digo interno\r\nEscuela Ni\xf1os;Albergue;44,47;-73,21;1.200;Abierto;s\xed;espa\xf1ol, ingl\xe9s;Calle 1;Z9\r\n")
	for name, c := range map[string]struct {
		format exchange.Format
		file   []byte
		want   string
		left   string
	}{
		"a table in Spanish and Latin-1": {
			exchange.CSV, latin1,
			`shelter "Escuela Niños" at 44.47,-73.21; about "Calle 1", contact "", hours ""; step-free , pets yes, en+es; 1200/0; open`, "Código interno",
		},
		"a table with hashtags further down": {
			exchange.CSV, []byte("Sites of 22 November,,,\n,,,\nWhere,Lat,Lon,Beds\n#loc+name,#geo+lat,#geo+lon,#capacity\nHill School,44.47,-73.21,80\n"),
			`other "Hill School" at 44.47,-73.21; about "", contact "", hours ""; step-free , pets , ; 80/0`, "",
		},
		"the National Shelter System": {
			exchange.GeoJSON, []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"geometry":null,"properties":{"SHELTER_ID":341234,"SHELTER_NAME":"HILL SCHOOL","ADDRESS":"1 Hill Road","CITY":"MILLBROOK","STATE":"VT","ZIP":"05401","SHELTER_STATUS":"OPEN","EVACUATION_CAPACITY":120,"POST_IMPACT_CAPACITY":60,"TOTAL_POPULATION":150,"WHEELCHAIR_ACCESSIBLE":"YES","PET_ACCOMMODATIONS_CODE":"OFFSITE","PET_ACCOMMODATIONS_DESC":"At the fair ground","ORG_NAME":"Red Cross","ORG_MAIN_PHONE":"802-555-0100","GENERATOR_ONSITE":"Y","SHELTER_OPEN_DATE":"2026-11-20","FIPS_CODE":" ","LATITUDE":44.47,"LONGITUDE":-73.21}}]}`),
			`shelter "HILL SCHOOL" at 44.47,-73.21; about "1 Hill Road, MILLBROOK, VT 05401\nAt the fair ground", contact "Red Cross, 802-555-0100", hours ""; step-free yes, pets no, ; 60/120; open, 150 there`, "GENERATOR_ONSITE, SHELTER_OPEN_DATE",
		},
		"the National Shelter System as a table": {
			exchange.CSV, []byte("SHELTER_ID,SHELTER_NAME,ADDRESS,CITY,STATE,ZIP,SHELTER_STATUS,EVACUATION_CAPACITY,POST_IMPACT_CAPACITY,TOTAL_POPULATION,WHEELCHAIR_ACCESSIBLE,PET_ACCOMMODATIONS_CODE,PET_ACCOMMODATIONS_DESC,ORG_NAME,ORG_MAIN_PHONE,GENERATOR_ONSITE,FIPS_CODE,LATITUDE,LONGITUDE\n" +
				"341234,HILL SCHOOL,1 Hill Road,MILLBROOK,VT,05401,OPEN,120,60,150,YES,OFFSITE,At the fair ground,Red Cross,802-555-0100,Y, ,44.47,-73.21\n"),
			`shelter "HILL SCHOOL" at 44.47,-73.21; about "1 Hill Road, MILLBROOK, VT 05401\nAt the fair ground", contact "Red Cross, 802-555-0100", hours ""; step-free yes, pets no, ; 60/120; open, 150 there`, "GENERATOR_ONSITE",
		},
		"OpenStreetMap": {
			exchange.GeoJSON, []byte(`{"type":"Feature","id":"node/1","geometry":{"type":"Point","coordinates":[-73.21,44.47]},"properties":{"amenity":"hospital","name":"St. Mary","wheelchair":"yes","opening_hours":"24/7","phone":"+1 802","@id":"node/1","contact":"desk"}}`),
			`medical "St. Mary" at 44.47,-73.21; about "", contact "+1 802, desk", hours "24/7"; step-free yes, pets , ; 0/0`, "@id",
		},
		"folders and mixed shapes": {
			exchange.KML, []byte(`<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Water</name><Placemark id="a"><name>Fountain &amp; tap</name><description><![CDATA[Cold<br>and <b>good</b>]]></description><MultiGeometry><Point><coordinates>-73.21,44.47</coordinates></Point><Polygon><outerBoundaryIs><LinearRing><coordinates>-73.2,44.4 -73.1,44.4 -73.1,44.5 -73.2,44.4</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder></Document></kml>`),
			"water \"Fountain & tap\" at 44.4,-73.2 44.4,-73.1 44.5,-73.1; about \"Cold\\nand good\", contact \"\", hours \"\"; step-free , pets , ; 0/0\nIt has shapes of several kinds. Only the first is taken.", "",
		},
		"mixed shapes without an id": {
			exchange.KML, []byte(`<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Water</name><Placemark><name>Fountain &amp; tap</name><description><![CDATA[Cold<br>and <b>good</b>]]></description><MultiGeometry><Point><coordinates>-73.21,44.47</coordinates></Point><Polygon><outerBoundaryIs><LinearRing><coordinates>-73.2,44.4 -73.1,44.4 -73.1,44.5 -73.2,44.4</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder></Document></kml>`),
			"water \"Fountain & tap\" at 44.4,-73.2 44.4,-73.1 44.5,-73.1; about \"Cold\\nand good\", contact \"\", hours \"\"; step-free , pets , ; 0/0\nIt has shapes of several kinds. Only the first is taken.", "",
		},
		"a waypoint": {
			exchange.GPX, []byte(`<gpx version="1.0" xmlns="http://www.topografix.com/GPX/1/0"><wpt lat="44.47" lon="-73.21"><ele>90</ele><name>Spring</name><sym>Drinking Water</sym></wpt></gpx>`),
			`water "Spring" at 44.47,-73.21; about "", contact "", hours ""; step-free , pets , ; 0/0`, "ele",
		},
		"what this hub answers to programs": {
			exchange.GeoJSON, []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"x1","geometry":{"type":"Point","coordinates":[-73.21,44.47]},"properties":{"kind":"shelter","name":"Gym","languages":["en","pt"],"told":{"name":"Maria"},"standing":{"status":"full","offers":["beds"],"needs":[],"told":{}},"people":{"present":12},"versions":{"details":"0011223344556677"}}}]}`),
			`shelter "Gym" at 44.47,-73.21; about "", contact "", hours ""; step-free , pets , en+pt; 0/0; full, 12 there`, "",
		},
		"words that mean nothing here": {
			exchange.CSV, []byte("name,type,lat,lon,status,capacity,pets,languages\nCastle,castle,44,-73,busy,-5,perhaps,elvish tongue\n"),
			"other \"Castle\" at 44,-73; about \"\", contact \"\", hours \"\"; step-free , pets , ; 0/0\n“castle” is no kind of place that is known here. It is taken as: Other place.\n“perhaps” is not understood as yes or no: Takes pets.\n“elvish tongue” is not understood as a language.\n“-5” is not understood as a number of people: How many people it holds for long.\n“busy” is not understood as open, full or closed.", "",
		},
		"what is too long or cannot be shown": {
			exchange.CSV, []byte("name,lat,lon,notes,contact\n" + strings.Repeat("n", 90) + ",44,-73," + strings.Repeat("水", 501) + ",\"a\x01b\"\n"),
			"other \"" + strings.Repeat("n", 79) + "…\" at 44,-73; about \"" + strings.Repeat("水", 499) + "…\", contact \"a b\", hours \"\"; step-free , pets , ; 0/0\nIts description was shortened.\nIts name was shortened.", "",
		},
		"unknown numbers": {
			exchange.CSV, []byte("name,lat,lon,capacity,people\nA,44,-73,-999,\"1,250 people\"\n"),
			`other "A" at 44,-73; about "", contact "", hours ""; step-free , pets , ; 0/0, 1250 there`, "",
		},
	} {
		all, refused, counts := read(t, c.format, c.file, exchange.Options{Source: "list"})
		if len(all) != 1 || refused != nil {
			t.Errorf("%s: %d entries, refused %q", name, len(all), refused)
			continue
		}
		if got := said(all[0]); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
		if got := strings.Join(counts.Left, ", "); got != c.left {
			t.Errorf("%s: left out %q", name, got)
		}
		if !hub.ValidID(all[0].ID) {
			t.Errorf("%s: %q is no id", name, all[0].ID)
		}
	}
}

func TestWhatIsLeftOutSaysWhy(t *testing.T) {
	region := orb.Bound{Min: orb.Point{-75, 43}, Max: orb.Point{-71, 46}}
	feature := func(geometry, props string) []byte {
		return fmt.Appendf(nil, `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":%s,"properties":%s}]}`, geometry, props)
	}
	point := `{"type":"Point","coordinates":[-73.21,44.47]}`
	for says, file := range map[string][]byte{
		"It has no name.": feature(point, `{"capacity":7}`),
		"latitude and longitude swapped it would lie here": feature(`{"type":"Point","coordinates":[44.47,-73.21]}`, `{"name":"A"}`),
		"crosses itself": feature(`{"type":"Polygon","coordinates":[[[-73,44],[-72,45],[-72,44],[-73,45],[-73,44]]]}`, `{"name":"A"}`),
		"does not exist": feature(`{"type":"Point","coordinates":[-73.21,144.47]}`, `{"name":"A"}`),
		"together":       feature(`{"type":"GeometryCollection","geometries":[`+point+`,{"type":"LineString","coordinates":[[-73,44],[-72,44]]}]}`, `{"name":"A"}`),
	} {
		if all, refused, counts := read(t, exchange.GeoJSON, file, exchange.Options{Region: region}); len(all) > 0 || len(refused) != 1 || !strings.Contains(refused[0], says) || !strings.HasPrefix(refused[0], "entry 1: ") || counts.Refused != 1 {
			t.Errorf("%s: %d entries, refused %q", says, len(all), refused)
		}
	}
	swapped := feature(`{"type":"Point","coordinates":[44.47,-73.21]}`, `{"name":"A"}`)
	for do, want := range map[exchange.Swapped]string{exchange.Swap: "44.47,-73.21", exchange.TakeAsIs: "-73.21,44.47"} {
		if all, _, c := read(t, exchange.GeoJSON, swapped, exchange.Options{Region: region, Swap: do}); len(all) != 1 || all[0].Sheet.Details.Shape.String() != want || c.Swapped != 1 {
			t.Errorf("%v", all)
		}
	}
	far := orb.Bound{Min: orb.Point{-124, 47}, Max: orb.Point{-122, 48}}
	for file, format := range map[string]exchange.Format{
		string(feature(`{"type":"Point","coordinates":[47.6,-122.3]}`, `{"name":"A"}`)): exchange.GeoJSON,
		"name,lat,lon\nA,-122.3,47.6\n": exchange.CSV,
	} {
		if all, refused, c := read(t, format, []byte(file), exchange.Options{Region: far}); len(all) != 0 || c.Swapped != 1 || len(refused) != 1 || !strings.Contains(refused[0], "may be swapped here") {
			t.Errorf("swapped it is here: %v %q", all, refused)
		}
		if all, refused, c := read(t, format, []byte(file), exchange.Options{Region: far, Swap: exchange.Swap}); len(all) != 1 || all[0].Sheet.Details.Shape.String() != "47.6,-122.3" || c.Swapped != 1 {
			t.Errorf("somebody says that it is swapped: %v %q", all, refused)
		}
		if all, refused, c := read(t, format, []byte(file), exchange.Options{Region: far, Swap: exchange.TakeAsIs}); len(all) != 0 || len(refused) != 1 || c.Swapped != 1 {
			t.Errorf("as it is it is nowhere: %v %q", all, refused)
		}
		if all, refused, c := read(t, format, []byte(file), exchange.Options{Region: region, Swap: exchange.Swap}); len(all) != 0 || c.Swapped != 0 || len(refused) != 1 || strings.Contains(refused[0], "swapped") {
			t.Errorf("swapped it is elsewhere: %v %q", all, refused)
		}
	}
	null := feature("null", `{"name":"A"}`)
	if all, _, _ := read(t, exchange.GeoJSON, null, exchange.Options{}); len(all) != 1 || !all[0].Nowhere {
		t.Errorf("null geometry is legal: %v", all)
	}
	apart := []byte("name,kind,lat,lon,description\nWell,water,44,-73,\nWell,food,44,-73,soup\nWell,food,44,-73,soup\n,water,44.5,-73,by the church\n,water,44.5,-73,by the school\n")
	if all, refused, _ := read(t, exchange.CSV, apart, exchange.Options{}); len(all) != 2 || len(refused) != 3 || !strings.Contains(refused[0], "line 3: Something else in the file before") {
		t.Errorf("%v %q", all, refused)
	}
	twice := []byte("id,name,lat,lon\na,A,44,-73\nb,B,44,-73\na,C,44,-73\n")
	if all, refused, _ := read(t, exchange.CSV, twice, exchange.Options{}); len(all) != 2 || len(refused) != 1 || !strings.Contains(refused[0], "line 4: Its id “a” is that of something else in the file before") {
		t.Errorf("%v %q", all, refused)
	}
}

func TestTheSameListComesAgainAsTheSamePlaces(t *testing.T) {
	file := []byte("id,name,lat,lon\n1,A,44,-73\n2,B,44,-73\n,C,44,-73\n,C,45,-73\n")
	ids := func(source string) (out []string) {
		all, refused, _ := read(t, exchange.CSV, file, exchange.Options{Source: source})
		if refused != nil {
			t.Fatal(refused)
		}
		for _, e := range all {
			out = append(out, e.ID)
		}
		return out
	}
	a, b, other := ids("shelters"), ids("shelters"), ids("wells")
	for i := range a {
		if a[i] != b[i] || a[i] == other[i] || i > 0 && a[i] == a[0] {
			t.Errorf("%s %s %s", a[i], b[i], other[i])
		}
	}
	if len(a) != 4 {
		t.Error(a)
	}
}

func TestALongOutlineIsSimplified(t *testing.T) {
	var ring []string
	for i := range 3000 {
		a := 2 * math.Pi * float64(i%2999) / 2999
		ring = append(ring, fmt.Sprintf("[%f,%f]", -73+math.Cos(a)/10, 44+math.Sin(a)/10))
	}
	file := []byte(`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[` + strings.Join(ring, ",") + `]]},"properties":{"name":"Evacuate","kind":"hazard","description":"` + strings.Repeat("Leave now. ", 60) + `"}}`)
	all, refused, _ := read(t, exchange.GeoJSON, file, exchange.Options{})
	if len(all) != 1 || refused != nil {
		t.Fatal(refused)
	}
	s := all[0].Sheet.Details.Shape
	if n := s.Size(); n > place.MaxPoints || n < 50 {
		t.Errorf("%d points are left", n)
	}
	if err := all[0].Sheet.Check(); err != nil {
		t.Error(err)
	}
	if b, err := all[0].Sheet.Encode(); err != nil || len(b) > 3600 {
		t.Errorf("%d bytes leave no room for what it replaces, %v", len(b), err)
	}
	if at := s.Center(); math.Abs(at.Lat()-44) > 0.001 || math.Abs(at.Lon()+73) > 0.001 {
		t.Errorf("it moved to %s", at)
	}
	if got := all[0].Notes[0].String(); !strings.HasPrefix(got, "Its description was shortened.") && !strings.HasPrefix(got, "It was drawn with 3000 points") {
		t.Error(got)
	}
}

func TestAFileIsKnownByHowItBegins(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       exchange.Format
	}{
		{"a.csv", "{\"type\"", exchange.GeoJSON},
		{"a", "\ufeff \n{", exchange.GeoJSON},
		{"a", "\x1e{", exchange.GeoJSON},
		{"a.json", "[", exchange.GeoJSON},
		{"a.txt", "PK\x03\x04", exchange.KMZ},
		{"a.xml", "<?xml version=\"1.0\"?><GPX ", exchange.GPX},
		{"a.xml", "<?xml version=\"1.0\"?><!-- <kml> --><kml>", exchange.KML},
		{"a.gpx", "<?xml version=\"1.0\"?>" + strings.Repeat(" ", 2000), exchange.GPX},
		{"a.kmz", "<?xml", exchange.KML},
		{"a.kml", "\xff\xfe<\x00k\x00m\x00l\x00", exchange.KML},
		{"a", "name,lat,lon", exchange.CSV},
		{"a.kmz", "name,lat,lon", exchange.CSV},
		{"a.TSV", "name\tlat", exchange.CSV},
		{"a", "", exchange.CSV},
	} {
		if got := exchange.Detect(c.name, []byte(c.head)); got != c.want {
			t.Errorf("%s %q: %s", c.name, c.head, got)
		}
	}
	for name, want := range map[string]exchange.Format{"kml": exchange.KML, "places.GeoJSON": exchange.GeoJSON, "x.json": exchange.GeoJSON, "/a/b.c/x.gpx": exchange.GPX, "": "", "pdf": "", "a.pdf": ""} {
		if got, ok := exchange.Known(name); got != want || ok != (want != "") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestNumbersOfPeopleAreReadAsTablesHaveThem(t *testing.T) {
	for text, want := range map[string]string{
		"80": "80", "1,200": "1200", "1.200": "1200", "1 200": "1200", "1'200": "1200", "120.0": "120", "120,00": "120", "350 people": "350", "about 80": "none", "-999": "none",
		"1,250,000": "100000", "99999999999999999999999": "100000", "12.5": "none", "0": "0", "many": "none", "80.": "80",
	} {
		all, _, _ := read(t, exchange.CSV, []byte("name;lat;lon;people\nA;44.1;-73;"+text+"\n"), exchange.Options{})
		if cut := want == "100000"; len(all) == 1 && cut != (len(all[0].Notes) == 1 && strings.Contains(all[0].Notes[0].String(), "is more than 100000")) {
			t.Errorf("%q is cut, and it says %v", text, all[0].Notes)
		}
		got := "none"
		if len(all) == 1 && all[0].Sheet.People != nil {
			got = fmt.Sprint(*all[0].Sheet.People)
		}
		if got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestAListSaysByItsNameWhatItHas(t *testing.T) {
	for name, want := range map[string]place.Kind{
		"shelters": place.Shelter, "red cross shelters open now": place.Shelter, "Albergues": place.Shelter, "drinking water": place.Water, "water points": place.Water, "list": 0, "": 0, "road closures county": place.Road,
	} {
		if got, ok := exchange.KindOf(name); got != want || ok != (want != 0) {
			t.Errorf("%q: %s", name, got)
		}
	}
}

// failing is a file that cannot be written further.
type failing struct{ left int }

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestAFileThatCannotBeWrittenSaysSo(t *testing.T) {
	all, _, _ := read(t, exchange.CSV, []byte("name,lat,lon\nA,44,-73\n"), exchange.Options{})
	for _, f := range exchange.Formats() {
		w := exchange.NewSink(&failing{left: 20}, f, "Places")
		err := w.Put(exchange.FeatureOf("a", all[0].Sheet, exchange.Told{}))
		if err = errors.Join(err, w.Close()); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: %v", f, err)
		}
	}
	if _, err := exchange.Open(bytes.NewReader(nil), 0, exchange.CSV, nil, nil); err == nil {
		t.Error("a table is read without knowing its columns")
	}
}
