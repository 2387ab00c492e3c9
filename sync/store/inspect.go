package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"

	"go.etcd.io/bbolt"
)

// bbolt follows page numbers without asking where they lead, and looks at some
// pages on goroutines of its own, where a bad one ends the process. So the file
// is walked here first: every page that bbolt may follow, within bounds, once,
// with its keys in order (bbolt's file format, version 2; native byte order).
const (
	pageHeader   = 16
	pageElement  = 16
	metaLength   = 64
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	bucketEntry  = 0x01
	noFreelist   = math.MaxUint64
	maxDepth     = 64 // levels of branch pages
)

var native = binary.NativeEndian //nolint:gochecknoglobals // another name

var errCut = errors.New("it is cut short")

// inspection is one walk over a database file.
type inspection struct {
	f     io.ReaderAt
	size  int64 // of a page
	pages uint64
	seen  []byte // a page's state: unknown, used or free
	buf   []byte // what was read last
}

const (
	unknown = iota
	used
	free
)

// page is a page with what overflows it, and what its keys may be.
type page struct {
	id       uint64
	from, to []byte // keys: from ≤ key < to; nil is no bound
	depth    int
}

// inspect walks the database in f, length bytes long, and says what is wrong.
func inspect(f io.ReaderAt, length int64) error {
	in := &inspection{f: f}
	m, err := in.newest(length)
	if err != nil {
		return err
	}
	if in.pages < 3 || in.pages > uint64(length/in.size) {
		return errCut
	}
	in.seen = make([]byte, in.pages)
	in.seen[0], in.seen[1] = used, used
	if err := in.freelist(m.freelist); err != nil {
		return err
	}
	return in.walk(page{id: m.root})
}

type boltMeta struct{ size, root, freelist, pages, txid uint64 }

// newest is the meta page in force, as bbolt chooses it.
func (in *inspection) newest(length int64) (best boltMeta, err error) {
	found := false
	for _, at := range in.metaOffsets(length) {
		b := make([]byte, pageHeader+metaLength)
		if _, err := in.f.ReadAt(b, at); err != nil {
			continue
		}
		m, ok := readMeta(b[pageHeader:])
		if !ok || at != 0 && at != int64(m.size) {
			continue
		}
		if !found || m.txid > best.txid {
			best, found = m, true
		}
	}
	if !found {
		return best, errors.New("both of its heads are unreadable")
	}
	in.size, in.pages = int64(best.size), best.pages
	return best, nil
}

// metaOffsets is where the two meta pages may be, whatever the page size.
func (in *inspection) metaOffsets(length int64) []int64 {
	at := []int64{0}
	for p := int64(1 << 10); p <= 1<<16 && p < length; p <<= 1 {
		at = append(at, p)
	}
	return at
}

func readMeta(b []byte) (m boltMeta, ok bool) {
	h := fnv.New64a()
	h.Write(b[:metaLength-8])
	if native.Uint32(b) != boltMagic || native.Uint32(b[4:]) != boltVersion || native.Uint64(b[56:]) != h.Sum64() {
		return m, false
	}
	m = boltMeta{
		size: uint64(native.Uint32(b[8:])), root: native.Uint64(b[16:]),
		freelist: native.Uint64(b[32:]), pages: native.Uint64(b[40:]), txid: native.Uint64(b[48:]),
	}
	return m, m.size >= 1<<10 && m.size <= 1<<16 && m.size&(m.size-1) == 0
}

// read reads a page with what overflows it and marks it used. The bytes are valid
// until the next read.
func (in *inspection) read(id uint64) ([]byte, error) {
	if id < 2 || id >= in.pages {
		return nil, fmt.Errorf("page %d is outside of it", id)
	}
	if in.buf == nil {
		in.buf = make([]byte, in.size)
	}
	b := in.buf[:in.size]
	if _, err := in.f.ReadAt(b, int64(id)*in.size); err != nil {
		return nil, in.readError(err)
	}
	if native.Uint64(b) != id {
		return nil, fmt.Errorf("page %d is not itself", id)
	}
	more := uint64(native.Uint32(b[12:]))
	if more >= in.pages-id {
		return nil, fmt.Errorf("page %d reaches outside of it", id)
	}
	for i := id; i <= id+more; i++ {
		if in.seen[i] != unknown {
			return nil, fmt.Errorf("page %d is used twice", i)
		}
		in.seen[i] = used
	}
	if more > 0 {
		b = append(b, make([]byte, int64(more)*in.size)...)
		in.buf = b
		if _, err := in.f.ReadAt(b[in.size:], int64(id+1)*in.size); err != nil {
			return nil, in.readError(err)
		}
	}
	return b, nil
}

func (in *inspection) readError(err error) error {
	if errors.Is(err, io.EOF) {
		return errCut
	}
	return err
}

func (in *inspection) freelist(id uint64) error {
	if id == noFreelist {
		return nil
	}
	b, err := in.read(id)
	if err != nil {
		return err
	}
	n, ids := uint64(native.Uint16(b[10:])), b[pageHeader:]
	if n == math.MaxUint16 {
		n, ids = native.Uint64(ids), ids[8:]
	}
	if native.Uint16(b[8:]) != freelistPage || n > uint64(len(ids)/8) {
		return errors.New("its list of free pages is unreadable")
	}
	for i := range n {
		p := native.Uint64(ids[8*i:])
		if p < 2 || p >= in.pages || in.seen[p] != unknown {
			return fmt.Errorf("page %d cannot be free", p)
		}
		in.seen[p] = free
	}
	return nil
}

