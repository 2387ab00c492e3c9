// Package kml reads and writes KML 2.2 (OGC 07-147r2), and reads KMZ, which is KML in a zip
// file: Placemarks with their geometry, names, descriptions and data. How they are drawn is
// passed over, and nothing that they point to is ever fetched.
//
// What is written is read again as an equal feature, but that: positions are rounded to
// feature.Decimals; a Multi form of one part comes back as that part; texts lose white
// space at their ends and control characters; At is where it now stands.
package kml

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/markup"
)

// Names of values that KML has elements of its own for. A file may use them for others.
const (
	PropFolder  = "folder"  // the names of the Folders it lies in, outermost first, " / " between them; always the first
	PropAddress = "address" // as people write it
	PropPhone   = "phone"   // a number, often as tel:
	PropWhen    = "when"    // a time (XML Schema's dateTime, date, gYearMonth or gYear)
	PropBegin   = "begin"   // the same, of a span or a recorded track
	PropEnd     = "end"
)

// MediaType is what a file of KML is served as (OGC 07-147r2 annex C).
const MediaType = "application/vnd.google-earth.kml+xml"

// between stands between the names of folders in each other.
const between = " / "

// maxHTML is how many bytes of a description are read before its tags are taken off.
const maxHTML = 4 * feature.MaxText

// Reader gives the Placemarks of a file. It is a feature.Source: a *feature.Refused is of
// one that is left out. A Placemark of mixed geometry (MultiGeometry) comes as several
// features in a row, one of each kind. A NetworkLink and a picture laid over the map are
// refused as well; links are not followed.
type Reader struct {
	m       *markup.Reader
	space   string   // the namespace of the first element
	open    []folder // the containers that are open
	started bool
	rest    []feature.Feature // of the last Placemark
	ending  feature.Ending
}

// folder is a container.
type folder struct {
	named bool // its name is of interest: a Folder, not a Document
	name  string
}

// NewReader reads KML. See OpenFile for what may be KMZ as well.
func NewReader(r io.Reader) *Reader { return &Reader{m: markup.New(r)} }

// Next is the next feature; io.EOF after the last.
func (r *Reader) Next() (feature.Feature, error) {
	if len(r.rest) > 0 {
		f := r.rest[0]
		r.rest = r.rest[1:]
		return f.Fit()
	}
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
			r.open = r.open[:len(r.open)-1]
			continue
		case !r.started:
			if err := r.start(el); err != nil {
				return feature.Feature{}, err
			}
		}
		f, found, err := r.element(el)
		if found || err != nil {
			return f, err
		}
	}
}

// start looks at the first element of the file.
func (r *Reader) start(el xml.StartElement) error {
	r.started, r.space = true, el.Name.Space
	switch el.Name.Local {
	case "kml", "Document", "Folder", "Placemark":
		return nil
	}
	return feature.Broken(r.m.At(), "it begins with <%s>, and KML with <kml>. Look which kind of file it is.", brief(el.Name.Local))
}

// ours reports whether an element is one of KML, or of its extension by Google.
func (r *Reader) ours(el xml.StartElement) bool {
	space := el.Name.Space
	return space == r.space || space == "" || space == "gx" || strings.Contains(space, "kml")
}

// element takes what lies in a container, or outermost.
func (r *Reader) element(el xml.StartElement) (f feature.Feature, found bool, _ error) {
	name := el.Name.Local
	if !r.ours(el) {
		name = ""
	}
	switch name {
	case "kml", "Document":
		r.open = append(r.open, folder{})
		return f, false, nil
	case "Folder":
		r.open = append(r.open, folder{named: true})
		return f, false, nil
	case "Placemark":
		f, err := r.placemark(el)
		return f, true, err
	case "name":
		text, _, err := r.m.Text(feature.MaxName)
		if n := len(r.open); n > 0 {
			r.open[n-1].name = text
		}
		return f, false, err
	case "NetworkLink":
		at := r.m.At()
		link, err := r.link()
		if err != nil {
			return f, false, err
		}
		return f, true, feature.Refuse(at, "This leads to another file, which is not fetched: %s. Save that file, and import it for itself.", brief(link))
	case "GroundOverlay", "ScreenOverlay", "PhotoOverlay":
		at := r.m.At()
		if err := r.m.Skip(); err != nil {
			return f, false, err
		}
		return f, true, feature.Refuse(at, "This is a picture laid over the map, and only points, lines and outlines are read.")
	}
	return f, false, r.m.Skip()
}

// link is where a NetworkLink leads.
func (r *Reader) link() (href string, _ error) {
	for depth := r.m.Depth(); r.m.Depth() >= depth; {
		el, ok, err := r.m.Child()
		if err != nil {
			return "", err
		}
		if ok && el.Name.Local == "href" {
			if href, _, err = r.m.Text(feature.MaxText); err != nil {
				return "", err
			}
		}
	}
	return href, nil
}

// path is the folders that are open, as one value.
func (r *Reader) path() string {
	var names []string
	for _, f := range r.open {
		if f.named && f.name != "" {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, between)
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
