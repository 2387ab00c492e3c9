// Package pmtilestest writes PMTiles files for tests: sound ones, and such as lie. It is
// written from the specification, not from the reader, so that neither can agree with the
// other on a mistake.
package pmtilestest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
)

// Tile is one tile of a file to be, its data not packed.
type Tile struct {
	Z    uint8
	X, Y uint32
	Data []byte
}

// File says what to write. What is zero is chosen so that the file is sound: gzip, MVT,
// zooms and bounds as the tiles have them, metadata of a Protomaps basemap of version 4.
type File struct {
	Tiles                 []Tile
	Metadata              string
	Internal, Compression pmtiles.Compression
	Type                  pmtiles.TileType
	Bounds                [4]float64 // west, south, east, north, in degrees; zero is the earth
	Leaf                  int        // entries of a leaf directory; 0: all in the root
	Levels                int        // of leaf directories above each other; 0 is 1

	// Lies, each told about what is otherwise sound. Nil tells none.
	Directory func(level int, es []pmtiles.Entry) []pmtiles.Entry // level 0 is the root
	Packed    func(what string, packed []byte) []byte             // "root", "leaf", "metadata", "tile"
	Header    func(h []byte)                                      // its 127 bytes
	Whole     func(file []byte) []byte
}

// Layer is the data of a vector tile that has one layer without features, which is called
// so (Mapbox Vector Tile 2.1, §4.1).
func Layer(name string) []byte { return layerOf(name, nil) }

// Shown is such a layer with one point.
func Shown(name string) []byte {
	return layerOf(name, []byte{2<<3 | 2, 7, 3 << 3, 1, 4<<3 | 2, 3, 1<<3 | 1, 0, 0})
}

func layerOf(name string, features []byte) []byte {
	layer := append(binary.AppendUvarint([]byte{1<<3 | 2}, uint64(len(name))), name...)
	layer = append(layer, features...)
	layer = append(layer, 15<<3, 2) // its version
	return append(binary.AppendUvarint([]byte{3<<3 | 2}, uint64(len(layer))), layer...)
}

// V4 is metadata of a Protomaps basemap of version 4.
const V4 = `{"name":"Protomaps Basemap","version":"4.0.3","attribution":"<a href=\"https://www.openstreetmap.org/copyright\">&copy; OpenStreetMap</a>","vector_layers":[` +
	`{"id":"earth","fields":{"kind":"String"}},{"id":"water","fields":{"kind":"String"}},{"id":"landuse","fields":{"kind":"String"}},` +
	`{"id":"roads","fields":{"kind":"String","name":"String"}},{"id":"buildings","fields":{"kind":"String"}},{"id":"places","fields":{"kind":"String","name":"String"}}]}`

// V3 is metadata of one of version 3.
const V3 = `{"name":"protomaps 2023-10-01","version":"3.0.0","attribution":"<a href=\"https://protomaps.com\">Protomaps</a> © <a href=\"https://openstreetmap.org\">OpenStreetMap</a>","vector_layers":[` +
	`{"id":"earth","fields":{"pmap:kind":"String"}},{"id":"water","fields":{"pmap:kind":"String"}},{"id":"natural","fields":{"pmap:kind":"String"}},` +
	`{"id":"roads","fields":{"pmap:kind":"String","name":"String"}},{"id":"places","fields":{"pmap:kind":"String","name":"String"}}]}`

// Bytes is the file. It panics where a test asks for what cannot be written.
func (f File) Bytes() []byte {
	if f.Metadata == "" {
		f.Metadata = V4
	}
	f.Internal, f.Compression = cmp.Or(f.Internal, pmtiles.Gzip), cmp.Or(f.Compression, pmtiles.Gzip)
	f.Type = cmp.Or(f.Type, pmtiles.MVT)
	if f.Bounds == ([4]float64{}) {
		f.Bounds = [4]float64{-180, -85, 180, 85}
	}
	p := new(packer)
	entries, data, contents := f.lay(p)
	root, leaves := f.directories(p, entries)
	metadata := f.lie("metadata", p.pack(f.Internal, []byte(f.Metadata)))

	h := make([]byte, 127)
	copy(h, "PMTiles\x03")
	at := uint64(len(h))
	for i, part := range [][]byte{root, metadata, leaves, data} {
		binary.LittleEndian.PutUint64(h[8+16*i:], at)
		binary.LittleEndian.PutUint64(h[16+16*i:], uint64(len(part)))
		at += uint64(len(part))
	}
	addressed := uint64(0)
	for _, e := range entries {
		addressed += uint64(e.Run)
	}
	for i, n := range []uint64{addressed, uint64(len(entries)), contents} {
		binary.LittleEndian.PutUint64(h[72+8*i:], n)
	}
	h[96], h[97], h[98], h[99] = 1, byte(f.Internal), byte(f.Compression), byte(f.Type)
	for i, tile := range f.Tiles {
		if i == 0 || tile.Z < h[100] {
			h[100] = tile.Z
		}
		h[101] = max(h[101], tile.Z)
	}
	for i, degrees := range f.Bounds {
		binary.LittleEndian.PutUint32(h[102+4*i:], uint32(int32(degrees*1e7)))
	}
	h[118] = h[100]
	binary.LittleEndian.PutUint32(h[119:], uint32(int32((f.Bounds[0]+f.Bounds[2])/2*1e7)))
	binary.LittleEndian.PutUint32(h[123:], uint32(int32((f.Bounds[1]+f.Bounds[3])/2*1e7)))
	if f.Header != nil {
		f.Header(h)
	}
	whole := slices.Concat(h, root, metadata, leaves, data)
	if f.Whole != nil {
		whole = f.Whole(whole)
	}
	return whole
}

