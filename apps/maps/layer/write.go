package layer

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// magic begins a file, its last byte the version.
const magic = "LAYER\x00\x00\x01"

// window is how far back the stream refers: more memory for whoever reads it, in bytes.
const window = 2 << 20

// Scratch is where entries wait for their order, such as a file without a name: what was
// written can be read, by where it stands among all that was.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

// Writer writes a layer. It holds some 60 bytes an entry in the memory, and the rest in
// its Scratch.
type Writer struct {
	to      io.Writer
	scratch Scratch
	spool   *bufio.Writer
	at      int64 // of what was written to scratch
	bodies  int64
	waiting []waiting
	ids     idSet
	err     error // the first of scratch
	buf     []byte
}

// bounded is an ErrLarge at one byte more than so many.
type bounded struct {
	io.Writer

	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, ErrLarge
	}
	return b.Writer.Write(p)
}

// waiting is an entry in the scratch.
type waiting struct {
	curve uint64
	at    int64
	size  int32
}

// idSet tells ids apart by half of their SHA-256, as an id is up to four times as long.
type idSet map[[16]byte]struct{}

// add reports whether an id is new.
func (s idSet) add(id string) bool {
	sum := sha256.Sum256([]byte(id))
	half := [16]byte(sum[:16])
	if _, has := s[half]; has {
		return false
	}
	s[half] = struct{}{}
	return true
}

// NewWriter begins a layer, which is written to w by Close. The scratch is empty.
func NewWriter(w io.Writer, scratch Scratch) *Writer {
	return &Writer{to: &bounded{Writer: w, left: MaxBytes}, scratch: scratch, spool: bufio.NewWriterSize(scratch, 256<<10), ids: idSet{}}
}

// Add takes an entry, in whatever order they come. It is an ErrEntry, ErrTwice, ErrMany or
// ErrLarge for one that has no place, after which others may follow; else the error of the
// scratch, which stays.
func (w *Writer) Add(e Entry) error {
	if w.err != nil {
		return w.err
	}
	one, err := entryOf(e)
	switch {
	case err != nil:
		return err
	case len(w.waiting) == MaxEntries:
		return ErrMany
	case w.bodies+int64(len(e.Body)) > MaxBodies:
		return ErrLarge
	case !w.ids.add(e.ID):
		return fmt.Errorf("%w: %s", ErrTwice, e.ID)
	}
	w.buf = appendBlock(w.buf[:0], []entry{one})
	if _, w.err = w.spool.Write(w.buf); w.err != nil {
		return w.err
	}
	w.waiting = append(w.waiting, waiting{one.where.middle().curve(), w.at, int32(len(w.buf))})
	w.at += int64(len(w.buf))
	w.bodies += int64(len(e.Body))
	return nil
}

// Len is how many entries were taken.
func (w *Writer) Len() int { return len(w.waiting) }

// Close writes the layer. The scratch can go then.
func (w *Writer) Close() error {
	if w.err == nil {
		w.err = w.spool.Flush()
	}
	if w.err != nil {
		return w.err
	}
	w.err = errors.New("the layer is written already")
	if err := w.order(); err != nil {
		return err
	}
	head := binary.AppendUvarint([]byte(magic), uint64(len(w.waiting)))
	if _, err := w.to.Write(binary.AppendUvarint(head, uint64(w.bodies))); err != nil {
		return err
	}
	// With a concurrency of one it starts no goroutine, and writes always the same.
	z, err := zstd.NewWriter(w.to, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithWindowSize(window))
	if err != nil {
		return err
	}
	return errors.Join(w.blocks(z), z.Close())
}

// order puts the entries into the layer's.
func (w *Writer) order() error {
	var err error
	slices.SortFunc(w.waiting, func(a, b waiting) int {
		if c := cmp.Compare(a.curve, b.curve); c != 0 || err != nil || a.at == b.at {
			return c
		}
		one, wrong := w.read(a)
		other, wrong2 := w.read(b)
		if err = errors.Join(wrong, wrong2); err != nil {
			return 0
		}
		return strings.Compare(one.id, other.id)
	})
	return err
}

// read reads an entry back.
func (w *Writer) read(at waiting) (e entry, _ error) {
	b := make([]byte, at.size)
	if n, err := w.scratch.ReadAt(b, at.at); n < len(b) {
		return e, fmt.Errorf("read what waits for its order: %w", err)
	}
	one, err := readBlock(nil, b)
	if err != nil {
		return e, fmt.Errorf("read what waits for its order: %w", err)
	}
	return one[0], nil
}

func (w *Writer) blocks(to io.Writer) error {
	var buf []byte
	all := make([]entry, 0, perBlock)
	for some := range slices.Chunk(w.waiting, perBlock) {
		all = all[:0]
		for _, at := range some {
			e, err := w.read(at)
			if err != nil {
				return err
			}
			all = append(all, e)
		}
		block := appendBlock(buf[:0], all)
		if _, err := to.Write(binary.AppendUvarint(nil, uint64(len(block)))); err != nil {
			return err
		}
		if _, err := to.Write(block); err != nil {
			return err
		}
		buf = block
	}
	return nil
}
