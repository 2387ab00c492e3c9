package geojson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
)

// FuzzRead holds to three things whatever comes: what is taken to its end is JSON; what
// is taken is sound and within its bounds; and written and read again it stays so.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"a":"\u00e9","b":[1,{"c":null}]}}]}`,
		"\x1e" + `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[170,0],[-170,0],[-170,9],[170,9],[170,0]]]},"properties":null}` + "\n",
		`{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[1,2],[3,4,5]]}]}`,
		`{"type":"Feature","properties":{"name":"x","name_2":"y"},"foreign":{}}{"type":"Point","coordinates":[]}`,
		"\xef\xbb\xbf{}", `{"a":[`, `{"features":[{"attributes":{}}]}`, `{"type":"FeatureCollection","crs":{"type":"name"},"features":[]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var fs []feature.Feature
		var last error
		r := geojson.NewReader(bytes.NewReader(file), 1<<20)
		for {
			one, err := r.Next()
			if _, goesOn := errors.AsType[*feature.Refused](err); goesOn {
				continue
			}
			if last = err; err != nil {
				break
			}
			again, err := one.Fit()
			if err != nil || !same(again, one) {
				t.Fatalf("not sound: %#v, %v", one, err)
			}
			fs = append(fs, one)
		}
		if errors.Is(last, io.EOF) && !bytes.ContainsRune(file, 0x1e) {
			isJSON(t, file)
		}
		back, said := readAll(written(t, true, fs...))
		if said != nil || len(back) != len(fs) {
			t.Fatalf("%d written, %d came back: %q", len(fs), len(back), said)
		}
	})
}

func same(a, b feature.Feature) bool {
	return bytes.Equal(geojson.AppendGeometry(nil, a.Geometry), geojson.AppendGeometry(nil, b.Geometry))
}

func isJSON(t *testing.T, file []byte) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))))
	for {
		var whole json.RawMessage
		if err := d.Decode(&whole); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("taken, but no JSON: %v", err)
		}
	}
}
