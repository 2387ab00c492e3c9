package capxml

import (
	"encoding/json"
	"fmt"
	"math"
)

// The shapes of RFC 7946. A position is [longitude, latitude].
type (
	position [2]float64
	ring     []position

	geometry struct {
		Type        string   `json:"type"`
		Coordinates [][]ring `json:"coordinates"`
	}
	feature struct {
		Type       string     `json:"type"`
		Geometry   *geometry  `json:"geometry"`
		Properties properties `json:"properties"`
	}
	properties struct {
		Desc    string `json:"areaDesc"`
		Circles []disc `json:"circles,omitempty"`
	}
	disc struct {
		Center position `json:"center"`
		Radius float64  `json:"radiusKm"`
	}
	collection struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}
)

// GeoJSON writes areas as a FeatureCollection (RFC 7946), a feature for each: the
// longitude first, outer rings counterclockwise, cut where they cross the 180th meridian.
// GeoJSON has no circles: they are polygons of 64 corners, and as they were among the
// properties. An area that is in words only has no geometry.
func GeoJSON(areas []Area) (json.RawMessage, error) {
	out := collection{Type: "FeatureCollection", Features: make([]feature, 0, len(areas))}
	for i, a := range areas {
		f := feature{Type: "Feature", Properties: properties{Desc: a.Desc}}
		var shapes [][]ring
		for _, p := range a.Polygons {
			if rule := p.rule(); rule != "" {
				return nil, refuse(fmt.Sprintf("area[%d]/polygon", i+1), rule)
			}
			shapes = append(shapes, split(p.ring())...)
		}
		for _, c := range a.Circles {
			if rule := c.rule(); rule != "" {
				return nil, refuse(fmt.Sprintf("area[%d]/circle", i+1), rule)
			}
			shapes = append(shapes, split(c.ring())...)
			f.Properties.Circles = append(f.Properties.Circles, disc{c.Center.position(), c.Radius})
		}
		if len(shapes) > 0 {
			f.Geometry = &geometry{Type: "MultiPolygon", Coordinates: shapes}
		}
		out.Features = append(out.Features, f)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("writing areas: %w", err)
	}
	return b, nil
}

func (p Point) position() position { return position{p.Lon, p.Lat} }

func (p Polygon) ring() ring {
	out := make(ring, len(p))
	for i, point := range p {
		out[i] = point.position()
	}
	return out
}

// ring goes around a circle. One over a pole becomes all that is north or south of it.
func (c Circle) ring() ring {
	const (
		corners = 64
		earth   = 6371.0088 // kilometers, mean radius
		least   = 0.01      // kilometers: a point is seen, and has an area
	)
	far := max(c.Radius, least) / earth
	lat, lon := c.Center.Lat*math.Pi/180, c.Center.Lon
	south, north := lat-far, lat+far
	if south <= -math.Pi/2 || north >= math.Pi/2 {
		low, high := -90.0, 90.0
		if south > -math.Pi/2 {
			low = south * 180 / math.Pi
		}
		if north < math.Pi/2 {
			high = north * 180 / math.Pi
		}
		return ring{{-180, low}, {180, low}, {180, high}, {-180, high}, {-180, low}}
	}
	out := make(ring, 0, corners+1)
	for i := range corners {
		sin, cos := math.Sincos(-2 * math.Pi * float64(i) / corners)
		y := math.Asin(math.Sin(lat)*math.Cos(far) + math.Cos(lat)*math.Sin(far)*cos)
		x := math.Atan2(sin*math.Sin(far)*math.Cos(lat), math.Cos(far)-math.Sin(lat)*math.Sin(y))
		out = append(out, position{round(lon + x*180/math.Pi), round(y * 180 / math.Pi)})
	}
	return append(out, out[0])
}

// round keeps a tenth of a meter.
func round(deg float64) float64 { return math.Round(deg*1e6) / 1e6 }

// split makes polygons of one ring: itself, or its parts on both sides of the 180th
// meridian (RFC 7946 section 3.1.9).
func split(r ring) [][]ring {
	flat := make(ring, len(r))
	turns, low, high := 0.0, r[0][0], r[0][0]
	for i, p := range r {
		if i > 0 {
			// The shorter way around the Earth is meant, but for what goes all around.
			switch step := p[0] - r[i-1][0]; {
			case step > 180 && step < 360:
				turns -= 360
			case step < -180 && step > -360:
				turns += 360
			}
		}
		flat[i] = position{p[0] + turns, p[1]}
		low, high = min(low, flat[i][0]), max(high, flat[i][0])
	}
	if low >= -180 && high <= 180 || flat[0][0] != flat[len(flat)-1][0] {
		return [][]ring{{counterclockwise(r)}}
	}
	var out [][]ring
	for shift := -360.0; shift <= 360; shift += 360 {
		part := clip(clip(flat, shift-180, 1), shift+180, -1)
		if len(part) < 4 {
			continue
		}
		for i := range part {
			part[i][0] -= shift
		}
		if area(part) != 0 {
			out = append(out, []ring{counterclockwise(part)})
		}
	}
	return out
}

// clip keeps what is at or beyond a meridian, in the direction of side (1 is east), by
// the algorithm of Sutherland and Hodgman.
func clip(r ring, meridian, side float64) ring {
	var out ring
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		inA, inB := side*(a[0]-meridian) >= 0, side*(b[0]-meridian) >= 0
		if inA {
			out = append(out, a)
		}
		if inA != inB {
			at := (meridian - a[0]) / (b[0] - a[0])
			out = append(out, position{meridian, a[1] + at*(b[1]-a[1])})
		}
	}
	if len(out) > 0 {
		out = append(out, out[0])
	}
	return out
}

// area is twice that of a ring, negative if it goes clockwise.
func area(r ring) (sum float64) {
	for i := 1; i < len(r); i++ {
		sum += r[i-1][0]*r[i][1] - r[i][0]*r[i-1][1]
	}
	return sum
}

func counterclockwise(r ring) ring {
	if area(r) >= 0 {
		return r
	}
	out := make(ring, len(r))
	for i, p := range r {
		out[len(r)-1-i] = p
	}
	return out
}
