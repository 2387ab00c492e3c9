package table

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

// Reader is a feature.Source of a table.
type Reader struct {
	rows   *rows
	m      Mapping
	locate Locate
	n      int
	ending feature.Ending
}

// NewReader reads at most so many bytes (MaxFileBytes of package feature if 0) of the
// table that a mapping was confirmed for. Locate may be nil if no column is a Place. It
// is an error if the mapping gives two columns what only one can be.
func NewReader(r io.Reader, bytes int64, m Mapping, locate Locate) (*Reader, error) {
	if bytes <= 0 {
		bytes = feature.MaxFileBytes
	}
	switch m.Comma {
	case ',', ';', '\t', '|':
	default:
		return nil, hub.Errorf(hub.Invalid, "comma", "Columns are separated by a comma, a semicolon, a tab or a bar.")
	}
	taken := map[Role]bool{}
	for _, c := range m.Columns {
		if c.Role.Unique() && taken[c.Role] {
			return nil, hub.Errorf(hub.Invalid, "columns", "Only one column can be this: %s.", hub.Said{Phrase: c.Role.Words()})
		}
		taken[c.Role] = true
	}
	if taken[Latitude] != taken[Longitude] {
		return nil, hub.Errorf(hub.Invalid, "columns", "Latitude and longitude belong together. Choose both columns, or neither.")
	}
	return &Reader{rows: newRows(feature.Bounded(r, bytes), m.Comma, m.Encoding), m: m, locate: locate}, nil
}

// Next is the feature of the next row, within the bounds of package feature and sound as
// it has it. Its place is its line. Rows with more or fewer cells than the table has
// columns are refused; empty ones are passed over. Malformed quotation ends the file.
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
		cells, line, err := r.rows.next()
		if err != nil {
			return feature.Feature{}, err
		}
		switch n := r.rows.n; {
		case n == r.m.Head:
			if !r.confirmed(cells, func(c Column) string { return c.Heading }) {
				return feature.Feature{}, r.changed(line)
			}
		case n == r.m.Tags:
			if !r.confirmed(cells, func(c Column) string { return c.Tag }) {
				return feature.Feature{}, r.changed(line)
			}
		case n > max(r.m.Head, r.m.Tags) && filled(cells) > 0:
			if r.n++; r.n > feature.MaxFeatures {
				return feature.Feature{}, feature.TooMany(feature.MaxFeatures)
			}
			f, err := r.feature(cells, feature.Line(line))
			return f, feature.Named(err, r.name(cells))
		}
	}
}

// confirmed reports whether a row has what the mapping was made for.
func (r *Reader) confirmed(cells []string, of func(Column) string) bool {
	if len(trimmed(cells)) > len(r.m.Columns) {
		return false
	}
	for i, c := range r.m.Columns {
		if i < len(cells) && strings.TrimSpace(cells[i]) != strings.TrimSpace(of(c)) || i >= len(cells) && of(c) != "" {
			return false
		}
	}
	return true
}

func (r *Reader) changed(line int) error {
	return feature.Broken(feature.Line(line), "its columns are not those that were confirmed. Look at them again.")
}

// name is what a row is called, as far as it can be read.
func (r *Reader) name(cells []string) string {
	for i, c := range r.m.Columns[:min(len(r.m.Columns), len(cells))] {
		if c.Role == Name && utf8.ValidString(cells[i]) {
			return short(freed(cells[i]))
		}
	}
	return ""
}

