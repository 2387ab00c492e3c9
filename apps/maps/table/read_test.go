package table_test

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
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
)

// readAll is what a table gives by the mapping that is proposed for it, and what is said
// of what it does not give.
func readAll(t interface{ Fatal(...any) }, file string, change ...func(*table.Mapping)) (fs []feature.Feature, said []string) {
	p, err := table.Propose([]byte(file), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&p.Mapping)
	}
	r, err := table.NewReader(strings.NewReader(file), 0, p.Mapping, locate)
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range feature.All(r) {
		if err != nil {
			said = append(said, err.Error())
			continue
		}
		fs = append(fs, f)
	}
	return fs, said
}

// locate knows one place.
func locate(s string) (orb.Point, error) {
	switch s {
	case "87P8FQ5C+2X", "44° 24′ N, 73° 12′ W":
		return orb.Point{-73.2, 44.4}, nil
	case "88P8FQ5C+2X":
		return orb.Point{}, hub.Errorf(hub.Invalid, "", "A place needs %d letters.", 8)
	}
	return orb.Point{}, errors.New("what?")
}

func TestATableIsRead(t *testing.T) {
	fs, said := readAll(t, "\xef\xbb\xbfID,Name,Notes,Lat,Lon,Beds,Color,\r\n17,\"Elm \"\"A\"\" School\",\"two\r\nlines\",44.4759,-73.2121,120,red,x\r\n\r\n,,,,,,,\r\n18,Mill,,,,,,\r\n")
	want := []feature.Feature{
		{ID: "17", Name: `Elm "A" School`, Description: "two\nlines", Geometry: orb.Point{-73.2121, 44.4759}, At: feature.Line(2), Props: []feature.Prop{
			{Name: "capacity_everyday", Value: "120"}, {Name: "Color", Value: "red"}, {Name: "column_8", Value: "x"},
		}},
		{ID: "18", Name: "Mill", At: feature.Line(6)},
	}
	if !reflect.DeepEqual(fs, want) || said != nil {
		t.Errorf("got  %#v %q\nwant %#v", fs, said, want)
	}
}

func TestLettersAreReadAsTheyWereWritten(t *testing.T) {
	for name, file := range map[string]string{
		"UTF-8":   "Nom,Lat,Lon\nÉcole – Nord,1,2\n",
		"Latin-1": "Nom,Lat,Lon\n\xc9cole \x96 Nord,1,2\n",
		"UTF-16":  "\xff\xfeN\x00o\x00m\x00,\x00L\x00a\x00t\x00,\x00L\x00o\x00n\x00\n\x00\xc9\x00c\x00o\x00l\x00e\x00 \x00\x13\x20 \x00N\x00o\x00r\x00d\x00,\x001\x00,\x002\x00\n\x00",
	} {
		fs, said := readAll(t, file)
		if len(fs) != 1 || fs[0].Name != "École – Nord" || said != nil {
			t.Errorf("%s: %v %q", name, fs, said)
		}
	}
}

func TestRowsEndAsTheyMay(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader} {
			file := strings.Join([]string{"name,lat,lon", "\"A", "B\",1,2", "", "C,3,4,5", "D,5,6", ""}, end)
			p, err := table.Propose([]byte(file), true)
			if err != nil {
				t.Fatal(err)
			}
			r, err := table.NewReader(wrap(strings.NewReader(file)), 0, p.Mapping, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for f, err := range feature.All(r) {
				if err != nil {
					got = append(got, err.Error()[:7])
					continue
				}
				got = append(got, f.At.String()+" "+f.Name)
			}
			if strings.Join(got, ";") != "line 2 A\nB;line 5:;line 6 D" {
				t.Errorf("%q: %q", end, got)
			}
		}
	}
}

func TestPlacesAreReadInManyForms(t *testing.T) {
	const heads = "lat;lon;wkt;plus code;name\n"
	const fill = "1;2;POINT (1 2);87P8FQ5C+2X;fill\n" // so that the columns are recognised
	square := orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}}
	for row, want := range map[string]orb.Geometry{
		"44.5;-73.25;;;":                            orb.Point{-73.25, 44.5},
		" 44,5 ;-73,25;;;":                          orb.Point{-73.25, 44.5},
		"\u22121.5;'-2;;;":                          orb.Point{-2, -1.5},
		"1;2;POINT (7 7);;":                         orb.Point{2, 1},
		";;;87P8FQ5C+2X;":                           orb.Point{-73.2, 44.4},
		"44° 24′ N;73° 12′ W;;;":                    orb.Point{-73.2, 44.4},
		";;;;nowhere":                               nil,
		";;POINT EMPTY;;x":                          nil,
		";;point(1 2);;":                            orb.Point{1, 2},
		";;\"SRID=4326;POINT Z (1 2 3)\";;":         orb.Point{1, 2},
		";;POINTZM(1 2 3 4);;":                      orb.Point{1, 2},
		";;MULTIPOINT (1 2, 3 4);;":                 orb.MultiPoint{{1, 2}, {3, 4}},
		";;MULTIPOINT ((1 2), (3 4));;":             orb.MultiPoint{{1, 2}, {3, 4}},
		";;LINESTRING M (1 2 9, 3 4 9);;":           orb.LineString{{1, 2}, {3, 4}},
		";;MULTILINESTRING ((1 2,3 4));;":           orb.MultiLineString{{{1, 2}, {3, 4}}},
		";;POLYGON((0 0,4 4,4 0,0 0));;":            orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}},
		";;MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)));;": orb.MultiPolygon{square},
	} {
		fs, said := readAll(t, heads+fill+fill+fill+row+"\n")
		if len(fs) != 4 || said != nil || !reflect.DeepEqual(fs[3].Geometry, want) {
			t.Errorf("%s: got %v, said %q, want %v", row, fs, said, want)
		}
	}
}

