package pmtiles_test

import (
	"bytes"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

// Tiles of real streets, as fifty people look at them at once.
func BenchmarkTile(b *testing.B) {
	a := open(b, pmtilestest.Streets(b))
	var all []maptile.Tile
	h := a.Header()
	for z := h.MinZoom; z <= h.MaxZoom; z++ {
		low := maptile.At(orb.Point{h.Bounds.Min[0], h.Bounds.Max[1]}, maptile.Zoom(z))
		high := maptile.At(orb.Point{h.Bounds.Max[0], h.Bounds.Min[1]}, maptile.Zoom(z))
		for x := low.X; x <= high.X; x++ {
			for y := low.Y; y <= high.Y; y++ {
				if _, err := a.Find(b.Context(), z, x, y); err == nil {
					all = append(all, maptile.New(x, y, maptile.Zoom(z)))
				}
			}
		}
	}
	run := func(name string, read func([]byte, pmtiles.Ref) ([]byte, error)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(50)
			b.RunParallel(func(pb *testing.PB) {
				var buf []byte
				for i := 0; pb.Next(); i++ {
					t := all[i%len(all)]
					r, err := a.Find(b.Context(), uint8(t.Z), t.X, t.Y)
					if err == nil {
						buf, err = read(buf[:0], r)
					}
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
	run("stored", a.Append)
	run("unpacked", a.AppendUnpacked)
}

// A tile behind a leaf directory that is in the cache.
func BenchmarkFindInLeaf(b *testing.B) {
	a := open(b, pmtilestest.File{Tiles: square(8, 256), Leaf: 4096}.Bytes())
	b.ReportAllocs()
	for i := uint32(0); b.Loop(); i++ {
		if _, err := a.Find(b.Context(), 8, i%256, i/256%256); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenAndCheck(b *testing.B) {
	raw := pmtilestest.Streets(b)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), nil)
		if err == nil {
			_, err = a.Check(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
