// Package geojson reads and writes GeoJSON (RFC 7946): a collection of features, single
// features and bare geometries, one after the other as well (RFC 8142, or one a line).
// It reads feature by feature, so that a file of any size takes little memory.
//
// What it does not keep: heights and what follows them in a position; bounding boxes;
// members of the collection itself; whether an id is a number; the order and blanks
// within values that are objects are kept, blanks around them are not.
package geojson

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

// Reader is a feature.Source of GeoJSON.
type Reader struct {
	s      *scanner
	state  state
	first  bool // nothing has been read yet of the object or the list
	texts  int  // objects begun
	doc    document
	n      int // features begun
	raw    []byte
	parse  parser
	ending feature.Ending
}

type state int

const (
	between state = iota // the texts of a sequence
	inObject
	inFeatures
)

// NewReader reads at most so many bytes, MaxFileBytes of package feature if 0. Positions
// are found in what r gives, so nothing may have been taken from it.
func NewReader(r io.Reader, bytes int64) *Reader {
	if bytes <= 0 {
		bytes = feature.MaxFileBytes
	}
	return &Reader{s: newScanner(feature.Bounded(r, bytes))}
}

// Next is the next feature, within the bounds of package feature and sound as it has it.
// Its place is its number in the file. Malformed JSON ends the file with an error that
// names line and column, as does a coordinate system other than WGS 84 (the "crs" member
// of 2008, which RFC 7946 has given up).
func (r *Reader) Next() (feature.Feature, error) {
	return r.ending.Next(func() (feature.Feature, error) {
		f, err := r.next()
		if err != nil {
			return f, err
		}
		return f.Fit()
	})
}

func (r *Reader) next() (feature.Feature, error) {
	for {
		switch r.state {
		case between:
			if err := r.begin(); err != nil {
				return feature.Feature{}, err
			}
		case inObject:
			ended, err := r.member()
			if err != nil {
				return feature.Feature{}, err
			}
			if ended {
				r.state = between
				if f, ok, err := r.end(); ok || err != nil {
					return f, err
				}
			}
		case inFeatures:
			ended, err := r.more(']')
			if err != nil {
				return feature.Feature{}, err
			}
			if ended {
				r.state, r.first = inObject, false
				continue
			}
			return r.feature()
		}
	}
}

// begin finds the next object, or the end of the file.
func (r *Reader) begin() error {
	if r.texts == 0 {
		if err := r.mark(); err != nil {
			return err
		}
	}
	c, err := r.s.skip(true)
	switch {
	case errors.Is(err, io.EOF) && r.texts == 0:
		return r.s.broken("it is empty.")
	case err != nil:
		return err
	case c != '{' && r.texts == 0:
		return r.s.broken("it begins with %s, but GeoJSON begins with {. Choose another file, or its right format.", shown(c))
	case c != '{':
		return r.s.unexpected(c, "{")
	}
	if _, err := r.s.take(); err != nil {
		return err
	}
	r.texts++
	r.state, r.first, r.doc = inObject, true, document{}
	return nil
}

// mark takes a byte order mark, and refuses those of encodings that are not UTF-8.
func (r *Reader) mark() error {
	head, _ := r.s.r.Peek(3) // what is wrong comes again with the first byte
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := r.s.r.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), len(head) > 1 && (head[0] == 0 || head[1] == 0):
		return r.s.broken("it is written in UTF-16. Save it again as UTF-8.")
	}
	return nil
}

// member reads one of the object at hand, or its end. Of a list of features it reads
// only the beginning.
func (r *Reader) member() (ended bool, _ error) {
	if ended, err := r.more('}'); ended || err != nil {
		return ended, err
	}
	c, err := r.s.skip(false)
	if err != nil {
		return false, r.s.cut(err)
	}
	if c != '"' {
		return false, r.s.unexpected(c, `"`)
	}
	name, err := r.whole(feature.MaxFeatureBytes)
	if err != nil {
		return false, err
	}
	if name == nil {
		return false, r.s.broken("a name is far too long.")
	}
	key := text(name)
	if err := r.s.expect(':'); err != nil {
		return false, err
	}
	if c, err = r.s.skip(false); err != nil {
		return false, r.s.cut(err)
	}
	if key == "features" && c == '[' && (r.doc.kind == "" || r.doc.kind == collection) {
		if r.doc.streamed {
			return false, r.s.broken("there is a second list of features in one collection.")
		}
		r.doc.streamed = true
		r.state, r.first = inFeatures, true
		_, err := r.s.take()
		return false, err
	}
	raw, err := r.whole(feature.MaxFeatureBytes - r.doc.size)
	if err != nil {
		return false, err
	}
	if raw == nil {
		r.doc.over = true
		return false, nil
	}
	return false, r.doc.add(key, bytes.Clone(raw), r.s)
}

