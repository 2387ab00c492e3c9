package geojson_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/feature/featuretest"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
)

// readAll is what a file gives, and what is said of what it does not give.
func readAll(s string) (fs []feature.Feature, said []string) {
	for f, err := range feature.All(geojson.NewReader(strings.NewReader(s), 0)) {
		if err != nil {
			said = append(said, err.Error())
			continue
		}
		fs = append(fs, f)
	}
	return fs, said
}

func TestAFeatureIsRead(t *testing.T) {
	const file = `{
  "type": "FeatureCollection",
  "name": "shelters",
  "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
  "bbox": [-73.3, 44.4, -73.2, 44.5],
  "features": [
    {"type": "Feature", "id": 17, "bbox": [0, 0, 1, 1], "geometry": {"type": "Point", "coordinates": [-73.2121, 44.4759, 61.5]},
     "properties": {"name": "Town hall \"A\" \u00e9", "description": "By the\nriver", "beds": 120, "open": true, "note": null, "zip": "05401", "tags": {"a": [1, 2] }},
     "tippecanoe": {"minzoom": 4}}
  ]
}`
	fs, said := readAll(file)
	want := []feature.Feature{{
		ID: "17", Geometry: orb.Point{-73.2121, 44.4759}, Name: `Town hall "A" é`, Description: "By the\nriver", At: feature.Nth(1),
		Props: []feature.Prop{
			{Name: "beds", Value: "120", JSON: true}, {Name: "open", Value: "true", JSON: true}, {Name: "note", JSON: true},
			{Name: "zip", Value: "05401"}, {Name: "tags", Value: `{"a":[1,2]}`, JSON: true}, {Name: "tippecanoe", Value: `{"minzoom":4}`, JSON: true},
		},
	}}
	if !reflect.DeepEqual(fs, want) || said != nil {
		t.Errorf("got  %#v %q\nwant %#v", fs, said, want)
	}
}

