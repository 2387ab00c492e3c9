package layer_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

// some draws a set of classes.
func some(t *rapid.T) layer.Classes {
	switch rapid.IntRange(0, 3).Draw(t, "classes") {
	case 0:
		return layer.AllClasses()
	case 1:
		one := uint8(rapid.SampledFrom([]int{0, 64, 255, 77}).Draw(t, "one"))
		return layer.ClassesOf(func(c uint8) bool { return c == one })
	}
	return layer.ClassesOf(func(c uint8) bool { return c < 100 })
}

func TestAnEntryIsFoundByItsID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries(t, 400)
		x := opened(t, all)
		if x.Len() != len(all) || x.Sum() != [32]byte{1, 2, 3} {
			t.Fatal(x.Len(), x.Sum())
		}
		for _, e := range all {
			got, ok, err := x.Get(e.ID)
			if err != nil || !ok || !reflect.DeepEqual(got, e) {
				t.Fatalf("%v %v %v, not %v", got, ok, err, e)
			}
			if _, ok, err := x.Get(e.ID + "+"); ok || err != nil {
				t.Fatal("there is an entry that is not there", err)
			}
		}
	})
}

// TestABoxHoldsWhatReachesIntoIt compares with looking at all of them.
func TestABoxHoldsWhatReachesIntoIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries(t, 400)
		x := opened(t, all)
		for range 4 {
			b, of := somewhere(t), some(t)
			var want, got []layer.Entry
			for _, e := range all {
				if of.Has(e.Class) && meets(e.Bound, b) {
					want = append(want, e)
				}
			}
			for e, err := range x.Box(b, of) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, e)
			}
			if !reflect.DeepEqual(byID(got), byID(want)) {
				t.Fatalf("in %v are\n%v, not\n%v", b, byID(got), byID(want))
			}
			if n, err := x.Count(b, of); err != nil || n != len(want) {
				t.Fatalf("in %v are %d, not %d: %v", b, n, len(want), err)
			}
		}
	})
}

func TestABoxMayBeAMapThatWasMovedAround(t *testing.T) {
	x := opened(t, []layer.Entry{
		{ID: "fiji", Bound: at(-18, 179, 0, 0)}, {ID: "samoa", Bound: at(-14, -172, 0, 0)}, {ID: "town", Bound: at(44, -73, 0, 0)}, {ID: "both", Bound: at(-16, 179.5, 1, 1)},
	})
	nan := math.NaN()
	for _, c := range []struct {
		west, south, east, north float64
		want                     string
	}{
		{170, -20, 190, -10, "both fiji samoa"},
		{-190, -20, -170, -10, "both fiji samoa"},
		{170, -20, -170, -10, "both fiji samoa"},
		{530, -20, 550, -10, "both fiji samoa"},
		{-180, -90, 180, 90, "both fiji samoa town"},
		{-500, -900, 500, 900, "both fiji samoa town"},
		{-74, 43, -72, 45, "town"},
		{286, 43, 288, 45, "town"},
		{-180, -17, -179.6, -10, "both"},
		{0, -20, 10, 0, ""},
		{-74, 45, -72, 43, ""},
		{nan, 43, -72, 45, ""},
		{-74, nan, -72, 45, ""},
		{-74, 43, nan, 45, ""},
		{math.Inf(-1), 43, math.Inf(1), 45, ""},
	} {
		var got []string
		b := orb.Bound{Min: orb.Point{c.west, c.south}, Max: orb.Point{c.east, c.north}}
		for e, err := range x.Box(b, layer.AllClasses()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.ID)
		}
		slices.Sort(got)
		n, err := x.Count(b, layer.AllClasses())
		if strings.Join(got, " ") != c.want || n != len(got) || err != nil {
			t.Errorf("%v: %v, which are %d, %v", b, got, n, err)
		}
	}
}

func TestWhoeverAsksSaysWhenItIsEnough(t *testing.T) {
	var all []layer.Entry
	for i := range 500 {
		all = append(all, layer.Entry{ID: fmt.Sprint(i), Bound: at(44, -73+float64(i)/1000, 0, 0)})
	}
	x := opened(t, all)
	n := 0
	for _, err := range x.Box(at(0, -90, 90, 90), layer.AllClasses()) {
		if n++; n == 3 || err != nil {
			break
		}
	}
	for _, err := range x.Nearest(orb.Point{}, layer.AllClasses(), nil) {
		if n++; n == 6 || err != nil {
			break
		}
	}
	if n != 6 {
		t.Error(n)
	}
}

