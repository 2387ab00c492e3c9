// Package street knows the named streets around a place and where they cross, so that
// "Main St & 2nd Ave" is a point. It learns them from the deepest tiles of street maps
// (Protomaps basemaps, versions 2 to 4), remembers them in a file, and finds them however
// people write them: abbreviated, without accents, misspelled to a degree.
//
// Tiles are another's data, and so is the file: whatever is in them, learning and reading
// take bounded time and room.
package street

import (
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Bounds of an index. A city of a million people has some 10,000 names and 40,000
// crossings; what is beyond is left out, that is, what is far from the middle.
const (
	MaxNames     = 60_000
	MaxCrossings = 400_000
	MaxSpots     = 400_000 // of all streets

	maxName   = 120  // bytes; a longer name is none
	maxPerKey = 1024 // spots of streets that are called alike
)

// Index is the streets of an area. It is not changed once it is made, so it is safe for
// concurrent use.
type Index struct {
	names     []name     // by text
	crossings []crossing // by the first name, then the second; each both ways
	spots     []spot     // by name
	from      []int32    // where a name's spots begin; one more than there are names
	crossFrom []int32    // and its crossings
	tile      float64    // meters that a tile was wide, in the middle of the area
}

// name is what streets are called.
type name struct {
	text string
	word words
}

// crossing is where a street meets another.
type crossing struct {
	a, b int32 // which names
	at   point
}

// spot is a point of a street, one for each tile that it lies on, with how long it is there.
type spot struct {
	name   int32
	at     point
	meters float32
}

// point is a place in ten-millionths of a degree.
type point struct{ lon, lat int32 }

const perDegree = 1e7

func pointOf(p orb.Point) point {
	return point{int32(math.Round(p[0] * perDegree)), int32(math.Round(p[1] * perDegree))}
}

func (p point) orb() orb.Point {
	return orb.Point{float64(p.lon) / perDegree, float64(p.lat) / perDegree}
}

// away is about how many meters two points are apart that are near each other.
func away(a, b point) float64 {
	const perMeter = 20_037_508.342789244 / 180 / perDegree
	dx := math.Mod(float64(a.lon)-float64(b.lon)+540*perDegree, 360*perDegree) - 180*perDegree
	dx *= math.Cos(float64(a.lat) / perDegree * math.Pi / 180)
	return math.Hypot(dx, float64(a.lat)-float64(b.lat)) * perMeter
}

// Names is how many names there are.
func (x *Index) Names() int { return len(x.names) }

// Crossings is at how many places two streets meet.
func (x *Index) Crossings() int { return len(x.crossings) / 2 }

// spotsOf are a name's spots.
func (x *Index) spotsOf(n int32) []spot { return x.spots[x.from[n]:x.from[n+1]] }

// crossingsOf are those of a name.
func (x *Index) crossingsOf(n int32) []crossing {
	return x.crossings[x.crossFrom[n]:x.crossFrom[n+1]]
}

// meet is where two names cross.
func (x *Index) meet(a, b int32) []crossing {
	all := x.crossingsOf(a)
	low, _ := slices.BinarySearchFunc(all, b, func(c crossing, b int32) int { return int(c.b) - int(b) })
	high := low
	for high < len(all) && all[high].b == b {
		high++
	}
	return all[low:high]
}

// put orders what was learned, and makes what is looked up in. names are in any order,
// crossings are one way each.
func put(names []string, crossings []crossing, spots []spot, tile float64) *Index {
	order := make([]int32, len(names))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(names[a], names[b]) })
	to := make([]int32, len(names))
	x := &Index{names: make([]name, len(names)), tile: tile}
	for i, old := range order {
		to[old] = int32(i)
		x.names[i] = name{names[old], wordsOf(names[old])}
	}
	for _, s := range spots {
		s.name = to[s.name]
		x.spots = append(x.spots, s)
	}
	for _, c := range crossings {
		a, b := to[c.a], to[c.b]
		x.crossings = append(x.crossings, crossing{a, b, c.at}, crossing{b, a, c.at})
	}
	slices.SortFunc(x.spots, func(a, b spot) int { return less(int(a.name-b.name), a.at, b.at) })
	slices.SortFunc(x.crossings, func(a, b crossing) int {
		if a.a != b.a {
			return int(a.a - b.a)
		}
		return less(int(a.b-b.b), a.at, b.at)
	})
	x.crossings = merged(x.crossings)
	x.from = starts(len(names), len(x.spots), func(i int) int32 { return x.spots[i].name })
	x.crossFrom = starts(len(names), len(x.crossings), func(i int) int32 { return x.crossings[i].a })
	return x
}

func less(n int, a, b point) int {
	switch {
	case n != 0:
		return n
	case a.lon != b.lon:
		return int(a.lon) - int(b.lon)
	}
	return int(a.lat) - int(b.lat)
}

// starts is where each of so many names begins in a list that is ordered by them.
func starts(names, items int, of func(int) int32) []int32 {
	at := make([]int32, names+1)
	for i := range items {
		at[of(i)+1]++
	}
	for i := range names {
		at[i+1] += at[i]
	}
	return at
}

// oneCrossing is within how many meters crossings of the same streets are one: roads of
// several lanes cross several times.
const oneCrossing = 60

// merged has one crossing for those that are near each other, at the first of them by
// place, which is the same for both directions.
func merged(all []crossing) []crossing {
	out := all[:0]
	for _, c := range all {
		near := false
		for i := len(out) - 1; i >= 0 && out[i].a == c.a && out[i].b == c.b; i-- {
			if away(out[i].at, c.at) < oneCrossing {
				near = true
				break
			}
		}
		if !near {
			out = append(out, c)
		}
	}
	return slices.Clip(out)
}
