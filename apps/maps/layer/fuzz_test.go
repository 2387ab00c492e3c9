package layer_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"reflect"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

func examples(f *testing.F) [][]layer.Entry {
	f.Helper()
	return [][]layer.Entry{
		nil,
		{{ID: "a", Bound: at(44, -73, 0, 0), Class: 3, Body: []byte("school")}},
		{{ID: "a.b_C-1", Bound: at(-18, 179.9, 0.5, 0.5)}, {ID: "b", Bound: at(90, 0, 0, 360)}, {ID: "c", Body: bytes.Repeat([]byte("x"), layer.MaxBody)}},
	}
}

// A file is refused, or what it holds makes a file that holds the same.
func FuzzFile(f *testing.F) {
	for _, all := range examples(f) {
		f.Add(written(f, all))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		all, err := readAll(file)
		if err != nil {
			if !errors.Is(err, layer.ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		got, err := readAll(written(t, all))
		if err != nil || !reflect.DeepEqual(got, all) {
			t.Fatalf("%v became %v, %v", all, got, err)
		}
		x := opened(t, all)
		for _, e := range all {
			if have, ok, err := x.Get(e.ID); err != nil || !ok || !reflect.DeepEqual(have, e) {
				t.Fatalf("%v is not found, but %v, %v", e, have, err)
			}
		}
	})
}

// A block is refused, or what it holds makes one that holds the same.
func FuzzBlock(f *testing.F) {
	for _, all := range examples(f) {
		b, err := layer.Block(all...)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, again, err := layer.ReadBlock(b)
		if err != nil {
			return
		}
		for _, e := range all {
			kept, err := layer.Kept(e.Bound)
			if err != nil || len(e.Body) > layer.MaxBody || kept != e.Bound {
				t.Fatalf("%v is kept as %v, %v", e, kept, err)
			}
		}
		if same, _, err := layer.ReadBlock(again); err != nil || !reflect.DeepEqual(same, all) {
			t.Fatalf("%v became %v, %v", all, same, err)
		}
	})
}

// An index whose sums are right is believed. It may say what is not so, but every question
// has an end.
func FuzzIndex(f *testing.F) {
	for _, all := range examples(f) {
		f.Add(indexed(f, written(f, all)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := answers(resealed(bytes.Clone(raw))); err != nil && !errors.Is(err, layer.ErrDamaged) {
			t.Fatal(err)
		}
	})
}

// Bounds are refused, or lie on earth and hold all that was asked for; what was kept once
// is kept as it is.
func FuzzBound(f *testing.F) {
	f.Add(44.1, -73.2, 44.3, -73.1, 10.0, 20.0)
	f.Add(-90.0, 179.0, 90.0, -179.0, 0.0, 180.0)
	f.Fuzz(func(t *testing.T, south, west, north, east, lat, lon float64) {
		b := orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
		kept, err := layer.Kept(b)
		if err != nil {
			return
		}
		again, err := layer.Kept(kept)
		if err != nil || again != kept {
			t.Fatalf("%v is kept as %v, which is kept as %v, %v", b, kept, again, err)
		}
		const lost = 1e-9
		if kept.Min[1] > south+lost || kept.Max[1] < north-lost || end(kept)-start(kept) < end(b)-start(b)-lost {
			t.Fatalf("%v is kept as %v", b, kept)
		}
		if math.Abs(lat) <= 90 && math.Abs(lon) <= 180 {
			if m := layer.Away(orb.Point{lon, lat}, kept); math.IsNaN(m) || m < 0 || m > 20_100_000 {
				t.Fatalf("from %f, %f to %v it is %f m", lat, lon, kept, m)
			}
		}
	})
}

// resealed gives the pieces of an index the sums that they should have.
func resealed(raw []byte) []byte {
	const foot, leaf, node, ids = 56, 1104, 2180, 1540
	table := crc32.MakeTable(crc32.Castagnoli)
	seal := func(at, size int64) bool {
		if at < 0 || at+size > int64(len(raw)) {
			return false
		}
		b := raw[at : at+size]
		binary.LittleEndian.PutUint32(b[size-4:], crc32.Update(uint32(at), table, b[:size-4]))
		return true
	}
	end := int64(len(raw)) - foot
	if !seal(end, foot) {
		return raw
	}
	count, pages := binary.LittleEndian.Uint32(raw[end+40:]), int64(binary.LittleEndian.Uint64(raw[end+44:]))
	if count > layer.MaxEntries || pages < 0 || pages > int64(len(raw)) {
		return raw
	}
	leaves, idsAt, _ := layer.Pieces(int(count), pages)
	n := (int64(count) + 63) / 64
	for at := leaves; at < leaves+n*leaf && seal(at, leaf); at += leaf {
	}
	for at := leaves + n*leaf; at < idsAt && seal(at, node); at += node {
	}
	for at := idsAt; at < end && seal(at, ids); at += ids {
	}
	return raw
}
