package street

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// lines are the named lines of one tile, in shares of its side.
type lines struct {
	side     float64 // meters
	segments []segment
	length   map[int32]stretch // by name
}

type segment struct {
	name int32
	a, b orb.Point
}

// stretch is how long a street is on a tile, and its longest piece's middle.
type stretch struct {
	name    int32
	meters  float64
	longest float64
	at      orb.Point
}

// Bounds of one tile. Real ones have some 5,000 segments.
const (
	maxSegments = 1 << 15
	cells       = 32 // along a side of a tile, in which segments are compared
	maxInCell   = 128
	maxCompared = 1 << 21 // pairs of segments
	touching    = 2.5     // meters within which an end lies on another street
)

// add adds a line.
func (l *lines) add(name int32, line []orb.Point) {
	total := 0.0
	for i := 1; i < len(line) && len(l.segments) < maxSegments; i++ {
		s := segment{name, line[i-1], line[i]}
		if !onTile(s) {
			continue
		}
		l.segments = append(l.segments, s)
		total += math.Hypot(s.b[0]-s.a[0], s.b[1]-s.a[1])
	}
	if total == 0 {
		return
	}
	if l.length == nil {
		l.length = map[int32]stretch{}
	}
	s := l.length[name]
	s.name = name
	s.meters += total * l.side
	if mid := midOf(line); total > s.longest && mid[0] >= 0 && mid[0] <= 1 && mid[1] >= 0 && mid[1] <= 1 {
		s.longest, s.at = total, mid
	}
	l.length[name] = s
}

// onTile reports whether a segment is near the tile, in numbers.
func onTile(s segment) bool {
	const beyond = .1
	for i := range 2 {
		low, high := math.Min(s.a[i], s.b[i]), math.Max(s.a[i], s.b[i])
		if low > 1+beyond || high < -beyond || math.IsNaN(high-low) || high-low > 4 {
			return false
		}
	}
	return true
}

// midOf is a line's point at half of it.
func midOf(line []orb.Point) orb.Point {
	total := 0.0
	for i := 1; i < len(line); i++ {
		total += math.Hypot(line[i][0]-line[i-1][0], line[i][1]-line[i-1][1])
	}
	gone := 0.0
	for i := 1; i < len(line); i++ {
		step := math.Hypot(line[i][0]-line[i-1][0], line[i][1]-line[i-1][1])
		if gone+step >= total/2 && step > 0 {
			t := (total/2 - gone) / step
			return orb.Point{line[i-1][0] + t*(line[i][0]-line[i-1][0]), line[i-1][1] + t*(line[i][1]-line[i-1][1])}
		}
		gone += step
	}
	return line[0]
}

// longest are the streets on the tile, in the order of their names, each at the middle of
// its longest piece.
func (l *lines) longest() (all []stretch) {
	for _, s := range l.length {
		if s.longest > 0 {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return int(a.name - b.name) })
	return all
}

// cross finds where streets of two names meet on the tile.
func (l *lines) cross(found func(a, b int32, at orb.Point)) {
	grid := make([][]int32, cells*cells)
	for i, s := range l.segments {
		l.each(s, func(cell int) {
			if len(grid[cell]) < maxInCell {
				grid[cell] = append(grid[cell], int32(i)) //nolint:gosec // at most maxSegments
			}
		})
	}
	near := touching / l.side
	type pair struct{ a, b int32 }
	seen := map[pair][]orb.Point{}
	compared := 0
	for _, cell := range grid {
		for i, m := range cell {
			if compared += len(cell) - i; compared > maxCompared {
				return
			}
			for _, n := range cell[i+1:] {
				s, t := l.segments[m], l.segments[n]
				if s.name == t.name {
					continue
				}
				at, ok := meeting(s, t, near)
				if !ok || at[0] < 0 || at[0] >= 1 || at[1] < 0 || at[1] >= 1 {
					continue
				}
				p := pair{min(s.name, t.name), max(s.name, t.name)}
				known := slices.ContainsFunc(seen[p], func(q orb.Point) bool { return math.Hypot(q[0]-at[0], q[1]-at[1])*l.side < oneCrossing })
				if !known {
					seen[p] = append(seen[p], at)
					found(p.a, p.b, at)
				}
			}
		}
	}
}

// each hands on the cells that a segment's box has part in, a little widened.
func (l *lines) each(s segment, f func(cell int)) {
	cell := func(x float64) int { return min(cells-1, max(0, int(math.Floor(x*cells)))) }
	margin := touching / l.side
	for y := cell(math.Min(s.a[1], s.b[1]) - margin); y <= cell(math.Max(s.a[1], s.b[1])+margin); y++ {
		for x := cell(math.Min(s.a[0], s.b[0]) - margin); x <= cell(math.Max(s.a[0], s.b[0])+margin); x++ {
			f(y*cells + x)
		}
	}
}

// meeting is where two segments cross, or where an end of one lies on the other.
func meeting(s, t segment, near float64) (orb.Point, bool) {
	for _, end := range [...]struct {
		p  orb.Point
		on segment
	}{{s.a, t}, {s.b, t}, {t.a, s}, {t.b, s}} {
		if distance(end.p, end.on) <= near {
			return end.p, true
		}
	}
	d := orb.Point{s.b[0] - s.a[0], s.b[1] - s.a[1]}
	e := orb.Point{t.b[0] - t.a[0], t.b[1] - t.a[1]}
	cross := d[0]*e[1] - d[1]*e[0]
	if cross == 0 {
		return orb.Point{}, false
	}
	w := orb.Point{t.a[0] - s.a[0], t.a[1] - s.a[1]}
	u, v := (w[0]*e[1]-w[1]*e[0])/cross, (w[0]*d[1]-w[1]*d[0])/cross
	if u < 0 || u > 1 || v < 0 || v > 1 {
		return orb.Point{}, false
	}
	return orb.Point{s.a[0] + u*d[0], s.a[1] + u*d[1]}, true
}

// distance is how far a point is from a segment.
func distance(p orb.Point, s segment) float64 {
	d := orb.Point{s.b[0] - s.a[0], s.b[1] - s.a[1]}
	w := orb.Point{p[0] - s.a[0], p[1] - s.a[1]}
	t := 0.0
	if l := d[0]*d[0] + d[1]*d[1]; l > 0 {
		t = math.Min(1, math.Max(0, (w[0]*d[0]+w[1]*d[1])/l))
	}
	return math.Hypot(w[0]-t*d[0], w[1]-t*d[1])
}