// TestTheNearestComeFirst compares with measuring all of them: how far something is, is how
// far one point of its bounds is.
func TestTheNearestComeFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries(t, 400)
		x := opened(t, all)
		from, of := somewhere(t).Min, some(t)
		if rapid.Bool().Draw(t, "there") && len(all) > 0 {
			from = all[0].Bound.Max
		}
		points := map[string]orb.Point{}
		for _, e := range all {
			lat := rapid.Float64Range(0, 1).Draw(t, "lat")*(e.Bound.Max[1]-e.Bound.Min[1]) + e.Bound.Min[1]
			lon := rapid.Float64Range(0, 1).Draw(t, "lon")*(end(e.Bound)-start(e.Bound)) + start(e.Bound)
			points[e.ID] = orb.Point{math.Mod(lon+540, 360) - 180, lat}
		}
		left := rapid.SampledFrom([]string{"", "a", "e", "."}).Draw(t, "left out")
		for _, measure := range []func(layer.Entry) (float64, bool){
			nil,
			func(e layer.Entry) (float64, bool) {
				return grid.Distance(from, points[e.ID]), left == "" || !strings.Contains(e.ID, left)
			},
		} {
			var got, want []layer.Near
			for _, e := range all {
				n, keep := layer.Near{Entry: e}, true
				if measure != nil {
					n.Meters, keep = measure(e)
				} else {
					n.Meters = layer.Away(from, e.Bound)
				}
				if keep && of.Has(e.Class) {
					want = append(want, n)
				}
			}
			slices.SortFunc(want, func(a, b layer.Near) int {
				return cmp.Or(cmp.Compare(a.Meters, b.Meters), strings.Compare(a.ID, b.ID))
			})
			for n, err := range x.Nearest(from, of, measure) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, n)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("from %v\ngot  %v\nwant %v", from, got, want)
			}
		}
	})
}

// TestBoundsAreAsFarAsTheirNearestPoint holds the way to bounds against ways to points of
// them: none is shorter, and one as short.
func TestBoundsAreAsFarAsTheirNearestPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, from := somewhere(t), somewhere(t).Min
		meters := layer.Away(from, b)
		best := math.Inf(1)
		const steps = 40
		for i := range steps + 1 {
			for j := range steps + 1 {
				p := orb.Point{start(b) + (end(b)-start(b))*float64(i)/steps, b.Min[1] + (b.Max[1]-b.Min[1])*float64(j)/steps}
				best = min(best, grid.Distance(from, p))
			}
		}
		step := max(b.Max[1]-b.Min[1], end(b)-start(b)) / steps * 112_000
		if meters > best+0.5+best*1e-6 || meters < best-step-0.5-best*1e-6 {
			t.Fatalf("from %v to %v it is %f, but %f to a point of it", from, b, meters, best)
		}
	})
}

// TestClustersAreWhatIsInTheirCells counts by hand.
func TestClustersAreWhatIsInTheirCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries(t, 400)
		x := opened(t, all)
		b, of, zoom := somewhere(t), some(t), uint8(rapid.IntRange(0, 20).Draw(t, "zoom"))
		got, err := x.Clusters(b, zoom, of)
		if err != nil {
			t.Fatal(err)
		}
		counts, singles := map[string]int{}, 0
		for _, e := range all {
			if of.Has(e.Class) && meets(orb.Bound{Min: middle(e.Bound), Max: middle(e.Bound)}, b) {
				counts[e.ID]++
			}
		}
		total := 0
		for _, c := range got {
			total += c.Count
			switch {
			case (c.Count == 1) != (c.One != nil):
				t.Fatalf("%+v", c)
			case c.One != nil && (counts[c.One.ID] != 1 || c.At != middle(c.One.Bound)):
				t.Fatalf("%v is not at %v", c.One, c.At)
			case c.One != nil:
				singles++
			}
		}
		if total != len(counts) || len(got) > 4096 {
			t.Fatalf("%d in %d clusters, of %d", total, len(got), len(counts))
		}
		if big := maptile.Zoom(zoom + 2); cells(b, big) < 1000 {
			per := map[maptile.Tile]int{}
			for _, e := range all {
				if counts[e.ID] == 1 {
					m := middle(e.Bound)
					per[maptile.At(orb.Point{min(m[0], 179.999999), max(-85.05, min(85.05, m[1]))}, big)]++
				}
			}
			var want, have []int
			for _, n := range per {
				want = append(want, n)
			}
			for _, c := range got {
				have = append(have, c.Count)
			}
			slices.Sort(want)
			slices.Sort(have)
			if !slices.Equal(want, have) {
				t.Fatalf("clusters of %v, not of %v", have, want)
			}
		}
	})
}

// cells is how many cells of a zoom bounds cover at most.
func cells(b orb.Bound, z maptile.Zoom) float64 {
	per := 360 / math.Exp2(float64(z))
	return ((end(b)-start(b))/per + 2) * ((b.Max[1]-b.Min[1])*12/per + 2)
}

