package gpx

import (
	"bufio"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

// Writer writes features as one file of GPX 1.1. It is a feature.Sink.
type Writer struct {
	w     *bufio.Writer
	title string
	begun bool
	err   error // the first that writing met
}

// NewWriter begins a file with a title.
func NewWriter(w io.Writer, title string) *Writer {
	return &Writer{w: bufio.NewWriter(w), title: title}
}

// Put writes a feature: a point as a waypoint, several as one each, a line or several as a
// track, an area as the track of its outline and holes. Its first values become elements of
// GPX as far as they are such, in their order; the others go to its extensions. It is a
// *feature.Refused where it has no geometry, or one that is not sound; the rest goes on.
func (w *Writer) Put(f feature.Feature) error {
	g, err := feature.Sound(f.At, f.Geometry)
	if err != nil {
		return err
	}
	if g == nil {
		return feature.Refuse(f.At, "It has no place on the map, and GPX has only what has one.")
	}
	w.begin()
	switch g := g.(type) {
	case orb.Point:
		w.waypoint(f, g)
	case orb.MultiPoint:
		for _, p := range g {
			w.waypoint(f, p)
		}
	case orb.LineString:
		w.track(f, g)
	case orb.MultiLineString:
		w.track(f, g...)
	case orb.Polygon:
		w.track(f, outlines(g)...)
	case orb.MultiPolygon:
		w.track(f, outlines(g...)...)
	}
	return w.err
}

func outlines(all ...orb.Polygon) (lines []orb.LineString) {
	for _, p := range all {
		for _, ring := range p {
			lines = append(lines, orb.LineString(ring))
		}
	}
	return lines
}

// Close ends the file. The underlying writer stays open.
func (w *Writer) Close() error {
	w.begin()
	w.raw("</gpx>\n")
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

func (w *Writer) begin() {
	if w.begun {
		return
	}
	w.begun = true
	w.raw(xml.Header + `<gpx version="1.1" creator="Lamppost" xmlns="` + namespace + `" xmlns:l="` + own + `">` + "\n")
	if w.title != "" {
		w.raw("<metadata>")
		w.element("name", w.title)
		w.raw("</metadata>\n")
	}
}

func (w *Writer) waypoint(f feature.Feature, p orb.Point) {
	w.raw("<wpt")
	w.position(p)
	w.raw(">")
	w.fields(f, []string{"ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type"})
	w.raw("</wpt>\n")
}

func (w *Writer) track(f feature.Feature, lines ...orb.LineString) {
	w.raw("<trk>")
	w.fields(f, []string{"name", "cmt", "desc", "src", "link", "number", "type"})
	for _, line := range lines {
		w.raw("\n<trkseg>")
		for _, p := range line {
			w.raw("<trkpt")
			w.position(p)
			w.raw("/>")
		}
		w.raw("</trkseg>")
	}
	w.raw("</trk>\n")
}

// fields writes what a feature says, in the order in which the schema of GPX has its
// elements: of the values as many from the first as can stand so, the others as extensions.
func (w *Writer) fields(f feature.Feature, order []string) {
	at, props := 0, f.Props
	values := map[string]string{"name": f.Name, "desc": f.Description}
	for len(props) > 0 {
		p := props[0]
		i := slices.Index(order, p.Name)
		if i < at || p.Name == "name" || p.Name == "desc" || !fits(p) {
			break
		}
		values[p.Name] = p.Value
		at, props = i+1, props[1:]
	}
	for _, name := range order {
		value, said := values[name]
		switch {
		case !said || value == "" && (name == "name" || name == "desc"):
		case name == "link":
			w.raw(`<link href="`)
			w.text(value)
			w.raw(`"/>`)
		default:
			w.element(name, value)
		}
	}
	if f.ID == "" && len(props) == 0 {
		return
	}
	w.raw("<extensions>")
	if f.ID != "" {
		w.element("l:id", f.ID)
	}
	for _, p := range props {
		w.raw(`<l:value name="`)
		w.text(p.Name)
		w.raw(`">`)
		w.text(p.Value)
		w.raw("</l:value>")
	}
	w.raw("</extensions>")
}

// fits reports whether a value is what the schema of GPX has under its name.
func fits(p feature.Prop) bool {
	switch p.Name {
	case "ele", "geoidheight":
		return isDecimal(p.Value)
	case "magvar":
		return isDecimal(p.Value) && !strings.HasPrefix(p.Value, "-")
	case "number":
		return p.Value != "" && len(p.Value) < 10 && strings.Trim(p.Value, "0123456789") == ""
	case "time":
		_, err := time.Parse(time.RFC3339, p.Value)
		return err == nil
	}
	return true
}

// isDecimal reports whether s is a number as XML Schema's decimal: no exponent, no
// infinity.
func isDecimal(s string) bool {
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return len(whole)+len(part) > 0 && strings.Trim(whole+part, "0123456789") == ""
}

func (w *Writer) position(p orb.Point) {
	var room [80]byte
	b := feature.AppendDegrees(append(room[:0], ` lat="`...), p.Lat())
	b = feature.AppendDegrees(append(b, `" lon="`...), p.Lon())
	w.raw(string(append(b, '"')))
}

func (w *Writer) raw(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

func (w *Writer) text(s string) {
	if w.err == nil {
		w.err = xml.EscapeText(w.w, []byte(s))
	}
}

func (w *Writer) element(name, text string) {
	w.raw("<" + name + ">")
	w.text(text)
	w.raw("</" + name + ">")
}

var _ feature.Sink = (*Writer)(nil)
