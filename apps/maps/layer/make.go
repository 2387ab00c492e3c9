package layer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// making is an index on its way.
type making struct {
	to     io.Writer
	at     int64
	count  int
	leaves []leaf
	all    []child
	ids    []idEntry
}

// idEntry is which entry has an id.
type idEntry struct {
	hash  uint64
	entry uint32
}

func hashOf(id string) uint64 {
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint64(sum[:])
}

// Make reads a layer to its end and writes its index to w. The index says that it is that
// of sum. It holds some 40 bytes an entry in the memory. The error is the Reader's, or w's.
func Make(w io.Writer, r *Reader, sum [32]byte) error {
	m := &making{to: w}
	zs, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(maxPage), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return err
	}
	var packed []byte
	for {
		all, block, err := r.nextBlock()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		packed = zs.EncodeAll(block, packed[:0])
		if err := m.page(all, packed); err != nil {
			return err
		}
	}
	return m.finish(sum)
}

// maxPage is a power of two that a block fits.
const maxPage = 512 << 10

func (m *making) write(b []byte) error {
	n, err := m.to.Write(b)
	m.at += int64(n)
	return err
}

// page writes a page, and remembers what its leaf will say.
func (m *making) page(all []entry, packed []byte) error {
	l := leaf{items: make([]item, len(all)), page: m.at, length: uint32(len(packed))}
	c := child{box: empty()}
	for i := range all {
		e := &all[i]
		l.items[i] = item{e.where.box(), e.class}
		c.add(e)
		m.ids = append(m.ids, idEntry{hashOf(e.id), uint32(m.count)})
		m.count++
	}
	m.leaves, m.all = append(m.leaves, l), append(m.all, c)
	return m.write(packed)
}

// finish writes all behind the pages.
func (m *making) finish(sum [32]byte) error {
	pages := m.at
	var buf []byte
	for _, l := range m.leaves {
		buf = appendLeaf(buf[:0], l, m.at)
		if err := m.write(buf); err != nil {
			return err
		}
	}
	for len(m.all) > 1 {
		var above []child
		for some := range slices.Chunk(m.all, fan) {
			c := child{box: empty()}
			for i := range some {
				c.join(&some[i])
			}
			above = append(above, c)
			buf = appendNode(buf[:0], some, m.at)
			if err := m.write(buf); err != nil {
				return err
			}
		}
		m.all = above
	}
	slices.SortFunc(m.ids, func(a, b idEntry) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.entry, b.entry)) })
	for some := range slices.Chunk(m.ids, perIDs) {
		buf = buf[:0]
		for _, one := range some {
			buf = binary.LittleEndian.AppendUint64(buf, one.hash)
			buf = binary.LittleEndian.AppendUint32(buf, one.entry)
		}
		buf = append(buf, make([]byte, perIDs*idSize-len(buf))...)
		if err := m.write(seal(buf, m.at)); err != nil {
			return err
		}
	}
	foot := append([]byte(footMagic), sum[:]...)
	foot = binary.LittleEndian.AppendUint32(foot, uint32(m.count))
	foot = binary.LittleEndian.AppendUint64(foot, uint64(pages))
	return m.write(seal(foot, m.at))
}
