package geojson

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

// Types of objects (RFC 7946 §1.4).
const (
	single     = "Feature"
	collection = "FeatureCollection"
	gathered   = "GeometryCollection"
)

func isGeometry(kind string) bool {
	switch kind {
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", gathered:
		return true
	}
	return false
}

// document is an object at the top of the file.
type document struct {
	kind     string
	members  []member // all but those of a collection that may be many
	size     int
	streamed bool // its features have been read
	over     bool // it has a member that is too large
}

// add takes a member. A coordinate system is looked at at once, before features come.
func (d *document) add(name string, raw []byte, s *scanner) error {
	switch name {
	case "type":
		d.kind = word(raw)
	case "crs":
		if system, ok := otherSystem(raw); ok {
			return wrongSystem(s, system)
		}
	}
	d.size += len(name) + len(raw)
	d.members = append(d.members, member{name, raw})
	return nil
}

// word is a string, or "" of anything else.
func word(raw []byte) string {
	if len(raw) > 0 && raw[0] == '"' {
		return text(raw)
	}
	return ""
}

func wrongSystem(s *scanner, system string) error {
	return s.broken("its coordinates are in “%s”, and only degrees in WGS 84 are read. Export it again in WGS 84 (EPSG:4326).", system)
}

// otherSystem names the coordinate system of a "crs" member (GeoJSON 2008, §3) that is
// not WGS 84.
func otherSystem(raw []byte) (string, bool) {
	var crs struct {
		Type       string
		Properties struct{ Name, Href string }
	}
	if string(raw) == "null" {
		return "", false
	}
	if err := json.Unmarshal(raw, &crs); err != nil {
		return "?", true
	}
	name := crs.Properties.Name
	if name == "" {
		return strings.TrimSpace(crs.Type + " " + crs.Properties.Href), true
	}
	last := strings.ToUpper(name[strings.LastIndexAny(name, ":/#")+1:])
	switch last {
	case "CRS84", "CRS84H", "4326", "4979", "WGS84", "WGS 84":
		return "", false
	}
	return name, true
}

// parser makes features of objects. It keeps its slices from one to the next.
type parser struct {
	members []member
	props   []member
}

// feature is the object whose members lie in p.members, not yet sound.
func (p *parser) feature(at hub.Said, s *scanner) (feature.Feature, error) {
	f, err := p.parsed(at, s)
	if err != nil {
		err = feature.Named(err, p.name())
	}
	return f, err
}

// name is what an object is called that is no feature as it should be.
func (p *parser) name() string {
	var f feature.Feature
	for _, m := range p.members {
		if m.name == "properties" && m.raw[0] == '{' {
			p.props = members(p.props[:0], m.raw)
			p.describe(&f, nil)
		}
	}
	return f.Name
}

func (p *parser) parsed(at hub.Said, s *scanner) (feature.Feature, error) {
	if name, twice := repeated(p.members); twice {
		return feature.Feature{}, feature.Refuse(at, "Its “%s” is there twice, so that nobody knows which one holds. Take one out.", name)
	}
	if kind := p.kind(); kind != single {
		if slices.ContainsFunc(p.members, func(m member) bool { return m.name == "attributes" }) {
			return feature.Feature{}, s.broken("it is JSON of ArcGIS, not GeoJSON. Export it as GeoJSON (f=geojson).")
		}
		return feature.Feature{}, feature.Refuse(at, "It is no feature: its type is “%s”.", kind)
	}
	f := feature.Feature{At: at}
	var foreign []member
	p.props = p.props[:0]
	for _, m := range p.members {
		switch m.name {
		case "id":
			if f.ID = word(m.raw); f.ID == "" && isNumber(m.raw) {
				f.ID = string(m.raw)
			}
		case "geometry":
			if m.raw[0] != '{' {
				if string(m.raw) != "null" {
					return feature.Feature{}, feature.Refuse(at, "Its geometry is neither an object nor null.")
				}
				continue
			}
			g, err := geometry(at, members(nil, m.raw))
			if err != nil {
				return feature.Feature{}, err
			}
			f.Geometry = g
		case "properties":
			if m.raw[0] == '{' {
				p.props = members(p.props, m.raw)
			} else if string(m.raw) != "null" {
				return feature.Feature{}, feature.Refuse(at, "Its properties are neither an object nor null.")
			}
		case "crs":
			if system, ok := otherSystem(m.raw); ok {
				return feature.Feature{}, wrongSystem(s, system)
			}
		case "type", "bbox":
		default:
			foreign = append(foreign, m)
		}
	}
	if name, twice := repeated(p.props); twice {
		return feature.Feature{}, feature.Refuse(at, "Its “%s” is there twice, so that nobody knows which one holds. Take one out.", name)
	}
	p.describe(&f, foreign)
	return f, nil
}

// kind is the type of the object at hand.
func (p *parser) kind() string {
	for _, m := range p.members {
		if m.name == "type" {
			return word(m.raw)
		}
	}
	return ""
}

// names are under which a feature is called and described, the first that is there.
func names() []string        { return []string{"name", "Name", "NAME", "title"} }
func descriptions() []string { return []string{"description", "Description", "DESCRIPTION", "desc"} }

