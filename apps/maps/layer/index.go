package layer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zstd"
)

// Index finds entries of a layer. It is safe for concurrent use, and holds nothing of the
// file in the memory. An ErrDamaged of any of its methods says that the index is to be made
// anew; what they said before holds.
type Index struct {
	from  io.ReaderAt
	zs    *zstd.Decoder
	sum   [32]byte
	count int
	plan  plan
}

// Open opens an index of so many bytes. The error is an ErrDamaged or that of reading.
func Open(from io.ReaderAt, size int64) (*Index, error) {
	x := &Index{from: from}
	if size < int64(footSize) {
		return nil, damaged("it is of %d bytes only", size)
	}
	at := size - int64(footSize)
	foot, err := x.piece(nil, at, footSize)
	if err != nil {
		return nil, err
	}
	if string(foot[:len(footMagic)]) != footMagic {
		return nil, damaged("it does not end like one of this version")
	}
	foot = foot[len(footMagic):]
	x.sum = [32]byte(foot)
	count, pages := binary.LittleEndian.Uint32(foot[32:]), binary.LittleEndian.Uint64(foot[36:])
	if count > MaxEntries || pages > uint64(size) {
		return nil, damaged("it says to be of %d entries in %d bytes", count, pages)
	}
	x.count = int(count)
	if x.plan = planOf(x.count, int64(pages)); x.plan.foot != at {
		return nil, damaged("it is of %d bytes, where its foot says %d", size, x.plan.foot+int64(footSize))
	}
	// Only whole pages are unpacked, which starts no goroutine.
	x.zs, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxPage), zstd.WithDecoderMaxWindow(maxPage))
	return x, err
}

// Sum is what Make was told of which layer it is.
func (x *Index) Sum() [32]byte { return x.sum }

// Len is how many entries there are.
func (x *Index) Len() int { return x.count }

// piece reads a piece that ends with its sum.
func (x *Index) piece(buf []byte, at int64, size int) ([]byte, error) {
	buf, err := x.read(buf, at, size)
	if err != nil {
		return nil, err
	}
	piece, ok := opened(buf, at)
	if !ok {
		return nil, damaged("what is at %d does not have its sum", at)
	}
	return piece, nil
}

func (x *Index) read(buf []byte, at int64, size int) ([]byte, error) {
	if cap(buf) < size {
		buf = make([]byte, size)
	}
	buf = buf[:size]
	n, err := x.from.ReadAt(buf, at)
	switch {
	case n == size:
		return buf, nil
	case errors.Is(err, io.EOF):
		return nil, damaged("it ends at %d", at+int64(n))
	}
	return nil, fmt.Errorf("read the index of a layer: %w", err)
}

// Get is the entry of an id; false if there is none.
func (x *Index) Get(id string) (e Entry, ok bool, _ error) {
	hash := hashOf(id)
	f := finder{x: x, hash: hash, buf: make([]byte, idsSize)}
	at, err := f.first()
	if err != nil {
		return e, false, err
	}
	q := x.query()
	for ; at < parts(x.count, perIDs); at++ {
		b, n, err := f.piece(at)
		if err != nil {
			return e, false, err
		}
		for range n {
			switch have := binary.LittleEndian.Uint64(b); {
			case have > hash:
				return e, false, nil
			case have == hash:
				one, err := q.entry(int(binary.LittleEndian.Uint32(b[8:])))
				if err != nil || one.id == id {
					return one.entry(), err == nil, err
				}
			}
			b = b[idSize:]
		}
	}
	return e, false, nil
}

// finder looks for the pieces of the ids with a hash.
type finder struct {
	x    *Index
	hash uint64
	buf  []byte
}

// piece is one of them, until the next, and how many ids are in it.
func (f *finder) piece(i int) (_ []byte, n int, _ error) {
	b, err := f.x.piece(f.buf, f.x.plan.ids+int64(i)*int64(idsSize), idsSize)
	return b, min(perIDs, f.x.count-i*perIDs), err
}

// first is the first piece in which the hash can be. Hashes are spread evenly, so that it is
// mostly where one guesses; for those that somebody has made up the middle is as good.
func (f *finder) first() (int, error) {
	low, high := 0, parts(f.x.count, perIDs)
	for guesses := 0; low < high; guesses++ {
		at := (low + high) / 2
		if guesses < 3 {
			hi, _ := bits.Mul64(f.hash, uint64(f.x.count))
			at = min(high-1, max(low, int(hi)/perIDs))
		}
		b, n, err := f.piece(at)
		if err != nil {
			return 0, err
		}
		switch {
		case f.hash > binary.LittleEndian.Uint64(b[(n-1)*idSize:]):
			low = at + 1
		case f.hash > binary.LittleEndian.Uint64(b):
			return at, nil
		default:
			high = at
		}
	}
	return low, nil
}

// query reads nodes and pages for one question.
type query struct {
	x     *Index
	buf   []byte
	at    leaf
	below [][]child // by level: a walk goes on in one after it was below
	pages map[int][]entry
}

// keeps is how many pages a question remembers.
const keeps = 16

func (x *Index) query() *query {
	return &query{x: x, below: make([][]child, len(x.plan.levels)), pages: map[int][]entry{}}
}

// leaf is the leaf of a number, until the next.
func (q *query) leaf(n int) (*leaf, error) {
	piece, err := q.piece(0, n)
	if err != nil {
		return nil, err
	}
	q.at.read(piece, min(perBlock, q.x.count-n*perBlock))
	return &q.at, nil
}

// node is what is below the branch of a number, until the next of its level.
func (q *query) node(level, n int) ([]child, error) {
	piece, err := q.piece(level, n)
	if err != nil {
		return nil, err
	}
	all := q.below[level][:0]
	for range min(fan, q.x.plan.levels[level-1].nodes-n*fan) {
		var c child
		c.read(piece)
		all = append(all, c)
		piece = piece[childSize:]
	}
	q.below[level] = all
	return all, nil
}

func (q *query) piece(level, n int) ([]byte, error) {
	l := q.x.plan.levels[level]
	if cap(q.buf) < nodeSize {
		q.buf = make([]byte, nodeSize)
	}
	return q.x.piece(q.buf, l.at+int64(n)*l.size, int(l.size))
}

// entry is the entry of a number.
func (q *query) entry(n int) (e entry, _ error) {
	if n >= q.x.count {
		return e, damaged("there is no entry %d", n)
	}
	all, ok := q.pages[n/perBlock]
	if !ok {
		l, err := q.leaf(n / perBlock)
		if err != nil {
			return e, err
		}
		if all, err = q.page(n/perBlock, l); err != nil {
			return e, err
		}
	}
	return all[n%perBlock], nil
}

// page is the entries of a leaf.
func (q *query) page(n int, l *leaf) ([]entry, error) {
	if all, ok := q.pages[n]; ok {
		return all, nil
	}
	if l.page < 0 || l.length > maxPage || l.page+int64(l.length) > q.x.plan.leaves {
		return nil, damaged("page %d lies outside", n)
	}
	packed, err := q.x.read(nil, l.page, int(l.length))
	if err != nil {
		return nil, err
	}
	block, err := q.x.zs.DecodeAll(packed, nil)
	if err != nil {
		return nil, damaged("page %d: %v", n, err)
	}
	all, err := readBlock(make([]entry, 0, len(l.items)), block)
	if err != nil || len(all) != len(l.items) {
		return nil, damaged("page %d has %d entries of %d: %v", n, len(all), len(l.items), err)
	}
	if len(q.pages) == keeps {
		clear(q.pages)
	}
	q.pages[n] = all
	return all, nil
}