// walk goes through the tree under a page, buckets within it included.
func (in *inspection) walk(top page) error {
	for todo := []page{top}; len(todo) > 0; {
		p := todo[len(todo)-1]
		b, err := in.read(p.id)
		if err != nil {
			return err
		}
		below, err := in.elements(b, p)
		if err != nil {
			return fmt.Errorf("page %d: %w", p.id, err)
		}
		todo = append(todo[:len(todo)-1], below...)
	}
	return nil
}

// elements checks what is on a page and returns the pages it leads to.
func (in *inspection) elements(b []byte, p page) (below []page, err error) {
	kind, n := native.Uint16(b[8:]), int(native.Uint16(b[10:]))
	if kind != branchPage && kind != leafPage || kind == branchPage && n == 0 {
		return nil, errors.New("neither branch nor leaf")
	}
	end := pageHeader + n*pageElement
	if end > len(b) || p.depth > maxDepth {
		return nil, errors.New("more elements than fit")
	}
	last := p.from
	for i := range n {
		at := pageHeader + i*pageElement
		key, value, size, ok := element(b, kind, at, end)
		if !ok {
			return nil, fmt.Errorf("element %d lies where it cannot", i)
		}
		if c := bytes.Compare(key, last); last != nil && (c < 0 || c == 0 && i > 0) || p.to != nil && bytes.Compare(key, p.to) >= 0 {
			return nil, fmt.Errorf("key %d is out of order", i)
		}
		last, end = key, end+size
		switch {
		case kind == branchPage:
			from := bytes.Clone(key)
			below = append(below, page{native.Uint64(b[at+8:]), from, p.to, p.depth + 1})
			if i > 0 {
				below[i-1].to = from
			}
		case native.Uint32(b[at:])&bucketEntry != 0:
			more, err := in.bucket(value, p.depth)
			if err != nil {
				return nil, err
			}
			below = append(below, more...)
		}
	}
	return below, nil
}

// element is the key and value of the element at an offset. Its bytes begin
// where those of the one before end, as bbolt writes them.
func element(b []byte, kind uint16, at, from int) (key, value []byte, size int, ok bool) {
	pos, k, v := native.Uint32(b[at:]), native.Uint32(b[at+4:]), uint32(0)
	if kind == leafPage {
		pos, k, v = native.Uint32(b[at+4:]), native.Uint32(b[at+8:]), native.Uint32(b[at+12:])
	}
	if int64(at)+int64(pos) != int64(from) || int64(from)+int64(k)+int64(v) > int64(len(b)) {
		return nil, nil, 0, false
	}
	key, value = b[from:from+int(k)], b[from+int(k):from+int(k)+int(v)]
	return key, value, len(key) + len(value), true
}

// bucket leads to a bucket's root, or checks what lies inline.
func (in *inspection) bucket(value []byte, depth int) ([]page, error) {
	if len(value) < 16 || depth > maxDepth {
		return nil, errors.New("a table has no root")
	}
	if root := native.Uint64(value); root != 0 {
		return []page{{id: root, depth: depth + 1}}, nil
	}
	inline := value[16:]
	if len(inline) < pageHeader || native.Uint16(inline[8:]) != leafPage {
		return nil, errors.New("a small table is unreadable")
	}
	below, err := in.elements(inline, page{depth: depth + 1})
	if len(below) > 0 {
		return nil, errors.New("a small table has tables within")
	}
	return below, err
}

// Inspect looks at a database file from end to end and changes nothing. It fails
// with ErrDamaged, and with ErrInUse while a hub runs on it. A file that is not
// there or empty is fine.
func Inspect(path string) error {
	b := &bolt{path: path}
	return b.guard(func() error { return examine(path) })
}

// examine inspects the file at path, holding bbolt's lock so that nobody writes
// meanwhile. It changes nothing. A file that is not there or empty is fine.
func examine(path string) error {
	if info, err := os.Stat(path); errors.Is(err, os.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil
	}
	db, err := bbolt.Open(path, 0, &bbolt.Options{Timeout: patience, ReadOnly: true})
	if err = openError(path, err); errors.Is(err, ErrInUse) {
		return err
	} else if err != nil {
		return cmp.Or(inspectFile(path), err) // bbolt does not always tell damage from other troubles
	}
	err = inspectFile(path)
	return errors.Join(err, db.Close())
}

func inspectFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	// Read in order first: a memory card takes long over pages here and there.
	chunk := make([]byte, 1<<20)
	for at := int64(0); at < min(info.Size(), readAhead); at += int64(len(chunk)) {
		if _, err := f.ReadAt(chunk, at); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the database: %w", err)
		}
	}
	if err := inspect(f, info.Size()); err != nil {
		return damaged(path, err)
	}
	return nil
}

// readAhead is how much of a file may be expected to stay in memory for a while.
const readAhead = 128 << 20