func TestEveryGeometryIsRead(t *testing.T) {
	ring := orb.Ring{{0, 0}, {4, 0}, {4, 4}, {0, 0}}
	for s, want := range map[string]orb.Geometry{
		`{"type":"Point","coordinates":[1,2]}`:                                              orb.Point{1, 2},
		`{"type":"MultiPoint","coordinates":[[1,2],[3e0,4.5]]}`:                             orb.MultiPoint{{1, 2}, {3, 4.5}},
		`{"type":"LineString","coordinates":[ [1,2] , [-3,-4] ]}`:                           orb.LineString{{1, 2}, {-3, -4}},
		`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}`:                          orb.MultiLineString{{{1, 2}, {3, 4}}},
		`{"type":"Polygon","coordinates":[[[0,0],[4,4],[4,0],[0,0]]]}`:                      orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}},
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,0]]]]}`:               orb.MultiPolygon{{ring}},
		`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}`: orb.Point{1, 2},
		`{"type":"GeometryCollection","geometries":[]}`:                                     nil,
		`{"type":"Point","coordinates":[]}`:                                                 nil,
		`{"type":"MultiPolygon","coordinates":[ ]}`:                                         nil,
		`null`: nil,
		`{"coordinates":[[[170,0],[-170,0],[-170,9],[170,9],[170,0]]], "x":1,"type":"Polygon"}`: orb.MultiPolygon{{{{180, 9}, {170, 9}, {170, 0}, {180, 0}, {180, 9}}}, {{{-180, 0}, {-170, 0}, {-170, 9}, {-180, 9}, {-180, 0}}}},
	} {
		texts := []string{`{"type":"Feature","properties":null,"geometry":` + s + `}`}
		if s != "null" {
			texts = append(texts, s) // a bare geometry
		}
		for _, text := range texts {
			fs, said := readAll(text)
			if len(fs) != 1 || said != nil || !reflect.DeepEqual(fs[0].Geometry, want) {
				t.Errorf("%s: got %v, said %q", text, fs, said)
			}
		}
	}
}

func TestSeveralTextsAreRead(t *testing.T) {
	const one, two = `{"type":"Feature","id":"a","geometry":null,"properties":{}}`, `{"type":"FeatureCollection","features":[{"type":"Feature","id":"b","geometry":null,"properties":null}]}`
	for name, s := range map[string]string{
		"a sequence":     "\x1e" + one + "\n\x1e" + two + "\n",
		"lines":          one + "\n" + two + "\r\n",
		"with a mark":    "\xef\xbb\xbf" + one + two,
		"with a comment": one + `{"type":"FeatureCollection","features":[],"comment":"features are none"}` + two,
	} {
		fs, said := readAll(s)
		if len(fs) != 2 || fs[0].ID != "a" || fs[1].ID != "b" || said != nil {
			t.Errorf("%s: got %v, said %q", name, fs, said)
		}
	}
}

func TestWhatEndsAFileIsSaid(t *testing.T) {
	list := func(s string) string { return "{\"type\":\"FeatureCollection\",\n \"features\":[\n  " + s + "\n]}" }
	const good = `{"type":"Feature","geometry":null,"properties":null}`
	for name, tt := range map[string]struct{ file, want string }{
		"nothing":            {"", "line 1, column 1: it is empty."},
		"blanks":             {" \n ", "line 2, column 2: it is empty."},
		"another format":     {"<kml>", "line 1, column 1: it begins with <, but GeoJSON begins with {. Choose another file, or its right format."},
		"a list":             {"[]", "line 1, column 1: it begins with [, but GeoJSON begins with {."},
		"UTF-16":             {"\xff\xfe{\x00", "line 1, column 1: it is written in UTF-16. Save it again as UTF-8."},
		"cut off":            {list(good)[:70], "line 3, column 28: it ends in the middle, so it seems to be cut off. Get it again."},
		"cut off in between": {list(good + ","), "line 4, column 1: there stands ], where { … } belongs."},
		"cut before the end": {`{"type":"FeatureCollection","features":[]`, "line 1, column 42: it ends in the middle"},
		"no comma":           {list(good + "\n" + good), "line 4, column 1: there stands {, where , belongs."},
		"a wrong bracket":    {list(`{"type":"Feature","geometry":[1,2}}`), "line 3, column 36: there stands }, where ] belongs."},
		"an open quotation":  {list("{\"type\":\"Feature,\n\"geometry\":null}"), "line 3, column 11: a text begins that does not end on its line: a quotation mark is missing."},
		"no colon":           {list(`{"type" "Feature"}`), `line 3, column 11: this is not JSON: " does not belong here.`},
		"a stray word":       {list("{\"type\":\"Feature\",\n\n\"geometry\":nul}"), "line 5, column 15: this is not JSON: } does not belong here."},
		"a comment":          {`{"type":"Feature", // hello` + "\n}", `line 1, column 20: there stands /, where " belongs.`},
		"too deep":           {list(strings.Repeat(`{"a":`, 100)), "more than 64 lists lie in each other."},
		"two lists":          {`{"features":[],"features":[]}`, "line 1, column 27: there is a second list of features"},
		"another system":     {`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::26918"}},"features":[]}`, "its coordinates are in “urn:ogc:def:crs:EPSG::26918”, and only degrees in WGS 84 are read."},
		"a linked system":    {`{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://example.com/crs/42"}},"features":[]}`, "its coordinates are in “link http://example.com/crs/42”"},
		"of a feature":       {list(`{"type":"Feature","crs":{"type":"name","properties":{"name":"EPSG:3857"}}}`), "its coordinates are in “EPSG:3857”"},
		"of ArcGIS":          {`{"features":[{"attributes":{"a":1},"geometry":{"x":1,"y":2}}]}`, "it is JSON of ArcGIS, not GeoJSON. Export it as GeoJSON (f=geojson)."},
		"TopoJSON":           {`{"type":"Topology","objects":{}}`, "it is TopoJSON. Export it as GeoJSON."},
		"no type":            {`{"a":1}`, "it is JSON, but not GeoJSON: its type is missing."},
		"another type":       {`{"type":"Shelter"}`, "it is JSON, but not GeoJSON: its type is “Shelter”."},
		"no features":        {`{"type":"FeatureCollection","features":null}`, "it is a collection without a list of features."},
		"a feature's":        {`{"features":[],"type":"Feature"}`, "it has a list of features, but its type is “Feature” instead of “FeatureCollection”."},
		"a long name":        {`{"` + strings.Repeat("x", 2<<20) + `":1}`, "a name is far too long."},
		"something after":    {good + "]", "line 1, column 53: there stands ], where { belongs."},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := readAll(tt.file)
			if len(said) != 1 || !strings.Contains(said[0], tt.want) || !strings.HasPrefix(said[0], "This file cannot be read further, at line ") {
				t.Errorf("said %q, want %q", said, tt.want)
			}
		})
	}
}

