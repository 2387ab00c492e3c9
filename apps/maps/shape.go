package maps

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb/geo"
)

// perDegree is how finely points are kept: about 11 cm.
const perDegree = 1_000_000

// Point is latitude and longitude (WGS 84), in millionths of a degree.
type Point [2]int32

// PointAt is the point nearest to degrees. They have to be on earth.
func PointAt(lat, lon float64) Point {
	return Point{int32(math.Round(lat * perDegree)), int32(math.Round(lon * perDegree))}
}

// Lat is the latitude in degrees.
func (p Point) Lat() float64 { return float64(p[0]) / perDegree }

// Lon is the longitude in degrees.
func (p Point) Lon() float64 { return float64(p[1]) / perDegree }

// String is the point as people write it, latitude first: "44.47,-73.21".
func (p Point) String() string { return degrees(p.Lat()) + "," + degrees(p.Lon()) }

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// MarshalJSON is a position as GeoJSON has it, longitude first (RFC 7946 §3.1.1).
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([2]float64{p.Lon(), p.Lat()}) }

func (p Point) onEarth() bool {
	return p[0] >= -90*perDegree && p[0] <= 90*perDegree && p[1] >= -180*perDegree && p[1] <= 180*perDegree
}

// ShapeKind is what the points of a shape are.
type ShapeKind uint8

// The kinds of a shape.
const (
	Spot ShapeKind = 1 + iota
	Line
	Area
)

var shapes = [...]value{{"point", "One point"}, {"line", "A line, such as a road"}, {"area", "An area"}}

func (k ShapeKind) String() string { return valueAt(shapes[:], k).Name }

// Shape is where a place is: one point, a line of at least two, or the outline of an area
// of at least three corners, which is not closed by its first corner again.
type Shape struct {
	_      struct{} `cbor:",toarray"`
	Kind   ShapeKind
	Points Steps
}

// Steps are points, kept as the first one and what each is from the one before it: a line
// of 300 points is half as long then.
type Steps []Point

// MarshalCBOR is latitude and longitude of each in turn.
func (s Steps) MarshalCBOR() ([]byte, error) {
	flat := make([]int64, 0, 2*len(s))
	last := Point{}
	for _, p := range s {
		flat = append(flat, int64(p[0])-int64(last[0]), int64(p[1])-int64(last[1]))
		last = p
	}
	return encoded(flat)
}

// UnmarshalCBOR reads what MarshalCBOR wrote, of at most so many points as a shape has.
func (s *Steps) UnmarshalCBOR(b []byte) error {
	var flat []int64
	if err := unmarshal(b, &flat); err != nil {
		return err
	}
	if len(flat)%2 != 0 || len(flat) > 2*maxPoints {
		return errors.New("points are pairs of numbers, and not too many")
	}
	all := make(Steps, 0, len(flat)/2)
	var lat, lon int64
	for i := 0; i < len(flat); i += 2 {
		if flat[i] != int64(int32(flat[i])) || flat[i+1] != int64(int32(flat[i+1])) {
			return errors.New("a point is nowhere on earth")
		}
		lat, lon = lat+flat[i], lon+flat[i+1]
		if lat < -90*perDegree || lat > 90*perDegree || lon < -180*perDegree || lon > 180*perDegree {
			return errors.New("a point is nowhere on earth")
		}
		all = append(all, Point{int32(lat), int32(lon)}) //nolint:gosec // held to the earth above
	}
	*s = all
	return nil
}

// check reports what is wrong with a shape.
func (s Shape) check() error {
	least := int(s.Kind)
	if s.Kind < Spot || s.Kind > Area || len(s.Points) < least || len(s.Points) > maxPoints || s.Kind == Spot && len(s.Points) != 1 {
		return errors.New("a place is one point, a line of at least 2 or an area of at least 3, and of at most 300")
	}
	for _, p := range s.Points {
		if !p.onEarth() {
			return errors.New("a place is on earth")
		}
	}
	return nil
}

// Center is where the place is shown: its point, the middle point of its line, or the
// middle of its outline's corners.
func (s Shape) Center() Point {
	switch {
	case len(s.Points) == 0:
		return Point{}
	case s.Kind != Area:
		return s.Points[len(s.Points)/2]
	}
	var lat, lon int64
	for _, p := range unwrapped(s.Points) {
		lat, lon = lat+int64(p[0]), lon+int64(p[1])
	}
	n := int64(len(s.Points))
	return PointAt(float64(lat/n)/perDegree, wrap(float64(lon/n)/perDegree))
}

