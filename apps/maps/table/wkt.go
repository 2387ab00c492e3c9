package table

import (
	"errors"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

var (
	errNotWKT = errors.New("not well-known text")
	errSystem = errors.New("another coordinate system")
)

// wktKinds are the geometries, and how deep their points lie in brackets.
func wktKinds() map[string]int {
	return map[string]int{
		"POINT": 1, "MULTIPOINT": 1, "LINESTRING": 1, "MULTILINESTRING": 2, "POLYGON": 2, "MULTIPOLYGON": 3,
	}
}

// looksWKT reports whether a cell begins like a geometry.
func looksWKT(s string) bool {
	_, rest, err := wktSystem(s)
	if err != nil {
		return true // it is one, in a system that is not read
	}
	kind, _, _ := wktKind(rest)
	_, ok := wktKinds()[kind]
	return ok || kind == "GEOMETRYCOLLECTION"
}

// wktSystem takes off the coordinate system that PostGIS puts before a geometry.
func wktSystem(s string) (system, rest string, _ error) {
	s = strings.TrimSpace(s)
	if len(s) > 5 && strings.EqualFold(s[:5], "SRID=") {
		system, rest, _ = strings.Cut(s[5:], ";")
		if system = strings.TrimSpace(system); system != "4326" {
			return system, rest, errSystem
		}
		return system, rest, nil
	}
	return "", s, nil
}

// wktKind takes a geometry apart: its kind, what stands between that and the first
// bracket (Z, M, ZM, EMPTY), and the brackets.
func wktKind(s string) (kind, mark, brackets string) {
	at := strings.IndexByte(s, '(')
	if at < 0 {
		at = len(s)
	}
	words := strings.Fields(strings.ToUpper(s[:min(at, 40)]))
	if len(words) == 0 || at > 40 {
		return "", "", ""
	}
	kind, mark = words[0], strings.Join(words[1:], " ")
	for _, suffix := range []string{"ZM", "Z", "M"} {
		short := strings.TrimSuffix(kind, suffix)
		if _, ok := wktKinds()[short]; ok && short != kind {
			kind, mark = short, strings.TrimSpace(suffix+" "+mark)
			break
		}
	}
	return kind, mark, s[at:]
}

// parseWKT reads a geometry; heights and measures are left out. Nil is one that is empty.
func parseWKT(s string) (orb.Geometry, error) {
	_, s, err := wktSystem(s)
	if err != nil {
		return nil, err
	}
	kind, mark, brackets := wktKind(s)
	depth, ok := wktKinds()[kind]
	if !ok {
		return nil, errNotWKT
	}
	switch strings.TrimSuffix(mark, "EMPTY") {
	case "", "Z", "M", "ZM", "Z ", "M ", "ZM ":
	default:
		return nil, errNotWKT
	}
	if strings.HasSuffix(mark, "EMPTY") {
		if brackets != "" {
			return nil, errNotWKT
		}
		return nil, nil //nolint:nilnil // an empty geometry is none
	}
	p := wktParser{s: brackets}
	var g orb.Geometry
	switch {
	case kind == "POINT":
		ps := p.points(false)
		if len(ps) != 1 {
			return nil, errNotWKT
		}
		g = ps[0]
	case kind == "MULTIPOINT":
		g = orb.MultiPoint(p.points(true))
	case depth == 1:
		g = orb.LineString(p.points(false))
	case kind == "MULTILINESTRING":
		var all orb.MultiLineString
		p.list(func() { all = append(all, p.points(false)) })
		g = all
	case depth == 2:
		g = p.polygon()
	default:
		var all orb.MultiPolygon
		p.list(func() { all = append(all, p.polygon()) })
		g = all
	}
	if p.blank(); p.bad || p.s != "" {
		return nil, errNotWKT
	}
	return g, nil
}

// wktParser eats brackets and numbers from the front.
type wktParser struct {
	s   string
	bad bool
}

func (p *wktParser) blank() { p.s = strings.TrimLeft(p.s, " \t\r\n") }

// eat takes a sign if it is the next.
func (p *wktParser) eat(c byte) bool {
	p.blank()
	if p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

// list is one of whatever item reads, in brackets.
func (p *wktParser) list(item func()) {
	if !p.eat('(') {
		p.bad = true
		return
	}
	for !p.bad {
		item()
		if p.eat(')') {
			return
		}
		if !p.eat(',') {
			p.bad = true
		}
	}
}

func (p *wktParser) polygon() (rings orb.Polygon) {
	p.list(func() { rings = append(rings, p.points(false)) })
	return rings
}

// points are those of a list; of a MULTIPOINT each may have brackets of its own.
func (p *wktParser) points(own bool) (ps []orb.Point) {
	p.list(func() {
		if p.blank(); own && strings.HasPrefix(p.s, "(") {
			p.list(func() { ps = append(ps, p.point()) })
			return
		}
		ps = append(ps, p.point())
	})
	return ps
}

// point is two to four numbers.
func (p *wktParser) point() (out orb.Point) {
	n := 0
	for ; ; n++ {
		p.blank()
		end := strings.IndexAny(p.s, " \t\r\n,()")
		if end < 0 {
			end = len(p.s)
		}
		if end == 0 {
			break
		}
		x, err := strconv.ParseFloat(p.s[:end], 64)
		if err != nil || n == 4 {
			p.bad = true
			return out
		}
		if n < 2 {
			out[n] = x
		}
		p.s = p.s[end:]
	}
	p.bad = p.bad || n < 2
	return out
}

// appendWKT appends a sound geometry.
func appendWKT(b []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		b = append(b, "POINT "...)
		b = wktPoints(b, []orb.Point{g})
	case orb.MultiPoint:
		b = append(b, "MULTIPOINT "...)
		b = wktList(b, g, func(b []byte, p orb.Point) []byte { return wktPoints(b, []orb.Point{p}) })
	case orb.LineString:
		b = append(b, "LINESTRING "...)
		b = wktPoints(b, g)
	case orb.MultiLineString:
		b = append(b, "MULTILINESTRING "...)
		b = wktList(b, g, func(b []byte, l orb.LineString) []byte { return wktPoints(b, l) })
	case orb.Polygon:
		b = append(b, "POLYGON "...)
		b = wktPolygon(b, g)
	case orb.MultiPolygon:
		b = append(b, "MULTIPOLYGON "...)
		b = wktList(b, g, wktPolygon)
	}
	return b
}

func wktPolygon(b []byte, p orb.Polygon) []byte {
	return wktList(b, p, func(b []byte, r orb.Ring) []byte { return wktPoints(b, r) })
}

func wktPoints(b []byte, ps []orb.Point) []byte {
	return wktList(b, ps, func(b []byte, p orb.Point) []byte {
		b = feature.AppendDegrees(b, p[0])
		b = append(b, ' ')
		return feature.AppendDegrees(b, p[1])
	})
}

func wktList[T any](b []byte, ts []T, one func([]byte, T) []byte) []byte {
	b = append(b, '(')
	for i, t := range ts {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = one(b, t)
	}
	return append(b, ')')
}