func TestWhatIsRefusedIsLeftOutAlone(t *testing.T) {
	for row, want := range map[string]string{
		"1;2;;":                                "It has 4 cells, but the table has 5 columns. Perhaps a separator or a quotation mark is missing or too many.",
		"1;2;;;x;y":                            "It has 6 cells, but the table has 5 columns.",
		"north;2;;;":                           "Its latitude “north” is not a number of degrees, such as 44.4759.",
		"1;0x10;;;":                            "Its longitude “0x10” is not a number of degrees, such as -73.2121.",
		"1;NaN;;;":                             "Its longitude “NaN” is not a number of degrees",
		"1;;;;":                                "It has only one of latitude and longitude.",
		"-93;44;;;":                            "The latitude -93 does not exist: it goes from -90 to 90. Coordinates must be degrees (WGS 84).",
		";;POINT (1);;":                        "Its geometry “POINT (1)” is not one that is read, such as POINT (-73.2121 44.4759).",
		";;POINT (1 2;;":                       "Its geometry “POINT (1 2” is not one that is read",
		";;POINT (1 2) x;;":                    "Its geometry “POINT (1 2) x” is not one that is read",
		";;POINT (1 2 3 4 5);;":                "Its geometry “POINT (1 2 3 4 5)” is not one that is read",
		";;POINT Q (1 2);;":                    "Its geometry “POINT Q (1 2)” is not one that is read",
		";;POINT EMPTY (1 2);;":                "Its geometry “POINT EMPTY (1 2)” is not one that is read",
		";;GEOMETRYCOLLECTION (POINT (1 2));;": "Its geometry “GEOMETRYCOLLECTION (POINT (1 2))” is not one that is read",
		";;" + strings.Repeat("(", 100) + ";;": "Its geometry “((((((((((((((((((((((((((((((((((((((((…” is not one that is read",
		";;\"SRID=26918;POINT (640000 4920000)\";;": "Its geometry is in the coordinate system 26918, and only degrees in WGS 84 (4326) are read.",
		";;POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0));;":   "The outline crosses itself near 1.00000, 1.00000",
		";;;somewhere;":   "Its place “somewhere” is not understood.",
		";;;88P8FQ5C+2X;": "A place needs 8 letters.",
	} {
		t.Run(row, func(t *testing.T) {
			const good = "1;2;POINT (1 2);87P8FQ5C+2X;ok\n"
			fs, said := readAll(t, "lat;lon;wkt;plus code;name\n"+strings.Repeat(good, 3)+row+"\n"+good)
			if len(fs) != 4 || len(said) != 1 || !strings.HasPrefix(said[0], "line 5: "+want) {
				t.Errorf("%d came, said %q", len(fs), said)
			}
		})
	}
}

func TestARowThatIsNotUTF8IsRefused(t *testing.T) {
	fs, said := readAll(t, "name;lat;lon\n\xc9cole;1;2\nMill;1;2\n", func(m *table.Mapping) { m.Encoding = table.UTF8 })
	if len(fs) != 1 || len(said) != 1 || said[0] != "line 2: Its text is not UTF-8. Read the file as Windows-1252, or save it again as UTF-8." {
		t.Errorf("%v %q", fs, said)
	}
}

func TestWhatEndsAFileIsSaid(t *testing.T) {
	const good = "name,lat,lon\nA,1,2\n"
	for name, tt := range map[string]struct {
		file string
		want string
	}{
		"a stray quotation mark": {good + "B \"b\",1,2\n", `at line 3, column 3: a quotation mark stands within a value. Put the whole value in quotation marks, and write "" for each within it.`},
		"an open quotation":      {good + "C,1,2\n\"B,1,2\nD,1,2\n", `at line 4: a value in quotation marks does not end as it should.`},
		"a long one":             {good + "\"x\ny\",1,2\n\"B," + strings.Repeat("x\n", 1<<20), "at line 5: a row is longer than 1024 kB. Perhaps a quotation mark is missing at its end."},
	} {
		_, said := readAll(t, tt.file)
		if len(said) != 1 || !strings.HasPrefix(said[0], "This file cannot be read further, "+tt.want) {
			t.Errorf("%s: said %q", name, said)
		}
	}
}

