package reconcile

import (
	"slices"
	"sort"
)

// Set is one immutable view of a set of items in their order (time, then id).
// It must not change while a session uses it.
type Set interface {
	// Len returns the number of items.
	Len() int
	// At returns item i, for 0 <= i < Len().
	At(i int) Item
	// Search returns the index of the first item not below b, or Len().
	Search(b Bound) int
	// Fingerprint returns the fingerprint of the items i <= k < j.
	Fingerprint(i, j int) [FingerprintSize]byte
}

// stride is the number of items between two stored prefix sums: half a byte an
// item, and at most 2*stride additions a fingerprint.
const stride = 64

// Flat is a Set in a sorted slice, at about 40 bytes an item.
type Flat struct {
	items []Item
	sums  []Sum // sums[k] is the sum of the first k*stride ids
}

// NewFlat returns the set of the items. It takes the slice over: unless it is
// sorted and without duplicates already, which costs one pass to see, it is
// sorted and compacted in place.
func NewFlat(items []Item) *Flat {
	for i := 1; i < len(items); i++ {
		if items[i-1].Compare(items[i]) >= 0 {
			slices.SortFunc(items, Item.Compare)
			items = slices.Compact(items)
			break
		}
	}
	f := &Flat{items: items, sums: make([]Sum, 0, len(items)/stride+1)}
	var s Sum
	for i := range items {
		if i%stride == 0 {
			f.sums = append(f.sums, s)
		}
		s.Add(&items[i].ID)
	}
	if len(items)%stride == 0 {
		f.sums = append(f.sums, s)
	}
	return f
}

// Len returns the number of items.
func (f *Flat) Len() int { return len(f.items) }

// At returns item i.
func (f *Flat) At(i int) Item { return f.items[i] }

// Search returns the index of the first item not below b, or Len().
func (f *Flat) Search(b Bound) int {
	return sort.Search(len(f.items), func(i int) bool { return !b.Above(f.items[i]) })
}

// Sum returns the sum of the ids i <= k < j.
func (f *Flat) Sum(i, j int) Sum {
	if j-i <= stride {
		return f.add(Sum{}, i, j)
	}
	s := f.add(f.sums[j/stride], j/stride*stride, j)
	s.SubSum(f.add(f.sums[i/stride], i/stride*stride, i))
	return s
}

// Fingerprint returns the fingerprint of the items i <= k < j.
func (f *Flat) Fingerprint(i, j int) [FingerprintSize]byte {
	return f.Sum(i, j).Fingerprint(j - i)
}

func (f *Flat) add(s Sum, i, j int) Sum {
	for k := i; k < j; k++ {
		s.Add(&f.items[k].ID)
	}
	return s
}
