package feature_test

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
	"github.com/lamppost-hub/lamppost/apps/maps/gpx"
	"github.com/lamppost-hub/lamppost/apps/maps/kml"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
)

// format writes features into a file, and reads one.
type format struct {
	name  string
	areas bool // it has outlines
	write func(io.Writer, []string) feature.Sink
	read  func([]byte) (feature.Source, error)
}

func formats() []format {
	return []format{
		{
			"GeoJSON", true,
			func(w io.Writer, _ []string) feature.Sink { return geojson.NewWriter(w, true) },
			func(b []byte) (feature.Source, error) { return geojson.NewReader(bytes.NewReader(b), 0), nil },
		},
		{
			"CSV", true,
			func(w io.Writer, props []string) feature.Sink { return table.NewWriter(w, props) },
			func(b []byte) (feature.Source, error) {
				p, err := table.Propose(b, true)
				if err != nil {
					return nil, err
				}
				return table.NewReader(bytes.NewReader(b), 0, p.Mapping, nil)
			},
		},
		{
			"KML", true,
			func(w io.Writer, _ []string) feature.Sink { return kml.NewWriter(w, "Places") },
			func(b []byte) (feature.Source, error) { return kml.NewReader(bytes.NewReader(b)), nil },
		},
		{
			"GPX", false,
			func(w io.Writer, _ []string) feature.Sink { return gpx.NewWriter(w, "Places") },
			func(b []byte) (feature.Source, error) { return gpx.NewReader(bytes.NewReader(b)), nil },
		},
	}
}

// TestPlacesGoThroughEveryFormat carries places from one program to the next: what all
// of them know comes back whole.
func TestPlacesGoThroughEveryFormat(t *testing.T) {
	props := []string{"kind", "capacity_everyday", "hours", "color"}
	text := rapid.StringMatching(`[=+\-@'"<&a-zé東][a-z ;,&<>"'\n0-9é]{0,12}[.a-z'"]`)
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.Permutation(formats()).Draw(t, "way")
		areas := rapid.Bool().Draw(t, "areas")
		var want []feature.Feature
		for n := range rapid.IntRange(1, 4).Draw(t, "n") {
			f := feature.Feature{
				ID: fmt.Sprintf("place-%d", n), Name: rapid.StringMatching(`[=+\-@A-Zé][a-z é;,&<"]{0,9}[a-z]`).Draw(t, "name"), Description: text.Draw(t, "description"),
				Geometry: somewhere(t, areas),
			}
			for _, name := range props {
				if rapid.Bool().Draw(t, name) {
					f.Props = append(f.Props, feature.Prop{Name: name, Value: text.Draw(t, "value")})
				}
			}
			want = append(want, f)
		}
		fs := want
		for _, via := range way {
			if areas && !via.areas {
				continue
			}
			var file bytes.Buffer
			w := via.write(&file, props)
			for _, f := range fs {
				if err := w.Put(f); err != nil {
					t.Fatal(via.name, err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(via.name, err)
			}
			r, err := via.read(file.Bytes())
			if err != nil {
				t.Fatal(via.name, err)
			}
			fs = nil
			for f, err := range feature.All(r) {
				if err != nil {
					t.Fatalf("%s: %v\n%s", via.name, err, file.String())
				}
				f.At = hub.Said{}
				fs = append(fs, f)
			}
			if !reflect.DeepEqual(fs, want) {
				t.Fatalf("by %s\n%s\ngot  %#v\nwant %#v", via.name, file.String(), fs, want)
			}
		}
	})
}

func somewhere(t *rapid.T, areas bool) orb.Geometry {
	at := func() orb.Point {
		return orb.Point{feature.Round(float64(rapid.IntRange(-179e6, 179e6).Draw(t, "lon")) / 1e6), feature.Round(float64(rapid.IntRange(-89e6, 89e6).Draw(t, "lat")) / 1e6)}
	}
	a := at()
	switch kind := rapid.IntRange(0, 2).Draw(t, "kind"); {
	case kind == 2 && areas:
		return orb.Polygon{{a, {feature.Round(a[0] + 0.5), a[1]}, {a[0], feature.Round(a[1] + 0.25)}, a}}
	case kind == 1:
		return orb.LineString{a, {feature.Round(a[0] + 0.5), a[1]}}
	}
	return a
}
