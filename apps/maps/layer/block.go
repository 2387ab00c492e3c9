package layer

import (
	"encoding/binary"
)

// perBlock is how many entries stand together.
const perBlock = 64

// Bounds of a block's encoding: what one entry takes at the most, and all.
const (
	maxEntry = 1 + MaxID + 2*5 + 2*5 + 1 + 2 + MaxBody
	maxBlock = 1 + perBlock*maxEntry
)

// appendBlock appends 1 to perBlock entries by columns.
func appendBlock(dst []byte, all []entry) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(all)))
	for _, e := range all {
		dst = append(append(dst, byte(len(e.id))), e.id...)
	}
	last := extent{}
	for _, e := range all {
		dst = binary.AppendVarint(dst, int64(e.where.lat)-int64(last.lat))
		dst = binary.AppendVarint(dst, int64(e.where.lon)-int64(last.lon))
		last = e.where
	}
	for _, e := range all {
		dst = binary.AppendUvarint(dst, uint64(e.where.tall))
		dst = binary.AppendUvarint(dst, uint64(e.where.wide))
	}
	for _, e := range all {
		dst = append(dst, e.class)
	}
	for _, e := range all {
		dst = binary.AppendUvarint(dst, uint64(len(e.body)))
	}
	for _, e := range all {
		dst = append(dst, e.body...)
	}
	return dst
}

// readBlock appends what appendBlock wrote. The bodies lie in b.
func readBlock(dst []entry, b []byte) ([]entry, error) {
	r := columns{rest: b}
	n := int(r.number(perBlock))
	if r.short || n == 0 {
		return dst, malformed("a block has 1 to %d entries", perBlock)
	}
	begun := len(dst)
	ids := string(r.ids(n))
	if r.short {
		return dst, malformed("an id is 1 to %d of a-z A-Z 0-9 . _ -", MaxID)
	}
	for range n {
		end := 1 + int(ids[0])
		dst = append(dst, entry{id: ids[1:end]})
		ids = ids[end:]
	}
	all := dst[begun:]
	var lat, lon int64
	for i := range all {
		lat, lon = lat+r.step(), lon+r.step()
		if lat < -maxLat || lat > maxLat || lon < -maxLon || lon > maxLon {
			return dst, malformed("an entry is nowhere on earth")
		}
		all[i].where.lat, all[i].where.lon = int32(lat), int32(lon)
	}
	for i := range all {
		all[i].where.tall, all[i].where.wide = uint32(r.number(2*maxLat)), uint32(r.number(around))
		if !all[i].where.sound() {
			return dst, malformed("an entry is nowhere on earth")
		}
	}
	for i, class := range r.bytes(n) {
		all[i].class = class
	}
	var sizes [perBlock]int
	for i := range all {
		sizes[i] = int(r.number(MaxBody))
	}
	for i := range all {
		all[i].body = r.bytes(sizes[i])
	}
	if r.short || len(r.rest) > 0 {
		return dst, malformed("a block does not end where it should")
	}
	return dst, nil
}

// columns reads a block. What is not there, or more than it may be, is zero, and short.
type columns struct {
	rest  []byte
	short bool
}

func (r *columns) number(most uint64) uint64 {
	u, n := binary.Uvarint(r.rest)
	if n <= 0 || u > most {
		r.rest, r.short = nil, true
		return 0
	}
	r.rest = r.rest[n:]
	return u
}

func (r *columns) step() int64 {
	d, n := binary.Varint(r.rest)
	if n <= 0 || d > around || d < -around {
		r.rest, r.short = nil, true
		return 0
	}
	r.rest = r.rest[n:]
	return d
}

// ids passes over so many ids, each behind its length.
func (r *columns) ids(n int) []byte {
	at := 0
	for range n {
		end := at + 1
		if at < len(r.rest) {
			end += int(r.rest[at])
		}
		if end > len(r.rest) || !validID(r.rest[at+1:end]) {
			r.rest, r.short = nil, true
			return nil
		}
		at = end
	}
	return r.bytes(at)
}

func (r *columns) bytes(n int) []byte {
	if n > len(r.rest) {
		r.rest, r.short = nil, true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}
