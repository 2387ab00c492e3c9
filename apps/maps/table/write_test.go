package table_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
)

func written(t interface{ Fatal(...any) }, props []string, fs ...feature.Feature) string {
	var b strings.Builder
	w := table.NewWriter(&b, props)
	for _, f := range fs {
		if err := w.Put(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestATableIsWritten(t *testing.T) {
	got := written(t, []string{"kind", "capacity_everyday", "color", "latitude"},
		feature.Feature{ID: "a", Name: "Elm; \"A\"", Description: "two\nlines", Geometry: orb.Point{-73.21210004, 44.4759}, Props: []feature.Prop{
			{Name: "color", Value: "red"}, {Name: "kind", Value: "shelter"}, {Name: "latitude", Value: "high"}, {Name: "note", JSON: true},
		}},
		feature.Feature{Geometry: orb.Polygon{{{0, 0}, {0, 4}, {4, 4}, {0, 0}}}},
		feature.Feature{Name: "=1+1", Description: "-5", Props: []feature.Prop{{Name: "color", Value: "+1 802 555 0100"}, {Name: "kind", Value: "x;=y"}}},
	)
	want := "\ufeffid,name,description,latitude,longitude,wkt,kind,capacity_everyday,color,latitude\r\n" +
		"#meta+id,#loc+name,#description,#geo+lat,#geo+lon,#geo+wkt,#loc+type,#capacity+everyday,,#x_latitude\r\n" +
		"a,\"Elm; \"\"A\"\"\",\"two\nlines\",44.4759,-73.2121,,shelter,,red,high\r\n" +
		",,,,,\"POLYGON ((0 0, 4 4, 0 4, 0 0))\",,,,\r\n" +
		",'=1+1,-5,,,,\"x;'=y\",,'+1 802 555 0100,\r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnEmptyTableHasItsHeadings(t *testing.T) {
	if got := written(t, nil); !strings.HasPrefix(got, "\ufeffid,name,description,latitude,longitude,wkt\r\n#meta+id,") || strings.Count(got, "\n") != 2 {
		t.Errorf("got %q", got)
	}
}

func TestWhatHasNoColumnIsNotLostUnseen(t *testing.T) {
	w := table.NewWriter(&strings.Builder{}, []string{"a"})
	for want, f := range map[string]feature.Feature{
		"entry 1: The table has no column for its “b”.": {At: feature.Nth(1), Props: []feature.Prop{{Name: "b", Value: "x"}}},
		"entry 2: The table has no column for its “a”.": {At: feature.Nth(2), Props: []feature.Prop{{Name: "a", Value: "x"}, {Name: "a", Value: "y"}}},
	} {
		err := w.Put(f)
		if _, ok := errors.AsType[*feature.Refused](err); !ok || err.Error() != want {
			t.Errorf("got %v", err)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAFullDiskIsTold(t *testing.T) {
	w := table.NewWriter(failing{}, nil)
	for _, err := range []error{w.Put(feature.Feature{}), w.Put(feature.Feature{}), w.Close()} {
		if err == nil || err.Error() != "the disk is full" {
			t.Errorf("got %v", err)
		}
	}
}

// dangerous begins like a formula where a spreadsheet looks for one.
func dangerous(cell string) bool {
	return strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") || strings.HasPrefix(cell, "＝") || strings.HasPrefix(cell, "＋") || strings.HasPrefix(cell, "－") || strings.HasPrefix(cell, "＠")
}

func TestNoCellIsAFormula(t *testing.T) {
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"=", "+", "-", "@", "'", "\"", ";", ",", "|", "\t", "\n", "\r", " ", "a", "1", "cmd|' /C calc'!A0", "＝", "HYPERLINK(\"x\")"}), 1, 8)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(words.Draw(t, "words"), "")
		file := written(t, []string{"p"}, feature.Feature{ID: "1", Name: text, Props: []feature.Prop{{Name: "p", Value: text}}})
		rows := strings.SplitN(strings.ReplaceAll(file, `""`, "\x00"), "\r\n", 3)
		// However it is split: as it should be, or as other countries' spreadsheets do,
		// who see no quotation either.
		for _, cell := range strings.FieldsFunc(rows[2], func(r rune) bool { return strings.ContainsRune(";\t\n\r", r) }) {
			if dangerous(cell) && !plain(cell) {
				t.Fatalf("%q has %q", file, cell)
			}
		}
		fs, said := readAll(t, file)
		want := lines(text)
		if len(fs) != 1 || fs[0].Name != want || fs[0].Props[0].Value != want || said != nil {
			t.Fatalf("%q came back as %#v %q", text, fs, said)
		}
		if dangerous(want) && !plain(want) && !strings.Contains(file, "'"+want[:1]) {
			t.Fatalf("%q is not bound in %q", text, file)
		}
	})
}

// lines is a text with the line ends that come back.
func lines(s string) string { return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s) }

