package madeup

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// Zooms of the map. Where it begins, it is one tile or a few.
const (
	minZoom, maxZoom = 10, 15

	houses     = 14 // from where houses are drawn
	sideMeters = 2600
)

// Streets are the town's streets as a PMTiles file in the form of a Protomaps basemap,
// version 4: less than 200 kB, the same bytes each time.
func Streets() ([]byte, error) {
	all := things()
	bound := orb.Bound{Min: at(0, 0), Max: at(0, 0)}
	for _, corner := range [][2]float64{{-sideMeters, -sideMeters}, {sideMeters, -sideMeters}, {sideMeters, sideMeters}, {-sideMeters, sideMeters}} {
		bound = bound.Extend(at(corner[0], corner[1]))
	}
	var tiles []tile
	for z := maptile.Zoom(minZoom); z <= maxZoom; z++ {
		from, to := maptile.At(orb.Point{bound.Min[0], bound.Max[1]}, z), maptile.At(orb.Point{bound.Max[0], bound.Min[1]}, z)
		for x := from.X; x <= to.X; x++ {
			for y := from.Y; y <= to.Y; y++ {
				t := maptile.New(x, y, z)
				tiles = append(tiles, tile{t, draw(t, all)})
			}
		}
	}
	return archive(tiles, bound, at(0, 0))
}

// things are all that is on the map.
func things() (all []thing) {
	add := func(layer string, from maptile.Zoom, where orb.Geometry, tags ...string) {
		all = append(all, thing{layer, tags, from, where})
	}
	island := area(coast(1)...)
	sea := orb.Polygon{sky(), island[0]}
	add("earth", 0, island, "kind", "island")
	built := box(-1060, -900, 960, 810)
	add("landuse", 10, orb.Polygon{area(coast(.98)...)[0], built[0]}, "kind", "farmland")
	add("landuse", 10, built, "kind", "residential")
	add("landuse", 11, area(river(260)[0], river(1000)[2], [2]float64{1150, 820}, [2]float64{560, 810}), "kind", "wood")
	add("landuse", 11, area([2]float64{-1350, 780}, [2]float64{-500, 830}, [2]float64{-420, 1150}, [2]float64{-1000, 1080}), "kind", "wood")
	add("landuse", 12, box(-600, 150, -400, 550), "kind", "park")
	add("landuse", 13, box(460, 160, 690, 340), "kind", "school")
	add("landuse", 13, box(-790, -440, -690, -360), "kind", "hospital")
	add("landuse", 12, box(960, -900, 1130, -500), "kind", "beach")
	add("water", 0, sea, "kind", "ocean")
	banks := slices.Clone(river(20))
	slices.Reverse(banks)
	add("water", 10, area(append(river(-20), banks...)...), "kind", "river")
	add("water", 10, line(river(0)...), "kind", "river", "name", "Lantern River")
	add("water", 13, area([2]float64{-560, 400}, [2]float64{-500, 380}, [2]float64{-450, 420}, [2]float64{-460, 490}, [2]float64{-520, 500}), "kind", "lake", "name", "Mirror Pond")
	add("water", 12, box(-330, -1600, -80, -960), "kind", "dock", "name", "Lantern Harbor")
	for _, p := range [][2]float64{{-1900, -1250}, {1900, -1150}, {1900, 1250}, {-1900, 1250}} {
		add("water", 10, at(p[0], p[1]), "kind", "sea", "name", "Made-Up Sea")
	}
	for _, house := range rows() {
		add("buildings", houses, house, "kind", "building")
	}
	for _, l := range landmarks() {
		add("buildings", houses-1, box(l.x-l.width/2, l.y-l.height/2, l.x+l.width/2, l.y+l.height/2), "kind", "building")
		add("pois", houses, at(l.x, l.y), "kind", l.kind, "name", l.name)
	}
	add("pois", houses, at(-500, 350), "kind", "park", "name", "Lantern Green")
	for _, s := range streets() {
		from, tags := maptile.Zoom(12), []string{"kind", s.kind, "kind_detail", s.detail}
		switch s.kind {
		case "major_road":
			from = 10
		case "medium_road":
			from = 11
		case "path":
			from = 14
		}
		if s.name != "" {
			tags = append(tags, "name", s.name)
		}
		add("roads", from, line(s.plan...), tags...)
	}
	add("places", 10, at(30, -145), "kind", "locality", "kind_detail", "town", "name", Town+" (made up)")
	for _, q := range []struct {
		name string
		x, y float64
	}{{"Old Harbor", -700, -740}, {"Kite Hill", -800, 640}, {"East Bank", 800, 30}} {
		add("places", 12, at(q.x, q.y), "kind", "neighbourhood", "name", q.name)
	}
	return all
}

// sky is around all that is drawn.
func sky() orb.Ring {
	west, east, south, north := middleLon-2., middleLon+2., middleLat-2., middleLat+2.
	return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

// rows are the houses along the streets, where nothing else is.
func rows() (all []orb.Polygon) {
	taken := [][4]float64{{-620, 130, -380, 570}, {440, 155, 695, 345}, {-800, -445, -680, -355}} // the park, the school, the clinic
	for _, l := range landmarks() {
		taken = append(taken, [4]float64{l.x - l.width/2, l.y - l.height/2, l.x + l.width/2, l.y + l.height/2})
	}
	var straight []street
	for _, s := range streets() {
		if len(s.plan) != 2 || s.kind == "path" {
			continue
		}
		straight = append(straight, s)
		const half = 9 // of a street, with what is in front of the houses
		a, b := s.plan[0], s.plan[1]
		taken = append(taken, [4]float64{min(a[0], b[0]) - half, min(a[1], b[1]) - half, max(a[0], b[0]) + half, max(a[1], b[1]) + half})
	}
	middle := river(0)
	n := uint32(0)
	dice := func(most float64) float64 { // the same each time
		n = n*1664525 + 1013904223
		return most * float64(n>>8) / (1 << 24)
	}
	const gap, bank = 4, 65
	for _, s := range straight {
		from, to := s.plan[0], s.plan[1]
		long := math.Hypot(to[0]-from[0], to[1]-from[1])
		alongX, alongY := (to[0]-from[0])/long, (to[1]-from[1])/long
		for at := 20.; at < long-10; at += 24 + dice(10) {
			for _, side := range []float64{-1, 1} {
				wide, deep, back := 6+dice(4), 7+dice(5), 20+dice(4) // half of it, half of it, to its middle
				x, y := from[0]+alongX*at-alongY*side*back, from[1]+alongY*at+alongX*side*back
				if alongX == 0 {
					wide, deep = deep, wide
				}
				house := [4]float64{x - wide, y - deep, x + wide, y + deep}
				if dice(1) < .1 || math.Abs(x-middle[int((middle[0][1]-y)/step)][0]) < bank ||
					slices.ContainsFunc(taken, func(t [4]float64) bool {
						return house[0] < t[2]+gap && house[2] > t[0]-gap && house[1] < t[3]+gap && house[3] > t[1]-gap
					}) {
					continue
				}
				taken = append(taken, house)
				all = append(all, box(house[0], house[1], house[2], house[3]))
			}
		}
	}
	return all
}
