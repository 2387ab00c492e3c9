package pmtiles_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

// set writes a number of the header.
func set(at int, v uint64) func([]byte) {
	return func(h []byte) { binary.LittleEndian.PutUint64(h[at:], v) }
}

// changed writes one byte of the header.
func changed(at int, v byte) func([]byte) { return func(h []byte) { h[at] = v } }

// in changes the directories of one level.
func in(level int, f func([]pmtiles.Entry) []pmtiles.Entry) func(int, []pmtiles.Entry) []pmtiles.Entry {
	return func(l int, es []pmtiles.Entry) []pmtiles.Entry {
		if l == level {
			return f(es)
		}
		return es
	}
}

// one changes the second entry.
func one(f func(*pmtiles.Entry)) func([]pmtiles.Entry) []pmtiles.Entry {
	return func(es []pmtiles.Entry) []pmtiles.Entry { f(&es[1]); return es }
}

// packed replaces a part, packed as it is.
func packed(what string, with []byte) func(string, []byte) []byte {
	return func(part string, sound []byte) []byte {
		if part == what {
			return with
		}
		return sound
	}
}

// A file is refused whole for any lie, in words that name it.
func TestFilesThatLieAreRefused(t *testing.T) {
	type file = pmtilestest.File
	tiles := square(4, 16)
	circle := []byte{1, 0, 0, 5, 1} // a directory of 5 bytes that leads to the leaf of 5 bytes at 0
	bomb := pmtilestest.Pack(pmtiles.Gzip, pmtilestest.Layer(strings.Repeat("x", pmtiles.MaxUnpacked)))
	small := pmtilestest.Pack(pmtiles.Gzip, bytes.Repeat(pmtilestest.Layer(""), pmtiles.MaxUnpacked/5))
	for name, c := range map[string]struct {
		file file
		says string
	}{
		"another format":     {file{Whole: func(b []byte) []byte { return append([]byte("PK\x03\x04"), b...) }}, "no PMTiles file"},
		"version 1 or 2":     {file{Whole: func([]byte) []byte { return []byte("PM\x02\x00rest of a file of version two") }}, "older version"},
		"version 4":          {file{Header: changed(7, 4)}, "version 4, and only version 3"},
		"empty":              {file{Whole: func([]byte) []byte { return nil }}, "no PMTiles file"},
		"half a header":      {file{Whole: func(b []byte) []byte { return b[:100] }}, "cut off: 100 bytes are here of at least 127"},
		"last byte missing":  {file{Whole: func(b []byte) []byte { return b[:len(b)-1] }}, "cut off"},
		"half of it missing": {file{Whole: func(b []byte) []byte { return b[:len(b)/2] }}, "cut off"},

		"no root":                  {file{Header: set(16, 0)}, "no root directory"},
		"root beyond the file":     {file{Header: set(8, 1<<40)}, "cut off"},
		"root beyond all files":    {file{Header: set(8, 1<<63)}, "beyond any file"},
		"offset and length wrap":   {file{Header: func(h []byte) { set(56, 1<<64-10)(h); set(64, 11)(h) }}, "beyond any file"},
		"root in the header":       {file{Header: set(8, 100)}, "header and its root directory lie on each other"},
		"metadata on the root":     {file{Header: set(24, 130)}, "root directory and its metadata lie on each other"},
		"tiles on the leaves":      {file{Header: set(56, 400)}, "lie on each other"},
		"root too far down":        {file{Packed: packed("root", make([]byte, 16_384)), Internal: pmtiles.None}, "root directory ends at byte 16511"},
		"metadata too large":       {file{Metadata: strings.Repeat(" ", pmtiles.MaxMetadata+1), Internal: pmtiles.None}, "its metadata has 2097153 bytes"},
		"metadata unpacks to much": {file{Metadata: strings.Repeat(" ", pmtiles.MaxMetadata+1)}, "its metadata: it unpacks to more"},
		"metadata is no JSON":      {file{Metadata: "<xml/>"}, "no JSON"},
		"metadata is a list":       {file{Metadata: "[]"}, "no JSON"},

		"directories in brotli":      {file{Header: changed(97, 3)}, "packed with brotli"},
		"tiles in brotli":            {file{Header: changed(98, 3)}, "packed with brotli"},
		"tiles packed somehow":       {file{Header: changed(98, 0)}, "does not say how its tiles are packed"},
		"a packing from the future":  {file{Header: changed(98, 9)}, "packed with number 9"},
		"a type from the future":     {file{Header: changed(99, 9)}, "unknown type 9"},
		"a flag that is none":        {file{Header: changed(96, 2)}, "flag"},
		"zooms upside down":          {file{Header: changed(100, 9)}, "zooms would go from 9 to 4"},
		"zoom 32":                    {file{Header: changed(101, 32)}, "deepest zoom would be 32"},
		"bounds off the earth":       {file{Bounds: [4]float64{-180, -85, 190, 85}}, "not on earth"},
		"bounds the wrong way round": {file{Bounds: [4]float64{10, 20, -10, 30}}, "end before they begin"},

		"gzip that is none":             {file{Header: changed(97, 2), Internal: pmtiles.None}, "its root directory"},
		"zstd that is none":             {file{Header: changed(97, 4), Internal: pmtiles.None}, "its root directory cannot be unpacked"},
		"metadata of gzip that is none": {file{Packed: packed("metadata", []byte("<html>no gzip</html>"))}, "its metadata cannot be unpacked"},
		"gzip cut off":                  {file{Packed: func(_ string, b []byte) []byte { return b[:len(b)-3] }}, "its root directory: it ends too early"},
		"gzip with a wrong sum":         {file{Packed: func(_ string, b []byte) []byte { b[len(b)-6] ^= 1; return b }}, "its root directory"},
		"gzip and then more":            {file{Packed: func(_ string, b []byte) []byte { return append(b, 'x') }}, "its root directory"},
		"an empty directory":            {file{Directory: in(0, func([]pmtiles.Entry) []pmtiles.Entry { return nil })}, "its root directory: it is empty"},
		"a billion entries":             {file{Internal: pmtiles.None, Packed: packed("root", []byte{0x80, 0x94, 0xeb, 0xdc, 3})}, "it would have 1000000000 entries"},
		"entries that do not come":      {file{Internal: pmtiles.None, Packed: packed("root", []byte{0xff, 0xff, 15, 1, 1, 1})}, "ends too early"},
		"a number of 66 bits":           {file{Internal: pmtiles.None, Packed: packed("root", append(bytes.Repeat([]byte{0xff}, 9), 2))}, "a number in it is too large"},
		"a number that overflows":       {file{Internal: pmtiles.None, Packed: packed("root", bytes.Repeat([]byte{0xff}, 20))}, "a number in it is too large"},
		"more after the last":           {file{Internal: pmtiles.None, Packed: packed("root", []byte{1, 0, 1, 1, 1, 0})}, "goes on after its last entry"},
		"first offset of 0":             {file{Internal: pmtiles.None, Packed: packed("root", []byte{1, 0, 1, 1, 0})}, "first entry would follow one before it"},
		"twice the same tile":           {file{Directory: in(0, one(func(e *pmtiles.Entry) { e.ID-- }))}, "its entry 1 is about tile 85"},
		"tiles that go back":            {file{Directory: in(0, one(func(e *pmtiles.Entry) { e.ID -= 9 }))}, "its entry 1 is about tile"},
		"tiles beyond all":              {file{Directory: in(0, func(es []pmtiles.Entry) []pmtiles.Entry { es[len(es)-1].ID = 1 << 63; return es })}, "is about tile"},
		"a run into the next":           {file{Directory: in(0, one(func(e *pmtiles.Entry) { e.Run = 2 }))}, "for 2 times, into the next"},
		"a run beyond all":              {file{Internal: pmtiles.None, Packed: packed("root", []byte{1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1, 1})}, "into the next"},
		"a tile of no bytes":            {file{Directory: in(0, one(func(e *pmtiles.Entry) { e.Length = 0 }))}, "a length of 0 bytes"},
		"a tile of 3 MB":                {file{Directory: in(0, one(func(e *pmtiles.Entry) { e.Length = 3 << 20 }))}, "a length of 3145728 bytes"},
		"a tile beyond the data":        {file{Directory: in(0, one(func(e *pmtiles.Entry) { e.Offset = 1 << 30 }))}, "points to bytes 1073741824"},
		"a tile across the end":         {file{Directory: in(0, func(es []pmtiles.Entry) []pmtiles.Entry { es[len(es)-1].Length++; return es })}, "tile data, which have"},
		"an offset that overflows":      {file{Internal: pmtiles.None, Packed: packed("root", append([]byte{1, 0, 1, 1}, bytes.Repeat([]byte{0xff}, 9)...))}, "ends too early"},
		"only leaves":                   {file{Leaf: 9, Internal: pmtiles.None, Directory: in(1, func(es []pmtiles.Entry) []pmtiles.Entry { return nil })}, "it is empty"},

		"a leaf beyond the leaves":       {file{Leaf: 9, Directory: in(0, one(func(e *pmtiles.Entry) { e.Offset = 1 << 30 }))}, "of the leaf directories"},
		"a leaf of other tiles":          {file{Leaf: 9, Directory: in(1, func(es []pmtiles.Entry) []pmtiles.Entry { es[0].ID++; es[0].Run = 0; return es[:1] })}, "it begins with tile"},
		"a leaf with a tile of the next": {file{Leaf: 9, Directory: in(1, func(es []pmtiles.Entry) []pmtiles.Entry { es[len(es)-1].ID += 100; return es })}, "its entry 8 is about tile 193, and would be about one between 85 and 94"},
		"a leaf into the next":           {file{Leaf: 9, Directory: in(1, func(es []pmtiles.Entry) []pmtiles.Entry { es[8%len(es)].Run += 3; return es })}, "into the next"},
		"leaves on each other":           {file{Leaf: 9, Directory: in(0, func(es []pmtiles.Entry) []pmtiles.Entry { es[1].Offset = 0; return es })}, "leaf directory at byte"},
		"a leaf that leads to it":        {file{Leaf: 999, Internal: pmtiles.None, Packed: packed("leaf", circle), Directory: in(0, func([]pmtiles.Entry) []pmtiles.Entry { return []pmtiles.Entry{{Length: 5}} })}, "lead in a circle"},
		"five levels of directories":     {file{Leaf: 2, Levels: 4}, "more than 3 times"},
		"one tile for all the earth": {file{Directory: in(0, func(es []pmtiles.Entry) []pmtiles.Entry { es[len(es)-1].Run = 300_000_000; return es })},
			"it has 300000255 tiles, and says that it has 256"},
		"tiles of other zooms": {file{Header: func(h []byte) { h[100], h[101] = 9, 14 }}, "its tiles are of the zooms 4 to 4, and it says 9 to 14"},

		"a tile that is no gzip": {file{Packed: packed("tile", []byte("no gzip at all, whatever it says"))}, "tile 4/0/0"},
		"a tile that is cut":     {file{Packed: packed("tile", pmtilestest.Pack(pmtiles.Gzip, []byte("x"))[:15])}, "tile 4/0/0: it ends too early"},
		"a bomb for a tile":      {file{Packed: packed("tile", bomb)}, "unpacks to more than it may"},
		"a bomb of many layers":  {file{Packed: packed("tile", small)}, "unpacks to more than it may"},
		"a bomb for a picture":   {file{Type: pmtiles.PNG, Packed: packed("tile", bomb)}, "unpacks to more than it may"},
		"gzip in gzip": {file{Packed: func(what string, b []byte) []byte {
			if what == "tile" {
				b = pmtilestest.Pack(pmtiles.Gzip, b)
			}
			return b
		}}, "tile 4/0/0: it is no vector tile"},
		"gzip that it hides": {file{Compression: pmtiles.None, Packed: func(what string, b []byte) []byte {
			if what == "tile" {
				b = pmtilestest.Pack(pmtiles.Gzip, b)
			}
			return b
		}}, "tile 4/0/0: it is no vector tile"},
		"a picture for streets":    {file{Compression: pmtiles.None, Packed: packed("tile", []byte("\x89PNG\r\n\x1a\n"))}, "tile 4/0/0: it ends too early"},
		"text for streets":         {file{Compression: pmtiles.None, Packed: packed("tile", []byte("<html>"))}, "tile 4/0/0: it is no vector tile"},
		"a layer that is a number": {file{Compression: pmtiles.None, Packed: packed("tile", []byte{3 << 3, 1})}, "tile 4/0/0: it is no vector tile"},
		"a layer of 2^63 bytes":    {file{Compression: pmtiles.None, Packed: packed("tile", append(append([]byte{3<<3 | 2}, bytes.Repeat([]byte{0x80}, 9)...), 1))}, "tile 4/0/0: it unpacks to more"},
		"a layer that is cut off":  {file{Compression: pmtiles.None, Packed: packed("tile", []byte{3<<3 | 2, 5, 1, 2, 3})}, "tile 4/0/0: it ends too early"},
		"many bombs":               {file{Packed: packed("tile", pmtilestest.Pack(pmtiles.Gzip, pmtilestest.Layer(strings.Repeat("x", pmtiles.MaxUnpacked-99))))}, "unpack to more than 32 times"},
		"a bomb for a directory":   {file{Packed: packed("root", pmtilestest.Pack(pmtiles.Gzip, make([]byte, 10<<20)))}, "it is empty"},
		"a bomb after a director":  {file{Packed: packed("root", pmtilestest.Pack(pmtiles.Gzip, append([]byte{1, 85, 1, 1, 1}, make([]byte, 10<<20)...)))}, "goes on after"},
	} {
		c.file.Tiles = tiles
		raw := c.file.Bytes()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := check(t, raw)
		runtime.ReadMemStats(&after)
		if _, ok := errors.AsType[*pmtiles.Refused](err); !ok || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
		for _, library := range []string{"gzip: ", "flate: ", "invalid", "magic number", "zstd", "checksum", "error", "EOF"} {
			if err != nil && strings.Contains(err.Error(), library) {
				t.Errorf("%s: a library speaks: %v", name, err)
			}
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%s: took %d bytes of memory to refuse", name, used)
		}
	}
	if err := check(t, pmtilestest.File{Tiles: tiles}.Bytes()); err != nil {
		t.Error("what does not lie:", err)
	}
}

