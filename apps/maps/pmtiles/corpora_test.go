package pmtiles_test

import (
	"bytes"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

// Every tile that the file claims is there, and is streets in the form that was recognised.
func TestRealStreetsAreReadWhole(t *testing.T) {
	a := open(t, pmtilestest.Streets(t))
	h := a.Header()
	report, err := a.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Tiles != h.Counts.Addressed || report.Entries != h.Counts.Entries || report.MinZoom != h.MinZoom || report.MaxZoom != h.MaxZoom {
		t.Errorf("%+v is not what %+v says", report, h)
	}
	schema, err := a.Schema()
	if err != nil || schema != pmtiles.Protomaps4 || a.Metadata().Credit() != "© OpenStreetMap" {
		t.Errorf("version %d, %v, thanks to %s", schema.Version(), err, a.Metadata().Credit())
	}
	tiles, names, kinds := uint64(0), map[string]bool{}, 0
	for z := h.MinZoom; z <= h.MaxZoom; z++ {
		low := maptile.At(orb.Point{h.Bounds.Min[0], h.Bounds.Max[1]}, maptile.Zoom(z))
		high := maptile.At(orb.Point{h.Bounds.Max[0], h.Bounds.Min[1]}, maptile.Zoom(z))
		for x := low.X; x <= high.X; x++ {
			for y := low.Y; y <= high.Y; y++ {
				raw, err := a.Unpacked(t.Context(), z, x, y)
				if err != nil {
					t.Logf("%d/%d/%d: %v", z, x, y, err)
					continue
				}
				tiles++
				decoded, err := mvt.Unmarshal(raw)
				if err != nil {
					t.Fatalf("%d/%d/%d: %v", z, x, y, err)
				}
				for _, layer := range decoded {
					for _, f := range layer.Features {
						if _, ok := f.Properties[schema.KindKey()]; ok {
							kinds++
						}
						if name, ok := f.Properties["name"].(string); ok && layer.Name == "roads" {
							names[name] = true
						}
					}
				}
			}
		}
	}
	if tiles != report.Tiles {
		t.Errorf("%d of %d tiles were found", tiles, report.Tiles)
	}
	if len(names) < 100 || !names["Avenue Princesse Grace"] || kinds < 1000 {
		t.Errorf("%d street names, %d things that say their kind", len(names), kinds)
	}
}

// A real file that was cut off anywhere is refused, as is one with a byte changed.
func TestRealStreetsThatBrokeAreRefused(t *testing.T) {
	whole := pmtilestest.Streets(t)
	for at := 0; at < len(whole); at += 1 + at/3 {
		if err := check(t, whole[:at]); err == nil {
			t.Errorf("cut off at %d it was taken", at)
		}
	}
	h := open(t, whole).Header()
	for _, section := range []pmtiles.Span{h.Root, h.Metadata, h.Tiles} {
		for at := section.Offset + 12; at < section.Offset+section.Length; at += 1 + section.Length/40 {
			broken := bytes.Clone(whole)
			broken[at] ^= 0x10
			if err := check(t, broken); err == nil {
				t.Errorf("with byte %d changed it was taken", at)
			}
		}
	}
}