// more takes the comma before the next part of an object or a list, or its end.
func (r *Reader) more(end byte) (ended bool, _ error) {
	c, err := r.s.skip(false)
	if err != nil {
		return false, r.s.cut(err)
	}
	switch {
	case c == end:
		_, err := r.s.take()
		return true, err
	case r.first:
		r.first = false
		return false, nil
	case c != ',':
		return false, r.s.unexpected(c, ",")
	}
	_, err = r.s.take()
	return false, err
}

// whole is one value, checked, until the next is read; nil of one that is too large.
func (r *Reader) whole(most int) ([]byte, error) {
	if _, err := r.s.skip(false); err != nil {
		return nil, r.s.cut(err)
	}
	line, column := r.s.line, r.s.column
	raw, over, err := r.s.value(r.raw[:0], most)
	r.raw = raw
	switch {
	case err != nil:
		return nil, err
	case over:
		return nil, nil
	}
	return raw, check(raw, line, column)
}

// count begins a feature.
func (r *Reader) count() error {
	if r.n++; r.n > feature.MaxFeatures {
		return feature.TooMany(feature.MaxFeatures)
	}
	return nil
}

// feature reads one of the list.
func (r *Reader) feature() (feature.Feature, error) {
	if err := r.count(); err != nil {
		return feature.Feature{}, err
	}
	raw, err := r.whole(feature.MaxFeatureBytes)
	at := feature.Nth(r.n)
	switch {
	case err != nil:
		return feature.Feature{}, err
	case raw == nil:
		return feature.Feature{}, tooLarge(at)
	case !utf8.Valid(raw):
		return feature.Feature{}, notUTF8(at)
	case raw[0] != '{':
		return feature.Feature{}, feature.Refuse(at, "It is no feature, but something else in the list of features.")
	}
	r.parse.members = members(r.parse.members[:0], raw)
	return r.parse.feature(at, r.s)
}

// end is the feature that the object at hand has been, if it was one.
func (r *Reader) end() (f feature.Feature, ok bool, _ error) {
	d := &r.doc
	switch {
	case d.kind == "Topology":
		return f, false, r.s.broken("it is TopoJSON. Export it as GeoJSON.")
	case d.streamed && (d.kind == collection || d.kind == ""):
		return f, false, nil
	case d.streamed:
		return f, false, r.s.broken("it has a list of features, but its type is “%[1]s” instead of “%[2]s”.", d.kind, collection)
	case d.kind == "" && !d.over:
		return f, false, r.s.broken("it is JSON, but not GeoJSON: its type is missing.")
	case d.kind == collection:
		return f, false, r.s.broken("it is a collection without a list of features.")
	case d.kind != single && !isGeometry(d.kind) && !d.over:
		return f, false, r.s.broken("it is JSON, but not GeoJSON: its type is “%s”.", d.kind)
	}
	if err := r.count(); err != nil {
		return f, false, err
	}
	at := feature.Nth(r.n)
	if d.over {
		return f, false, tooLarge(at)
	}
	for _, m := range d.members {
		if !utf8.Valid(m.raw) || !utf8.ValidString(m.name) {
			return f, false, notUTF8(at)
		}
	}
	if isGeometry(d.kind) {
		g, err := geometry(at, d.members)
		return feature.Feature{Geometry: g, At: at}, err == nil, err
	}
	r.parse.members = append(r.parse.members[:0], d.members...)
	f, err := r.parse.feature(at, r.s)
	return f, err == nil, err
}

func tooLarge(at hub.Said) error {
	return feature.Refuse(at, "It is larger than %d kB. Simplify it, or leave out what is not needed.", feature.MaxFeatureBytes>>10)
}

func notUTF8(at hub.Said) error {
	return feature.Refuse(at, "Its text is not UTF-8. Save the file again as UTF-8.")
}
