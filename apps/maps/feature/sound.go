package feature

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/hub"
)

// Decimals is to how many decimals of a degree positions are written: 1 cm at the
// equator. Whether lines cross is judged at the same, so that a file is not refused for
// what writing it has rounded.
const Decimals = 7

const grain = 1e7 // 10^Decimals

// AppendDegrees appends a number of degrees as files have it: rounded to Decimals, no
// zeros at the end, never an exponent.
func AppendDegrees(b []byte, x float64) []byte {
	return strconv.AppendFloat(b, Round(x), 'f', -1, 64)
}

// Round is a number of degrees as it is once it has been written and read.
func Round(x float64) float64 {
	if x = math.Round(x*grain) / grain; x == 0 {
		return 0 // never -0
	}
	return x
}

// Sound is a geometry as all here may rely on: on the earth, rings closed and wound as
// RFC 7946 §3.1.6 has it (outer ones counterclockwise, holes clockwise), cut where it
// crosses the antimeridian (§3.1.9), within the bounds of points and parts. An empty
// one is nil, which is legal. Of a geometry that is sound already it is an equal one;
// what is handed in is not changed.
//
// Neighbouring points more than 180° of longitude apart mean the shorter way across the
// antimeridian. A line or an outline may also run on beyond 180°, to 360°, as some
// programs write it. It is a *Refused if it has too few points, is no geometry that
// features have, lies off the earth, crosses itself, has no area or goes round a pole.
func Sound(at hub.Said, g orb.Geometry) (orb.Geometry, error) {
	points, parts := size(g)
	if points > MaxPoints {
		return nil, Refuse(at, "It has %[1]d points, and at most %[2]d are read. Simplify it.", points, MaxPoints)
	}
	if parts > MaxParts {
		return nil, Refuse(at, "It has %[1]d parts, and at most %[2]d are read. Split it up.", parts, MaxParts)
	}
	switch g := g.(type) {
	case nil:
		return nil, nil //nolint:nilnil // no geometry is a geometry that is legal
	case orb.Point:
		return some(g, onEarth(at, []orb.Point{g}, 180))
	case orb.MultiPoint:
		if len(g) == 0 {
			return nil, nil //nolint:nilnil // as above
		}
		return some(g, onEarth(at, g, 180))
	case orb.LineString:
		return soundLines(at, orb.MultiLineString{g}, false)
	case orb.MultiLineString:
		return soundLines(at, g, true)
	case orb.Ring:
		return soundPolygons(at, orb.MultiPolygon{{g}}, false)
	case orb.Polygon:
		return soundPolygons(at, orb.MultiPolygon{g}, false)
	case orb.MultiPolygon:
		return soundPolygons(at, g, true)
	case orb.Bound:
		return soundPolygons(at, orb.MultiPolygon{g.ToPolygon()}, false)
	}
	return nil, Refuse(at, "It holds points, lines and outlines together. Split it up, each kind for itself.")
}

// some is a geometry unless there is an error.
func some(g orb.Geometry, err error) (orb.Geometry, error) {
	if err != nil {
		return nil, err
	}
	return g, nil
}

// onEarth refuses positions that do not exist. Longitudes go to the bound either way.
func onEarth(at hub.Said, ps []orb.Point, bound float64) error {
	for _, p := range ps {
		lon, lat := p.Lon(), p.Lat()
		switch {
		case math.IsNaN(lon) || math.IsInf(lon, 0) || math.IsNaN(lat) || math.IsInf(lat, 0):
			return Refuse(at, "A coordinate is not a number.")
		case math.Abs(lat) > 90:
			return Refuse(at, "The latitude %[1]s does not exist: it goes from -90 to 90. Coordinates must be degrees (WGS 84).", degrees(lat))
		case math.Abs(lon) > bound:
			return Refuse(at, "The longitude %[1]s does not exist: it goes from -180 to 180. Coordinates must be degrees (WGS 84).", degrees(lon))
		}
	}
	return nil
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'g', 12, 64) }

func soundLines(at hub.Said, lines orb.MultiLineString, multi bool) (orb.Geometry, error) {
	out := make(orb.MultiLineString, 0, len(lines))
	for _, l := range lines {
		if len(l) == 0 {
			continue
		}
		if len(l) < 2 {
			return nil, Refuse(at, "A line needs at least 2 points.")
		}
		if err := onEarth(at, l, 360); err != nil {
			return nil, err
		}
		if !crosses(l) {
			if err := onEarth(at, l, 180); err != nil {
				return nil, err
			}
			out = append(out, l)
			continue
		}
		multi = true
		out = append(out, cutLine(unwrap(l))...)
	}
	switch {
	case len(out) == 0:
		return nil, nil //nolint:nilnil // an empty geometry is none
	case !multi:
		return out[0], nil
	}
	return out, nil
}