func TestAnotherTableThanConfirmedIsNotRead(t *testing.T) {
	p, err := table.Propose([]byte("Place,Lat,Lon\n#loc+name,#geo+lat,#geo+lon\nA,1,2\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{
		"Place,Lon,Lat\n#loc+name,#geo+lat,#geo+lon\nA,1,2\n",
		"Place,Lat,Lon\n#loc+name,#geo+lon,#geo+lat\nA,1,2\n",
		"Place,Lat,Lon,More\n#loc+name,#geo+lat,#geo+lon\nA,1,2\n",
		"Place,Lat\n#loc+name,#geo+lat\nA,1\n",
	} {
		r, err := table.NewReader(strings.NewReader(file), 0, p.Mapping, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the same again
			if _, err := r.Next(); err == nil || !strings.HasSuffix(err.Error(), ": its columns are not those that were confirmed. Look at them again.") {
				t.Errorf("%q: %v", file, err)
			}
		}
	}
}

func TestAMappingThatCannotBeIsRefused(t *testing.T) {
	for want, m := range map[string]table.Mapping{
		"Only one column can be this: Name.":                                       {Comma: ',', Columns: []table.Column{{Role: table.Name}, {Role: table.Name}}},
		"Latitude and longitude belong together. Choose both columns, or neither.": {Comma: ',', Columns: []table.Column{{Role: table.Latitude}}},
		"Columns are separated by a comma, a semicolon, a tab or a bar.":           {Comma: '"'},
	} {
		if _, err := table.NewReader(strings.NewReader(""), 0, m, nil); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAPlaceWithoutAReaderOfPlacesIsRefused(t *testing.T) {
	m := table.Mapping{Comma: ',', Columns: []table.Column{{Role: table.Place}, {Role: table.LeaveIt}}}
	r, err := table.NewReader(strings.NewReader("87P8FQ5C+2X,a\n,b\n"), 0, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err == nil || err.Error() != "line 1: Its place “87P8FQ5C+2X” is not understood." {
		t.Errorf("got %v", err)
	}
	if f, err := r.Next(); err != nil || f.Props != nil {
		t.Errorf("got %v, %v", f, err)
	}
}

func TestAFileBeyondItsBoundIsEnded(t *testing.T) {
	m := table.Mapping{Comma: ',', Columns: []table.Column{{}, {}}}
	r, err := table.NewReader(strings.NewReader(strings.Repeat(strings.Repeat("a", 1000)+",b\n", 2000)), 1<<20, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, last := range feature.All(r) {
		n, err = n+1, last
	}
	if n < 1000 || err == nil || err.Error() != "This file is larger than 1 MB. Split it into smaller files." {
		t.Errorf("after %d: %v", n, err)
	}
}

// many is a table of n rows as it is read, and not in memory.
type many struct {
	n, i int
	rest []byte
}

func (m *many) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		switch {
		case m.i > m.n:
			return 0, io.EOF
		case m.i == 0:
			m.rest = append(m.rest, "id,name,lat,lon,flow,road,checked\n"...)
		default:
			m.rest = fmt.Appendf(m.rest, "n%d,Hydrant %d,44.4759,%g,%d,Elk Street,2026-05-01\n", m.i, m.i, -73-float64(m.i)/1e6, m.i%900)
		}
		m.i++
	}
	n := copy(p, m.rest)
	m.rest = append(m.rest[:0], m.rest[n:]...)
	return n, nil
}

// peak reads all and is how many came, and by how much memory grew meanwhile.
func peak(t testing.TB, rows int) (n int, grown uint64, last error) {
	var head strings.Builder
	if _, err := io.Copy(&head, &many{n: 10}); err != nil {
		t.Fatal(err)
	}
	p, err := table.Propose([]byte(head.String()), true)
	if err != nil {
		t.Fatal(err)
	}
	r, err := table.NewReader(&many{n: rows}, 0, p.Mapping, nil)
	if err != nil {
		t.Fatal(err)
	}
	return featuretest.Peak(r)
}

func TestAHundredThousandRowsTakeLittleMemory(t *testing.T) {
	n, grown, err := peak(t, feature.MaxFeatures)
	if n != feature.MaxFeatures || err != nil || grown > 40<<20 {
		t.Errorf("%d came, %d MB, %v", n, grown>>20, err)
	}
	n, _, err = peak(t, feature.MaxFeatures+1)
	if n != feature.MaxFeatures || err == nil || err.Error() != "This file has more than 100000 entries. Split it into smaller files." {
		t.Errorf("of one more %d came, %v", n, err)
	}
}

func BenchmarkRead100000(b *testing.B) {
	for b.Loop() {
		n, grown, err := peak(b, feature.MaxFeatures)
		if n != feature.MaxFeatures || err != nil {
			b.Fatal(n, err)
		}
		b.ReportMetric(float64(grown)/(1<<20), "MB-peak")
	}
}