func TestWhatIsRefusedIsLeftOutAlone(t *testing.T) {
	for name, tt := range map[string]struct{ feature, want string }{
		"no feature":          {`7`, "It is no feature, but something else in the list of features."},
		"null":                {`null`, "It is no feature, but something else in the list of features."},
		"another type":        {`{"type":"Point","coordinates":[1,2]}`, "It is no feature: its type is “Point”."},
		"a geometry's type":   {`{"type":"Feature","geometry":{"type":"Circle","coordinates":[1,2]}}`, "There is no geometry of the type “Circle”."},
		"no coordinates":      {`{"type":"Feature","geometry":{"type":"Point"}}`, "Its geometry has no list of coordinates."},
		"a text for a number": {`{"type":"Feature","geometry":{"type":"Point","coordinates":["1","2"]}}`, "The coordinates of its geometry are not those of a Point."},
		"one number":          {`{"type":"Feature","geometry":{"type":"Point","coordinates":[1]}}`, "The coordinates of its geometry are not those of a Point."},
		"a line's depth":      {`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[1,2],[3,4]]}}`, "The coordinates of its geometry are not those of a Polygon."},
		"a huge number":       {`{"type":"Feature","geometry":{"type":"Point","coordinates":[1e999,2]}}`, "A coordinate is not a number."},
		"geometry as text":    {`{"type":"Feature","geometry":"POINT(1 2)"}`, "Its geometry is neither an object nor null."},
		"mixed":               {`{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[1,2],[3,4]]}]}}`, "It holds points, lines and outlines together."},
		"no list":             {`{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":7}}`, "Its collection has no list of geometries."},
		"no geometry in it":   {`{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[7]}}`, "Its collection holds something that is no geometry."},
		"properties as list":  {`{"type":"Feature","geometry":null,"properties":[]}`, "Its properties are neither an object nor null."},
		"two geometries":      {`{"type":"Feature","geometry":null,"geometry":null}`, "Its “geometry” is there twice"},
		"two values":          {`{"type":"Feature","geometry":null,"properties":{"beds":1,"beds":2}}`, "Its “beds” is there twice"},
		"two of many": {`{"type":"Feature","geometry":null,"properties":{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":0,"p":0,"q":0,"a":1}}`,
			"Its “a” is there twice"},
		"Latin-1":       {"{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"name\":\"\xc9cole\"}}", "Its text is not UTF-8. Save the file again as UTF-8."},
		"too large":     {`{"type":"Feature","geometry":null,"properties":{"a":"` + strings.Repeat("x", feature.MaxFeatureBytes) + `"}}`, "It is larger than 1024 kB."},
		"off the earth": {`{"type":"Feature","geometry":{"type":"Point","coordinates":[44,-93]}}`, "The latitude -93 does not exist: it goes from -90 to 90. Coordinates must be degrees (WGS 84)."},
	} {
		t.Run(name, func(t *testing.T) {
			const good = `{"type":"Feature","geometry":null,"properties":null}`
			fs, said := readAll(`{"type":"FeatureCollection","features":[` + good + "," + tt.feature + "," + good + `]}`)
			if len(fs) != 2 || len(said) != 1 || !strings.HasPrefix(said[0], "entry 2: "+tt.want) {
				t.Errorf("%d came, said %q, want %q", len(fs), said, tt.want)
			}
		})
	}
}

