package layer

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// Bounds of clusters.
const (
	perTile  = 2 // the zooms of a cell beyond that of its tile: 4 × 4 cells a tile, of 64 pixels
	maxCells = 4096
	maxZoom  = 24 // of a cell
)

// Cluster is entries whose middles lie in one cell of a map.
type Cluster struct {
	At    orb.Point // the mean of their middles, in degrees
	Count int
	One   *Entry // if it is only one
}

// cell is a cluster on its way.
type cell struct {
	count      int
	lats, lons int64
	leaf, item int // where the last one stands
}

// Clusters is what is in bounds, as a map of that zoom shows it: one Cluster for each cell
// of 64 × 64 pixels (where a tile has 256) with a middle of an entry of these classes in it,
// from the north to the south and from the west to the east. Where that would be more than
// 4,096 cells they are those of a lower zoom.
func (x *Index) Clusters(b orb.Bound, zoom uint8, of Classes) ([]Cluster, error) {
	in := areaOf(b)
	deep := maptile.Zoom(min(int(zoom)+perTile, maxZoom))
	for deep > 0 && in.cells(deep) > maxCells {
		deep--
	}
	cells := map[maptile.Tile]*cell{}
	take := func(at maptile.Tile, n int, lats, lons int64, leaf, item int) {
		c := cells[at]
		if c == nil {
			c = &cell{}
			cells[at] = c
		}
		c.count, c.lats, c.lons, c.leaf, c.item = c.count+n, c.lats+lats, c.lons+lons, leaf, item
	}
	q := x.query()
	var wrong error
	err := q.walk(walker{
		into: func(c *child) bool {
			if !c.classes.meets(&of) || !in.meets(c.box) {
				return false
			}
			low := tileOf(spot{c.box.north, c.box.west}, deep)
			if c.count > 1 && c.classes.within(&of) && in.holds(c.box) && low == tileOf(spot{c.box.south, c.box.east}, deep) {
				take(low, int(c.count), c.lats, c.lons, 0, 0)
				return false
			}
			return true
		},
		each: func(q *query, n int, l *leaf, i int) bool {
			it := l.items[i]
			if !of.Has(it.class) || !in.meets(it.box) {
				return true
			}
			var at spot
			if at, wrong = q.middle(n, l, i); wrong != nil {
				return false
			}
			if in.meets(box{at.lat, at.lon, at.lat, at.lon}) {
				take(tileOf(at, deep), 1, int64(at.lat), int64(at.lon), n, i)
			}
			return true
		},
	})
	if err == nil {
		err = wrong
	}
	if err != nil {
		return nil, err
	}
	return q.clusters(cells)
}

// clusters is the cells in their order, with the entries that are alone in one.
func (q *query) clusters(cells map[maptile.Tile]*cell) ([]Cluster, error) {
	order := slices.SortedFunc(maps.Keys(cells), func(a, b maptile.Tile) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
	out := make([]Cluster, 0, len(order))
	for _, at := range order {
		c := cells[at]
		n := float64(c.count) * perDegree
		one := Cluster{At: orb.Point{float64(c.lons) / n, float64(c.lats) / n}, Count: c.count}
		if c.count == 1 {
			e, err := q.entry(c.leaf*perBlock + c.item)
			if err != nil {
				return nil, err
			}
			alone := e.entry()
			one.One = &alone
		}
		out = append(out, one)
	}
	return out, nil
}

// middle is that of an entry.
func (q *query) middle(n int, l *leaf, i int) (spot, error) {
	b := l.items[i].box
	if !b.around() {
		return extent{b.south, b.west, uint32(b.north - b.south), uint32(int64(b.east) - int64(b.west))}.middle(), nil
	}
	all, err := q.page(n, l)
	if err != nil {
		return spot{}, err
	}
	return all[i].where.middle(), nil
}

func tileOf(p spot, z maptile.Zoom) maptile.Tile {
	const edge = 85.05 // a map in Mercator's projection ends there
	return maptile.At(orb.Point{degrees(min(p.lon, maxLon-1)), min(edge, max(-edge, degrees(p.lat)))}, z)
}

// cells is how many cells of a zoom it covers.
func (a area) cells(z maptile.Zoom) float64 {
	n := 0.0
	for _, b := range a {
		low, high := tileOf(spot{b.north, b.west}, z), tileOf(spot{b.south, b.east}, z)
		n += (math.Abs(float64(high.X)-float64(low.X)) + 1) * (math.Abs(float64(high.Y)-float64(low.Y)) + 1)
	}
	return n
}
