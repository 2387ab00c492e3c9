package place

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// perDegree is how finely points are kept: about 11 cm.
const perDegree = 1_000_000

// Point is latitude and longitude (WGS 84), in millionths of a degree.
type Point [2]int32

// PointAt is the point nearest to degrees. They have to be on earth.
func PointAt(lat, lon float64) Point {
	return Point{int32(math.Round(lat * perDegree)), int32(math.Round(lon * perDegree))}
}

// FromOrb is the point nearest to one of package orb, which has to be on earth.
func FromOrb(p orb.Point) Point { return PointAt(p.Lat(), p.Lon()) }

// Lat is the latitude in degrees.
func (p Point) Lat() float64 { return float64(p[0]) / perDegree }

// Lon is the longitude in degrees.
func (p Point) Lon() float64 { return float64(p[1]) / perDegree }

// Orb is the point as package orb has it, in degrees.
func (p Point) Orb() orb.Point { return orb.Point{p.Lon(), p.Lat()} }

// String is the point as people write it, latitude first: "44.47,-73.21".
func (p Point) String() string { return degrees(p.Lat()) + "," + degrees(p.Lon()) }

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// MarshalJSON is a position as GeoJSON has it, longitude first (RFC 7946 §3.1.1).
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal(p.Orb()) }

// OnEarth reports whether there is such a point.
func (p Point) OnEarth() bool {
	return p[0] >= -90*perDegree && p[0] <= 90*perDegree && p[1] >= -180*perDegree && p[1] <= 180*perDegree
}

// ShapeKind is what the parts of a shape are.
type ShapeKind uint8

// The kinds of a shape.
const (
	Spot ShapeKind = 1 + iota
	Line
	Area
)

// ShapeKinds are what the parts of a shape can be, in their order.
func ShapeKinds() []Choice { return shapes[:] }

var shapes = [...]Choice{{"point", "One point"}, {"line", "A line, such as a road"}, {"area", "An area"}}

// String is its name for programs.
func (k ShapeKind) String() string { return ChoiceAt(shapes[:], k).Name }

// Shape is where a place is: points, lines of at least two points, or areas. Most have
// one part.
type Shape struct {
	_     struct{} `cbor:",toarray"`
	Kind  ShapeKind
	Parts []Part
}

// Part is one point, one line, or one area: its outline and then its holes, of at least
// three corners each, which are not closed by their first corner again.
type Part []Steps

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
	return Encoded(flat)
}