func TestASingleFeatureIsRefusedLikewise(t *testing.T) {
	for name, tt := range map[string]struct{ file, want string }{
		"too large": {`{"type":"Feature","geometry":null,"properties":{"a":"` + strings.Repeat("x", feature.MaxFeatureBytes) + `"}}`, "entry 1: It is larger than 1024 kB."},
		"Latin-1":   {"{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"name\":\"\xc9cole\"}}", "entry 1: Its text is not UTF-8."},
		"geometry":  {`{"type":"Point","coordinates":7}`, "entry 1: Its geometry has no list of coordinates."},
	} {
		fs, said := readAll(tt.file)
		if len(fs) != 0 || len(said) != 1 || !strings.HasPrefix(said[0], tt.want) {
			t.Errorf("%s: %d came, said %q, want %q", name, len(fs), said, tt.want)
		}
	}
}

func TestAFailingReaderIsNotTheFilesFault(t *testing.T) {
	broken := errors.New("the disk is broken")
	r := geojson.NewReader(io.MultiReader(strings.NewReader(`{"type":"FeatureCollection","features":[`), iotest.ErrReader(broken)), 0)
	for range 2 { // the same again
		if _, err := r.Next(); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAFileBeyondItsBoundIsEnded(t *testing.T) {
	r := geojson.NewReader(strings.NewReader(`{"type":"FeatureCollection",`+strings.Repeat(" ", 1<<20)), 1<<20)
	if _, err := r.Next(); err == nil || err.Error() != "This file is larger than 1 MB. Split it into smaller files." {
		t.Errorf("got %v", err)
	}
}

// many is a collection of n features as it is read, and not in memory. Some are larger
// than is read.
type many struct {
	n, i, large int
	rest        []byte
}

func (m *many) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		switch {
		case m.i == 0:
			m.rest = append(m.rest, `{"type":"FeatureCollection","features":[`...)
		case m.i > m.n+1:
			return 0, io.EOF
		case m.i == m.n+1:
			m.rest = append(m.rest, `]}`...)
		default:
			if m.i > 1 {
				m.rest = append(m.rest, ',')
			}
			m.rest = fmt.Appendf(m.rest, `{"type":"Feature","id":"n%d","geometry":{"type":"Point","coordinates":[%g,44.4759]},"properties":{"name":"Hydrant %d","flow":%d,"road":"Elk Street","checked":"2026-05-01"}}`, m.i, -73-float64(m.i)/1e6, m.i, m.i%900)
			if m.large > 0 && m.i%m.large == 0 {
				m.rest = append(m.rest, `,{"x":"`+strings.Repeat("x", 2*feature.MaxFeatureBytes)+`"}`...)
			}
		}
		m.i++
	}
	n := copy(p, m.rest)
	m.rest = append(m.rest[:0], m.rest[n:]...)
	return n, nil
}

func TestAHundredThousandFeaturesTakeLittleMemory(t *testing.T) {
	n, grown, err := featuretest.Peak(geojson.NewReader(&many{n: feature.MaxFeatures}, 0))
	if n != feature.MaxFeatures || err != nil || grown > 40<<20 {
		t.Errorf("%d came, %d MB, %v", n, grown>>20, err)
	}
	n, grown, _ = featuretest.Peak(geojson.NewReader(&many{n: 100, large: 4}, 0))
	if n != 100 || grown > 40<<20 {
		t.Errorf("of 100 besides 25 that are too large %d came, %d MB", n, grown>>20)
	}
	n, _, err = featuretest.Peak(geojson.NewReader(&many{n: feature.MaxFeatures + 1}, 0))
	if n != feature.MaxFeatures || err == nil || err.Error() != "This file has more than 100000 entries. Split it into smaller files." {
		t.Errorf("of one more %d came, %v", n, err)
	}
}

func BenchmarkRead100000(b *testing.B) {
	for b.Loop() {
		n, grown, err := featuretest.Peak(geojson.NewReader(&many{n: feature.MaxFeatures}, 0))
		if n != feature.MaxFeatures || err != nil {
			b.Fatal(n, err)
		}
		b.ReportMetric(float64(grown)/(1<<20), "MB-peak")
	}
}
