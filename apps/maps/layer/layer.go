// Package layer keeps many things that stand somewhere in one file: what an import brings
// beyond what records are for. The file travels between places; beside it each place makes
// an index of its own, in which a thing is found by its id, in a box, or as one of the
// nearest, without reading the rest. What a thing is, the package does not know: it has an
// id, bounds, a class to choose by and a body.
//
// # The file
//
// Eight bytes "LAYER" 0 0 1, the number of entries and the bytes of all bodies (unsigned
// varints, protocol buffers' base 128), and then one zstd stream (RFC 8878) of blocks. A
// block is its length in bytes, an unsigned varint, and up to 64 entries by columns; every
// block but the last has 64. The columns are
//
//   - the number of entries, a varint;
//   - the ids, each its length, a byte, and its bytes;
//   - the south-west corners, each latitude and longitude in millionths of a degree, zigzag
//     varints of what they differ by from the entry before;
//   - the extents, each height and width in the same unit, varints. What reaches beyond
//     180° east goes on at 180° west;
//   - the classes, a byte each;
//   - the lengths of the bodies, varints, and then the bodies.
//
// Entries are in the order of a Hilbert curve through the middles of their bounds, and of
// their ids where these are the same: the same entries make the same file, neighbors stand
// close together, and an index is made in one pass.
//
// A file comes from other places, so nothing in it is believed. The package starts no
// goroutine and opens no file.
package layer

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
)

// Bounds of a layer.
const (
	MaxEntries = 100_000
	MaxID      = 64        // bytes of an id
	MaxBody    = 4096      // bytes of a body
	MaxBodies  = 128 << 20 // bytes of all bodies together
	MaxBytes   = 64 << 20  // bytes of the file
)

// Entry is one thing of a layer.
type Entry struct {
	ID string // 1 to MaxID of a-z A-Z 0-9 . _ -; no two entries have the same
	// Bound is where it lies, in degrees (WGS 84), kept in whole millionths, of a point no
	// wider than that. Where its west is greater than its east it reaches over 180°.
	Bound orb.Bound
	Class uint8  // to choose by
	Body  []byte // at most MaxBody bytes
}

// What an entry can be refused for. Match with errors.Is.
var (
	ErrMany  = fmt.Errorf("a layer has at most %d entries", MaxEntries)
	ErrLarge = fmt.Errorf("a layer is of at most %d bytes, and its bodies of %d together", MaxBytes, MaxBodies)
	ErrTwice = errors.New("two entries have the same id")
	ErrEntry = errors.New("this is no entry of a layer")
)

// ErrMalformed is what a file is refused for that is no layer, or not one that a Writer
// makes; ErrDamaged, an index that is to be made anew.
var (
	ErrMalformed = errors.New("this is no sound layer")
	ErrDamaged   = errors.New("the index of a layer is damaged, or of another version")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// entry is an Entry as it is kept.
type entry struct {
	id    string
	where extent
	class uint8
	body  []byte
}

func entryOf(e Entry) (out entry, _ error) {
	where, err := extentOf(e.Bound)
	switch {
	case err != nil:
		return out, fmt.Errorf("%w: %w", ErrEntry, err)
	case !validID(e.ID):
		return out, fmt.Errorf("%w: an id is 1 to %d of a-z A-Z 0-9 . _ -", ErrEntry, MaxID)
	case len(e.Body) > MaxBody:
		return out, fmt.Errorf("%w: its body is of %d bytes, and may be of %d", ErrEntry, len(e.Body), MaxBody)
	}
	return entry{id: e.ID, where: where, class: e.Class, body: e.Body}, nil
}

// entry is it for the outside.
func (e entry) entry() Entry {
	return Entry{ID: e.id, Bound: e.where.bound(), Class: e.class, Body: e.body}
}

func validID[T string | []byte](s T) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return len(s) > 0 && len(s) <= MaxID
}

// Classes is a set of classes. The zero one is empty.
type Classes [4]uint64

// ClassesOf is the set of those that keep says yes to.
func ClassesOf(keep func(uint8) bool) (all Classes) {
	for c := range 256 {
		if keep(uint8(c)) {
			all.add(uint8(c))
		}
	}
	return all
}

// AllClasses is every class.
func AllClasses() Classes { return Classes{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} }

// Has reports whether a class is in it.
func (s Classes) Has(c uint8) bool { return s[c/64]>>(c%64)&1 != 0 }

func (s *Classes) add(c uint8) { s[c/64] |= 1 << (c % 64) }

// meets reports whether they have a class in common.
func (s *Classes) meets(o *Classes) bool {
	return s[0]&o[0]|s[1]&o[1]|s[2]&o[2]|s[3]&o[3] != 0
}

// within reports whether all of s is in o.
func (s *Classes) within(o *Classes) bool {
	return s[0]&^o[0]|s[1]&^o[1]|s[2]&^o[2]|s[3]&^o[3] == 0
}
