// Package gpx reads and writes GPX 1.1, and reads GPX 1.0 (topografix.com): what receivers
// of satellites exchange. A waypoint is a point, a route a line, a track a line for each
// time it was recorded without a break. Heights and times of the points of a line are not
// kept.
//
// What is written is read again as an equal feature, but that: positions are rounded to
// feature.Decimals; a Multi form of one part comes back as that part; several points come
// back as one feature each; an area comes back as its outline, a line, since GPX has none;
// texts lose white space at their ends and control characters; At is where it now stands.
// A feature without geometry cannot be written.
package gpx

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/markup"
	"github.com/lamppost-hub/lamppost/hub"
)

// MediaType is what a file of GPX is served as.
const MediaType = "application/gpx+xml"

// The namespaces: of GPX 1.1, and of what it has no element for and Writer keeps in its
// extensions.
const (
	namespace = "http://www.topografix.com/GPX/1/1"
	own       = "urn:lamppost:gpx:1"
)

// Reader gives the waypoints, routes and tracks of a file. It is a feature.Source: a
// *feature.Refused is of one that is left out. Values are the elements that have only text,
// under their names (ele: meters above the sea; time; sym; type; link: its address), those
// of extensions among them.
type Reader struct {
	m       *markup.Reader
	space   string // the namespace of the first element
	started bool
	ending  feature.Ending
}

// NewReader reads GPX. A caller bounds its size by feature.Bounded.
func NewReader(r io.Reader) *Reader { return &Reader{m: markup.New(r)} }

// Next is the next feature; io.EOF after the last.
func (r *Reader) Next() (feature.Feature, error) {
	return r.ending.Next(r.next)
}

func (r *Reader) next() (feature.Feature, error) {
	for {
		el, ok, err := r.m.Child()
		switch {
		case errors.Is(err, io.EOF):
			return feature.Feature{}, io.EOF
		case err != nil:
			return feature.Feature{}, err
		case !ok:
			continue // the end of the whole
		case !r.started:
			r.started, r.space = true, el.Name.Space
			if el.Name.Local != "gpx" {
				return feature.Feature{}, feature.Broken(r.m.At(), "it begins with <%s>, and GPX with <gpx>. Look which kind of file it is.", brief(el.Name.Local))
			}
			continue
		}
		if r.ours(el) {
			switch el.Name.Local {
			case "wpt", "rte", "trk":
				return r.entry(el)
			}
		}
		if err := r.m.Skip(); err != nil {
			return feature.Feature{}, err
		}
	}
}

// ours reports whether an element is one of GPX.
func (r *Reader) ours(el xml.StartElement) bool {
	return el.Name.Space == r.space || el.Name.Space == "" || el.Name.Space == namespace
}

// entry is one waypoint, route or track while it is read.
type entry struct {
	r      *Reader
	f      feature.Feature
	lines  orb.MultiLineString
	points int   // so far, also those that are beyond the bound
	bad    error // the first reason to leave it out
}

// entry reads one to its end, also where it is refused.
func (r *Reader) entry(el xml.StartElement) (feature.Feature, error) {
	e := &entry{r: r}
	e.f.At = r.m.At()
	if el.Name.Local == "wpt" {
		e.f.Geometry = e.position(el)
	}
	if err := e.children(e.field); err != nil {
		return feature.Feature{}, err
	}
	if e.points > feature.MaxPoints {
		e.refuse("It has %[1]d points, and at most %[2]d are read. Simplify it.", e.points, feature.MaxPoints)
	}
	if e.bad != nil {
		return feature.Feature{}, feature.Named(e.bad, e.f.Name)
	}
	switch {
	case len(e.lines) == 1:
		e.f.Geometry = e.lines[0]
	case len(e.lines) > 1:
		e.f.Geometry = e.lines
	}
	return e.f.Fit()
}

// refuse keeps the first reason.
func (e *entry) refuse(phrase hub.Phrase, args ...any) {
	if e.bad == nil {
		e.bad = feature.Refuse(e.f.At, phrase, args...)
	}
}

// add keeps a value; of too many one more than may be, so that it shows.
func (e *entry) add(name, value string) {
	if len(e.f.Props) <= feature.MaxProps {
		e.f.Props = append(e.f.Props, feature.Prop{Name: name, Value: value})
	}
}

// children hands each element within the open one to take, which reads it to its end.
func (e *entry) children(take func(xml.StartElement) error) error {
	for {
		el, ok, err := e.r.m.Child()
		if err != nil || !ok {
			return err
		}
		if err := take(el); err != nil {
			return err
		}
	}
}

// position is that of a point, in its attributes.
func (e *entry) position(el xml.StartElement) orb.Point {
	e.points++
	lat, errLat := strconv.ParseFloat(strings.TrimSpace(markup.Attr(el, "lat")), 64)
	lon, errLon := strconv.ParseFloat(strings.TrimSpace(markup.Attr(el, "lon")), 64)
	if (errLat != nil || errLon != nil) && e.bad == nil {
		e.bad = feature.Refuse(e.r.m.At(), "In <%[1]s> there is lat=“%[2]s” and lon=“%[3]s”, which is no latitude and longitude.", el.Name.Local, brief(markup.Attr(el, "lat")), brief(markup.Attr(el, "lon")))
	}
	return orb.Point{lon, lat}
}

// field takes what a waypoint, a route or a track has.
func (e *entry) field(el xml.StartElement) (err error) {
	m := e.r.m
	if !e.r.ours(el) {
		return e.leaf(el) // GPX 1.0 has extensions anywhere
	}
	switch el.Name.Local {
	case "name":
		e.f.Name, _, err = m.Text(feature.MaxName)
	case "desc":
		e.f.Description, _, err = m.Text(feature.MaxText)
	case "link":
		e.add("link", markup.Attr(el, "href"))
		err = m.Skip()
	case "extensions":
		err = e.children(e.leaf)
	case "trkseg":
		var line orb.LineString
		err = e.children(func(el xml.StartElement) error { return e.point(el, "trkpt", &line) })
		if len(line) > 0 {
			e.lines = append(e.lines, line)
		}
	case "rtept":
		if len(e.lines) == 0 {
			e.lines = orb.MultiLineString{nil}
		}
		err = e.point(el, "rtept", &e.lines[0])
	default:
		err = e.leaf(el)
	}
	return err
}

// point takes a point of a line.
func (e *entry) point(el xml.StartElement, name string, to *orb.LineString) error {
	if el.Name.Local == name && e.r.ours(el) {
		if p := e.position(el); e.points <= feature.MaxPoints {
			*to = append(*to, p)
		}
	}
	return e.r.m.Skip()
}

// leaf keeps an element that has only text, and passes over any other. Those that Writer
// has made have the name of the value in an attribute.
func (e *entry) leaf(el xml.StartElement) error {
	text, elements, err := e.r.m.Text(feature.MaxText)
	switch {
	case err != nil || elements:
		return err
	case el.Name.Space == own && el.Name.Local == "id":
		e.f.ID = text
	case el.Name.Space == own && el.Name.Local == "value":
		e.add(markup.Attr(el, "name"), text)
	default:
		e.add(el.Name.Local, text)
	}
	return nil
}

// brief is a text as an error repeats it.
func brief(s string) string {
	const most = 80
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

var _ feature.Source = (*Reader)(nil)