// unwrapped is points with their longitudes counted on from the first one's the short
// way, also beyond 180, so that what crosses the antimeridian is in one piece.
func unwrapped(ring []Point) []Point {
	all := slices.Clone(ring)
	for i := range all[1:] {
		switch d := int64(all[i+1][1]) - int64(all[i][1]); {
		case d > 180*perDegree:
			all[i+1][1] -= 360 * perDegree
		case d < -180*perDegree:
			all[i+1][1] += 360 * perDegree
		}
	}
	return all
}

// String is its points as a form takes them, apart by blanks.
func (s Shape) String() string {
	all := make([]string, len(s.Points))
	for i, p := range s.Points {
		all[i] = p.String()
	}
	return strings.Join(all, " ")
}

// MarshalJSON is a GeoJSON geometry. An outline is closed, and counterclockwise
// (RFC 7946 §3.1.6).
func (s Shape) MarshalJSON() ([]byte, error) {
	g := struct {
		Type        string `json:"type"`
		Coordinates any    `json:"coordinates"`
	}{}
	switch s.Kind {
	case Line:
		g.Type, g.Coordinates = "LineString", []Point(s.Points)
	case Area:
		ring := make([]Point, 0, len(s.Points)+1)
		ring = append(ring, s.Points...)
		if doubleArea(unwrapped(ring)) < 0 {
			slices.Reverse(ring)
		}
		g.Type, g.Coordinates = "Polygon", [][]Point{append(ring, ring[0])}
	default:
		g.Type, g.Coordinates = "Point", s.Center()
	}
	return json.Marshal(g)
}

// doubleArea is twice the area within corners in square millionths of a degree; negative
// where they go clockwise.
func doubleArea(ring []Point) (sum float64) {
	for i, p := range ring {
		n := ring[(i+1)%len(ring)]
		sum += float64(p[1])*float64(n[0]) - float64(n[1])*float64(p[0])
	}
	return sum
}

// crossing is the first two sides of an outline that cross or touch, from 1; false if
// none do.
func crossing(ring []Point) (a, b int, found bool) {
	n := len(ring)
	for i := range n {
		for j := i + 1; j < n; j++ {
			if j == i+1 || i == 0 && j == n-1 {
				continue // neighbors share a corner
			}
			if meet(ring[i], ring[(i+1)%n], ring[j], ring[(j+1)%n]) {
				return i + 1, j + 1, true
			}
		}
	}
	return 0, 0, false
}

// meet reports whether two sides have a point in common.
func meet(a, b, c, d Point) bool {
	d1, d2, d3, d4 := side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
	if d1*d2 < 0 && d3*d4 < 0 {
		return true
	}
	return d1 == 0 && within(a, b, c) || d2 == 0 && within(a, b, d) || d3 == 0 && within(c, d, a) || d4 == 0 && within(c, d, b)
}

// side is on which side of a line a point is: -1, 0, 1.
func side(a, b, p Point) int {
	cross := (int64(b[0])-int64(a[0]))*(int64(p[1])-int64(a[1])) - (int64(b[1])-int64(a[1]))*(int64(p[0])-int64(a[0]))
	switch {
	case cross > 0:
		return 1
	case cross < 0:
		return -1
	}
	return 0
}

// within reports whether a point of a line is between two others of it.
func within(a, b, p Point) bool {
	return min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) && min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1])
}

// shapeOf reads a form's points as a shape.
func shapeOf(kind, points string) (s Shape, err error) {
	if s.Points, err = pointsOf("points", points); err != nil {
		return s, err
	}
	if n := len(s.Points); n > 2 && s.Points[0] == s.Points[n-1] && kind == Area.String() {
		s.Points = s.Points[:n-1]
	}
	n := len(s.Points)
	if s.Kind = named[ShapeKind](shapes[:], kind); s.Kind == 0 {
		s.Kind = min(ShapeKind(n), Line) //nolint:gosec // cut to two
	}
	switch {
	case n == 0:
		return s, hub.Errorf(hub.Invalid, "points", "Say first where it is.")
	case s.Kind == Spot && n > 1:
		return s, hub.Errorf(hub.Invalid, "points", "These are %d points. Choose whether they are a line or an area.", n)
	case s.Kind == Line && n < 2:
		return s, hub.Errorf(hub.Invalid, "points", "A line has at least 2 points.")
	case s.Kind == Area && n < 3:
		return s, hub.Errorf(hub.Invalid, "points", "An outline has at least 3 corners.")
	}
	if s.Kind == Area {
		if a, b, found := crossing(unwrapped(s.Points)); found {
			return s, hub.Errorf(hub.Invalid, "points", "The outline crosses itself: its sides %[1]d and %[2]d meet. Give the corners in the order in which one walks around it.", a, b)
		}
	}
	return s, nil
}