func anyFeature(t *rapid.T, props []string, n int) feature.Feature {
	text := rapid.Custom(func(t *rapid.T) string {
		return lines(rapid.StringN(0, 30, 120).Draw(t, "text"))
	})
	f := feature.Feature{
		ID: text.Draw(t, "id"), Name: rapid.StringMatching(`[=+\-@']?[a-zé;,"\t]{1,9}`).Draw(t, "name"), Description: text.Draw(t, "description"),
		Geometry: anyGeometry(t),
	}
	for _, name := range props {
		if v := text.Draw(t, "value"); v != "" {
			f.Props = append(f.Props, feature.Prop{Name: name, Value: v})
		}
	}
	return f
}

func anyGeometry(t *rapid.T) orb.Geometry {
	lon := feature.Round(float64(rapid.IntRange(-178e7, 178e7).Draw(t, "lon")) / 1e7)
	lat := feature.Round(float64(rapid.IntRange(-89e7, 89e7).Draw(t, "lat")) / 1e7)
	a, b, c := orb.Point{lon, lat}, orb.Point{feature.Round(lon + 0.5), lat}, orb.Point{lon, feature.Round(lat + 0.25)}
	return rapid.SampledFrom([]orb.Geometry{
		nil, a, orb.MultiPoint{a, b}, orb.LineString{a, b, c}, orb.MultiLineString{{a, b}, {c, a}},
		orb.Polygon{{a, b, c, a}}, orb.MultiPolygon{{{a, b, c, a}}, {{a, b, c, a}}},
	}).Draw(t, "geometry")
}

func TestWrittenAndReadIsEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		props := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"kind", "pets", "capacity_everyday", "people", "color", "phone", "=x", "name", "lat", "wkt", "place"}), 0, 6, rapid.ID[string]).Draw(t, "props")
		var fs []feature.Feature
		for n := range rapid.IntRange(0, 4).Draw(t, "n") {
			fs = append(fs, anyFeature(t, props, n))
		}
		file := written(t, props, fs...)
		back, said := readAll(t, file)
		for i := range back {
			back[i].At = fs[min(i, len(fs)-1)].At
		}
		if said != nil || !reflect.DeepEqual(back, fs) {
			t.Fatalf("said %q\nfile %q\ngot  %#v\nwant %#v", said, file, back, fs)
		}
	})
}

func TestANameMayComeTwice(t *testing.T) {
	f := feature.Feature{At: feature.Line(3), Props: []feature.Prop{{Name: "color", Value: "red"}, {Name: "kind", Value: "x"}, {Name: "color", Value: "blue"}}}
	fs, said := readAll(t, written(t, []string{"color", "kind", "color"}, f))
	if len(fs) != 1 || !reflect.DeepEqual(fs[0], f) || said != nil {
		t.Errorf("got %v %q", fs, said)
	}
}

func TestEveryRoleIsWrittenAndKnownAgain(t *testing.T) {
	var props []string
	for _, r := range table.Roles() {
		if !slices.Contains([]table.Role{table.Keep, table.LeaveIt, table.Latitude, table.Longitude, table.WKT, table.Place, table.ID, table.Name, table.Description}, r) {
			props = append(props, string(r))
		}
	}
	p, err := table.Propose([]byte(written(t, props, feature.Feature{Name: "A"})), true)
	if want := "id name description latitude longitude wkt " + strings.Join(props, " "); err != nil || roles(p) != want {
		t.Errorf("got %q (%v), want %q", roles(p), err, want)
	}
}

// plain reports whether a cell is a mere number.
func plain(cell string) bool { return strings.Trim(cell, "-.0123456789") == "" }

func TestApostrophesStayAsTheyAre(t *testing.T) {
	for _, text := range []string{"l'=école", "'tis", "'", "''", "'=", "''=", "'-5", "-5", "-5-", "a;'=b", "a;=b", "x\n- y\n'- z", "a'\n='b"} {
		fs, said := readAll(t, written(t, nil, feature.Feature{ID: "1", Name: text}))
		if len(fs) != 1 || fs[0].Name != text || said != nil {
			t.Errorf("%q came back as %v %q", text, fs, said)
		}
	}
}
