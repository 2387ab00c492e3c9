package reconcile

import (
	"bytes"
	"cmp"
	"math"
)

// IDSize is the length of an id in bytes.
const IDSize = 32

// MaxTime is the largest time of an item: 48 bits of milliseconds. The protocol
// allows 64 bits, but not every implementation of it does.
const MaxTime = 1<<48 - 1

// infinity is the time of the bound above every item.
const infinity = math.MaxUint64

// ID names an item: the SHA-256 of a record, or any 32 bytes.
type ID = [IDSize]byte

// Item is what is reconciled: the milliseconds of a record's time, at most
// MaxTime, and its id. Items are ordered by time, then id.
type Item struct {
	Time uint64
	ID   ID
}

// Compare returns -1, 0 or 1 as a sorts before, with or after b.
func (a Item) Compare(b Item) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

// Bound divides the space of items: those below it, and those at or above it.
// Its ID is a prefix of an id, padded with zero bytes (protocol V1, "Bound").
type Bound struct {
	Time uint64
	ID   ID
}

// Infinity returns the bound above every item.
func Infinity() Bound { return Bound{Time: infinity} }

// IsInfinity reports whether b is above every item.
func (b Bound) IsInfinity() bool { return b.Time == infinity }

// Compare returns -1, 0 or 1 as b lies below, at or above other.
func (b Bound) Compare(other Bound) int { return Item(b).Compare(Item(other)) }

// Above reports whether b lies above the item, so that the item belongs to the
// range that b ends.
func (b Bound) Above(it Item) bool { return it.Compare(Item(b)) < 0 }

// prefixLen is how many bytes of the id have to be sent: trailing zeros are
// implied.
func (b Bound) prefixLen() int {
	n := IDSize
	for n > 0 && b.ID[n-1] == 0 {
		n--
	}
	return n
}

// between returns the shortest bound above prev and not above next. It
// requires prev < next.
func between(prev, next Item) Bound {
	b := Bound{Time: next.Time}
	if prev.Time != next.Time {
		return b
	}
	for i := range next.ID {
		b.ID[i] = next.ID[i]
		if prev.ID[i] != next.ID[i] {
			break
		}
	}
	return b
}
