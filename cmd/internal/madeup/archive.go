package madeup

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// metadata is of a Protomaps basemap of version 4 (docs.protomaps.com/basemaps/layers).
const metadata = `{"name":"` + Town + `, a made-up town","version":"4.0.0","description":"There is no such town.","attribution":"Made up","vector_layers":[` +
	`{"id":"earth","fields":{"kind":"String"}},{"id":"water","fields":{"kind":"String","name":"String"}},{"id":"landuse","fields":{"kind":"String"}},` +
	`{"id":"roads","fields":{"kind":"String","kind_detail":"String","name":"String"}},{"id":"buildings","fields":{"kind":"String"}},` +
	`{"id":"pois","fields":{"kind":"String","name":"String"}},{"id":"places","fields":{"kind":"String","name":"String"}}]}`

// Of a header (PMTiles version 3, §3).
const (
	headerLength = 127
	perDegree    = 1e7
	packedGzip   = 2
	vectorTiles  = 1
)

// tile is one tile, unpacked.
type tile struct {
	at   maptile.Tile
	data []byte
}

// archive is a PMTiles file, version 3, of so few tiles that the root directory has room
// for all of them.
func archive(tiles []tile, bound orb.Bound, middle orb.Point) ([]byte, error) {
	number := func(t tile) uint64 { return below(t.at.Z) + hilbert(t.at) }
	slices.SortFunc(tiles, func(a, b tile) int { return cmp.Compare(number(a), number(b)) })
	var data []byte
	var ids, runs, lengths, offsets []byte
	last := uint64(0)
	for i, t := range tiles {
		packed, err := pack(t.data)
		if err != nil {
			return nil, err
		}
		ids, last = binary.AppendUvarint(ids, number(t)-last), number(t)
		runs, lengths = append(runs, 1), binary.AppendUvarint(lengths, uint64(len(packed)))
		if i == 0 {
			offsets = append(offsets, 1)
		} else {
			offsets = append(offsets, 0) // behind the one before
		}
		data = append(data, packed...)
	}
	root, err := pack(slices.Concat(binary.AppendUvarint(nil, uint64(len(tiles))), ids, runs, lengths, offsets))
	if err != nil {
		return nil, err
	}
	says, err := pack([]byte(metadata))
	if err != nil {
		return nil, err
	}
	h := make([]byte, headerLength)
	copy(h, "PMTiles\x03")
	at := uint64(len(h))
	for i, part := range [][]byte{root, says, nil, data} {
		binary.LittleEndian.PutUint64(h[8+16*i:], at)
		binary.LittleEndian.PutUint64(h[16+16*i:], uint64(len(part)))
		at += uint64(len(part))
	}
	for i := range 3 { // tiles addressed, entries, contents
		binary.LittleEndian.PutUint64(h[72+8*i:], uint64(len(tiles)))
	}
	h[96], h[97], h[98], h[99] = 1, packedGzip, packedGzip, vectorTiles
	h[100], h[101], h[118] = minZoom, maxZoom, minZoom+4
	for i, degrees := range []float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]} {
		binary.LittleEndian.PutUint32(h[102+4*i:], uint32(int32(degrees*perDegree))) //nolint:gosec // so it is written
	}
	binary.LittleEndian.PutUint32(h[119:], uint32(int32(middle[0]*perDegree))) //nolint:gosec // so it is written
	binary.LittleEndian.PutUint32(h[123:], uint32(int32(middle[1]*perDegree))) //nolint:gosec // so it is written
	return slices.Concat(h, root, says, data), nil
}

// below is how many tiles there are on all lower zooms.
func below(z maptile.Zoom) uint64 { return (1<<(2*uint64(z)) - 1) / 3 }

// hilbert is a tile's place on its zoom's Hilbert curve.
func hilbert(t maptile.Tile) (d uint64) {
	x, y := uint64(t.X), uint64(t.Y)
	for s := uint64(1) << t.Z >> 1; s > 0; s >>= 1 {
		var rx, ry uint64
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		d += s * s * ((3 * rx) ^ ry)
		x, y = x&(s-1), y&(s-1)
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-x, s-1-y
			}
			x, y = y, x
		}
	}
	return d
}

func pack(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
