package layer

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Reader reads a layer, block after block. Close it.
type Reader struct {
	source *source
	zs     *zstd.Decoder
	from   *bufio.Reader // what zs unpacks
	left   int           // entries that are still to come
	bodies int64         // bytes of bodies that are still to come
	count  int
	ids    idSet
	last   struct {
		curve uint64
		id    string
	}
	all  []entry // of the block at hand
	next int
	err  error // what ended it
}

// source is where a layer is read from. It remembers what went wrong there, to tell it from
// what is wrong with the layer.
type source struct {
	io.Reader

	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// ended is what an error of reading means: what is not there, or cannot be unpacked, was
// never a layer.
func (s *source) ended(err error) error {
	switch {
	case s.err != nil:
		return s.err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("it ends too early")
	}
	return malformed("%v", err)
}

// NewReader begins to read a layer. The error is an ErrMalformed or r's.
func NewReader(r io.Reader) (*Reader, error) {
	src := &source{Reader: io.LimitReader(r, MaxBytes)}
	from := bufio.NewReaderSize(src, 64<<10)
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, src.ended(err)
	}
	if string(head) != magic {
		return nil, malformed("it does not begin like one of this version")
	}
	count, err := binary.ReadUvarint(from)
	if err != nil {
		return nil, src.ended(err)
	}
	bodies, err := binary.ReadUvarint(from)
	if err != nil {
		return nil, src.ended(err)
	}
	if count > MaxEntries || bodies > MaxBodies {
		return nil, malformed("it says to have %d entries with bodies of %d bytes, which is too much", count, bodies)
	}
	// With a concurrency of one it starts no goroutine.
	zs, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return nil, src.ended(err)
	}
	return &Reader{source: src, zs: zs, from: bufio.NewReaderSize(zs, 64<<10), left: int(count), bodies: int64(bodies), count: int(count), ids: idSet{}}, nil
}

// Close lets go of what unpacks.
func (r *Reader) Close() { r.zs.Close() }

// Len is how many entries there are in all.
func (r *Reader) Len() int { return r.count }

// Next is the next entry; io.EOF after the last, once the file has ended where it should.
// Any other error is an ErrMalformed or that of what it reads from. It stays.
func (r *Reader) Next() (Entry, error) {
	if r.next == len(r.all) {
		if _, _, err := r.nextBlock(); err != nil {
			return Entry{}, err
		}
		r.next = 0
	}
	r.next++
	return r.all[r.next-1].entry(), nil
}

// All yields what Next does, to the end or to an error.
func (r *Reader) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// nextBlock is the next entries, and the block that they stand in.
func (r *Reader) nextBlock() (all []entry, block []byte, _ error) {
	if r.err == nil {
		r.all, block, r.err = r.readBlock()
		r.next = len(r.all)
	}
	return r.all, block, r.err
}

func (r *Reader) readBlock() (all []entry, block []byte, _ error) {
	if r.left == 0 {
		return nil, nil, r.end()
	}
	size, err := binary.ReadUvarint(r.from)
	if err != nil {
		return nil, nil, r.source.ended(err)
	}
	if size > maxBlock {
		return nil, nil, malformed("a block says to be of %d bytes", size)
	}
	block = make([]byte, size) // the bodies stay in it
	if _, err := io.ReadFull(r.from, block); err != nil {
		return nil, nil, r.source.ended(err)
	}
	if all, err = readBlock(nil, block); err != nil {
		return nil, nil, err
	}
	if len(all) != min(perBlock, r.left) {
		return nil, nil, malformed("a block has %d entries of %d that are to come", len(all), r.left)
	}
	for i := range all {
		if err := r.follows(&all[i]); err != nil {
			return nil, nil, err
		}
	}
	r.left -= len(all)
	return all, block, nil
}

// follows holds an entry against what came before it.
func (r *Reader) follows(e *entry) error {
	curve := e.where.middle().curve()
	switch {
	case !r.ids.add(e.id):
		return malformed("two entries have the id %s", e.id)
	case len(r.ids) > 1 && cmp.Or(cmp.Compare(curve, r.last.curve), strings.Compare(e.id, r.last.id)) <= 0:
		return malformed("the entry %s is not where it should be", e.id)
	case int64(len(e.body)) > r.bodies:
		return malformed("it has more than it says to have")
	}
	r.last.curve, r.last.id = curve, e.id
	r.bodies -= int64(len(e.body))
	return nil
}

// end is io.EOF if all has come, and no more than that.
func (r *Reader) end() error {
	if _, err := r.from.ReadByte(); err == nil {
		return malformed("it goes on beyond its end")
	} else if !errors.Is(err, io.EOF) {
		return r.source.ended(err)
	}
	if r.bodies > 0 {
		return malformed("it has less than it says to have")
	}
	return io.EOF
}
