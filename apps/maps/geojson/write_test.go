package geojson_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
)

func written(t interface{ Fatal(...any) }, bbox bool, fs ...feature.Feature) string {
	var b strings.Builder
	w := geojson.NewWriter(&b, bbox)
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

func TestAFileIsWrittenAsRFC7946HasIt(t *testing.T) {
	got := written(t, true,
		feature.Feature{
			ID: "a", Name: "Town <hall>", Description: "By the\nriver", Geometry: orb.Point{-73.21210004, 44.4759},
			Props: []feature.Prop{
				{Name: "beds", Value: "120", JSON: true}, {Name: "zip", Value: "05401"}, {Name: "note", JSON: true}, {Name: "tags", Value: "{\n\"a\": 1}", JSON: true},
				{Name: "odd", Value: "{", JSON: true}, {Name: "zip", Value: "05402"}, {Name: "name", Value: "another"},
			},
		},
		feature.Feature{Geometry: orb.Polygon{{{0, 0}, {0, 4}, {4, 4}, {0, 0}}}},
		feature.Feature{},
	)
	const want = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[-73.2121,44.4759]},"properties":{"name":"Town <hall>","description":"By the\nriver","beds":120,"zip":"05401","note":null,"tags":{"a":1},"odd":"{","zip_2":"05402","name_2":"another"}},
{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[4,4],[0,4],[0,0]]]},"properties":null},
{"type":"Feature","geometry":null,"properties":null}
],"bbox":[-73.2121,0,4,44.4759]}
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnEmptyFileIsOne(t *testing.T) {
	got := written(t, true)
	fs, said := readAll(got)
	if len(fs) != 0 || said != nil || !json.Valid([]byte(got)) {
		t.Errorf("%s: %v %q", got, fs, said)
	}
}

func TestWhatIsNotSoundIsNotWritten(t *testing.T) {
	w := geojson.NewWriter(&strings.Builder{}, false)
	err := w.Put(feature.Feature{At: feature.Nth(4), Geometry: orb.Point{0, 91}})
	if _, ok := errors.AsType[*feature.Refused](err); !ok {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAFullDiskIsTold(t *testing.T) {
	w := geojson.NewWriter(failing{}, false)
	for _, err := range []error{w.Put(feature.Feature{}), w.Put(feature.Feature{}), w.Close()} {
		if err == nil || err.Error() != "the disk is full" {
			t.Errorf("got %v", err)
		}
	}
}

// anyFeature is one as a source gives it: sound, and at most one value of a name.
func anyFeature(t *rapid.T, n int) feature.Feature {
	f := feature.Feature{
		ID: rapid.StringN(0, 20, 60).Draw(t, "id"), Name: rapid.StringN(0, 20, 100).Draw(t, "name"), Description: rapid.String().Draw(t, "description"),
		Geometry: anyGeometry(t), At: feature.Nth(n),
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringN(0, 10, 40), 0, 20, rapid.ID[string]).Draw(t, "names") {
		if name == "name" || name == "description" || name == "title" || name == "desc" || name == "crs" {
			continue
		}
		p := feature.Prop{Name: name, Value: rapid.String().Draw(t, "value")}
		if rapid.Bool().Draw(t, "json") {
			p = feature.Prop{Name: name, Value: rapid.SampledFrom([]string{"", "true", "1", "-0.50e+10", "12345678901234567890", `{"a":[1,null,"é"]}`, "[]"}).Draw(t, "value"), JSON: true}
		}
		f.Props = append(f.Props, p)
	}
	return f
}

func anyGeometry(t *rapid.T) orb.Geometry {
	degrees := func(most int) float64 {
		return feature.Round(float64(rapid.IntRange(-most*1e7, most*1e7).Draw(t, "degrees")) / 1e7)
	}
	point := func() orb.Point { return orb.Point{degrees(180), degrees(90)} }
	line := func() orb.LineString { // not across the antimeridian
		lon, lat := degrees(179), degrees(89)
		return orb.LineString{{lon, lat}, {lon + 0.5, lat}, {lon, lat + 0.25}}
	}
	polygon := func() orb.Polygon {
		l := line()
		return orb.Polygon{{l[0], l[1], l[2], l[0]}}
	}
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 1:
		return point()
	case 2:
		return orb.MultiPoint{point(), point()}
	case 3:
		return rounded(line())
	case 4:
		return orb.MultiLineString{rounded(line()), rounded(line())}
	case 5:
		p := polygon()
		return orb.Polygon{orb.Ring(rounded(orb.LineString(p[0])))}
	case 6:
		return orb.MultiPolygon{{orb.Ring(rounded(orb.LineString(polygon()[0])))}, {orb.Ring(rounded(orb.LineString(polygon()[0])))}}
	}
	return nil
}

func rounded(l orb.LineString) orb.LineString {
	for i := range l {
		l[i] = orb.Point{feature.Round(l[i][0]), feature.Round(l[i][1])}
	}
	return l
}

func TestWrittenAndReadIsEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fs []feature.Feature
		for n := range rapid.IntRange(0, 5).Draw(t, "n") {
			fs = append(fs, anyFeature(t, n+1))
		}
		file := written(t, rapid.Bool().Draw(t, "bbox"), fs...)
		if !json.Valid([]byte(file)) {
			t.Fatalf("not JSON: %s", file)
		}
		back, said := readAll(file)
		if said != nil || !reflect.DeepEqual(back, fs) {
			t.Fatalf("said %q\nfile %s\ngot  %#v\nwant %#v", said, file, back, fs)
		}
	})
}
