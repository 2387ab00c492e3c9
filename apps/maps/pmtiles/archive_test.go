package pmtiles_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

func open(t testing.TB, file []byte) *pmtiles.Archive {
	t.Helper()
	a, err := pmtiles.Open(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// square is all tiles of a zoom up to a side, each with data of its own.
func square(z uint8, side uint32) []pmtilestest.Tile {
	var all []pmtilestest.Tile
	for x := range side {
		for y := range side {
			all = append(all, pmtilestest.Tile{Z: z, X: x, Y: y, Data: pmtilestest.Layer(fmt.Sprintf("tile %d/%d/%d", z, x, y))})
		}
	}
	return all
}

func TestAFileIsReadAsItWasWritten(t *testing.T) {
	packings := rapid.SampledFrom([]pmtiles.Compression{pmtiles.None, pmtiles.Gzip, pmtiles.Zstd})
	rapid.Check(t, func(t *rapid.T) {
		f := pmtilestest.File{
			Internal: packings.Draw(t, "internal"), Compression: packings.Draw(t, "tiles"),
			Leaf: rapid.IntRange(0, 9).Draw(t, "leaf"), Levels: rapid.IntRange(1, pmtiles.MaxDepth-1).Draw(t, "levels"),
			Bounds: [4]float64{-10.5, 20, 30.25, 40},
		}
		want := map[[3]uint32][]byte{}
		zooms := rapid.Uint8Range(0, 16)
		for range rapid.IntRange(1, 60).Draw(t, "tiles") {
			z := zooms.Draw(t, "z")
			side := rapid.Uint32Range(0, min(uint32(1)<<z-1, 5))
			x, y := side.Draw(t, "x"), side.Draw(t, "y")
			if _, twice := want[[3]uint32{uint32(z), x, y}]; twice {
				continue
			}
			data := pmtilestest.Layer(rapid.SampledFrom([]string{"sea", "land", fmt.Sprint(z, x, y)}).Draw(t, "data"))
			want[[3]uint32{uint32(z), x, y}] = data
			f.Tiles = append(f.Tiles, pmtilestest.Tile{Z: z, X: x, Y: y, Data: data})
		}
		first := f.Tiles[0]
		file := f.Bytes()
		a, err := pmtiles.Open(bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		report, err := a.Check(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		h := a.Header()
		if report.Tiles != uint64(len(want)) || report.Tiles != h.Counts.Addressed || report.Entries != h.Counts.Entries || report.MinZoom != h.MinZoom || report.MaxZoom != h.MaxZoom {
			t.Fatalf("%+v is not %+v", report, h)
		}
		if f.Leaf > 0 && report.Depth != 1+f.Levels {
			t.Fatalf("%d directories on the way, of %d levels", report.Depth, f.Levels)
		}
		if stored, err := a.Tile(context.Background(), first.Z, first.X, first.Y); err != nil || !bytes.Equal(stored, pmtilestest.Pack(f.Compression, first.Data)) {
			t.Fatalf("stored is %x, %v", stored, err)
		}
		for z := range uint8(17) {
			for x := range min(1<<z, uint32(6)) {
				for y := range min(1<<z, uint32(6)) {
					data, ok := want[[3]uint32{uint32(z), x, y}]
					got, err := a.Unpacked(context.Background(), z, x, y)
					if ok != (err == nil) || !bytes.Equal(got, data) || !ok && !errors.Is(err, pmtiles.ErrMissing) {
						t.Fatalf("%d/%d/%d: %q, %v; want %q", z, x, y, got, err, data)
					}
				}
			}
		}
	})
}

func TestAHeaderSaysWhereAndWhat(t *testing.T) {
	h := open(t, pmtilestest.File{Tiles: square(3, 2), Type: pmtiles.WebP, Bounds: [4]float64{7.409205, 43.72335, 7.448637, 43.75169}}.Bytes()).Header()
	want := orb.Bound{Min: orb.Point{7.409205, 43.72335}, Max: orb.Point{7.448637, 43.75169}}
	if h.Bounds != want || !want.Contains(h.Center) || h.MinZoom != 3 || h.MaxZoom != 3 || h.CenterZoom != 3 || h.Type != pmtiles.WebP || !h.Clustered || h.Compression != pmtiles.Gzip || h.Type.MediaType() != "image/webp" {
		t.Errorf("%+v", h)
	}
	h = open(t, pmtilestest.File{Tiles: square(0, 1), Header: func(h []byte) { clear(h[102:118]); h[118] = 9 }}.Bytes()).Header()
	if earth := (orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}); h.Bounds != earth || h.CenterZoom != 0 {
		t.Errorf("without bounds: %+v", h)
	}
}

func TestTilesOutOfRangeAreNowhere(t *testing.T) {
	a := open(t, pmtilestest.File{Tiles: square(3, 8)}.Bytes())
	for _, c := range []struct {
		z    uint8
		x, y uint32
		want error
	}{
		{3, 7, 7, nil}, {3, 8, 0, pmtiles.ErrNowhere}, {3, 0, 8, pmtiles.ErrNowhere}, {32, 0, 0, pmtiles.ErrNowhere},
		{2, 0, 0, pmtiles.ErrMissing}, {4, 0, 0, pmtiles.ErrMissing}, {31, 1<<31 - 1, 1<<31 - 1, pmtiles.ErrMissing},
	} {
		if _, err := a.Tile(t.Context(), c.z, c.x, c.y); !errors.Is(err, c.want) {
			t.Errorf("%d/%d/%d: %v, want %v", c.z, c.x, c.y, err, c.want)
		}
	}
}

// slow counts reads, and holds those of leaves until it is let go.
type slow struct {
	*bytes.Reader

	from   int64
	leaves atomic.Int32
	began  chan struct{}
	hold   chan struct{}
}

func (s *slow) ReadAt(p []byte, at int64) (int, error) {
	if at >= s.from && s.hold != nil {
		if s.leaves.Add(1) == 1 {
			close(s.began)
		}
		<-s.hold
	}
	return s.Reader.ReadAt(p, at)
}

func TestALeafIsReadOnceForAllWhoWait(t *testing.T) {
	file := pmtilestest.File{Tiles: square(6, 64), Leaf: 4096}.Bytes()
	h := open(t, file).Header()
	src := &slow{Reader: bytes.NewReader(file), from: int64(h.Leaves.Offset)}
	a, err := pmtiles.Open(src, int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	src.began, src.hold = make(chan struct{}), make(chan struct{})
	ended, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var found atomic.Int32
	all.Go(func() {
		if _, err := a.Find(t.Context(), 6, 0, 0); err == nil {
			found.Add(1)
		}
	})
	<-src.began
	for i := range uint32(20) {
		all.Go(func() {
			if _, err := a.Find(t.Context(), 6, i, i); err == nil {
				found.Add(1)
			}
		})
	}
	end()
	if _, err := a.Find(ended, 6, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("who stopped waiting got %v", err)
	}
	close(src.hold)
	all.Wait()
	reads := src.leaves.Load()
	if found.Load() != 21 {
		t.Errorf("%d of 21 found their tile", found.Load())
	}
	for i := range uint32(64) {
		if _, err := a.Find(t.Context(), 6, i, 0); err != nil {
			t.Fatal(err)
		}
	}
	if src.leaves.Load() != reads {
		t.Error("the leaf was read once more")
	}
	a.Forget()
	if _, err := a.Find(t.Context(), 6, 0, 0); err != nil || src.leaves.Load() == reads {
		t.Error("a file that was forgotten is still in the cache", err)
	}
}

// The memory that directories take is bounded, whatever is asked for.
func TestTheCacheIsBounded(t *testing.T) {
	const leaf, most = 64, 10_000
	file := pmtilestest.File{Tiles: square(6, 64), Leaf: leaf}.Bytes()
	large := pmtilestest.File{Tiles: square(6, 64), Leaf: 4096}.Bytes()
	shared := pmtiles.NewCache(most)
	var all []*pmtiles.Archive
	for _, raw := range [][]byte{file, file, large} {
		a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), shared)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	for i := range uint32(64) {
		for _, at := range [][2]uint32{{i, i}, {63 - i, i}, {i, 3}} {
			for _, a := range all {
				if _, err := a.Find(t.Context(), 6, at[0], at[1]); err != nil {
					t.Fatal(err)
				}
			}
			if n, bytes := shared.Holds(); bytes > most || n > most/(leaf*24) {
				t.Fatalf("%d directories of %d bytes", n, bytes)
			}
		}
	}
	before, _ := shared.Holds()
	all[0].Forget()
	if n, _ := shared.Holds(); n == 0 || n >= before {
		t.Errorf("of %d directories %d are left when one of two files is forgotten", before, n)
	}
	all[1].Forget()
	if n, bytes := shared.Holds(); n != 0 || bytes != 0 {
		t.Errorf("%d directories of %d bytes are left of nothing", n, bytes)
	}
}

// failing is a card that has gone bad.
type failing struct {
	*bytes.Reader

	from int64
	err  error
}

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > f.from {
		return 0, f.err
	}
	return f.Reader.ReadAt(p, at)
}

// What the disk cannot read is not the fault of the file, and says so.
func TestAReadErrorIsNoDamage(t *testing.T) {
	file := pmtilestest.File{Tiles: square(4, 16), Leaf: 50}.Bytes()
	h := open(t, file).Header()
	for _, from := range []uint64{10, h.Root.Offset + 1, h.Metadata.Offset + 1, h.Leaves.Offset + 1, h.Tiles.Offset} {
		a, err := pmtiles.Open(failing{bytes.NewReader(file), int64(from), os.ErrClosed}, int64(len(file)), nil)
		if err == nil {
			_, err = a.Check(t.Context())
		}
		if _, refused := errors.AsType[*pmtiles.Refused](err); refused || !errors.Is(err, os.ErrClosed) {
			t.Errorf("from byte %d: %v", from, err)
		}
	}
	a, err := pmtiles.Open(failing{bytes.NewReader(file), int64(h.Tiles.Offset), io.ErrUnexpectedEOF}, int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = a.Unpacked(t.Context(), 4, 0, 0); err == nil || !strings.Contains(err.Error(), "read a map file") {
		t.Error(err)
	}
}

func TestACheckEndsWithItsContext(t *testing.T) {
	a := open(t, pmtilestest.File{Tiles: square(4, 16), Leaf: 50}.Bytes())
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := a.Check(ended); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
