package reconcile

import (
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSumIsAdditionModulo2To256(t *testing.T) {
	mod := new(big.Int).Lsh(big.NewInt(1), 256)
	number := func(b [32]byte) *big.Int {
		slices.Reverse(b[:])
		return new(big.Int).SetBytes(b[:])
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]byte{0, 1, 0x7f, 0x80, 0xfe, 0xff})
		ids := rapid.SliceOfN(rapid.SliceOfN(word, 32, 32), 1, 20).Draw(t, "ids")
		var s Sum
		want := new(big.Int)
		for _, b := range ids {
			id := ID(b)
			s.Add(&id)
			want.Add(want, number(id))
		}
		want.Mod(want, mod)
		if number(s.Bytes()).Cmp(want) != 0 {
			t.Fatalf("sum %x, want %x", s.Bytes(), want)
		}
		if SumFromBytes(s.Bytes()) != s {
			t.Fatal("bytes do not come back")
		}
		for _, b := range ids {
			id := ID(b)
			s.Sub(&id)
		}
		if s != (Sum{}) {
			t.Fatalf("taking all away leaves %x", s.Bytes())
		}
	})
}

func TestFingerprint(t *testing.T) {
	// SHA-256 over 32 zero bytes and the varint 0.
	fp := Sum{}.Fingerprint(0)
	if got := hex.EncodeToString(fp[:]); got != "7f9c9e31ac8256ca2f258583df262dbc" {
		t.Errorf("fingerprint of nothing: %s", got)
	}
	if fp == (Sum{}).Fingerprint(1) {
		t.Error("the count does not count")
	}
}

func TestNewFlatSortsAndDropsDuplicates(t *testing.T) {
	a, b, c := Item{Time: 1, ID: ID{9}}, Item{Time: 2, ID: ID{1}}, Item{Time: 2, ID: ID{31: 1}}
	f := NewFlat([]Item{b, a, c, b, a})
	if !slices.Equal(f.items, []Item{a, c, b}) {
		t.Fatalf("%v", f.items)
	}
	if f.Len() != 3 || f.At(1) != c {
		t.Fatal("Len or At is wrong")
	}
}

func TestFlatAgreesWithItsItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		n := rapid.IntRange(0, 4*stride).Draw(t, "n")
		f := NewFlat(items(rand.New(rand.NewPCG(seed, 0)), n, uint64(rapid.IntRange(1, 1000).Draw(t, "span"))))
		i := rapid.IntRange(0, n).Draw(t, "i")
		j := rapid.IntRange(i, n).Draw(t, "j")
		var s Sum
		for k := i; k < j; k++ {
			it := f.At(k)
			s.Add(&it.ID)
		}
		if f.Sum(i, j) != s {
			t.Fatalf("sum of %d..%d of %d", i, j, n)
		}
		if f.Fingerprint(i, j) != s.Fingerprint(j-i) {
			t.Fatal("fingerprint")
		}
		if f.Search(Infinity()) != n || f.Search(Bound{}) != 0 {
			t.Fatal("search for the ends")
		}
		if i < n && f.Search(Bound(f.At(i))) != i {
			t.Fatal("search for an item")
		}
		if i > 0 && i < n {
			b := between(f.At(i-1), f.At(i))
			if f.Search(b) != i || !b.Above(f.At(i-1)) || b.Above(f.At(i)) {
				t.Fatalf("%v does not part %v and %v", b, f.At(i-1), f.At(i))
			}
		}
	})
}

func TestBetweenIsShort(t *testing.T) {
	for _, c := range []struct {
		prev, next Item
		want       Bound
	}{
		{Item{Time: 1, ID: ID{9}}, Item{Time: 2, ID: ID{3}}, Bound{Time: 2}},
		{Item{Time: 2, ID: ID{3, 1}}, Item{Time: 2, ID: ID{3, 2, 7}}, Bound{Time: 2, ID: ID{3, 2}}},
		{Item{Time: 2}, Item{Time: 2, ID: ID{31: 1}}, Bound{Time: 2, ID: ID{31: 1}}},
	} {
		if got := between(c.prev, c.next); got != c.want {
			t.Errorf("between %v and %v: %v", c.prev, c.next, got)
		}
	}
}

func BenchmarkNewFlat50k(b *testing.B) {
	sorted := clone(NewFlat(items(rand.New(rand.NewPCG(1, 1)), 50_000, 1<<40)).items)
	b.ReportAllocs()
	for b.Loop() {
		NewFlat(sorted)
	}
}

func BenchmarkFlatFingerprint(b *testing.B) {
	f := NewFlat(items(rand.New(rand.NewPCG(1, 1)), 50_000, 1<<40))
	for b.Loop() {
		f.Fingerprint(17, 49_970)
	}
}

func BenchmarkSumAdd(b *testing.B) {
	var s Sum
	id := randomID(rand.New(rand.NewPCG(1, 1)))
	for b.Loop() {
		s.Add(&id)
	}
}