// describe takes name and description out of the properties, and what is left of them
// as text; then the members that RFC 7946 does not know (§6.1).
func (p *parser) describe(f *feature.Feature, foreign []member) {
	take := func(under []string) string {
		for _, name := range under {
			i := slices.IndexFunc(p.props, func(m member) bool { return m.name == name && m.raw[0] == '"' })
			if i >= 0 {
				s := text(p.props[i].raw)
				p.props = slices.Delete(p.props, i, i+1)
				return s
			}
		}
		return ""
	}
	f.Name, f.Description = take(names()), take(descriptions())
	if n := len(p.props) + len(foreign); n > 0 {
		f.Props = make([]feature.Prop, 0, n)
	}
	for _, m := range p.props {
		f.Props = append(f.Props, prop(m))
	}
	for _, m := range foreign {
		f.Props = append(f.Props, prop(m))
	}
}

func prop(m member) feature.Prop {
	switch {
	case m.raw[0] == '"':
		return feature.Prop{Name: m.name, Value: text(m.raw)}
	case string(m.raw) == "null":
		return feature.Prop{Name: m.name, JSON: true}
	case m.raw[0] == '{' || m.raw[0] == '[':
		var line bytes.Buffer
		if json.Compact(&line, m.raw) == nil { // it has been checked
			return feature.Prop{Name: m.name, Value: line.String(), JSON: true}
		}
	}
	return feature.Prop{Name: m.name, Value: string(m.raw), JSON: true}
}

// repeated is a name that comes twice in an object.
func repeated(ms []member) (string, bool) {
	if len(ms) <= 16 {
		for i, m := range ms {
			for _, other := range ms[:i] {
				if m.name == other.name {
					return m.name, true
				}
			}
		}
		return "", false
	}
	seen := make(map[string]bool, len(ms))
	for _, m := range ms {
		if seen[m.name] {
			return m.name, true
		}
		seen[m.name] = true
	}
	return "", false
}

func isNumber(raw []byte) bool {
	return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
}

// geometry is that of an object; nil of one that is empty (RFC 7946 §3.1).
func geometry(at hub.Said, ms []member) (orb.Geometry, error) {
	var kind string
	var coordinates, parts []byte
	for _, m := range ms {
		switch m.name {
		case "type":
			kind = word(m.raw)
		case "coordinates":
			coordinates = m.raw
		case "geometries":
			parts = m.raw
		}
	}
	if kind == gathered {
		return gather(at, parts)
	}
	if !isGeometry(kind) {
		return nil, feature.Refuse(at, "There is no geometry of the type “%s”.", kind)
	}
	if len(coordinates) == 0 || coordinates[0] != '[' {
		return nil, feature.Refuse(at, "Its geometry has no list of coordinates.")
	}
	c := coords{ok: true}
	g := c.shape(kind, coordinates)
	if !c.ok {
		return nil, feature.Refuse(at, "The coordinates of its geometry are not those of a %s.", kind)
	}
	return g, nil
}

// gather is a collection of geometries as one, where they are of a kind.
func gather(at hub.Said, raw []byte) (orb.Geometry, error) {
	if len(raw) == 0 || raw[0] != '[' {
		return nil, feature.Refuse(at, "Its collection has no list of geometries.")
	}
	var all []orb.Geometry
	var wrong error
	elements(raw, func(one []byte) {
		if wrong != nil {
			return
		}
		if one[0] != '{' {
			wrong = feature.Refuse(at, "Its collection holds something that is no geometry.")
			return
		}
		g, err := geometry(at, members(nil, one))
		if err != nil {
			wrong = err
		} else if g != nil {
			all = append(all, g)
		}
	})
	if wrong != nil {
		return nil, wrong
	}
	return feature.Gather(all), nil
}

// coords reads coordinates; ok turns false where they are not as deep as they should be.
type coords struct{ ok bool }

func (c *coords) shape(kind string, raw []byte) orb.Geometry {
	if empty(raw) {
		return nil
	}
	switch kind {
	case "Point":
		return c.point(raw)
	case "MultiPoint":
		return orb.MultiPoint(c.points(raw))
	case "LineString":
		return orb.LineString(c.points(raw))
	case "MultiLineString":
		var all orb.MultiLineString
		c.each(raw, func(one []byte) { all = append(all, c.points(one)) })
		return all
	case "Polygon":
		return c.polygon(raw)
	}
	var all orb.MultiPolygon
	c.each(raw, func(one []byte) { all = append(all, c.polygon(one)) })
	return all
}

func empty(raw []byte) bool { return raw[blank(raw, 1)] == ']' }

func (c *coords) each(raw []byte, take func([]byte)) {
	if raw[0] != '[' {
		c.ok = false
		return
	}
	elements(raw, take)
}

func (c *coords) polygon(raw []byte) orb.Polygon {
	var rings orb.Polygon
	c.each(raw, func(one []byte) { rings = append(rings, c.points(one)) })
	return rings
}

func (c *coords) points(raw []byte) []orb.Point {
	var ps []orb.Point
	c.each(raw, func(one []byte) { ps = append(ps, c.point(one)) })
	return ps
}

// point is a position: longitude, latitude and whatever else (RFC 7946 §3.1.1).
func (c *coords) point(raw []byte) (p orb.Point) {
	n := 0
	c.each(raw, func(one []byte) {
		if !isNumber(one) {
			c.ok = false
			return
		}
		if n < 2 {
			x, err := strconv.ParseFloat(string(one), 64)
			if err != nil && x == 0 {
				c.ok = false
			}
			p[n] = x // beyond all bounds it is infinite, and told as such
		}
		n++
	})
	c.ok = c.ok && n >= 2
	return p
}
