package streets_test

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
)

// BenchmarkPicture is a picture of a page on real streets, drawn and kept: milliseconds, and
// bytes that are sent.
func BenchmarkPicture(b *testing.B) {
	raw := pmtilestest.Streets(b)
	dir := b.TempDir()
	put(b, dir, "monaco.pmtiles", raw)
	s := open(b, dir)
	next := 0 // each is another view
	for name, fine := range map[string]bool{"plain": false, "fine": true} {
		form := streets.Form{Fine: fine}
		view := func(n int) streets.Plan {
			at := orb.Point{7.4215 + float64(n)*1e-6, 43.7365}
			return streets.Plan{View: draw.View{Center: at, Zoom: 16, Width: 320, Height: 320}.Sound()}
		}
		b.Run(name+"/drawn", func(b *testing.B) {
			bytes := 0
			for b.Loop() {
				next++
				file, _, err := s.Picture(b.Context(), view(next), form)
				if err != nil {
					b.Fatal(err)
				}
				bytes = len(file)
			}
			b.ReportMetric(float64(bytes)/1000, "kB/picture")
		})
		b.Run(name+"/kept", func(b *testing.B) {
			key := s.Key(view(0))
			if _, _, err := s.Picture(b.Context(), view(0), form); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, ok := s.Kept(key, form); !ok {
					b.Fatal("it is not kept")
				}
			}
		})
	}
}