// feature makes one of a row.
func (r *Reader) feature(cells []string, at hub.Said) (feature.Feature, error) {
	columns := len(r.m.Columns)
	if n := max(len(trimmed(cells)), min(len(cells), columns)); n != columns {
		return feature.Feature{}, feature.Refuse(at, "It has %[1]d cells, but the table has %[2]d columns. Perhaps a separator or a quotation mark is missing or too many.", n, columns)
	}
	f := feature.Feature{At: at}
	var w where
	for i, c := range r.m.Columns {
		cell := cells[i]
		if !utf8.ValidString(cell) {
			return f, feature.Refuse(at, "Its text is not UTF-8. Read the file as Windows-1252, or save it again as UTF-8.")
		}
		if cell = freed(cell); cell == "" {
			continue
		}
		switch c.Role {
		case LeaveIt:
		case Latitude:
			w.lat = strings.TrimSpace(cell)
		case Longitude:
			w.lon = strings.TrimSpace(cell)
		case WKT:
			w.wkt = strings.TrimSpace(cell)
		case Place:
			w.place = strings.TrimSpace(cell)
		case ID:
			f.ID = cell
		case Name:
			f.Name = cell
		case Description:
			f.Description = cell
		case Keep:
			name := c.Heading
			if name == "" {
				name = c.Tag
			}
			if name == "" {
				name = column(i + 1)
			}
			f.Props = append(f.Props, feature.Prop{Name: freed(name), Value: cell})
		default:
			f.Props = append(f.Props, feature.Prop{Name: string(c.Role), Value: cell})
		}
	}
	var err error
	f.Geometry, err = w.geometry(at, r.locate)
	return f, err
}

// where is what a row says of its place. The first that is there counts: latitude and
// longitude, a geometry, whatever Locate reads. None is legal.
type where struct{ lat, lon, wkt, place string }

func (w where) geometry(at hub.Said, locate Locate) (orb.Geometry, error) {
	switch {
	case w.lat != "" && w.lon != "":
		return w.point(at, locate)
	case w.lat != "" || w.lon != "":
		return nil, feature.Refuse(at, "It has only one of latitude and longitude.")
	case w.wkt != "":
		g, err := parseWKT(w.wkt)
		if errors.Is(err, errSystem) {
			system, _, _ := wktSystem(w.wkt)
			return nil, feature.Refuse(at, "Its geometry is in the coordinate system %s, and only degrees in WGS 84 (4326) are read.", short(system))
		}
		if err != nil {
			return nil, feature.Refuse(at, "Its geometry “%s” is not one that is read, such as POINT (-73.2121 44.4759).", short(w.wkt))
		}
		return g, nil
	case w.place != "" && locate != nil:
		p, err := locate(w.place)
		if told, ok := errors.AsType[*hub.Error](err); ok {
			return nil, &feature.Refused{At: at, Said: hub.Said{Phrase: told.Phrase, Args: told.Args}}
		}
		if err != nil {
			return nil, feature.Refuse(at, "Its place “%s” is not understood.", short(w.place))
		}
		return p, nil
	case w.place != "":
		return nil, feature.Refuse(at, "Its place “%s” is not understood.", short(w.place))
	}
	return nil, nil //nolint:nilnil // a place that is not known is legal
}

// point is that of a latitude and a longitude: decimal, or as Locate reads the two
// with a comma between them.
func (w where) point(at hub.Said, locate Locate) (orb.Geometry, error) {
	lat, badLat := number(w.lat)
	lon, badLon := number(w.lon)
	if badLat == nil && badLon == nil {
		return orb.Point{lon, lat}, nil
	}
	if locate != nil {
		if p, err := locate(w.lat + ", " + w.lon); err == nil {
			return p, nil
		}
	}
	if badLat != nil {
		return nil, feature.Refuse(at, "Its latitude “%s” is not a number of degrees, such as 44.4759.", short(w.lat))
	}
	return nil, feature.Refuse(at, "Its longitude “%s” is not a number of degrees, such as -73.2121.", short(w.lon))
}

// short is the beginning of a cell, to be quoted.
func short(s string) string {
	const most = 40
	r := []rune(s[:min(len(s), 4*most)])
	if len(r) <= most {
		return strings.ToValidUTF8(string(r), "")
	}
	return strings.ToValidUTF8(string(r[:most]), "") + "…"
}
