package kml

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/markup"
)

// geometry takes an element of geometry, and passes over any other.
func (p *placemark) geometry(el xml.StartElement) error {
	m := p.r.m
	switch el.Name.Local {
	case "Point":
		ps, err := p.coordinates()
		if len(ps) > 1 {
			p.refuse("In <%[1]s> there are %[2]d positions, and a point has one.", "Point", len(ps))
		} else if len(ps) == 1 {
			p.parts = append(p.parts, ps[0])
		}
		return err
	case "LineString", "LinearRing":
		ps, err := p.coordinates()
		if len(ps) > 0 {
			p.parts = append(p.parts, orb.LineString(ps))
		}
		return err
	case "Polygon":
		return p.polygon()
	case "MultiGeometry", "MultiTrack":
		return p.children(p.geometry)
	case "Track":
		return p.track()
	case "Model":
		p.refuse("This is a model in three dimensions, and only points, lines and outlines are read.")
	}
	return m.Skip()
}

// polygon reads outlines. A hole stands in an innerBoundaryIs; several may share one.
func (p *placemark) polygon() error {
	var outer, holes orb.Polygon
	err := p.children(func(el xml.StartElement) error {
		into := &holes
		switch el.Name.Local {
		case "outerBoundaryIs":
			into = &outer
		case "innerBoundaryIs":
		default:
			return p.r.m.Skip()
		}
		return p.children(func(el xml.StartElement) error {
			if el.Name.Local != "LinearRing" {
				return p.r.m.Skip()
			}
			ps, err := p.coordinates()
			if len(ps) > 0 {
				*into = append(*into, ps)
			}
			return err
		})
	})
	switch {
	case err != nil:
		return err
	case len(outer) > 1:
		p.refuse("In <%[1]s> there are %[2]d outlines, and an area has one, beside its holes.", "Polygon", len(outer))
	case len(outer) == 1:
		p.parts = append(p.parts, append(outer, holes...))
	case len(holes) > 0:
		p.refuse("In <%s> there are holes, and no outline around them.", "Polygon")
	}
	return nil
}

// coordinates reads the coordinates of the open element.
func (p *placemark) coordinates() (ps []orb.Point, _ error) {
	inside := p.r.m.Inside()
	err := p.children(func(el xml.StartElement) error {
		if el.Name.Local != "coordinates" {
			return p.r.m.Skip()
		}
		text, _, err := p.r.m.Text(markup.MaxPiece)
		if bad := tuples(text, func(at orb.Point) {
			if p.points++; p.points <= feature.MaxPoints {
				ps = append(ps, at)
			}
		}); bad != "" {
			p.refuse("In <%[1]s> there is “%[2]s”, which is no longitude and latitude.", inside, brief(bad))
		}
		return err
	})
	return ps, err
}

// tuples reads longitude,latitude[,height] one after the other, white space between them;
// around commas it is passed over. bad is the first that is none, and ends it.
func tuples(s string, each func(orb.Point)) (bad string) {
	const space = " \t\r\n"
	for s = strings.TrimLeft(s, space); s != ""; {
		from, n, failed := s, 0, false
		var at orb.Point
		for {
			end := strings.IndexAny(s, ","+space)
			if end < 0 {
				end = len(s)
			}
			if n < len(at) {
				x, err := strconv.ParseFloat(s[:end], 64)
				at[n], failed = x, failed || err != nil
			}
			n++
			rest := strings.TrimLeft(s[end:], space)
			if !strings.HasPrefix(rest, ",") {
				s = s[end:]
				break
			}
			s = strings.TrimLeft(rest[1:], space)
		}
		if failed || n < 2 || n > 3 {
			return strings.TrimRight(from[:len(from)-len(s)], space)
		}
		each(at)
		s = strings.TrimLeft(s, space)
	}
	return ""
}

// track reads a recorded way (Google's extension): the line, and when it began and ended.
func (p *placemark) track() error {
	var line orb.LineString
	var begin, end string
	err := p.children(func(el xml.StartElement) error {
		switch el.Name.Local {
		case "when":
			text, _, err := p.r.m.Text(feature.MaxName)
			if end = text; begin == "" {
				begin = text
			}
			return err
		case "coord":
			text, _, err := p.r.m.Text(feature.MaxName)
			at := strings.Fields(text)
			if err != nil || len(at) == 0 { // a time without a position
				return err
			}
			if bad := tuples(strings.Join(at, ","), func(at orb.Point) {
				if p.points++; p.points <= feature.MaxPoints {
					line = append(line, at)
				}
			}); bad != "" {
				p.refuse("In <%[1]s> there is “%[2]s”, which is no longitude and latitude.", "Track", brief(text))
			}
			return nil
		}
		return p.r.m.Skip()
	})
	if len(line) > 0 {
		p.parts = append(p.parts, line)
	}
	if begin != "" {
		p.add(PropBegin, begin)
		p.add(PropEnd, end)
	}
	return err
}
