package layer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

func TestTheSameEntriesMakeTheSameFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries(t, 200)
		file := written(t, all)
		if other := written(t, rapid.Permutation(all).Draw(t, "order")); !bytes.Equal(file, other) {
			t.Fatal("in another order they make another file")
		}
		got, err := readAll(file)
		if err != nil || !reflect.DeepEqual(byID(got), byID(all)) {
			t.Fatalf("%v\ngot  %v\nwant %v", err, byID(got), byID(all))
		}
		if again := written(t, got); !bytes.Equal(file, again) {
			t.Fatal("what was read makes another file")
		}
	})
}

func TestNeighborsStandCloseTogether(t *testing.T) {
	var all []layer.Entry
	for i := range 32 * 32 {
		all = append(all, layer.Entry{ID: fmt.Sprint(i), Bound: at(44+float64(i/32)/100, -73+float64(i%32)/100, 0, 0)})
	}
	got, err := readAll(written(t, all))
	if err != nil {
		t.Fatal(err)
	}
	far := 0.0
	for i, e := range got[1:] {
		d := e.Bound.Min[0] - got[i].Bound.Min[0]
		f := e.Bound.Min[1] - got[i].Bound.Min[1]
		far += max(d, -d) + max(f, -f)
	}
	if mean := far / float64(len(got)-1); mean > 0.013 {
		t.Errorf("from one to the next it is %f degrees on the average, on a grid of a hundredth", mean)
	}
}

func TestBoundsAreKeptAndNeverLessThanTheyWere(t *testing.T) {
	for _, c := range []struct{ give, want orb.Bound }{
		{orb.Point{-73.212072, 44.475882}.Bound(), orb.Point{-73.212072, 44.475882}.Bound()},
		{orb.Point{-73.21207249, 44.47588249}.Bound(), orb.Bound{Min: orb.Point{-73.212073, 44.475882}, Max: orb.Point{-73.212072, 44.475883}}},
		{orb.Bound{Min: orb.Point{179, -18}, Max: orb.Point{-179, -17}}, orb.Bound{Min: orb.Point{179, -18}, Max: orb.Point{-179, -17}}},
		{orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}},
		{orb.Bound{Min: orb.Point{170, 0}, Max: orb.Point{-180, 0}}, orb.Bound{Min: orb.Point{170, 0}, Max: orb.Point{180, 0}}},
	} {
		got, err := layer.Kept(c.give)
		if err != nil || got != c.want {
			t.Errorf("%v became %v, %v", c.give, got, err)
		}
	}
}

