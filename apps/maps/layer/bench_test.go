package layer_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

// town makes up so many places as lists of shelters, pharmacies and fountains have them:
// names that are like each other, house numbers and telephone numbers that are not.
func town(n int, each func(layer.Entry) error) error {
	r := rand.New(rand.NewPCG(7, 7))
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return err
	}
	for i := range n {
		street := fmt.Sprintf("%d %s %s", 1+r.IntN(4000), pick("Alder", "Birch", "Canal", "Depot", "Elm", "Foundry", "Granite", "Harbor", "Ivy", "Juniper", "Mill", "Pine", "River"), pick("Street", "Avenue", "Road", "Lane", "Court"))
		kind := 1 + r.IntN(11)
		name := pick("North", "South", "East", "West", "Old", "New", "Upper", "Lower") + " " + pick("Alder", "Brook", "Hill", "Lake", "Meadow", "Mountain", "River", "Valley") + " " +
			pick("Elementary School", "High School", "Community Center", "Church", "Fire Station", "Library", "Recreation Center", "Pharmacy", "Drinking Fountain", "Senior Center")
		body := map[int]any{
			1: kind, 3: name, 4: street + pick(", gymnasium", ", entrance at the back", ", second floor", ""),
			5: fmt.Sprintf("(802) 555-%04d", r.IntN(10000)), 6: pick("8 to 20 every day", "Monday to Friday 9-17", "when there is a warning", ""), 7: r.IntN(3), 8: r.IntN(3), 10: 20 * r.IntN(20), 11: 20 * r.IntN(40),
		}
		raw, err := mode.Marshal(body)
		if err != nil {
			return err
		}
		lat, lon := 44+r.NormFloat64()*0.3, -73+r.NormFloat64()*0.3
		if err := each(layer.Entry{ID: fmt.Sprintf("%08x", r.Uint32()) + fmt.Sprint(i), Class: uint8(kind), Bound: orb.Point{lon, lat}.Bound(), Body: raw}); err != nil {
			return err
		}
	}
	return nil
}

// scratch is a file without a name.
func scratch(t testing.TB) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "scratch"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func townLayer(t testing.TB, n int) []byte {
	t.Helper()
	var file bytes.Buffer
	w := layer.NewWriter(&file, scratch(t))
	if err := town(n, w.Add); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// townIndex is an index in a file.
func townIndex(t testing.TB, n int) *layer.Index {
	t.Helper()
	f := scratch(t)
	if _, err := f.Write(indexed(t, townLayer(t, n))); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	x, err := layer.Open(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// BenchmarkNearest50 is the nearest 50 of 100,000, from one place after another.
func BenchmarkNearest50(b *testing.B) {
	x := townIndex(b, layer.MaxEntries)
	skip := map[string]bool{"none": true}
	for _, c := range []struct {
		name    string
		of      layer.Classes
		measure func(layer.Entry) (float64, bool)
	}{
		{"any", layer.AllClasses(), nil},
		{"one kind of eleven", layer.ClassesOf(func(c uint8) bool { return c == 1 }), nil},
		{"but some", layer.AllClasses(), func(e layer.Entry) (float64, bool) { return layer.Away(orb.Point{-73, 44}, e.Bound), !skip[e.ID] }},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			b.ReportAllocs()
			for b.Loop() {
				from := orb.Point{-73, 44}
				if c.measure == nil {
					from = orb.Point{-73 + r.NormFloat64()*0.3, 44 + r.NormFloat64()*0.3}
				}
				n := 0
				for _, err := range x.Nearest(from, c.of, c.measure) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == 50 {
						break
					}
				}
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	x := townIndex(b, layer.MaxEntries)
	var ids []string
	for e, err := range x.Box(at(44, -73, 0.05, 0.05), layer.AllClasses()) {
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, e.ID)
	}
	for i := 0; b.Loop(); i++ {
		if _, ok, err := x.Get(ids[i%len(ids)]); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkMap(b *testing.B) {
	x := townIndex(b, layer.MaxEntries)
	for zoom := uint8(6); zoom <= 14; zoom += 4 {
		half := 360.0 / float64(int(1)<<zoom) * 2
		in := at(44-half*0.7, -73-half, 2*half*0.7, 2*half)
		b.Run(fmt.Sprint("clusters at ", zoom), func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Clusters(in, zoom, layer.AllClasses()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("count at ", zoom), func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Count(in, layer.AllClasses()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWrite writes a layer, and tells how large it is.
func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{5000, 20_000, layer.MaxEntries} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			size := 0
			peak := watch(b)
			for b.Loop() {
				size = len(townLayer(b, n))
			}
			b.ReportMetric(float64(size), "B/layer")
			b.ReportMetric(float64(peak()), "B-heap")
		})
	}
}

// BenchmarkMake makes an index, and tells how large it is.
func BenchmarkMake(b *testing.B) {
	for _, n := range []int{20_000, layer.MaxEntries} {
		file := townLayer(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var size int64
			peak := watch(b)
			for b.Loop() {
				r, err := layer.NewReader(bytes.NewReader(file))
				if err != nil {
					b.Fatal(err)
				}
				c := counter{io.Discard, 0}
				if err := layer.Make(&c, r, [32]byte{}); err != nil {
					b.Fatal(err)
				}
				r.Close()
				size = c.n
			}
			b.ReportMetric(float64(size), "B/index")
			b.ReportMetric(float64(peak()), "B-heap")
		})
	}
}

type counter struct {
	io.Writer

	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// watch looks at the memory in use now and then, and is the most that it was beyond what
// it was at first.
func watch(t testing.TB) func() uint64 {
	t.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	first := m.HeapAlloc
	var most atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc-min(first, m.HeapAlloc)))
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return most.Load()
	}
}
