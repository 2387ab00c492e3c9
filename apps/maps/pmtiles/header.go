package pmtiles

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/paulmach/orb"
)

// Compression is how directories or tiles are packed.
type Compression uint8

// The compressions of the specification. Brotli is recognised, and not read.
const (
	UnknownCompression Compression = iota
	None
	Gzip
	Brotli
	Zstd
)

func (c Compression) String() string {
	return nameOf([]string{"unknown", "none", "gzip", "brotli", "zstd"}, uint8(c))
}

// TileType is what the tiles are.
type TileType uint8

// The types of the specification.
const (
	UnknownType TileType = iota
	MVT                  // Mapbox Vector Tiles: streets as lines and names
	PNG
	JPEG
	WebP
	AVIF
)

func (t TileType) String() string {
	return nameOf([]string{"unknown", "MVT", "PNG", "JPEG", "WebP", "AVIF"}, uint8(t))
}

// MediaType is the type's name in HTTP.
func (t TileType) MediaType() string {
	types := []string{"application/octet-stream", "application/vnd.mapbox-vector-tile", "image/png", "image/jpeg", "image/webp", "image/avif"}
	if int(t) < len(types) {
		return types[t]
	}
	return types[0]
}

func nameOf(names []string, n uint8) string {
	if int(n) < len(names) {
		return names[n]
	}
	return fmt.Sprintf("number %d", n)
}

// Span is a section of a file, in bytes.
type Span struct{ Offset, Length uint64 }

func (s Span) end() uint64 { return s.Offset + s.Length }

// Counts is what a header says of how much there is. 0 is "not known". Check
// counts itself, and refuses a file with more tiles than it says.
type Counts struct {
	Addressed uint64 // tiles, each repetition counted
	Entries   uint64 // of tiles in all directories
	Contents  uint64 // different pieces of tile data
}

// Header is the first 127 bytes of a file.
type Header struct {
	Root, Metadata, Leaves, Tiles Span
	Counts                        Counts
	Clustered                     bool        // tile data lies in the order of the tiles' numbers
	Internal                      Compression // of directories and metadata
	Compression                   Compression // of tiles
	Type                          TileType
	MinZoom, MaxZoom              uint8
	Bounds                        orb.Bound // degrees, WGS 84; all of the earth where the file gives none
	Center                        orb.Point // within Bounds
	CenterZoom                    uint8
}

// Fixed places of the header, as the specification has them.
const (
	magic     = "PMTiles"
	atVersion = 7
	atSpans   = 8 // root, metadata, leaves, tiles: offset and length each
	atCounts  = 72
	atFlags   = 96
	atBounds  = 102
	atCenter  = 118

	perDegree = 10_000_000
)

// ReadHeader reads a header and holds it against the size of its file, in bytes. The error
// is a *Refused.
func ReadHeader(b []byte, size int64) (Header, error) {
	var h Header
	if err := begins(b); err != nil {
		return h, err
	}
	u64 := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	for i, s := range h.spans() {
		*s.span = Span{u64(atSpans + 16*i), u64(atSpans + 16*i + 8)}
	}
	if err := h.checkSpans(size); err != nil {
		return h, err
	}
	h.Counts = Counts{u64(atCounts), u64(atCounts + 8), u64(atCounts + 16)}
	f := b[atFlags:]
	h.Clustered, h.Internal, h.Compression, h.Type = f[0] == 1, Compression(f[1]), Compression(f[2]), TileType(f[3])
	h.MinZoom, h.MaxZoom = f[4], f[5]
	if err := h.checkForm(f[0]); err != nil {
		return h, err
	}
	degrees := func(at int) orb.Point {
		lon, lat := int32(binary.LittleEndian.Uint32(b[at:])), int32(binary.LittleEndian.Uint32(b[at+4:]))
		return orb.Point{float64(lon) / perDegree, float64(lat) / perDegree}
	}
	h.Bounds = orb.Bound{Min: degrees(atBounds), Max: degrees(atBounds + 8)}
	h.Center, h.CenterZoom = degrees(atCenter+1), b[atCenter]
	err := h.checkPlace()
	return h, err
}

