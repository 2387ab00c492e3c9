package pmtiles

import (
	"context"
	"fmt"
)

// Report is what Check has found.
type Report struct {
	Tiles            uint64 // each repetition counted
	Entries          uint64 // of tiles
	Leaves           uint64
	Depth            int    // directories on the way to the deepest tile; 1 if all are in the root
	MinZoom, MaxZoom uint8  // of the tiles that are really there, within those of the header
	Unpacked         uint64 // bytes of the tiles, each piece of data counted about once
}

// Bounds of what a check takes on, so that it ends: ten million entries take some 10 s on
// a Raspberry Pi, and a gigabyte unpacked about as long.
const (
	maxAllEntries = 1 << 24
	maxRatio      = 32       // by how much more all tiles may be once unpacked
	allowance     = 64 << 20 // bytes, so that small files may be unusual
	maxRepeats    = 1 << 16  // pieces of data that are remembered as looked at
)

// Check reads the whole file: every directory, and the data of every tile, which it
// unpacks, and of vector tiles sees whether they are any. The error is a *Refused for the first thing that is wrong, or one of the source
// or of the context. It keeps no more than the directories on the way to one tile.
func (a *Archive) Check(ctx context.Context) (Report, error) {
	c := checker{of: a, seen: map[uint64]uint32{}}
	c.MinZoom = MaxZoom
	if err := c.walk(ctx, a.root, a.scope(), 1); err != nil {
		return c.Report, err
	}
	if c.Entries == 0 {
		return c.Report, damaged("it has no tiles")
	}
	h := a.header
	switch said := h.Counts.Addressed; {
	case said > 0 && c.Tiles > said: // one piece of data may stand for all the earth
		return c.Report, damaged("it has %d tiles, and says that it has %d", c.Tiles, said)
	case c.MinZoom > h.MaxZoom || c.MaxZoom < h.MinZoom:
		return c.Report, damaged("its tiles are of the zooms %d to %d, and it says %d to %d", c.MinZoom, c.MaxZoom, h.MinZoom, h.MaxZoom)
	}
	c.MinZoom, c.MaxZoom = max(c.MinZoom, h.MinZoom), min(c.MaxZoom, h.MaxZoom)
	return c.Report, nil
}

// checker is one check on its way.
type checker struct {
	Report

	of     *Archive
	leaves uint64 // bytes of leaf directories that were read
	stored uint64 // bytes of tiles that were unpacked
	high   uint64 // up to where tile data was unpacked in its order
	seen   map[uint64]uint32
}

func (c *checker) walk(ctx context.Context, es []Entry, in scope, depth int) error {
	c.Depth = max(c.Depth, depth)
	for _, e := range es {
		if e.Run == 0 {
			if err := c.down(ctx, es, e, in, depth); err != nil {
				return err
			}
			continue
		}
		if c.Entries++; c.Entries > maxAllEntries {
			return damaged("it has more than %d entries", maxAllEntries)
		}
		c.Tiles += uint64(e.Run)
		low, _, _, _ := Of(e.ID)
		deep, _, _, _ := Of(e.end() - 1)
		c.MinZoom, c.MaxZoom = min(c.MinZoom, low), max(c.MaxZoom, deep)
		if err := c.tile(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// down goes into a leaf. As leaves begin with their own tile each and may not be more
// than their section, there is an end to it.
func (c *checker) down(ctx context.Context, es []Entry, e Entry, in scope, depth int) error {
	span := Span{c.of.header.Leaves.Offset + e.Offset, uint64(e.Length)}
	c.Leaves++
	switch c.leaves += span.Length; {
	case depth == MaxDepth:
		return errTooDeep()
	case c.leaves > c.of.header.Leaves.Length:
		return damaged("its leaf directories lie on each other, or lead in a circle")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	in = in.below(es, e)
	leaf, err := c.of.directory(span, in)
	if err != nil {
		return inWords(err, at("its leaf directory", span))
	}
	return c.walk(ctx, leaf, in, depth+1)
}

// tile unpacks a tile's data, unless it was lately.
func (c *checker) tile(ctx context.Context, e Entry) error {
	if e.Offset < c.high {
		if length, ok := c.seen[e.Offset]; ok && length == e.Length {
			return nil
		}
		if len(c.seen) == maxRepeats {
			clear(c.seen)
		}
		c.seen[e.Offset] = e.Length
	}
	c.high = max(c.high, e.Offset+uint64(e.Length))
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.stored += uint64(e.Length); c.stored > 2*c.of.header.Tiles.Length+allowance {
		return damaged("its tiles lie on each other")
	}
	span := Span{c.of.header.Tiles.Offset + e.Offset, uint64(e.Length)}
	u, err := c.of.cache.unpackers.get(c.of.header.Compression, c.of.section(span))
	if err == nil {
		if c.of.header.Type == MVT {
			err = u.vector(MaxUnpacked)
		} else {
			err = u.skip(MaxUnpacked)
		}
		c.Unpacked += uint64(u.used())
		c.of.cache.unpackers.put(u)
	}
	if err != nil {
		z, x, y, _ := Of(e.ID)
		return inWords(err, fmt.Sprintf("tile %d/%d/%d", z, x, y))
	}
	if c.Unpacked > maxRatio*c.of.header.Tiles.Length+allowance {
		return damaged("its tiles unpack to more than %d times of what they are", maxRatio)
	}
	return nil
}
