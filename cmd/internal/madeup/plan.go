package madeup

import (
	"math"

	"github.com/paulmach/orb"
)

// The town lies where the sea is farthest from any land.
const (
	middleLat, middleLon = -48.8767, -123.3933

	metersLat = 111_200. // of a degree
	turned    = .14      // of the streets against north, in radians
	step      = 50.      // meters between two points of a street; all crossings are at such points

	harborStreet = -850. // where it lies
)

// at is a point of the town's plan on earth: meters to the east and to the north of its
// middle, on streets that are as straight there as nowhere in the town.
func at(x, y float64) orb.Point {
	x, y = x+35*math.Sin(y/300), y+25*math.Sin(x/350)
	east, north := x*math.Cos(turned)-y*math.Sin(turned), x*math.Sin(turned)+y*math.Cos(turned)
	return orb.Point{middleLon + east/(metersLat*math.Cos(middleLat*math.Pi/180)), middleLat + north/metersLat}
}

// line goes straight from point to point of the plan.
func line(plan ...[2]float64) (l orb.LineString) {
	for i, p := range plan {
		if i > 0 {
			q := plan[i-1]
			n := math.Ceil(math.Hypot(p[0]-q[0], p[1]-q[1]) / step)
			for k := 1.; k < n; k++ {
				l = append(l, at(q[0]+(p[0]-q[0])*k/n, q[1]+(p[1]-q[1])*k/n))
			}
		}
		l = append(l, at(p[0], p[1]))
	}
	return l
}

// area is a polygon by its corners on the plan.
func area(plan ...[2]float64) orb.Polygon {
	return orb.Polygon{orb.Ring(line(append(plan, plan[0])...))}
}

// box is a rectangle.
func box(west, south, east, north float64) orb.Polygon {
	return area([2]float64{west, south}, [2]float64{east, south}, [2]float64{east, north}, [2]float64{west, north})
}

// coast is the island's, times so much.
func coast(times float64) (plan [][2]float64) {
	const corners = 90
	for i := range corners {
		a := 2 * math.Pi * float64(i) / corners
		r := times * (1 + .07*math.Sin(3*a+1) + .04*math.Sin(5*a) + .015*math.Sin(11*a))
		plan = append(plan, [2]float64{1800 * r * math.Cos(a), 1400 * r * math.Sin(a)})
	}
	return plan
}

// river is the middle of the river, from the hills to the sea, so far to the east of it.
func river(east float64) (plan [][2]float64) {
	for y := 1250.; y >= -1500; y -= step {
		plan = append(plan, [2]float64{300 + 55*math.Sin(y/240) + east, y})
	}
	return plan
}

// street is a street of the plan.
type street struct {
	name, kind, detail string
	plan               [][2]float64
}

func eastward(name, kind, detail string, y, west, east float64) street {
	return street{name, kind, detail, [][2]float64{{west, y}, {east, y}}}
}

// northward begins at Harbor Street.
func northward(name, kind, detail string, x, north float64) street {
	return street{name, kind, detail, [][2]float64{{x, harborStreet}, {x, north}}}
}

// streets are all streets, ways last.
func streets() []street {
	const major, medium, minor = "major_road", "medium_road", "minor_road"
	shore := coast(.88)
	return []street{
		eastward("High Lantern Street", major, "secondary", -50, -1450, 1400),
		northward("Market Street", major, "secondary", -200, 1000),
		eastward("Harbor Street", medium, "tertiary", harborStreet, -1000, 900),
		eastward("Elm Street", medium, "tertiary", 150, -1000, 900),
		eastward("Kite Hill Road", medium, "tertiary", 750, -1000, 900),
		northward("Observatory Road", medium, "tertiary", 900, 750),

		eastward("Net Loft Lane", minor, "residential", -650, -1000, 200),
		eastward("Cobbler Street", minor, "residential", -450, -1000, 200),
		eastward("Weir Lane", minor, "residential", -250, -1000, 200),
		eastward("Quill Street", minor, "residential", 350, -1000, -600),
		eastward("Inkwell Street", minor, "residential", 350, -400, 200),
		eastward("Orchard Row", minor, "residential", 550, -1000, 200),
		eastward("Beacon Street", minor, "residential", -650, 450, 900),
		eastward("Gull Street", minor, "residential", -450, 450, 900),
		eastward("Windmill Road", minor, "residential", 350, 450, 900),
		eastward("Thistle Street", minor, "residential", 550, 450, 900),
		northward("Ropewalk", minor, "residential", -1000, 750),
		northward("Lamplighter Lane", minor, "residential", -800, 750),
		northward("Station Street", minor, "residential", -600, 750),
		northward("Candle Street", minor, "residential", -400, 750),
		northward("Tinder Street", minor, "residential", 0, 750),
		northward("Ferry Row", minor, "residential", 200, 750),
		northward("Saltworks Street", minor, "residential", 450, 750),
		northward("Heron Street", minor, "residential", 700, 750),
		{"Shore Road", minor, "unclassified", append(shore, shore[0])},
		{"Pier Street", minor, "residential", [][2]float64{{-400, harborStreet}, {-400, -1150}}},
		{"River Walk", "path", "footway", river(-45)[5:46]},
		{"", "path", "footway", [][2]float64{{-600, 150}, {-400, 350}, {-600, 550}}},
		{"", "path", "footway", [][2]float64{{-600, 350}, {-400, 350}}},
	}
}

// landmark is a house that everybody knows.
type landmark struct {
	name, kind    string
	x, y          float64 // its middle
	width, height float64
}

func landmarks() []landmark {
	return []landmark{
		{"Fire Station", "fire_station", -560, -15, 44, 34},
		{"Library", "library", -155, -15, 46, 30},
		{"Elm Street School", "school", 575, 220, 90, 50},
		{"Town Hall", "townhall", -250, -95, 40, 40},
		{"Lamplighter Clinic", "hospital", -740, -400, 70, 50},
		{"Harbor Hall", "community_centre", -300, -810, 60, 36},
		{"Heron Street Hall", "community_centre", 745, -400, 50, 36},
		{"Kite Hill Gym", "sports_centre", -100, 795, 70, 44},
		{"Ferry House", "ferry_terminal", -350, -1060, 40, 24},
	}
}