// begins checks what tells a file of version 3 from any other.
func begins(b []byte) error {
	switch {
	case len(b) < len(magic) || string(b[:len(magic)]) != magic:
		if len(b) > 1 && string(b[:2]) == "PM" {
			return refuse("This is a PMTiles file of an older version, and only version 3 is read here. Make it anew with a current “pmtiles extract”, or change it with “pmtiles convert”.")
		}
		return refuse("This is no PMTiles file: it begins otherwise. Choose a file that “pmtiles extract” has made; its name ends in .pmtiles.")
	case len(b) < HeaderSize:
		return refuse("This map file is cut off: %[1]d bytes are here of at least %[2]d. Copy it here again.", len(b), HeaderSize)
	case b[atVersion] != 3:
		return refuse("This is a PMTiles file of version %d, and only version 3 is read here. Make it anew with a current “pmtiles extract”.", b[atVersion])
	}
	return nil
}

// section is a span with its name.
type section struct {
	name string
	span *Span
}

// spans are the sections in the order of the header.
func (h *Header) spans() []section {
	return []section{{"root directory", &h.Root}, {"metadata", &h.Metadata}, {"leaf directories", &h.Leaves}, {"tile data", &h.Tiles}}
}

// checkSpans holds the sections against the file and against each other.
func (h *Header) checkSpans(size int64) error {
	var whole uint64
	used := []section{{"header", &Span{0, HeaderSize}}}
	for _, s := range h.spans() {
		if s.span.Length == 0 {
			continue
		}
		if s.span.end() < s.span.Offset || s.span.end() > 1<<62 {
			return damaged("its %s would lie beyond any file", s.name)
		}
		whole = max(whole, s.span.end())
		used = append(used, s)
	}
	if size < 0 || whole > uint64(size) {
		return refuse("This map file is cut off: %[1]d bytes are here of at least %[2]d. Copy it here again.", size, whole)
	}
	slices.SortStableFunc(used, func(a, b section) int {
		if a.span.Offset < b.span.Offset {
			return -1
		}
		return 1
	})
	for i := 1; i < len(used); i++ {
		if used[i-1].span.end() > used[i].span.Offset {
			return damaged("its %s and its %s lie on each other", used[i-1].name, used[i].name)
		}
	}
	switch {
	case h.Root.Length == 0:
		return damaged("it has no root directory")
	case h.Root.end() > MaxRoot:
		return damaged("its root directory ends at byte %d, and must within the first %d", h.Root.end(), MaxRoot)
	case h.Metadata.Length > MaxMetadata:
		return damaged("its metadata has %d bytes, and may have %d", h.Metadata.Length, MaxMetadata)
	}
	return nil
}

// checkForm checks how the parts are packed, and the zooms.
func (h *Header) checkForm(clustered byte) error {
	for _, c := range []struct {
		of   string
		with Compression
	}{{"directories", h.Internal}, {"tiles", h.Compression}} {
		switch c.with {
		case None, Gzip, Zstd:
		case UnknownCompression:
			return damaged("it does not say how its %s are packed", c.of)
		default:
			return refuse("This map file is packed with %s, which cannot be read here. Make it with gzip, as “pmtiles extract” does.", c.with.String())
		}
	}
	switch {
	case clustered > 1:
		return damaged("its flag for tiles in order is %d, and may be 0 or 1", clustered)
	case h.Type > AVIF:
		return damaged("it says that its tiles are of the unknown type %d", h.Type)
	case h.MaxZoom > MaxZoom:
		return damaged("its deepest zoom would be %d, and can be %d", h.MaxZoom, MaxZoom)
	case h.MinZoom > h.MaxZoom:
		return damaged("its zooms would go from %d to %d", h.MinZoom, h.MaxZoom)
	}
	return nil
}

// checkPlace checks where on earth the file is. A center that was not set is put where it
// helps; bounds that were not set are the earth's.
func (h *Header) checkPlace() error {
	earth := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	b := &h.Bounds
	if *b == (orb.Bound{}) {
		*b = earth
	}
	switch {
	case !earth.Contains(b.Min) || !earth.Contains(b.Max):
		return damaged("its bounds are not on earth: %v to %v", b.Min, b.Max)
	case b.Min[0] > b.Max[0] || b.Min[1] > b.Max[1]:
		return damaged("its bounds end before they begin: %v to %v", b.Min, b.Max)
	}
	if !b.Contains(h.Center) || h.Center == (orb.Point{}) {
		h.Center = b.Center()
	}
	h.CenterZoom = min(max(h.CenterZoom, h.MinZoom), h.MaxZoom)
	return nil
}
