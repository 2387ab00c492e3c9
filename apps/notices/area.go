package notices

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
)

// Bounds of an area.
const (
	maxPoints   = 40  // of a polygon
	maxShapes   = 8   // polygons, and circles
	maxRadius   = 500 // km
	perDegree   = 100_000
	meters      = 1000 // in a km
	wholeCircle = 180
)

// Point is latitude and longitude (WGS 84), in 100,000ths of a degree: about a meter.
type Point [2]int32

// PointAt is the point nearest to degrees. They have to be on earth.
func PointAt(lat, lon float64) Point {
	return Point{int32(math.Round(lat * perDegree)), int32(math.Round(lon * perDegree))}
}

// Lat is the latitude in degrees.
func (p Point) Lat() float64 { return float64(p[0]) / perDegree }

// Lon is the longitude in degrees.
func (p Point) Lon() float64 { return float64(p[1]) / perDegree }

// String is the point as CAP writes it, latitude first: "44.47,-73.21".
func (p Point) String() string {
	return strconv.FormatFloat(p.Lat(), 'f', -1, 64) + "," + strconv.FormatFloat(p.Lon(), 'f', -1, 64)
}

// MarshalJSON is latitude and longitude in degrees.
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([2]float64{p.Lat(), p.Lon()}) }

func (p Point) onEarth() bool {
	return p[0] >= -90*perDegree && p[0] <= 90*perDegree && p[1] >= -180*perDegree && p[1] <= 180*perDegree
}

// Circle is a point and what is around it.
type Circle struct {
	_      struct{} `cbor:",toarray"`
	Center Point    `json:"center"`
	Meters uint32   `json:"meters"`
}

// Km is the radius as CAP has it.
func (c Circle) Km() float64 { return float64(c.Meters) / meters }

// Area is where a notice holds.
type Area struct {
	Words    string    `cbor:"1,keyasint,omitempty" json:"words,omitempty"`
	Circles  []Circle  `cbor:"2,keyasint,omitempty" json:"circles,omitempty"`
	Polygons [][]Point `cbor:"3,keyasint,omitempty" json:"polygons,omitempty"` // each closed: the first point is the last
}

func (a Area) check() error {
	if !fit(a.Words, maxLine, maxLineB) || len(a.Circles) > maxShapes || len(a.Polygons) > maxShapes {
		return errors.New("the area of a notice is too large to be told")
	}
	for _, c := range a.Circles {
		if !c.Center.onEarth() || c.Meters > maxRadius*meters {
			return fmt.Errorf("a circle is on earth, of at most %d km", maxRadius)
		}
	}
	for _, p := range a.Polygons {
		if len(p) < 4 || len(p) > maxPoints || p[0] != p[len(p)-1] {
			return fmt.Errorf("a polygon is closed and has 4 to %d points", maxPoints)
		}
		for _, at := range p {
			if !at.onEarth() {
				return errors.New("a polygon is on earth")
			}
		}
	}
	return nil
}

// areaOf reads a form's area: words, a point with a radius, a polygon. None of them is no area.
func areaOf(form func(string) string) (*Area, error) {
	var a Area
	var err error
	if a.Words, err = hub.CleanLine("area", form("area"), maxLine, maxLineB); err != nil {
		return nil, err
	}
	if p := strings.TrimSpace(form("point")); p != "" {
		c, err := circleOf(p, form("radius"))
		if err != nil {
			return nil, err
		}
		a.Circles = []Circle{c}
	} else if !hub.Blank(form("radius")) {
		return nil, hub.Errorf(hub.Invalid, "radius", "Kilometers around which point? Write the point as well, or leave this empty.")
	}
	if p := strings.TrimSpace(form("polygon")); p != "" {
		points, err := polygonOf(p)
		if err != nil {
			return nil, err
		}
		a.Polygons = [][]Point{points}
	}
	if a.Words == "" && a.Circles == nil && a.Polygons == nil {
		return nil, nil
	}
	return &a, nil
}

func circleOf(point, radius string) (c Circle, err error) {
	pair := strings.FieldsFunc(point, apart)
	if len(pair) != 2 {
		return c, hub.Errorf(hub.Invalid, "point", "A point is two numbers, latitude first, such as 44.47, -73.21.")
	}
	if c.Center, err = pointOf("point", pair[0], pair[1]); err != nil {
		return c, err
	}
	radius = strings.TrimSpace(strings.Replace(radius, ",", ".", 1))
	if radius == "" {
		return c, nil
	}
	km, err := strconv.ParseFloat(radius, 64)
	if err != nil || math.IsNaN(km) || km < 0 || km > maxRadius {
		return c, hub.Errorf(hub.Invalid, "radius", "A radius is a number of kilometers, from 0 to %d.", maxRadius)
	}
	c.Meters = uint32(math.Round(km * meters))
	return c, nil
}

// polygonOf reads points as CAP has them, pairs apart by blanks: it closes what is open.
func polygonOf(s string) ([]Point, error) {
	nums := strings.FieldsFunc(s, apart)
	if len(nums)%2 != 0 {
		return nil, hub.Errorf(hub.Invalid, "polygon", "One of the points has only one number. Each is a latitude and a longitude.")
	}
	var points []Point
	for i := 0; i < len(nums); i += 2 {
		p, err := pointOf("polygon", nums[i], nums[i+1])
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	if n := len(points); n > 0 && points[0] != points[n-1] {
		points = append(points, points[0])
	}
	if len(points) < 4 || len(points) > maxPoints {
		return nil, hub.Errorf(hub.Invalid, "polygon", "An outline has at least 3 corners, and at most %d.", maxPoints-1)
	}
	return points, nil
}

func apart(r rune) bool {
	return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t'
}

func pointOf(field, lat, lon string) (Point, error) {
	y, err := strconv.ParseFloat(lat, 64)
	x, err2 := strconv.ParseFloat(lon, 64)
	switch {
	case err != nil || err2 != nil || math.IsNaN(x) || math.IsNaN(y):
		return Point{}, hub.Errorf(hub.Invalid, field, "“%s” is no point. Write numbers with a dot, latitude first, such as 44.47, -73.21.", lat+", "+lon)
	case math.Abs(y) > wholeCircle/2 && math.Abs(x) <= wholeCircle/2 && math.Abs(y) <= wholeCircle:
		return Point{}, hub.Errorf(hub.Invalid, field, "“%s” has a latitude beyond 90. Is the longitude first? Write the latitude first.", lat+", "+lon)
	case math.Abs(y) > wholeCircle/2 || math.Abs(x) > wholeCircle:
		return Point{}, hub.Errorf(hub.Invalid, field, "“%s” is nowhere on earth. A latitude goes from -90 to 90, a longitude from -180 to 180.", lat+", "+lon)
	}
	return PointAt(y, x), nil
}
