package layer_test

import (
	"bytes"
	"cmp"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

// counted counts what is read.
type counted struct {
	io.ReaderAt

	reads int
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	c.reads++
	return c.ReaderAt.ReadAt(p, at)
}

// TestALargeLayerAnswersAsItShould compares with looking at all of them, where the index has
// several levels. It also looks whether an index is what finds them: few pieces are read.
func TestALargeLayerAnswersAsItShould(t *testing.T) {
	const n = 8000
	var all []layer.Entry
	if err := town(n, func(e layer.Entry) error {
		kept, err := layer.Kept(e.Bound)
		e.Bound = kept
		if len(all) > n/2 { // what is alike lies together
			e.Class += 100
			e.Bound.Min[0] += 3
			e.Bound.Max[0] += 3
			e.Bound, err = layer.Kept(e.Bound)
		}
		all = append(all, e)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	raw := indexed(t, written(t, all))
	from := &counted{ReaderAt: bytes.NewReader(raw)}
	x, err := layer.Open(from, int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 60 {
		one := uint8(1 + r.IntN(11) + 100*r.IntN(2))
		of := []layer.Classes{layer.AllClasses(), layer.ClassesOf(func(c uint8) bool { return c == one }), layer.ClassesOf(func(c uint8) bool { return c < 60 })}[i%3]
		size := []float64{0.02, 0.3, 2, 20}[i%4]
		in := at(43.5+r.Float64(), -74+r.Float64()*4, size*r.Float64(), size*r.Float64())
		inside, total := 0, 0
		for _, e := range all {
			if of.Has(e.Class) && meets(e.Bound, in) {
				inside++
			}
		}
		if n, err := x.Count(in, of); err != nil || n != inside {
			t.Fatalf("%v has %d, not %d: %v", in, n, inside, err)
		}
		n := 0
		for _, err := range x.Box(in, of) {
			if n++; err != nil {
				t.Fatal(err)
			}
		}
		clusters, err := x.Clusters(in, uint8(i%14), of)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range clusters {
			total += c.Count
		}
		if n != inside || total != inside { // all are points
			t.Fatalf("%v yields %d and %d in clusters, not %d", in, n, total, inside)
		}
		check50(t, x, all, in.Min, of, from)
	}
}

// check50 compares the nearest 50 with those of all.
func check50(t *testing.T, x *layer.Index, all []layer.Entry, at orb.Point, of layer.Classes, from *counted) {
	t.Helper()
	var want []layer.Near
	for _, e := range all {
		if of.Has(e.Class) {
			want = append(want, layer.Near{Entry: e, Meters: layer.Away(at, e.Bound)})
		}
	}
	slices.SortFunc(want, func(a, b layer.Near) int {
		return cmp.Or(cmp.Compare(a.Meters, b.Meters), strings.Compare(a.ID, b.ID))
	})
	from.reads = 0
	n := 0
	for near, err := range x.Nearest(at, of, nil) {
		if err != nil || near.ID != want[n].ID {
			t.Fatalf("the %d. is %s, not %s: %v", n+1, near.ID, want[n].ID, err)
		}
		if n++; n == 50 || n == len(want) {
			break
		}
	}
	if n == 50 && of == layer.AllClasses() && from.reads > 60 {
		t.Errorf("of %d pieces %d are read", len(all)/64*2, from.reads)
	}
}
