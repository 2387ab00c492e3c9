package maps

import (
	"math"
	"strconv"

	"github.com/lamppost-hub/lamppost/hub"
)

// here is how near a place is to be at hand, in meters.
const here = 30

var directions = [...]hub.Phrase{
	"to the north", "to the northeast", "to the east", "to the southeast", "to the south", "to the southwest", "to the west", "to the northwest",
}

// awayTo is how far a shape is from a point, and where.
func awayTo(from Point, s Shape) *Away {
	at, meters := s.Offset(from)
	a := &Away{Meters: int(math.Round(meters))}
	if meters < here {
		a.Words = hub.Said{Phrase: "right here"}
		return a
	}
	deg := Bearing(from, at)
	a.Bearing = int(math.Round(deg)) % 360
	a.Words = hub.Said{Phrase: "%[1]s, %[2]s", Args: []any{distance(meters), directions[int(math.Round(deg/45))%len(directions)]}}
	return a
}

// distance is meters in words, as exactly as people need: also in miles.
func distance(meters float64) hub.Said {
	miles := hub.Said{Phrase: "%s mi", Args: []any{rounded(meters / 1609.344)}}
	if meters < 950 {
		step := 10.0
		if meters >= 200 {
			step = 50
		}
		return hub.Said{Phrase: "%[1]s (%[2]s)", Args: []any{hub.Said{Phrase: "%d m", Args: []any{int(math.Round(meters/step) * step)}}, miles}}
	}
	return hub.Said{Phrase: "%[1]s (%[2]s)", Args: []any{hub.Said{Phrase: "%s km", Args: []any{rounded(meters / 1000)}}, miles}}
}

// rounded is a number with one digit behind the point below 10, else none; what is small
// has two.
func rounded(f float64) string {
	switch {
	case f < 0.1:
		return strconv.FormatFloat(math.Max(f, 0.01), 'f', 2, 64)
	case f < 9.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(math.Round(f), 'f', 0, 64)
}