// pointsOf reads points as numbers in pairs, latitude first, however they are kept apart.
func pointsOf(field, text string) (Steps, error) {
	nums := strings.FieldsFunc(text, apart)
	if len(nums)%2 != 0 {
		return nil, hub.Errorf(hub.Invalid, field, "One of the points has only one number. Each is a latitude and a longitude.")
	}
	if len(nums) > 2*(maxPoints+1) {
		return nil, hub.Errorf(hub.Invalid, field, "These are %[1]d points. At most %[2]d fit: leave out some.", len(nums)/2, maxPoints)
	}
	var all Steps
	for i := 0; i < len(nums); i += 2 {
		p, err := pointOf(field, nums[i], nums[i+1])
		if err != nil {
			return nil, err
		}
		if len(all) == 0 || all[len(all)-1] != p {
			all = append(all, p)
		}
	}
	if len(all) > maxPoints {
		return nil, hub.Errorf(hub.Invalid, field, "These are %[1]d points. At most %[2]d fit: leave out some.", len(all), maxPoints)
	}
	return all, nil
}

func apart(r rune) bool {
	return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '\u00a0' || r == '،' || r == '，'
}

func pointOf(field, lat, lon string) (Point, error) {
	y, err := strconv.ParseFloat(lat, 64)
	x, err2 := strconv.ParseFloat(lon, 64)
	switch told := lat + ", " + lon; {
	case err != nil || err2 != nil || math.IsNaN(x) || math.IsNaN(y):
		return Point{}, hub.Errorf(hub.Invalid, field, "“%s” is no point. Write numbers with a dot, latitude first, such as 44.47, -73.21.", told)
	case math.Abs(y) > 90 && math.Abs(x) <= 90 && math.Abs(y) <= 180:
		return Point{}, hub.Errorf(hub.Invalid, field, "“%s” has a latitude beyond 90. Is the longitude first? Write the latitude first.", told)
	case math.Abs(y) > 90 || math.Abs(x) > 180:
		return Point{}, hub.Errorf(hub.Invalid, field, "“%s” is nowhere on earth. A latitude goes from -90 to 90, a longitude from -180 to 180.", told)
	}
	return PointAt(y, x), nil
}

// Meters is how far two points are apart on a sphere: within a percent of the earth's shape.
func Meters(a, b Point) float64 { return grid.Distance(a.Orb(), b.Orb()) }

// Bearing is in which direction the second point is from the first: degrees from north,
// clockwise; below 0 to the west.
func Bearing(a, b Point) float64 { return geo.Bearing(a.Orb(), b.Orb()) }

// Offset is the nearest point of a shape to another, and how far it is; a point within an
// area is no distance from it. It goes by a flat map around that point, which is as good
// as Meters for what is near enough to walk or drive to.
func (s Shape) Offset(from Point) (at Point, meters float64) {
	n := len(s.Points)
	if n <= 1 {
		at = s.Center()
		return at, Meters(from, at)
	}
	if s.Kind == Area && inside(s.Points, from) {
		return from, 0
	}
	sides := n - 1
	if s.Kind == Area {
		sides = n
	}
	shrink := math.Cos(from.Lat() * math.Pi / 180)
	best := math.Inf(1)
	for i := range sides {
		a, b := s.Points[i], s.Points[(i+1)%n]
		ax, ay := lonFrom(from, a)*shrink, a.Lat()-from.Lat()
		bx, by := lonFrom(from, b)*shrink, b.Lat()-from.Lat()
		dx, dy := bx-ax, by-ay
		t := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			t = math.Min(1, math.Max(0, -(ax*dx+ay*dy)/l))
		}
		if x, y := ax+t*dx, ay+t*dy; x*x+y*y < best {
			best = x*x + y*y
			at = PointAt(a.Lat()+t*(b.Lat()-a.Lat()), wrap(a.Lon()+t*lonFrom(a, b)))
		}
	}
	return at, Meters(from, at)
}

// lonFrom is how many degrees of longitude a point is east of another, the short way.
func lonFrom(from, to Point) float64 { return wrap(to.Lon() - from.Lon()) }

func wrap(lon float64) float64 {
	switch {
	case lon > 180:
		return lon - 360
	case lon < -180:
		return lon + 360
	}
	return lon
}

// inside reports whether a point is within an outline, by how often a line to the east
// crosses it.
func inside(ring []Point, p Point) (in bool) {
	ring = unwrapped(append([]Point{p}, ring...))[1:]
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if (a[0] > p[0]) == (b[0] > p[0]) {
			continue
		}
		at := float64(a[1]) + float64(p[0]-a[0])/float64(b[0]-a[0])*float64(b[1]-a[1])
		if float64(p[1]) < at {
			in = !in
		}
	}
	return in
}
