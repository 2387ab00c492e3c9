package geojson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

// Writer is a feature.Sink of GeoJSON: one FeatureCollection, a feature a line.
type Writer struct {
	w     io.Writer
	box   *orb.Bound // of all so far; nil if nobody asked
	boxed bool       // it holds something
	n     int
	buf   bytes.Buffer
	names map[string]bool
	err   error
}

// NewWriter writes to w, with the bounding box of all at the end of the collection if
// asked (RFC 7946 §5). The file is whole after Close.
func NewWriter(w io.Writer, bbox bool) *Writer {
	g := &Writer{w: w, names: map[string]bool{}}
	if bbox {
		g.box = new(orb.Bound)
	}
	return g
}

// Put writes a feature. Its geometry is made sound and rounded to feature.Decimals. A
// name and a description become the properties "name" and "description"; of properties
// of one name the later ones are numbered, since JSON has a name only once. Ids are
// written as text, also where they were numbers.
func (g *Writer) Put(f feature.Feature) error {
	if g.err != nil {
		return g.err
	}
	geometry, err := feature.Sound(f.At, f.Geometry)
	if err != nil {
		return err
	}
	if g.box != nil && geometry != nil {
		if b := geometry.Bound(); g.boxed {
			*g.box = g.box.Union(b)
		} else {
			*g.box, g.boxed = b, true
		}
	}
	b := &g.buf
	b.Reset()
	if g.n == 0 {
		b.WriteString(`{"type":"FeatureCollection","features":[` + "\n")
	} else {
		b.WriteString(",\n")
	}
	b.WriteString(`{"type":"Feature"`)
	if f.ID != "" {
		b.WriteString(`,"id":`)
		g.text(f.ID)
	}
	b.WriteString(`,"geometry":`)
	b.Write(AppendGeometry(b.AvailableBuffer(), geometry))
	b.WriteString(`,"properties":`)
	g.properties(f)
	b.WriteByte('}')
	g.n++
	return g.flush()
}

// properties writes the object of them, or null where there are none.
func (g *Writer) properties(f feature.Feature) {
	if f.Name == "" && f.Description == "" && len(f.Props) == 0 {
		g.buf.WriteString("null")
		return
	}
	clear(g.names)
	g.buf.WriteByte('{')
	if f.Name != "" {
		g.property("name", func() { g.text(f.Name) })
	}
	if f.Description != "" {
		g.property("description", func() { g.text(f.Description) })
	}
	for _, p := range f.Props {
		g.property(p.Name, func() { g.value(p) })
	}
	g.buf.WriteByte('}')
}

func (g *Writer) property(name string, value func()) {
	free := name
	for i := 2; g.names[free]; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	if len(g.names) > 0 {
		g.buf.WriteByte(',')
	}
	g.names[free] = true
	g.text(free)
	g.buf.WriteByte(':')
	value()
}

func (g *Writer) value(p feature.Prop) {
	switch {
	case p.JSON && p.Value == "":
		g.buf.WriteString("null")
	case p.JSON && json.Valid([]byte(p.Value)) && json.Compact(&g.buf, []byte(p.Value)) == nil:
	default:
		g.text(p.Value)
	}
}

// text writes a string. What is no UTF-8 in it becomes U+FFFD.
func (g *Writer) text(s string) {
	e := json.NewEncoder(&g.buf)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a string into memory
	g.buf.Truncate(g.buf.Len() - 1)
}

func (g *Writer) flush() error {
	_, g.err = g.w.Write(g.buf.Bytes())
	return g.err
}

// Close ends the collection. It does not close what it writes to.
func (g *Writer) Close() error {
	if g.err != nil {
		return g.err
	}
	b := &g.buf
	b.Reset()
	if g.n == 0 {
		b.WriteString(`{"type":"FeatureCollection","features":[`)
	}
	b.WriteString("\n]")
	if g.boxed {
		b.WriteString(`,"bbox":`)
		b.WriteByte('[')
		for i, x := range []float64{g.box.Min[0], g.box.Min[1], g.box.Max[0], g.box.Max[1]} {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(feature.AppendDegrees(b.AvailableBuffer(), x))
		}
		b.WriteByte(']')
	}
	b.WriteString("}\n")
	return g.flush()
}

// AppendGeometry appends the object of a sound geometry, null of none.
func AppendGeometry(b []byte, g orb.Geometry) []byte {
	if g == nil {
		return append(b, "null"...)
	}
	b = append(b, `{"type":"`...)
	b = append(b, g.GeoJSONType()...)
	b = append(b, `","coordinates":`...)
	switch g := g.(type) {
	case orb.Point:
		b = appendPoint(b, g)
	case orb.MultiPoint:
		b = appendPoints(b, g)
	case orb.LineString:
		b = appendPoints(b, g)
	case orb.MultiLineString:
		b = appendList(b, g, func(b []byte, l orb.LineString) []byte { return appendPoints(b, l) })
	case orb.Polygon:
		b = appendPolygon(b, g)
	case orb.MultiPolygon:
		b = appendList(b, g, appendPolygon)
	default:
		b = append(b, "[]"...) // no sound geometry is of another type
	}
	return append(b, '}')
}

func appendPolygon(b []byte, p orb.Polygon) []byte {
	return appendList(b, p, func(b []byte, r orb.Ring) []byte { return appendPoints(b, r) })
}

func appendPoints(b []byte, ps []orb.Point) []byte { return appendList(b, ps, appendPoint) }

func appendPoint(b []byte, p orb.Point) []byte {
	b = append(b, '[')
	b = feature.AppendDegrees(b, p[0])
	b = append(b, ',')
	b = feature.AppendDegrees(b, p[1])
	return append(b, ']')
}

func appendList[T any](b []byte, ts []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, t := range ts {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, t)
	}
	return append(b, ']')
}
