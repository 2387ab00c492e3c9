package pmtiles_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

func layers(fields string, ids ...string) string {
	for i, id := range ids {
		ids[i] = `{"id":"` + id + `","fields":{` + fields + `}}`
	}
	return `"vector_layers":[` + strings.Join(ids, ",") + `]`
}

func TestTheFormOfStreetsIsRecognised(t *testing.T) {
	for name, c := range map[string]struct {
		metadata string
		want     pmtiles.Schema
	}{
		"version 4":                {pmtilestest.V4, pmtiles.Protomaps4},
		"version 3":                {pmtilestest.V3, pmtiles.Protomaps3},
		"fields beat the version":  {`{"version":"1.0",` + layers(`"kind":"String"`, "earth", "water", "roads", "places") + `}`, pmtiles.Protomaps4},
		"version 3, as a number":   {`{"version":3,` + layers(``, "earth", "water", "roads", "places", "transit") + `}`, pmtiles.Protomaps3},
		"version 2":                {`{"version":"2.1",` + layers(`"pmap:kind":"String"`, "earth", "water", "roads", "places", "natural") + `}`, pmtiles.Protomaps2},
		"version 2, only in stats": {`{"tilestats":{"layers":[{"layer":"earth"},{"layer":"natural"},{"layer":"water"},{"layer":"physical_line"},{"layer":"places"},{"layer":"roads"}]}}`, pmtiles.Protomaps2},
		"no fields, new layers":    {`{` + layers(``, "earth", "water", "roads", "places", "landcover") + `}`, pmtiles.Protomaps4},
		"version 5, as we know it": {`{"version":"5.0",` + layers(`"kind":"String"`, "earth", "water", "roads", "places") + `}`, pmtiles.Protomaps4},
	} {
		got, err := open(t, pmtilestest.File{Tiles: square(0, 1), Metadata: c.metadata}.Bytes()).Schema()
		if got != c.want || err != nil {
			t.Errorf("%s: version %d, %v; want %d", name, got.Version(), err, c.want.Version())
		}
		if key := got.KindKey(); (key == "kind") != (c.want == pmtiles.Protomaps4) {
			t.Errorf("%s: %s", name, key)
		}
	}
}

func TestStreetsThatCannotBeDrawnSayWhy(t *testing.T) {
	for says, f := range map[string]pmtilestest.File{
		"holds pictures (PNG)":               {Type: pmtiles.PNG},
		"holds pictures (JPEG)":              {Type: pmtiles.JPEG},
		"holds pictures (WebP)":              {Type: pmtiles.WebP},
		"does not say what its tiles are":    {Header: changed(99, 0)},
		"does not say which layers":          {Metadata: `{}`},
		"in the form of OpenMapTiles":        {Metadata: `{` + layers(``, "water", "transportation", "place") + `}`},
		"in the form of Shortbread":          {Metadata: `{` + layers(``, "ocean", "streets", "place_labels") + `}`},
		`Its layers are "trees", "benches".`: {Metadata: `{` + layers(``, "trees", "benches") + `}`},
		"of version 7, which is newer":       {Metadata: `{"version":"7.1.0",` + layers(`"class":"String"`, "earth", "water", "roads", "places") + `}`},
	} {
		f.Tiles = square(0, 1)
		s, err := open(t, f.Bytes()).Schema()
		if _, ok := errors.AsType[*pmtiles.Refused](err); !ok || s != pmtiles.NoSchema || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "pmtiles extract") {
			t.Errorf("%v, %v; want %q", s, err, says)
		}
	}
}