func TestWhatHasNoPlaceIsRefusedAndTheRestStays(t *testing.T) {
	var file bytes.Buffer
	w := layer.NewWriter(&file, &memory{})
	spot := at(44, -73, 0, 0)
	nan := 0.0
	nan /= nan
	for _, c := range []struct {
		why  string
		e    layer.Entry
		want error
	}{
		{"", layer.Entry{ID: "a", Bound: spot}, nil},
		{"twice", layer.Entry{ID: "a", Bound: at(0, 0, 0, 0)}, layer.ErrTwice},
		{"no id", layer.Entry{Bound: spot}, layer.ErrEntry},
		{"an id that is no part of a key", layer.Entry{ID: "a/b", Bound: spot}, layer.ErrEntry},
		{"a long id", layer.Entry{ID: strings.Repeat("a", layer.MaxID+1), Bound: spot}, layer.ErrEntry},
		{"a large body", layer.Entry{ID: "b", Bound: spot, Body: make([]byte, layer.MaxBody+1)}, layer.ErrEntry},
		{"north of the pole", layer.Entry{ID: "b", Bound: orb.Point{0, 90.1}.Bound()}, layer.ErrEntry},
		{"no number", layer.Entry{ID: "b", Bound: orb.Point{nan, 0}.Bound()}, layer.ErrEntry},
		{"upside down", layer.Entry{ID: "b", Bound: orb.Bound{Min: orb.Point{0, 1}, Max: orb.Point{1, 0}}}, layer.ErrEntry},
		{"", layer.Entry{ID: strings.Repeat("b", layer.MaxID), Bound: spot, Body: make([]byte, layer.MaxBody)}, nil},
	} {
		if err := w.Add(c.e); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if all, err := readAll(file.Bytes()); err != nil || len(all) != 2 || w.Len() != 2 {
		t.Errorf("%d are left, %v", len(all), err)
	}
}

func TestALayerHasAnEnd(t *testing.T) {
	w := layer.NewWriter(io.Discard, &memory{})
	for i := range layer.MaxEntries {
		if err := w.Add(layer.Entry{ID: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Add(layer.Entry{ID: "more"}); !errors.Is(err, layer.ErrMany) {
		t.Errorf("one more: %v", err)
	}
	w = layer.NewWriter(io.Discard, &memory{})
	body := make([]byte, layer.MaxBody)
	for i := range layer.MaxBodies / layer.MaxBody {
		if err := w.Add(layer.Entry{ID: fmt.Sprint(i), Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Add(layer.Entry{ID: "more", Body: body[:1]}); !errors.Is(err, layer.ErrLarge) {
		t.Errorf("one byte more: %v", err)
	}
}

// short takes so many bytes.
type short struct {
	memory

	left int
}

var errFull = errors.New("the disk is full")

func (s *short) Write(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		return 0, errFull
	}
	return s.memory.Write(p)
}

func TestAFullDiskIsTold(t *testing.T) {
	e := layer.Entry{ID: "a", Bound: at(44, -73, 0, 0), Body: bytes.Repeat([]byte("abc"), 1000)}
	for most := range 12 {
		w := layer.NewWriter(&short{left: most}, &memory{})
		if err := errors.Join(w.Add(e), w.Close()); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", most, err)
		}
	}
	w := layer.NewWriter(io.Discard, &short{left: 100_000})
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		e.ID = fmt.Sprint(i)
		err = w.Add(e)
	}
	if !errors.Is(err, errFull) || !errors.Is(w.Close(), errFull) {
		t.Errorf("where entries wait: %v", err)
	}
}

// TestWhatIsNoLayerIsRefused cuts and changes a file: none of its bytes can be missing, and
// none be another without that it is refused or still says the same.
func TestWhatIsNoLayerIsRefused(t *testing.T) {
	var all []layer.Entry
	for i := range 100 {
		all = append(all, layer.Entry{ID: fmt.Sprint("id-", i), Bound: at(44, -73+float64(i)/1000, 0, 0), Body: []byte(fmt.Sprint("place ", i))})
	}
	file := written(t, all)
	for n := range file {
		if _, err := readAll(file[:n]); !errors.Is(err, layer.ErrMalformed) {
			t.Fatalf("of the first %d bytes of %d: %v", n, len(file), err)
		}
		other := bytes.Clone(file)
		other[n] ^= 0x11
		if got, err := readAll(other); !errors.Is(err, layer.ErrMalformed) && !reflect.DeepEqual(byID(got), byID(all)) {
			t.Fatalf("byte %d is another: %v", n, err)
		}
	}
	if _, err := readAll(append(bytes.Clone(file), 0)); !errors.Is(err, layer.ErrMalformed) {
		t.Errorf("with more after its end: %v", err)
	}
	if _, err := readAll(append(bytes.Clone(file), file[12:]...)); !errors.Is(err, layer.ErrMalformed) {
		t.Errorf("twice: %v", err)
	}
}

func TestWhatReadingFailsWithIsNotTheLayersFault(t *testing.T) {
	file := written(t, []layer.Entry{{ID: "a", Bound: at(44, -73, 0, 0), Body: bytes.Repeat([]byte("x"), 3000)}})
	for n := range file {
		r, err := layer.NewReader(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(errFull)))
		if err == nil {
			_, err = r.Next()
			if err == nil {
				_, err = r.Next()
			}
			r.Close()
		}
		if !errors.Is(err, errFull) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}
