package pmtiles

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
)

// Entry is one line of a directory: where some tiles are, or a directory further down.
type Entry struct {
	ID     uint64 // of the first tile
	Offset uint64 // from the beginning of the tile data; of a leaf, of the leaf directories
	Length uint32 // bytes, as stored
	Run    uint32 // how many tiles in a row are the same; 0 is a leaf
}

// end is the number after the entry's last tile. That of a leaf is not known here.
func (e Entry) end() uint64 { return e.ID + max(1, uint64(e.Run)) }

// scope is what a directory may speak of.
type scope struct {
	first, end    uint64 // tiles; a leaf begins with first exactly
	tiles, leaves uint64 // lengths of the sections
	leaf          bool
}

// readDirectory reads a directory from src, an entry after the other, and nothing beyond
// what its entries need. It is refused unless its tiles ascend and lie in their scope, and
// what it points to lies in its section. Errors are in words, without their place.
func readDirectory(src io.ByteReader, in scope) ([]Entry, error) {
	n, err := varint(src)
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, errors.New("it is empty")
	case n > MaxEntries:
		return nil, fmt.Errorf("it would have %d entries, and may have %d", n, MaxEntries)
	}
	// What is said is believed as far as it comes.
	es := make([]Entry, 0, min(n, 4096))
	var id uint64
	for i := range n {
		step, err := varint(src)
		if err != nil {
			return nil, err
		}
		if id += step; step > IDs(MaxZoom+1) || id >= in.end || i > 0 && step == 0 || id < in.first {
			return nil, fmt.Errorf("its entry %d is about tile %d, and would be about one between %d and %d, after those before", i, id, in.first, in.end)
		}
		es = append(es, Entry{ID: id})
	}
	if in.leaf && es[0].ID != in.first {
		return nil, fmt.Errorf("it begins with tile %d, and the entry that leads here with %d", es[0].ID, in.first)
	}
	if err := readRuns(src, es, in.end); err != nil {
		return nil, err
	}
	if err := readPlaces(src, es, in); err != nil {
		return nil, err
	}
	if _, err := src.ReadByte(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("it goes on after its last entry")
		}
		return nil, err
	}
	return es, nil
}

// readRuns reads how often each tile is repeated. None reaches the next entry.
func readRuns(src io.ByteReader, es []Entry, end uint64) error {
	for i := range es {
		run, err := varint(src)
		if err != nil {
			return err
		}
		next := end
		if i+1 < len(es) {
			next = es[i+1].ID
		}
		if run > math.MaxUint32 || run > next-es[i].ID {
			return fmt.Errorf("its entry %d repeats tile %d for %d times, into the next", i, es[i].ID, run)
		}
		es[i].Run = uint32(run)
	}
	return nil
}

// readPlaces reads lengths and offsets.
func readPlaces(src io.ByteReader, es []Entry, in scope) error {
	for i := range es {
		length, err := varint(src)
		if err != nil {
			return err
		}
		most := uint64(MaxTile)
		if es[i].Run == 0 {
			most = MaxLeaf
		}
		if length == 0 || length > most {
			return fmt.Errorf("its entry %d has a length of %d bytes, and may have 1 to %d", i, length, most)
		}
		es[i].Length = uint32(length)
	}
	for i := range es {
		e := &es[i]
		offset, err := varint(src)
		switch {
		case err != nil:
			return err
		case offset > 0:
			e.Offset = offset - 1
		case i == 0:
			return errors.New("its first entry would follow one before it")
		default:
			e.Offset = es[i-1].Offset + uint64(es[i-1].Length)
		}
		section, name := in.tiles, "tile data"
		if e.Run == 0 {
			section, name = in.leaves, "leaf directories"
		}
		if e.Offset > section || uint64(e.Length) > section-e.Offset {
			return fmt.Errorf("its entry %d points to bytes %d to %d of the %s, which have %d", i, e.Offset, e.Offset+uint64(e.Length), name, section)
		}
	}
	return nil
}

// find is the entry that leads to a tile, if one does.
func find(es []Entry, id uint64) (Entry, bool) {
	i := sort.Search(len(es), func(i int) bool { return es[i].ID > id }) - 1
	if i < 0 || es[i].Run > 0 && id >= es[i].end() {
		return Entry{}, false
	}
	return es[i], true
}

var (
	errVarint  = errors.New("a number in it is too large")
	errNothing = errors.New("it ends where a number would be")
)

// varint reads a little-endian number of seven bits a byte. It is errNothing if there is no
// byte of it.
func varint(src io.ByteReader) (uint64, error) {
	var v uint64
	for shift := uint(0); ; shift += 7 {
		b, err := src.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && shift == 0:
			return 0, errNothing
		case errors.Is(err, io.EOF):
			return 0, io.ErrUnexpectedEOF
		case err != nil:
			return 0, err
		case shift == 63 && b > 1:
			return 0, errVarint
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
}

// after is where the next entry begins.
func after(es []Entry, id uint64) (uint64, bool) {
	i := sort.Search(len(es), func(i int) bool { return es[i].ID > id })
	if i == len(es) {
		return 0, false
	}
	return es[i].ID, true
}
