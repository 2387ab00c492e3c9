package table

import (
	"io"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

// Writer is a feature.Sink of a table: a row of headings, one of HXL hashtags, a row a
// feature; UTF-8 with its byte order mark, by which spreadsheets know it.
type Writer struct {
	w     io.Writer
	props []string
	row   []byte
	cells []string
	begun bool
	err   error
}

// NewWriter writes to w. A table has all its columns from the beginning, so what values
// the features have is said here; those called like a Role get its hashtag. A name may
// come twice, as a feature may have it twice.
func NewWriter(w io.Writer, props []string) *Writer {
	return &Writer{w: w, props: slices.Clone(props), cells: make([]string, len(fixed())+len(props))}
}

// fixed are the columns of every table.
func fixed() []Role { return []Role{ID, Name, Description, Latitude, Longitude, WKT} }

// Put writes a feature. Its geometry is made sound and rounded to feature.Decimals; a
// point is a latitude and a longitude, all else well-known text. A value that has no
// column is an error, and nothing is written then.
func (t *Writer) Put(f feature.Feature) error {
	if t.err != nil {
		return t.err
	}
	g, err := feature.Sound(f.At, f.Geometry)
	if err != nil {
		return err
	}
	n := len(fixed())
	c := t.cells
	clear(c)
	c[0], c[1], c[2] = f.ID, f.Name, f.Description
	if p, ok := g.(orb.Point); ok {
		c[3], c[4] = string(feature.AppendDegrees(nil, p.Lat())), string(feature.AppendDegrees(nil, p.Lon()))
	} else if g != nil {
		c[5] = string(appendWKT(nil, g))
	}
	taken := make([]bool, len(t.props))
	for _, p := range f.Props {
		if p.Value == "" {
			continue
		}
		i := slices.IndexFunc(t.props, func(name string) bool { return name == p.Name })
		for i >= 0 && i < len(t.props) && (taken[i] || t.props[i] != p.Name) {
			i++
		}
		if i < 0 || i == len(t.props) {
			return feature.Refuse(f.At, "The table has no column for its “%s”.", p.Name)
		}
		taken[i], c[n+i] = true, p.Value
	}
	if err := t.begin(); err != nil {
		return err
	}
	return t.write(c)
}

// begin writes headings and hashtags, once.
func (t *Writer) begin() error {
	if t.begun {
		return nil
	}
	t.begun = true
	var names, hashtags []string
	for _, r := range fixed() {
		names, hashtags = append(names, string(r)), append(hashtags, tags[r])
	}
	for _, p := range t.props {
		hashtag := tags[Role(p)]
		if slices.Contains(fixed(), Role(p)) || p == string(Place) {
			hashtag = "#x_" + p // a value that is called so, and is not the place
		}
		names, hashtags = append(names, p), append(hashtags, hashtag)
	}
	if _, t.err = io.WriteString(t.w, "\ufeff"); t.err != nil {
		return t.err
	}
	if err := t.write(names); err != nil {
		return err
	}
	return t.writeRow(hashtags, func(s string) string { return s })
}

func (t *Writer) write(cells []string) error { return t.writeRow(cells, bound) }

func (t *Writer) writeRow(cells []string, safe func(string) string) error {
	b := t.row[:0]
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCell(b, safe(c))
	}
	b = append(b, "\r\n"...)
	t.row = b
	_, t.err = t.w.Write(b)
	return t.err
}

// Close ends the table; one without features has its headings. It does not close what
// it writes to.
func (t *Writer) Close() error {
	if t.err != nil {
		return t.err
	}
	return t.begin()
}

// appendCell appends a cell (RFC 4180), in quotation marks if it has anything in it that
// some program might take for a separator.
func appendCell(b []byte, s string) []byte {
	if !strings.ContainsAny(s, "\",;|\t\r\n") && strings.TrimSpace(s) == s {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}
