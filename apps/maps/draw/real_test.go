package draw_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	xdraw "image/draw"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

// extract is the tiles of one file.
type extract struct{ *pmtiles.Archive }

// Tile is the deepest tile that there is over z/x/y.
func (e extract) Tile(ctx context.Context, z uint8, x, y uint32) (draw.Tile, error) {
	for {
		data, err := e.Unpacked(ctx, z, x, y)
		switch {
		case err == nil:
			return draw.Tile{Z: z, X: x, Y: y, Data: data}, nil
		case !errors.Is(err, pmtiles.ErrMissing):
			return draw.Tile{}, err
		case z == 0:
			return draw.Tile{}, nil
		}
		z, x, y = z-1, x/2, y/2
	}
}

// streets is an extract of real streets; the test does not run and says so where there is
// no sample data.
func streets(t testing.TB) extract {
	t.Helper()
	raw := pmtilestest.Streets(t)
	a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), pmtiles.NewCache(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return extract{a}
}

// port is the harbour of the real streets.
func port(zoom float64) draw.View {
	return draw.View{Center: orb.Point{7.4215, 43.7365}, Zoom: zoom, Width: 360, Height: 360, Scale: 1}
}

// On real streets the names of the streets that somebody would look for are drawn, each
// where that street is; a picture of a page is no larger than a page may be.
func TestRealStreetsAreNamed(t *testing.T) {
	p, tiles := painter(t), streets(t)
	for zoom, want := range map[float64][]string{
		15: {"Boulevard du Larvotto", "Boulevard Rainier III", "Rue Grimaldi"},
		16: {"Rue Grimaldi", "Boulevard de Suisse", "Boulevard du Larvotto", "Route de la Piscine"},
		17: {"Rue Grimaldi", "Boulevard Albert 1er", "Avenue de la Costa"},
	} {
		pic, err := p.Draw(t.Context(), port(zoom), tiles, nil, draw.Look{})
		img := drawn(t, pic, err)
		pic, err = p.Nameless(t.Context(), port(zoom), tiles, nil, draw.Look{})
		bare := drawn(t, pic, err)
		puts, err := p.Names(t.Context(), port(zoom), tiles, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range want {
			i := slices.IndexFunc(puts, func(q draw.Put) bool { return q.Text == name })
			if i < 0 {
				t.Errorf("zoom %v: no %s", zoom, name)
				continue
			}
			dark := 0 // letters that are really there, in the ink of names
			for _, l := range puts[i].Places {
				sin, cos := math.Sincos(l.Angle)
				x, y := int(l.At.X+sin*4), int(l.At.Y-cos*4)
				_, n := difference(crop(img, x, y), crop(bare, x, y))
				if n > 5 {
					dark++
				}
			}
			if dark < len(puts[i].Places)*3/4 {
				t.Errorf("zoom %v: of %s only %d letters are seen", zoom, name, dark)
			}
		}
	}
}

// Whoever draws, and however many at once, the same view is the same file.
func TestTheSameViewIsTheSameFile(t *testing.T) {
	p, tiles := painter(t), streets(t)
	marks := []draw.Mark{{ID: "a", Number: 1, Geometry: orb.Point{7.4215, 43.7365}}, {Kind: draw.Here, Geometry: orb.Point{7.422, 43.737}}}
	files := make([][]byte, 6)
	var all sync.WaitGroup
	for i := range files {
		all.Go(func() {
			pic, err := p.Draw(t.Context(), port(16), tiles, marks, draw.Look{})
			if err != nil {
				t.Error(err)
			}
			files[i] = pic.PNG
		})
	}
	all.Wait()
	for i, f := range files {
		if !bytes.Equal(f, files[0]) {
			t.Errorf("file %d is another one", i)
		}
	}
}

func crop(img image.Image, x, y int) image.Image {
	c := image.NewRGBA(image.Rect(0, 0, 10, 10))
	xdraw.Draw(c, c.Bounds(), img, image.Pt(x-5, y-5), xdraw.Src)
	return c
}

// A picture of a page is small enough to be sent over a slow network, at every zoom.
func TestRealPicturesAreSmall(t *testing.T) {
	p, tiles := painter(t), streets(t)
	for zoom := 0.0; zoom <= draw.MaxZoom; zoom++ {
		pic, err := p.Draw(t.Context(), port(zoom), tiles, nil, draw.Look{})
		drawn(t, pic, err)
		if !pic.Streets || len(pic.PNG) > 60_000 {
			t.Errorf("zoom %v: %d bytes, streets: %v", zoom, len(pic.PNG), pic.Streets)
		}
	}
}

// The largest picture of the densest streets needs no more room than is promised.
func TestRealPicturesNeedLittleRoom(t *testing.T) {
	p, tiles := painter(t), streets(t)
	for name, v := range map[string]draw.View{"page": port(15), "largest": {Center: port(15).Center, Zoom: 15, Width: 512, Height: 512, Scale: 2}} {
		peak := most(func() {
			if _, err := p.Draw(t.Context(), v, tiles, nil, draw.Look{}); err != nil {
				t.Error(err)
			}
		})
		if t.Logf("%s: at most %d kB in use", name, peak/1000); peak > 30<<20 || name == "page" && peak > 12<<20 {
			t.Errorf("%s: %d bytes in use", name, peak)
		}
	}
}

func BenchmarkRealStreets(b *testing.B) {
	p, tiles := painter(b), streets(b)
	for _, zoom := range []float64{13, 14, 15, 16, 18} {
		for _, scale := range []int{1, 2} {
			v := port(zoom)
			v.Scale = scale
			b.Run(fmt.Sprintf("zoom=%v/scale=%d", zoom, scale), func(b *testing.B) {
				b.ReportAllocs()
				bytes := 0
				for b.Loop() {
					pic, err := p.Draw(b.Context(), v, tiles, nil, draw.Look{})
					if err != nil {
						b.Fatal(err)
					}
					bytes = len(pic.PNG)
				}
				b.ReportMetric(float64(bytes)/1000, "kB/picture")
			})
		}
	}
}
