package exchange_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// FuzzFile reads any file as what it seems to be. What is taken of it is fit to be signed,
// and is read again as it was taken.
func FuzzFile(f *testing.F) {
	for _, s := range []string{
		"name,type,lat,lon,capacity,people,pets,langs,offers,status\nA,shelter,44,-73,80,1.200,y,en fr,beds,open\n",
		`{"type":"Feature","id":"x","geometry":{"type":"Point","coordinates":[-73,44]},"properties":{"name":"A","standing":{"status":"open","offers":["beds"]},"people":{"present":-3},"versions":{"details":"0011223344556677"}}}`,
		`{"type":"Feature","geometry":null,"properties":{"SHELTER_NAME":"A","SHELTER_STATUS":"OPEN","TOTAL_POPULATION":1e7,"LATITUDE":44,"LONGITUDE":-73}}`,
		`<kml><Folder><name>Water</name><Placemark id="a"><name>A</name><Point><coordinates>-73,44</coordinates></Point></Placemark></Folder></kml>`,
		`<gpx><wpt lat="44" lon="-73"><name>A</name><sym>Shower</sym></wpt></gpx>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		format := exchange.Detect("", b[:min(len(b), 512)])
		file := bytes.NewReader(b)
		var m *table.Mapping
		if format == exchange.CSV {
			p, err := exchange.Propose(file, int64(len(b)))
			if err != nil {
				return
			}
			m = &p.Mapping
		}
		src, err := exchange.Open(file, int64(len(b)), format, m, nil)
		if err != nil {
			return
		}
		defer src.Close()
		r := exchange.NewReader(src, exchange.Options{Source: "x", Region: orb.Bound{Min: orb.Point{-75, 43}, Max: orb.Point{-71, 46}}})
		for {
			e, err := r.Next()
			if _, refused := errors.AsType[*feature.Refused](err); refused {
				continue
			}
			if err != nil {
				return
			}
			if !hub.ValidID(e.ID) {
				t.Fatalf("%q is no id", e.ID)
			}
			if e.Nowhere {
				continue
			}
			if err := e.Sheet.Check(); err != nil {
				t.Fatalf("%+v: %v", e.Sheet, err)
			}
			comesBack(t, e)
		}
	})
}

func comesBack(t *testing.T, e exchange.Entry) {
	var out bytes.Buffer
	w := exchange.NewSink(&out, exchange.GeoJSON, "")
	if err := errors.Join(w.Put(exchange.FeatureOf(e.ID, e.Sheet, exchange.Told{Version: "0011223344556677"})), w.Close()); err != nil {
		t.Fatal(err)
	}
	src, err := exchange.Open(bytes.NewReader(out.Bytes()), int64(out.Len()), exchange.GeoJSON, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	back, err := exchange.NewReader(src, exchange.Options{}).Next()
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	a, err := e.Sheet.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Sheet.Encode()
	if err = errors.Join(err, src.Close()); err != nil || !bytes.Equal(again, a) || back.ID != e.ID || len(back.Notes) > 0 {
		t.Fatalf("%+v came back as %+v, %v\n%s", e, back, err, out.String())
	}
}