// TestADamagedIndexNeverSaysWhatIsNotSo changes one byte after another: every answer is
// what it was, or says that the index is damaged.
func TestADamagedIndexNeverSaysWhatIsNotSo(t *testing.T) {
	var all []layer.Entry
	for i := range 140 {
		all = append(all, layer.Entry{ID: fmt.Sprint("id-", i), Class: uint8(i % 5), Bound: at(44+float64(i%17)/100, -73+float64(i)/1000, float64(i%3)/100, 0), Body: []byte(fmt.Sprint("place ", i))})
	}
	raw := indexed(t, written(t, all))
	want, err := answers(raw)
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		other := bytes.Clone(raw)
		other[n] ^= 1 << (n % 8)
		if got, err := answers(other); !errors.Is(err, layer.ErrDamaged) && (err != nil || got != want) {
			t.Fatalf("byte %d of %d is another: %v\n%s", n, len(raw), err, got)
		}
	}
	for n := range raw {
		if n%97 == 0 || len(raw)-n < 100 {
			if _, err := answers(raw[:n]); !errors.Is(err, layer.ErrDamaged) {
				t.Fatalf("of the first %d bytes of %d: %v", n, len(raw), err)
			}
		}
	}
}

// answers is what an index says to a question of each sort.
func answers(raw []byte) (string, error) {
	x, err := layer.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return "", err
	}
	var out strings.Builder
	in, of := at(44.02, -72.95, 0.08, 0.1), layer.ClassesOf(func(c uint8) bool { return c != 2 })
	n, err := x.Count(in, of)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(&out, x.Sum(), x.Len(), n)
	clusters, err := x.Clusters(in, 12, of)
	if err != nil {
		return "", err
	}
	for _, c := range clusters {
		fmt.Fprintln(&out, c.At, c.Count)
	}
	for _, id := range []string{"id-0", "id-77", "id-139", "none"} {
		e, ok, err := x.Get(id)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&out, e, ok)
	}
	for e, err := range x.Box(in, of) {
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&out, e)
	}
	k := 0
	for near, err := range x.Nearest(orb.Point{-72.9, 44.05}, of, nil) {
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&out, near)
		if k++; k == 10 {
			break
		}
	}
	return out.String(), nil
}

// TestAForgedIndexDoesNoHarm makes the sums right again, so that what lies is believed: it
// may answer wrongly, but it ends.
func TestAForgedIndexDoesNoHarm(t *testing.T) {
	var all []layer.Entry
	for i := range 150 {
		all = append(all, layer.Entry{ID: fmt.Sprint("id-", i), Bound: at(44, -73+float64(i)/1000, 0, 0)})
	}
	raw := indexed(t, written(t, all))
	for n := range raw {
		if with := []byte{0, 0xff, raw[n] ^ 0x80}[n%3]; with != raw[n] {
			other := bytes.Clone(raw)
			other[n] = with
			if _, err := answers(resealed(other)); err != nil && !errors.Is(err, layer.ErrDamaged) {
				t.Fatalf("byte %d: %v", n, err)
			}
		}
	}
}

func TestWhatReadingAnIndexFailsWithIsTold(t *testing.T) {
	file := written(t, []layer.Entry{{ID: "a"}})
	raw := indexed(t, file)
	if _, err := layer.Open(broken{}, int64(len(raw))); !errors.Is(err, errFull) || errors.Is(err, layer.ErrDamaged) {
		t.Error(err)
	}
	for most := 0; most < len(raw); most += 50 {
		r, err := layer.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if err := layer.Make(&short{left: most}, r, [32]byte{}); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes: %v", most, err)
		}
		r.Close()
	}
}

// broken is a disk that does not read.
type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errFull }

func TestAnEmptyLayerHasAnIndex(t *testing.T) {
	x := opened(t, nil)
	if _, ok, err := x.Get("a"); ok || err != nil {
		t.Error(ok, err)
	}
	for e, err := range x.Nearest(orb.Point{}, layer.AllClasses(), nil) {
		t.Error(e, err)
	}
	for e, err := range x.Box(at(-90, -180, 180, 360), layer.AllClasses()) {
		t.Error(e, err)
	}
	if c, err := x.Clusters(at(-90, -180, 180, 360), 3, layer.AllClasses()); len(c) > 0 || err != nil {
		t.Error(c, err)
	}
}

func TestManyAskAtOnce(t *testing.T) {
	var all []layer.Entry
	for i := range 1000 {
		all = append(all, layer.Entry{ID: fmt.Sprint("id-", i), Class: uint8(i % 5), Bound: at(44+float64(i%31)/100, -73+float64(i)/1000, 0, 0)})
	}
	raw := indexed(t, written(t, all))
	x, err := layer.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for i := range 16 {
		go func() {
			n, err := 0, error(nil)
			for near, wrong := range x.Nearest(all[i*50].Bound.Min, layer.AllClasses(), nil) {
				if err = wrong; n == 0 && near.ID != all[i*50].ID {
					err = fmt.Errorf("%s is nearest to %s", near.ID, all[i*50].ID)
				}
				if n++; n == 50 || err != nil {
					break
				}
			}
			done <- err
		}()
	}
	for range 16 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
