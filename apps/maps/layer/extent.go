package layer

import (
	"errors"
	"math"

	"github.com/paulmach/orb"
)

// Of the earth, in millionths of a degree.
const (
	perDegree = 1_000_000
	maxLat    = 90 * perDegree
	maxLon    = 180 * perDegree
	around    = 360 * perDegree
)

// extent is where an entry lies, in millionths of a degree: its south-west corner and how
// far it reaches to the north and to the east, also beyond 180°.
type extent struct {
	lat, lon   int32
	tall, wide uint32
}

// extentOf is the smallest that holds bounds. What is a whole number of millionths but for
// what numbers of degrees lose stays it.
func extentOf(b orb.Bound) (x extent, _ error) {
	south, north := units(b.Min.Lat(), math.Floor), units(b.Max.Lat(), math.Ceil)
	west, east := units(b.Min.Lon(), math.Floor), units(b.Max.Lon(), math.Ceil)
	switch {
	case !(south >= -maxLat && north <= maxLat && west >= -maxLon && west <= maxLon && east >= -maxLon && east <= maxLon): // NaN as well
		return x, errors.New("its bounds are nowhere on earth")
	case south > north:
		return x, errors.New("its bounds begin north of where they end")
	}
	wide := east - west
	if wide < 0 {
		wide += around
	}
	return extent{lat: int32(south), lon: int32(west), tall: uint32(north - south), wide: uint32(wide)}, nil
}

func units(degrees float64, outward func(float64) float64) float64 {
	const lost = 1e-4 // of a unit
	u := degrees * perDegree
	if r := math.Round(u); math.Abs(u-r) < lost {
		return r
	}
	return outward(u)
}

// sound reports whether it is on earth.
func (x extent) sound() bool {
	return x.lat >= -maxLat && int64(x.lat)+int64(x.tall) <= maxLat && x.lon >= -maxLon && x.lon <= maxLon && x.wide <= around &&
		(x.wide < around || x.lon == -maxLon)
}

// bound is it in degrees.
func (x extent) bound() orb.Bound {
	return orb.Bound{Min: orb.Point{degrees(x.lon), degrees(x.lat)}, Max: orb.Point{degrees(eastward(x.lon, x.wide)), degrees(x.lat + int32(x.tall))}}
}

func degrees(u int32) float64 { return float64(u) / perDegree }

func eastward(lon int32, by uint32) int32 {
	to := int64(lon) + int64(by)
	if to > maxLon {
		to -= around
	}
	return int32(to)
}

// middle is that of its bounds.
func (x extent) middle() spot {
	return spot{x.lat + int32(x.tall/2), eastward(x.lon, x.wide/2)}
}

// spot is a latitude and a longitude.
type spot struct{ lat, lon int32 }

// curve is where along a Hilbert curve a spot lies.
func (p spot) curve() uint64 {
	x := scaled(int64(p.lon) + maxLon)
	y := scaled(int64(p.lat) + maxLat)
	var d uint64
	for bit := uint32(1) << 31; bit > 0; bit >>= 1 {
		quadrant := uint64(0)
		if x&bit != 0 {
			quadrant = 3
		}
		if y&bit != 0 {
			quadrant ^= 1
		}
		d = d<<2 | quadrant
		if y&bit == 0 {
			if x&bit != 0 {
				x, y = ^x, ^y
			}
			x, y = y, x
		}
	}
	return d
}

// scaled takes a full circle to 32 bits. Degrees of latitude count as those of longitude,
// or what is near would lie far apart.
func scaled(u int64) uint32 { return uint32(uint64(u) * math.MaxUint32 / around) }

// box is what holds extents, in millionths of a degree. It reaches over 180° by going all
// around.
type box struct{ south, west, north, east int32 }

func (x extent) box() box {
	b := box{x.lat, x.lon, x.lat + int32(x.tall), x.lon}
	if to := int64(x.lon) + int64(x.wide); to > maxLon {
		b.west, b.east = -maxLon, maxLon
	} else {
		b.east = int32(to)
	}
	return b
}

// empty is the box of nothing.
func empty() box { return box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32} }

func (b *box) add(o box) {
	b.south, b.west = min(b.south, o.south), min(b.west, o.west)
	b.north, b.east = max(b.north, o.north), max(b.east, o.east)
}

func (b box) meets(o box) bool {
	return b.south <= o.north && o.south <= b.north && b.west <= o.east && o.west <= b.east
}

// within reports whether all of b is in o.
func (b box) within(o box) bool {
	return b.south >= o.south && b.north <= o.north && b.west >= o.west && b.east <= o.east
}
