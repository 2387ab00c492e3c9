package kml

import (
	"bufio"
	"encoding/xml"
	"io"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

// Writer writes features as one document of KML. It is a feature.Sink.
type Writer struct {
	w      *bufio.Writer
	title  string
	begun  bool
	folder string // that is open; "" for none
	err    error  // the first that writing met
}

// NewWriter begins a document with a title.
func NewWriter(w io.Writer, title string) *Writer {
	return &Writer{w: bufio.NewWriter(w), title: title}
}

// Put writes a feature. Values are written as Data, but that a first value PropFolder makes
// a Folder. Its geometry is made sound; where that cannot be it is a *feature.Refused, and
// the rest goes on.
func (w *Writer) Put(f feature.Feature) error {
	g, err := feature.Sound(f.At, f.Geometry)
	if err != nil {
		return err
	}
	w.begin()
	props, folder := f.Props, ""
	if len(props) > 0 && props[0].Name == PropFolder && props[0].Value != "" {
		folder, props = props[0].Value, props[1:]
	}
	w.enter(folder)
	w.raw("<Placemark")
	if f.ID != "" {
		w.raw(` id="`)
		w.text(f.ID)
		w.raw(`"`)
	}
	w.raw(">")
	if f.Name != "" {
		w.element("name", f.Name)
	}
	if f.Description != "" {
		w.element("description", richText(f.Description))
	}
	if len(props) > 0 {
		w.raw("<ExtendedData>")
		for _, p := range props {
			w.raw(`<Data name="`)
			w.text(p.Name)
			w.raw(`">`)
			w.element("value", p.Value)
			w.raw("</Data>")
		}
		w.raw("</ExtendedData>")
	}
	w.geometry(g)
	w.raw("</Placemark>\n")
	return w.err
}

// Close ends the document. The underlying writer stays open.
func (w *Writer) Close() error {
	w.begin()
	w.enter("")
	w.raw("</Document>\n</kml>\n")
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
	w.raw(xml.Header + `<kml xmlns="http://www.opengis.net/kml/2.2">` + "\n<Document>\n")
	if w.title != "" {
		w.element("name", w.title)
		w.raw("\n")
	}
}

// enter opens a Folder, after ending another.
func (w *Writer) enter(folder string) {
	if folder == w.folder {
		return
	}
	if w.folder != "" {
		w.raw("</Folder>\n")
	}
	if w.folder = folder; folder != "" {
		w.raw("<Folder>")
		w.element("name", folder)
		w.raw("\n")
	}
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

func (w *Writer) geometry(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		w.shape("Point", g)
	case orb.LineString:
		w.shape("LineString", g...)
	case orb.Polygon:
		w.raw("<Polygon>")
		boundary := "outerBoundaryIs"
		for _, ring := range g {
			w.raw("<" + boundary + ">")
			w.shape("LinearRing", ring...)
			w.raw("</" + boundary + ">")
			boundary = "innerBoundaryIs"
		}
		w.raw("</Polygon>")
	case orb.MultiPoint:
		several(w, g)
	case orb.MultiLineString:
		several(w, g)
	case orb.MultiPolygon:
		several(w, g)
	}
}

func several[G orb.Geometry](w *Writer, all []G) {
	w.raw("<MultiGeometry>")
	for _, g := range all {
		w.geometry(g)
	}
	w.raw("</MultiGeometry>")
}

func (w *Writer) shape(name string, ps ...orb.Point) {
	w.raw("<" + name + "><coordinates>")
	var b [64]byte
	for i, p := range ps {
		to := b[:0]
		if i > 0 {
			to = append(to, ' ')
		}
		to = append(feature.AppendDegrees(to, p.Lon()), ',')
		w.raw(string(feature.AppendDegrees(to, p.Lat())))
	}
	w.raw("</coordinates></" + name + ">")
}

var _ feature.Sink = (*Writer)(nil)
