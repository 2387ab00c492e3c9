package grid

import (
	"math"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// meanRadius is that of the earth, (2a+b)/3 of WGS 84, in meters.
const meanRadius = 6_371_008.8

// Distance is how far it is as the crow flies, in meters: along a great circle of a sphere
// (haversine), which is up to 0.6 % off.
func Distance(a, b orb.Point) float64 {
	return geo.DistanceHaversine(a, b) * (meanRadius / orb.EarthRadius)
}

// Units are what a community measures ways in.
type Units string

// The units.
const (
	Metric Units = "metric" // meters and kilometers
	Miles  Units = "miles"  // feet and miles
)

// SayDistance is meters in words, no finer than somebody on foot would have them: 120 m,
// 1.4 km, 12 km; 400 feet, 0.9 miles, 12 miles.
func SayDistance(meters float64, u Units) hub.Said {
	if math.IsNaN(meters) || meters < 0 {
		meters = 0
	}
	if u == Miles {
		const foot, mile = 0.3048, 1609.344
		if n := roundTo(meters/foot, 50); n < 1000 {
			return hub.Said{Phrase: "%d feet", Args: []any{max(n, 50)}}
		}
		if n := roundTo(meters/mile*10, 1); n < 100 {
			return hub.Said{Phrase: "%d.%d miles", Args: []any{n / 10, n % 10}}
		}
		return hub.Said{Phrase: "%d miles", Args: []any{roundTo(meters/mile, 1)}}
	}
	if n := roundTo(meters, 10); n < 1000 {
		return hub.Said{Phrase: "%d m", Args: []any{max(n, 10)}}
	}
	if n := roundTo(meters/100, 1); n < 100 {
		return hub.Said{Phrase: "%d.%d km", Args: []any{n / 10, n % 10}}
	}
	return hub.Said{Phrase: "%d km", Args: []any{roundTo(meters/1000, 1)}}
}

func roundTo(x, step float64) int { return int(math.Round(x/step) * step) }

// Direction is one of eight.
type Direction int

// The directions, clockwise.
const (
	North Direction = iota
	NorthEast
	East
	SouthEast
	South
	SouthWest
	West
	NorthWest
)

// Toward is in which direction one sets out from a place to another.
func Toward(from, to orb.Point) Direction {
	return Direction(int(math.Round(geo.Bearing(from, to)/45)+8) % 8)
}

// here is what is too near to have a direction, in meters.
const here = 15

// SayWay is distance and direction together: 1.4 km north-east.
func SayWay(from, to orb.Point, u Units) hub.Said {
	meters := Distance(from, to)
	if meters < here {
		return hub.Said{Phrase: "right here"}
	}
	return hub.Said{Phrase: toward(Toward(from, to)), Args: []any{SayDistance(meters, u)}}
}

func toward(d Direction) hub.Phrase {
	switch d {
	case NorthEast:
		return "%s north-east"
	case East:
		return "%s east"
	case SouthEast:
		return "%s south-east"
	case South:
		return "%s south"
	case SouthWest:
		return "%s south-west"
	case West:
		return "%s west"
	case NorthWest:
		return "%s north-west"
	}
	return "%s north"
}