func check(t *testing.T, raw []byte) error {
	a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), nil)
	if err != nil {
		return err
	}
	_, err = a.Check(t.Context())
	return err
}

// Without a check a circle ends too, as does a bomb.
func TestLiesAreRefusedWhereTheyAreRead(t *testing.T) {
	circle := pmtilestest.File{
		Tiles: square(0, 1), Leaf: 1, Internal: pmtiles.None, Packed: packed("leaf", []byte{1, 0, 0, 5, 1}),
	}
	bomb := pmtilestest.File{Tiles: square(0, 1), Packed: packed("tile", pmtilestest.Pack(pmtiles.Gzip, make([]byte, 50<<20)))}
	deep := pmtilestest.File{Tiles: square(0, 1), Leaf: 1, Levels: pmtiles.MaxDepth}
	for says, f := range map[string]pmtilestest.File{"in a circle": circle, "unpacks to more": bomb, "more than 3 times": deep} {
		_, err := open(t, f.Bytes()).Unpacked(t.Context(), 0, 0, 0)
		if _, ok := errors.AsType[*pmtiles.Refused](err); !ok || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
}

// Tiles that lie on each other cannot make a check as long as they like.
func TestTilesOnEachOtherAreRefused(t *testing.T) {
	f := pmtilestest.File{
		Tiles: []pmtilestest.Tile{{Data: make([]byte, pmtiles.MaxTile)}}, Compression: pmtiles.None, Type: pmtiles.PNG,
		Directory: in(0, func([]pmtiles.Entry) (all []pmtiles.Entry) {
			for i := range 100 {
				all = append(all, pmtiles.Entry{ID: uint64(i), Offset: uint64(i), Length: pmtiles.MaxTile - 100, Run: 1})
			}
			return all
		}),
	}
	if err := check(t, f.Bytes()); err == nil || !strings.Contains(err.Error(), "its tiles lie on each other") {
		t.Error(err)
	}
}

// Tiles that share their data with thousands of others cost little to check.
func TestRepeatedDataIsCheckedOnce(t *testing.T) {
	const side = 128
	tiles := square(7, side)
	for i := range tiles {
		if (tiles[i].X+tiles[i].Y)%2 == 0 {
			tiles[i].Data = pmtilestest.Layer(strings.Repeat("sea", 10_000))
		}
	}
	a := open(t, pmtilestest.File{Tiles: tiles, Leaf: 500}.Bytes())
	r, err := a.Check(t.Context())
	if err != nil || r.Tiles != side*side || r.Unpacked > 3*30_000+side*side*30 {
		t.Errorf("%+v, %v", r, err)
	}
}
