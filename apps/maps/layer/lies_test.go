package layer_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

// file is a layer made by hand: what it says of itself, and its blocks.
func file(t *testing.T, count, bodies uint64, blocks ...[]byte) []byte {
	t.Helper()
	var stream []byte
	for _, b := range blocks {
		stream = append(binary.AppendUvarint(stream, uint64(len(b))), b...)
	}
	return packed(t, count, bodies, stream)
}

func packed(t *testing.T, count, bodies uint64, stream []byte) []byte {
	t.Helper()
	out := binary.AppendUvarint(binary.AppendUvarint([]byte("LAYER\x00\x00\x01"), count), bodies)
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(stream, out)
}

func block(t *testing.T, all ...layer.Entry) []byte {
	t.Helper()
	b, err := layer.Block(all...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLiesAreFound(t *testing.T) {
	one := layer.Entry{ID: "a", Bound: at(44, -73, 0, 0), Body: []byte("one")}
	two := layer.Entry{ID: "b", Bound: at(44, -73, 0, 0), Body: []byte("two")}
	far := layer.Entry{ID: "c", Bound: at(-44, -73, 0, 0)}
	var many []layer.Entry
	for i := range 65 {
		many = append(many, layer.Entry{ID: fmt.Sprintf("%02d", i), Bound: one.Bound})
	}
	for _, c := range []struct {
		why  string
		file []byte
		n    int // entries; -1: it is refused
	}{
		{"as it should be", file(t, 2, 6, block(t, one, two)), 2},
		{"nothing", file(t, 0, 0), 0},
		{"another version", bytes.Replace(file(t, 0, 0), []byte{1}, []byte{2}, 1), -1},
		{"more than there is", file(t, 3, 6, block(t, one, two)), -1},
		{"less than there is", file(t, 1, 6, block(t, one, two)), -1},
		{"a block more", file(t, 2, 6, block(t, one, two), block(t, far)), -1},
		{"more bytes than there are", file(t, 2, 7, block(t, one, two)), -1},
		{"less bytes than there are", file(t, 2, 5, block(t, one, two)), -1},
		{"out of order by id", file(t, 2, 6, block(t, two, one)), -1},
		{"out of order by place", file(t, 2, 3, block(t, one, far)), -1},
		{"the same twice", file(t, 2, 6, block(t, one, one)), -1},
		{"the same id at two places", file(t, 2, 3, block(t, layer.Entry{ID: "a", Bound: far.Bound}, one)), -1},
		{"small blocks", file(t, 2, 6, block(t, one), block(t, two)), -1},
		{"a large block", file(t, 65, 0, block(t, many...)), -1},
		{"too many", file(t, layer.MaxEntries+1, 0), -1},
		{"too large", file(t, 0, layer.MaxBodies+1), -1},
		{"a block of no entries", file(t, 0, 0, []byte{0}), -1},
		{"a huge block", packed(t, 1, 0, binary.AppendUvarint(nil, 1<<40)), -1},
		{"a bomb", packed(t, 1, 0, append(binary.AppendUvarint(nil, 1000), make([]byte, 64<<20)...)), -1},
		{"no stream", file(t, 2, 6)[:10], -1},
	} {
		all, err := readAll(c.file)
		if c.n < 0 && !errors.Is(err, layer.ErrMalformed) || c.n >= 0 && (err != nil || len(all) != c.n) {
			t.Errorf("%s: %d entries, %v", c.why, len(all), err)
		}
		r, err := layer.NewReader(bytes.NewReader(c.file))
		if err == nil {
			err = layer.Make(&memory{}, r, [32]byte{})
			r.Close()
		}
		if (c.n < 0) != (err != nil) {
			t.Errorf("%s: an index of it: %v", c.why, err)
		}
	}
}

func TestAWindowIsNotLargerThanItMayBe(t *testing.T) {
	z, err := zstd.NewWriter(nil, zstd.WithWindowSize(64<<20), zstd.WithSingleSegment(true))
	if err != nil {
		t.Fatal(err)
	}
	head := binary.AppendUvarint(binary.AppendUvarint([]byte("LAYER\x00\x00\x01"), 1), 0)
	if _, err := readAll(z.EncodeAll(make([]byte, 32<<20), head)); !errors.Is(err, layer.ErrMalformed) {
		t.Error(err)
	}
}
