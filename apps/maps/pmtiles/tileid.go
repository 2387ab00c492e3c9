package pmtiles

import "math/bits"

// IDs counts the tiles of all zooms above z, which is also the number of the first tile
// of z. A z beyond MaxZoom+1 has no such number.
func IDs(z uint8) uint64 { return (1<<(2*uint(z)) - 1) / 3 }

// ID is the number of a tile: its place on the Hilbert curves of all zooms, one after the
// other from zoom 0. It is false for a tile that does not exist: a zoom beyond MaxZoom, or
// an x or y outside of its zoom.
func ID(z uint8, x, y uint32) (uint64, bool) {
	if z > MaxZoom || uint64(x)>>z != 0 || uint64(y)>>z != 0 {
		return 0, false
	}
	var d uint64
	for side := uint64(1) << z >> 1; side > 0; side >>= 1 {
		right, low := uint64(x)&side != 0, uint64(y)&side != 0
		d += side * side * quadrant(right, low)
		x, y = turn(x, y, side, right, low)
	}
	return IDs(z) + d, true
}

// Of is the tile with a number; the opposite of ID. It is false for a number beyond the
// tiles of MaxZoom.
func Of(id uint64) (z uint8, x, y uint32, ok bool) {
	if id >= IDs(MaxZoom+1) {
		return 0, 0, 0, false
	}
	z = uint8(bits.Len64(3*id+1)-1) / 2
	d := id - IDs(z)
	for side := uint64(1); side < 1<<z; side <<= 1 {
		right := d&2 != 0
		low := (d^d>>1)&1 != 0
		x, y = turn(x, y, side, right, low)
		if right {
			x += uint32(side)
		}
		if low {
			y += uint32(side)
		}
		d >>= 2
	}
	return z, x, y, true
}

// quadrant is which of a square's four the curve passes as which: down the left half,
// then up the right one.
func quadrant(right, low bool) uint64 {
	switch {
	case right && low:
		return 2
	case right:
		return 3
	case low:
		return 1
	}
	return 0
}

// turn maps a place in a quadrant of a side onto the curve within it, which lies there
// mirrored where the curve enters or leaves the square.
func turn(x, y uint32, side uint64, right, low bool) (uint32, uint32) {
	x, y = x&uint32(side-1), y&uint32(side-1)
	if low {
		return x, y
	}
	if right {
		x, y = uint32(side-1)-x, uint32(side-1)-y
	}
	return y, x
}
