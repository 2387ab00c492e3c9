// Package exchange brings places into files of other programs and out of them: GeoJSON, KML,
// KMZ, GPX and tables (CSV, with HXL); of GeoJSON and tables also what FEMA's National Shelter
// System publishes. It says what an import would do with what stands here, and does nothing itself.
//
// What is written is read again as equal places, but that GPX has no areas, which come back
// as their outlines: Judge takes one for the area that stands here with the same outline. The bodies that a place replaces, and by which form it was written, are
// not in a file.
package exchange

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
	"github.com/lamppost-hub/lamppost/apps/maps/gpx"
	"github.com/lamppost-hub/lamppost/apps/maps/kml"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
)

// Format is a kind of file; its name is how such files end.
type Format string

// The formats.
const (
	GeoJSON Format = "geojson" // RFC 7946
	KML     Format = "kml"     // OGC 07-147r2
	KMZ     Format = "kmz"     // KML in a zip file
	GPX     Format = "gpx"     // topografix.com: 1.1, and 1.0 is read
	CSV     Format = "csv"     // RFC 4180, with HXL hashtags
)

// Formats are all of them, in the order in which to offer them.
func Formats() []Format { return []Format{GeoJSON, KML, KMZ, GPX, CSV} }

// Words are what people read of a format.
func (f Format) Words() hub.Phrase {
	switch f {
	case GeoJSON:
		return "GeoJSON, for map programs"
	case KML:
		return "KML, for Google Earth and others"
	case KMZ:
		return "KMZ, the same and smaller"
	case GPX:
		return "GPX, for satellite receivers and hiking apps; without areas"
	}
	return "CSV, for spreadsheets, with HXL tags"
}

// MediaType is what a file is served as.
func (f Format) MediaType() string {
	switch f {
	case GeoJSON:
		return "application/geo+json"
	case KML:
		return kml.MediaType
	case KMZ:
		return "application/vnd.google-earth.kmz"
	case GPX:
		return gpx.MediaType
	}
	return "text/csv; charset=utf-8"
}

// Flat reports whether a format has no areas.
func (f Format) Flat() bool { return f == GPX }

// Known is the format of a name that one was asked for by, or of the end of a file's name;
// false if it is none.
func Known(name string) (Format, bool) {
	end := strings.ToLower(strings.TrimPrefix(path.Ext("."+path.Base(name)), "."))
	switch end {
	case "json":
		return GeoJSON, true
	case "tsv", "txt", "tab":
		return CSV, true
	}
	for _, f := range Formats() {
		if string(f) == end {
			return f, true
		}
	}
	return "", false
}

// Detect is the format of a file by how it begins, and by its name where that leaves it
// open; a table if nothing else.
func Detect(name string, head []byte) Format {
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return KMZ
	}
	head = bytes.TrimPrefix(bytes.TrimPrefix(head, []byte("\xff\xfe")), []byte("\xfe\xff")) // of UTF-16
	text := strings.TrimLeft(strings.ReplaceAll(string(head), "\x00", ""), "\ufeff \t\r\n\x1e")
	byName, known := Known(name)
	switch {
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "[") && byName == GeoJSON:
		return GeoJSON
	case strings.HasPrefix(text, "<"):
		text = strings.ToLower(text)
		at, is := strings.Index(text, "<gpx"), strings.Index(text, "<kml")
		switch {
		case at >= 0 && (is < 0 || at < is):
			return GPX
		case is >= 0 || !known || byName == KMZ:
			return KML
		}
	}
	if !known || byName == KMZ {
		return CSV
	}
	return byName
}

// sniffed is how much of a table is looked at to propose what its columns are, in bytes.
const sniffed = 256 << 10

// Propose says how a table of so many bytes might be read.
func Propose(r io.ReaderAt, size int64) (table.Proposal, error) {
	sample, err := io.ReadAll(io.NewSectionReader(r, 0, min(size, sniffed)))
	if err != nil {
		return table.Proposal{}, err
	}
	p, err := table.Propose(sample, size <= sniffed)
	if err == nil {
		shelters(&p)
	}
	return p, err
}

// shelters leaves the columns of a table of FEMA's National Shelter System to be taken by
// their names, as the values of its GeoJSON are, but for those that say where each is.
func shelters(p *table.Proposal) {
	names := make([]string, len(p.Columns))
	for i, c := range p.Columns {
		names[i] = c.Heading
	}
	if !geojson.NSSNames(names) {
		return
	}
	for i := range p.Columns {
		switch c := &p.Columns[i]; c.Role {
		case table.Latitude, table.Longitude, table.WKT, table.Place:
		default:
			c.Role = table.Keep
		}
	}
	p.Remarks = append(p.Remarks, hub.Said{Phrase: "Its columns are taken by their names. Choose something else only for what is wrong."})
}

// File is an open file of places.
type File struct {
	feature.Source
	close func() error
}

// Close ends the reading. What it was read from stays open.
func (f File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Open reads a file of so many bytes, and at most MaxFileBytes of package feature of it. The
// mapping is of a table and may be nil for others; locate reads what is written in a column
// of plus codes or grid references, and may be nil.
func Open(r io.ReaderAt, size int64, f Format, m *table.Mapping, locate table.Locate) (File, error) {
	all := io.NewSectionReader(r, 0, size)
	switch f {
	case GeoJSON:
		return File{Source: geojson.NewReader(all, 0)}, nil
	case GPX:
		return File{Source: feature.Counted(gpx.NewReader(feature.Bounded(all, feature.MaxFileBytes)), feature.MaxFeatures)}, nil
	case KML, KMZ:
		k, err := kml.OpenFile(r, size, feature.MaxFileBytes)
		if err != nil {
			return File{}, err
		}
		return File{Source: feature.Counted(k, feature.MaxFeatures), close: k.Close}, nil
	}
	if m == nil {
		return File{}, hub.Errorf(hub.Invalid, "columns", "Say first what the columns are.")
	}
	t, err := table.NewReader(all, 0, *m, locate)
	return File{Source: t}, err
}

// NewSink begins a file with a title, as far as the format has one.
func NewSink(w io.Writer, f Format, title string) feature.Sink {
	switch f {
	case GeoJSON:
		return geojson.NewWriter(w, true)
	case KML:
		return kml.NewWriter(w, title)
	case KMZ:
		return newZipped(w, title)
	case GPX:
		return gpx.NewWriter(w, title)
	}
	return table.NewWriter(w, columns())
}

// zipped is KML in a zip file, as its one document (OGC 07-147r2 annex C).
type zipped struct {
	*kml.Writer
	z   *zip.Writer
	err error
}

func newZipped(w io.Writer, title string) feature.Sink {
	z := zip.NewWriter(w)
	doc, err := z.Create("doc.kml")
	if err != nil {
		doc = io.Discard
	}
	return &zipped{Writer: kml.NewWriter(doc, title), z: z, err: err}
}

// Put writes a feature.
func (z *zipped) Put(f feature.Feature) error {
	if z.err != nil {
		return z.err
	}
	return z.Writer.Put(f)
}

// Close ends the document and the zip file.
func (z *zipped) Close() error {
	if z.err != nil {
		return z.err
	}
	if err := z.Writer.Close(); err != nil {
		return err
	}
	return z.z.Close()
}