// UnmarshalCBOR reads what MarshalCBOR wrote, of at most so many points as a shape has.
func (s *Steps) UnmarshalCBOR(b []byte) error {
	var flat []int64
	if err := cbor.Unmarshal(b, &flat); err != nil {
		return err
	}
	if len(flat)%2 != 0 || len(flat) > 2*MaxPoints {
		return errors.New("points are pairs of numbers, and not too many")
	}
	all := make(Steps, 0, len(flat)/2)
	var lat, lon int64
	for i := 0; i < len(flat); i += 2 {
		if flat[i] != int64(int32(flat[i])) || flat[i+1] != int64(int32(flat[i+1])) { //nolint:gosec // that is what is asked
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

// Check reports what is wrong with a shape, as far as that costs nothing to find out.
func (s Shape) Check() error {
	if s.Kind < Spot || s.Kind > Area || len(s.Parts) == 0 {
		return errors.New("a place is points, lines or areas")
	}
	total := 0
	for _, part := range s.Parts {
		if len(part) == 0 || s.Kind != Area && len(part) > 1 {
			return errors.New("a part of a place is one point, one line or one area")
		}
		for _, ring := range part {
			if total += len(ring); len(ring) < int(s.Kind) || s.Kind == Spot && len(ring) > 1 || total > MaxPoints {
				return fmt.Errorf("a place has 1 point, a line of at least 2 or an area of at least 3 corners, and at most %d in all", MaxPoints)
			}
			if slices.ContainsFunc(ring, func(p Point) bool { return !p.OnEarth() }) {
				return errors.New("a place is on earth")
			}
		}
	}
	return nil
}

// Geometry is the shape as package orb has it, in degrees: areas closed and wound as RFC
// 7946 §3.1.6 has it, of several parts one of the Multi forms; nil for none.
func (s Shape) Geometry() orb.Geometry {
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var areas orb.MultiPolygon
	for _, part := range s.Parts {
		var rings orb.Polygon
		for i, ring := range part {
			r := make(orb.Ring, 0, len(ring)+1)
			for _, p := range ring {
				r = append(r, p.Orb())
			}
			if s.Kind == Area {
				r = append(r, r[0])
				if o := r.Orientation(); o == orb.CW && i == 0 || o == orb.CCW && i > 0 {
					r.Reverse()
				}
			}
			rings = append(rings, r)
		}
		switch s.Kind {
		case Spot:
			points = append(points, rings[0][0])
		case Line:
			lines = append(lines, orb.LineString(rings[0]))
		default:
			areas = append(areas, rings)
		}
	}
	switch {
	case len(points) == 1:
		return points[0]
	case len(points) > 1:
		return points
	case len(lines) == 1:
		return lines[0]
	case len(lines) > 1:
		return lines
	case len(areas) == 1:
		return areas[0]
	case len(areas) > 1:
		return areas
	}
	return nil
}

// ShapeOf is a geometry as it can be kept: sound (see feature.Sound), in millionths of a
// degree. It is a *feature.Refused if it is not sound or has too many points.
func ShapeOf(at hub.Said, g orb.Geometry) (s Shape, _ error) {
	g, err := feature.Sound(at, roundedTo(g))
	if err != nil {
		return s, err
	}
	switch g := g.(type) {
	case orb.Point:
		s.add(Spot, orb.Ring{g})
	case orb.MultiPoint:
		for _, p := range g {
			s.add(Spot, orb.Ring{p})
		}
	case orb.LineString:
		s.add(Line, orb.Ring(g))
	case orb.MultiLineString:
		for _, l := range g {
			s.add(Line, orb.Ring(l))
		}
	case orb.Polygon:
		s.add(Area, g...)
	case orb.MultiPolygon:
		for _, p := range g {
			s.add(Area, p...)
		}
	default:
		return s, feature.Refuse(at, "Say first where it is.")
	}
	if n := s.Size(); n > MaxPoints {
		return s, feature.Refuse(at, "These are %[1]d points. At most %[2]d fit: leave out some.", n, MaxPoints)
	}
	return s, nil
}

func (s *Shape) add(kind ShapeKind, rings ...orb.Ring) {
	s.Kind = kind
	var part Part
	for _, r := range rings {
		if kind == Area {
			r = r[:len(r)-1]
		}
		steps := make(Steps, 0, len(r))
		for _, p := range r {
			steps = append(steps, FromOrb(p))
		}
		part = append(part, steps)
	}
	s.Parts = append(s.Parts, part)
}

// Size is how many points it has, all its parts together.
func (s Shape) Size() (n int) {
	for _, part := range s.Parts {
		for _, ring := range part {
			n += len(ring)
		}
	}
	return n
}

// roundedTo is a geometry in whole millionths of a degree: what is judged is what is kept.
func roundedTo(g orb.Geometry) orb.Geometry {
	if g == nil {
		return nil
	}
	return orb.Round(orb.Clone(g), perDegree)
}

// Center is where the place is shown: its point, the middle point of its longest line, or
// the middle of its largest area, if that is within it.
func (s Shape) Center() Point {
	if len(s.Parts) == 0 {
		return Point{}
	}
	switch g := s.Geometry().(type) {
	case orb.Polygon:
		return middle(g)
	case orb.MultiPolygon:
		return middle(slices.MaxFunc(g, func(a, b orb.Polygon) int { return compare(planar.Area(a), planar.Area(b)) }))
	}
	longest := slices.MaxFunc(s.Parts, func(a, b Part) int { return len(a[0]) - len(b[0]) })
	return longest[0][len(longest[0])/2]
}

func middle(p orb.Polygon) Point {
	at, _ := planar.CentroidArea(p)
	if !planar.PolygonContains(p, at) { // of a horseshoe
		at = p[0][0]
	}
	return FromOrb(at)
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// String is its points as a form takes them: of one part apart by blanks; of several each
// on a line.
func (s Shape) String() string {
	var parts []string
	for _, part := range s.Parts {
		for _, ring := range part {
			all := make([]string, len(ring))
			for i, p := range ring {
				all[i] = p.String()
			}
			parts = append(parts, strings.Join(all, " "))
		}
	}
	return strings.Join(parts, "\n")
}

// short is its points where they are few, else where it is shown.
func (s Shape) short() string {
	const few = 4
	if s.Size() > few {
		return s.Center().String()
	}
	return s.String()
}

// Simple reports whether a form can say the shape: one part, without holes.
func (s Shape) Simple() bool { return len(s.Parts) == 0 || len(s.Parts) == 1 && len(s.Parts[0]) == 1 }

// MarshalJSON is a GeoJSON geometry (RFC 7946 §3.1).
func (s Shape) MarshalJSON() ([]byte, error) {
	g := s.Geometry()
	if g == nil {
		return []byte("null"), nil
	}
	return json.Marshal(struct {
		Type        string       `json:"type"`
		Coordinates orb.Geometry `json:"coordinates"`
	}{g.GeoJSONType(), g})
}