// lay packs the tiles one after the other, the same data only once.
func (f File) lay(p *packer) (entries []pmtiles.Entry, data []byte, contents uint64) {
	type numbered struct {
		id uint64
		Tile
	}
	var all []numbered
	for _, t := range f.Tiles {
		all = append(all, numbered{Number(t.Z, t.X, t.Y), t})
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.id, b.id) })
	at := map[string]pmtiles.Entry{}
	for _, t := range all {
		if n := len(entries); n > 0 && entries[n-1].ID+uint64(entries[n-1].Run) == t.id && at[string(t.Data)].Length > 0 && at[string(t.Data)].Offset == entries[n-1].Offset {
			entries[n-1].Run++
			continue
		}
		e, ok := at[string(t.Data)]
		if !ok {
			packed := f.lie("tile", p.pack(f.Compression, t.Data))
			e = pmtiles.Entry{Offset: uint64(len(data)), Length: uint32(len(packed)), Run: 1}
			data = append(data, packed...)
			at[string(t.Data)] = e
		}
		e.ID = t.id
		entries = append(entries, e)
	}
	return entries, data, uint64(len(at))
}

// directories packs the root and the leaves below it.
func (f File) directories(p *packer, entries []pmtiles.Entry) (root, leaves []byte) {
	level := 0
	if f.Leaf > 0 {
		level = max(1, f.Levels)
	}
	for ; level > 0; level-- {
		var above []pmtiles.Entry
		for part := range slices.Chunk(entries, f.Leaf) {
			packed := f.lie("leaf", p.pack(f.Internal, Directory(f.lieAt(level, part))))
			above = append(above, pmtiles.Entry{ID: part[0].ID, Offset: uint64(len(leaves)), Length: uint32(len(packed))})
			leaves = append(leaves, packed...)
		}
		entries = above
	}
	return f.lie("root", p.pack(f.Internal, Directory(f.lieAt(0, entries)))), leaves
}

func (f File) lie(what string, packed []byte) []byte {
	if f.Packed == nil {
		return packed
	}
	return f.Packed(what, packed)
}

func (f File) lieAt(level int, es []pmtiles.Entry) []pmtiles.Entry {
	if f.Directory == nil {
		return es
	}
	return f.Directory(level, slices.Clone(es))
}

// Directory is a directory, not packed.
func Directory(es []pmtiles.Entry) []byte {
	b := binary.AppendUvarint(nil, uint64(len(es)))
	last := uint64(0)
	for _, e := range es {
		b = binary.AppendUvarint(b, e.ID-last)
		last = e.ID
	}
	for _, e := range es {
		b = binary.AppendUvarint(b, uint64(e.Run))
	}
	for _, e := range es {
		b = binary.AppendUvarint(b, uint64(e.Length))
	}
	for i, e := range es {
		if i > 0 && e.Offset == es[i-1].Offset+uint64(es[i-1].Length) {
			b = append(b, 0)
		} else {
			b = binary.AppendUvarint(b, e.Offset+1)
		}
	}
	return b
}

// Number is a tile's place on the Hilbert curves, found by walking down the squares.
func Number(z uint8, x, y uint32) uint64 {
	id := uint64(0)
	for i := range z {
		id += 1 << (2 * i)
	}
	// Of each shape of the curve: which quadrant (row, column) comes as which, and in
	// which shape the curve goes on there.
	order := [4][2][2]uint64{{{0, 3}, {1, 2}}, {{0, 1}, {3, 2}}, {{2, 3}, {1, 0}}, {{2, 1}, {3, 0}}}
	next := [4][4]int{{1, 0, 0, 2}, {0, 1, 1, 3}, {3, 2, 2, 0}, {2, 3, 3, 1}}
	shape, d := 0, uint64(0)
	for i := int(z) - 1; i >= 0; i-- {
		q := order[shape][y>>i&1][x>>i&1]
		d = d<<2 | q
		shape = next[shape][q]
	}
	return id + d
}

// Pack packs b.
func Pack(c pmtiles.Compression, b []byte) []byte { return new(packer).pack(c, b) }

// packer packs one part after the other, as its tables cost more than small parts.
type packer struct {
	gz *gzip.Writer
	zs *zstd.Encoder
}

func (p *packer) pack(c pmtiles.Compression, b []byte) []byte {
	var out bytes.Buffer
	var w io.WriteCloser
	switch c {
	case pmtiles.None:
		return b
	case pmtiles.Gzip:
		if p.gz == nil {
			p.gz = gzip.NewWriter(nil)
		}
		p.gz.Reset(&out)
		w = p.gz
	case pmtiles.Zstd:
		if p.zs == nil {
			zs, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
			must(err)
			p.zs = zs
		}
		p.zs.Reset(&out)
		w = p.zs
	default:
		panic(fmt.Sprint("cannot pack with ", c))
	}
	_, err := w.Write(b)
	must(err)
	must(w.Close())
	return out.Bytes()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
