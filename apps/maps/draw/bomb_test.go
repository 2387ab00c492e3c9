package draw_test

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
)

// zigzag is a line of n points that fills the tile's middle with long strokes.
func zigzag(n int) (line orb.LineString) {
	for i := range n {
		line = append(line, orb.Point{1400 + 1300*float64(i%2), 1400 + math.Mod(float64(i)*7, 1300)})
	}
	return line
}

// layerOf is a tile of one layer with as many features as fit MaxTile.
func layerOf(t *testing.T, name string, each func(i int) (orb.Geometry, geojson.Properties)) same {
	t.Helper()
	build := func(n int) []byte {
		l := &mvt.Layer{Name: name, Version: 2, Extent: 4096}
		for i := range n {
			g, props := each(i)
			f := geojson.NewFeature(g)
			f.Properties = props
			l.Features = append(l.Features, f)
		}
		raw, err := mvt.Marshal(mvt.Layers{l})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	one := len(build(20)) / 20
	return build(min(60_000, draw.MaxTile*8/10/one))
}

// Tiles made to cost much cost no more than any other: at most what is promised in room,
// and so in time, whatever it is that they have too much of.
func TestBombs(t *testing.T) {
	p := painter(t)
	road := func(kind, name string) geojson.Properties {
		return geojson.Properties{"kind": kind, "name": name}
	}
	for name, tiles := range map[string]same{
		"long lines": layerOf(t, "roads", func(int) (orb.Geometry, geojson.Properties) { return zigzag(5000), road("path", "Path") }),
		"long rings": layerOf(t, "water", func(int) (orb.Geometry, geojson.Properties) {
			ring := orb.Ring(zigzag(20_000))
			return orb.Polygon{append(ring, ring[0])}, geojson.Properties{"kind": "lake"}
		}),
		"one street in many pieces": layerOf(t, "roads", func(i int) (orb.Geometry, geojson.Properties) {
			return orb.LineString{{2000, 2000}, {2050 + float64(i%50), 2000 + float64(i%77)}}, road("minor_road", "High Street")
		}),
		"many streets": layerOf(t, "roads", func(i int) (orb.Geometry, geojson.Properties) {
			return orb.LineString{{1400, 1400 + float64(i%1300)}, {2700, 1400 + float64(i*3%1300)}}, road("minor_road", fmt.Sprint("Street ", i))
		}),
		"many places": layerOf(t, "pois", func(i int) (orb.Geometry, geojson.Properties) {
			return orb.Point{1400 + float64(i%1300), 1400 + float64(i*7%1300)}, road("hospital", fmt.Sprint("Hospital ", i))
		}),
		"long names": layerOf(t, "pois", func(i int) (orb.Geometry, geojson.Properties) {
			return orb.Point{1400 + float64(i%1300), 1400 + float64(i*7%1300)}, road("hospital", strings.Repeat("Ệ", 300)+fmt.Sprint(i))
		}),
		"far outside": layerOf(t, "roads", func(i int) (orb.Geometry, geojson.Properties) {
			return orb.LineString{{-1e9, float64(i)}, {1e9, 2000 + float64(i%100)}, {-1e9, 4000}}, road("path", "Path")
		}),
	} {
		if len(tiles) > draw.MaxTile {
			t.Fatalf("%s: %d bytes", name, len(tiles))
		}
		view := middle()
		view.Width, view.Height = draw.MaxSide, draw.MaxSide
		peak := most(func() {
			pic, err := p.Draw(t.Context(), view, tiles, nil, draw.Look{})
			if err != nil || len(pic.PNG) == 0 {
				t.Errorf("%s: %v", name, err)
			}
		})
		if t.Logf("%s: a tile of %d kB, at most %d kB in use", name, len(tiles)/1000, peak/1000); peak > 30<<20 {
			t.Errorf("%s: %d bytes in use", name, peak)
		}
	}
}

// most is how many bytes of memory are in use at most while something is done, besides
// those that were before, as far as is seen by looking every few milliseconds.
func most(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(30))
	var now runtime.MemStats
	inUse := func() uint64 {
		runtime.ReadMemStats(&now)
		return now.HeapAlloc
	}
	debug.FreeOSMemory()
	before := inUse()
	// What is not in use any more is collected before more is taken, however busy the
	// machine is.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(now.Sys-now.HeapReleased) + 22<<20))
	peak := before
	done, looked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		for tick := time.NewTicker(3 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				peak = max(peak, inUse())
			}
		}
	}()
	do()
	close(done)
	<-looked
	return max(peak, before) - before
}