func soundPolygons(at hub.Said, polygons orb.MultiPolygon, multi bool) (orb.Geometry, error) {
	out := make(orb.MultiPolygon, 0, len(polygons))
	for _, p := range polygons {
		p, err := soundPolygon(at, p)
		if err != nil {
			return nil, err
		}
		multi = multi || len(p) > 1
		out = append(out, p...)
	}
	switch {
	case len(out) == 0:
		return nil, nil //nolint:nilnil // an empty geometry is none
	case !multi:
		return out[0], nil
	}
	return out, nil
}

// soundPolygon is one polygon as one, or as several where the antimeridian cuts it.
func soundPolygon(at hub.Said, p orb.Polygon) (orb.MultiPolygon, error) {
	if len(p) == 0 || len(p) == 1 && len(p[0]) == 0 {
		return nil, nil
	}
	across := false
	rings := make(orb.Polygon, len(p))
	for i, r := range p {
		if err := onEarth(at, r, 360); err != nil {
			return nil, err
		}
		r, err := closed(at, r)
		if err != nil {
			return nil, err
		}
		across = across || crosses(orb.LineString(r))
		rings[i] = r
	}
	if across {
		for i, r := range rings {
			if rings[i] = orb.Ring(unwrap(orb.LineString(r))); rings[i][0] != rings[i][len(r)-1] {
				return nil, Refuse(at, "The outline goes round a pole of the earth, which cannot be drawn here. Split it up.")
			}
			if west, east := span(rings[i]); east-west > 360 {
				return nil, Refuse(at, "The outline goes more than once round the earth. Draw it again.")
			}
			if i > 0 {
				rings[i] = beside(rings[i], rings[0])
			}
		}
	} else if err := onEarth(at, flat(rings), 180); err != nil {
		return nil, err
	}
	west, east := span(rings[0])
	for _, hole := range rings[1:] {
		if w, e := span(hole); w < west || e > east || !within(hole, rings[0]) {
			return nil, Refuse(at, "A hole of the outline lies outside of it. Draw it again.")
		}
	}
	if err := uncrossed(at, rings); err != nil {
		return nil, err
	}
	for i, r := range rings {
		var err error
		if rings[i], err = wound(at, r, i == 0); err != nil {
			return nil, err
		}
	}
	if !across {
		return orb.MultiPolygon{rings}, nil
	}
	return cutPolygon(at, rings)
}

func flat(p orb.Polygon) []orb.Point {
	var all []orb.Point
	for _, r := range p {
		all = append(all, r...)
	}
	return all
}

// closed is a ring that ends where it begins. What is handed in is not changed.
func closed(at hub.Said, r orb.Ring) (orb.Ring, error) {
	if n := len(r); n > 0 && r[0] != r[n-1] {
		r = append(append(make(orb.Ring, 0, n+1), r...), r[0])
	}
	if len(r) < 4 {
		return nil, Refuse(at, "An outline needs at least 3 corners.")
	}
	return r, nil
}

// wound is a ring that goes round as it should.
func wound(at hub.Said, r orb.Ring, outer bool) (orb.Ring, error) {
	switch turn(r) {
	case 0:
		return nil, Refuse(at, "An outline is a mere line: it has no area. Draw it again.")
	case 1:
		if outer {
			return r, nil
		}
	case -1:
		if !outer {
			return r, nil
		}
	}
	r = r.Clone()
	r.Reverse()
	return r, nil
}

// Gather is one geometry of several: a Multi form where all are of a kind, the one
// where it is alone, nil of none. It is no longer one where kinds are mixed; they are
// then an orb.Collection, which Sound refuses.
func Gather(parts []orb.Geometry) orb.Geometry {
	if len(parts) == 0 {
		return nil
	}
	if len(parts) == 1 {
		return parts[0]
	}
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var polygons orb.MultiPolygon
	for _, g := range parts {
		switch g := g.(type) {
		case orb.Point:
			points = append(points, g)
		case orb.MultiPoint:
			points = append(points, g...)
		case orb.LineString:
			lines = append(lines, g)
		case orb.MultiLineString:
			lines = append(lines, g...)
		case orb.Polygon:
			polygons = append(polygons, g)
		case orb.MultiPolygon:
			polygons = append(polygons, g...)
		default:
			return orb.Collection(parts)
		}
	}
	switch {
	case len(lines) == 0 && len(polygons) == 0:
		return points
	case len(points) == 0 && len(polygons) == 0:
		return lines
	case len(points) == 0 && len(lines) == 0:
		return polygons
	}
	return orb.Collection(parts)
}
