package layer

import (
	"encoding/binary"
	"hash/crc32"
)

// An index is a packed Hilbert R-tree (Kamel, Faloutsos: On packing R-trees, CIKM 1993)
// over the entries in their order, in one file:
//
//   - pages: the blocks of the layer, each packed by itself;
//   - leaves: of each page its entries' boxes and classes, and where it lies;
//   - branches, level by level: of each leaf, or branch of the level below, the box, the
//     classes, how many entries there are and the sum of their middles;
//   - the ids: of each the first 8 bytes of its SHA-256, and which entry has it, in order;
//   - the foot, which says of which layer it is and how large.
//
// Numbers are little-endian. What is read in one piece ends with its CRC-32C, which begins
// at where it lies.
const (
	footMagic = "INDEX\x00\x00\x01" // its last byte is the version

	fan       = 32  // branches or leaves below a branch
	perIDs    = 128 // ids in a piece
	sumSize   = 4
	itemSize  = 4*4 + 1
	leafSize  = perBlock*itemSize + 8 + 4 + sumSize
	childSize = 4*4 + 4*8 + 4 + 2*8
	nodeSize  = fan*childSize + sumSize
	idSize    = 8 + 4
	idsSize   = perIDs*idSize + sumSize
	footSize  = len(footMagic) + 32 + 4 + 8 + sumSize
)

// seal ends a piece that is to lie somewhere.
func seal(piece []byte, at int64) []byte {
	return binary.LittleEndian.AppendUint32(piece, check(piece, at))
}

// opened is a piece without its end; false if it is not as it was written.
func opened(piece []byte, at int64) ([]byte, bool) {
	n := len(piece) - sumSize
	return piece[:n], binary.LittleEndian.Uint32(piece[n:]) == check(piece[:n], at)
}

func check(b []byte, at int64) uint32 {
	return crc32.Update(uint32(at), crc32.MakeTable(crc32.Castagnoli), b)
}

func appendBox(dst []byte, b box) []byte {
	for _, u := range [...]int32{b.south, b.west, b.north, b.east} {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(u))
	}
	return dst
}

func boxAt(b []byte) box {
	at := func(i int) int32 { return int32(binary.LittleEndian.Uint32(b[4*i:])) }
	return box{at(0), at(1), at(2), at(3)}
}

// item is what a leaf has of an entry.
type item struct {
	box   box
	class uint8
}

// leaf is the entries of a page.
type leaf struct {
	items  []item
	page   int64 // where it begins
	length uint32
}

// appendLeaf appends a leaf that is to lie at at.
func appendLeaf(dst []byte, l leaf, at int64) []byte {
	piece := make([]byte, 0, leafSize)
	for _, it := range l.items {
		piece = append(appendBox(piece, it.box), it.class)
	}
	piece = append(piece, make([]byte, perBlock*itemSize-len(piece))...)
	piece = binary.LittleEndian.AppendUint64(piece, uint64(l.page))
	return append(dst, seal(binary.LittleEndian.AppendUint32(piece, l.length), at)...)
}

// readLeaf reads so many entries into a leaf.
func (l *leaf) read(b []byte, n int) {
	l.items = l.items[:0]
	for range n {
		l.items = append(l.items, item{boxAt(b), b[16]})
		b = b[itemSize:]
	}
	rest := b[(perBlock-n)*itemSize:]
	l.page, l.length = int64(binary.LittleEndian.Uint64(rest)), binary.LittleEndian.Uint32(rest[8:])
}

// child is what a branch has of a leaf, or of a branch below.
type child struct {
	box        box
	classes    Classes
	count      uint32
	lats, lons int64 // the sums of the middles
}

// add takes in an entry.
func (c *child) add(e *entry) {
	c.box.add(e.where.box())
	c.classes.add(e.class)
	c.count++
	at := e.where.middle()
	c.lats, c.lons = c.lats+int64(at.lat), c.lons+int64(at.lon)
}

// join takes in another child.
func (c *child) join(o *child) {
	c.box.add(o.box)
	for i := range c.classes {
		c.classes[i] |= o.classes[i]
	}
	c.count += o.count
	c.lats, c.lons = c.lats+o.lats, c.lons+o.lons
}

// appendNode appends a branch that is to lie at at.
func appendNode(dst []byte, all []child, at int64) []byte {
	piece := make([]byte, 0, nodeSize)
	for i := range all {
		c := &all[i]
		piece = appendBox(piece, c.box)
		for _, word := range c.classes {
			piece = binary.LittleEndian.AppendUint64(piece, word)
		}
		piece = binary.LittleEndian.AppendUint32(piece, c.count)
		piece = binary.LittleEndian.AppendUint64(piece, uint64(c.lats))
		piece = binary.LittleEndian.AppendUint64(piece, uint64(c.lons))
	}
	piece = append(piece, make([]byte, fan*childSize-len(piece))...)
	return append(dst, seal(piece, at)...)
}

func (c *child) read(b []byte) {
	c.box = boxAt(b)
	for i := range c.classes {
		c.classes[i] = binary.LittleEndian.Uint64(b[16+8*i:])
	}
	c.count = binary.LittleEndian.Uint32(b[48:])
	c.lats, c.lons = int64(binary.LittleEndian.Uint64(b[52:])), int64(binary.LittleEndian.Uint64(b[60:]))
}

// plan is where all lies in an index of so many entries behind pages of so many bytes.
type plan struct {
	leaves int64   // where the leaves begin
	levels []level // the leaves, and then the branches up to the one at the root
	ids    int64
	foot   int64
}

// level is the nodes that are equally far from the root.
type level struct {
	at    int64
	size  int64 // of a node
	nodes int
}

func planOf(count int, pages int64) plan {
	p := plan{leaves: pages, ids: pages}
	size := int64(leafSize)
	for nodes := parts(count, perBlock); nodes > 0; nodes = parts(nodes, fan) {
		p.levels = append(p.levels, level{p.ids, size, nodes})
		p.ids += int64(nodes) * size
		if size = int64(nodeSize); nodes == 1 {
			break
		}
	}
	p.foot = p.ids + int64(parts(count, perIDs))*int64(idsSize)
	return p
}

func parts(n, of int) int { return (n + of - 1) / of }
