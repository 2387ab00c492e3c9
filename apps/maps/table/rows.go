package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

// rows reads a table row by row.
type rows struct {
	c     *csv.Reader
	leash *leash
	n     int // rows read
	after int // line after the last of them
}

// leash lets a row have only so many bytes: encoding/csv keeps a row whole, and one
// mark of quotation that is never closed makes a row of all the rest.
type leash struct {
	r    io.Reader
	left int
}

var errLongRow = errors.New("a row is too long")

func (l *leash) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRow
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

func newRows(r io.Reader, comma rune, e Encoding) *rows {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // they are there
	}
	l := &leash{r: &lineEnds{r: decoded(b, e)}}
	c := csv.NewReader(l)
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = comma, -1, true
	return &rows{c: c, leash: l}
}

// lineEnds makes \n of \r\n and of a lone \r, by which some spreadsheets end their rows.
type lineEnds struct {
	r     io.Reader
	after bool // a \r
}

func (l *lineEnds) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	kept := p[:0]
	for _, c := range p[:n] {
		if skip := l.after && c == '\n'; !skip {
			if l.after = c == '\r'; l.after {
				c = '\n'
			}
			kept = append(kept, c)
			continue
		}
		l.after = false
	}
	return len(kept), err
}

// decoded is what a reader gives, as UTF-8.
func decoded(r io.Reader, e Encoding) io.Reader {
	var d *encoding.Decoder
	switch e {
	case UTF16:
		d = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case Windows1252:
		d = charmap.Windows1252.NewDecoder()
	default:
		return r
	}
	return d.Reader(r)
}

// next is the cells of a row and the line where it begins, until the next is read. Rows
// without a letter do not count.
func (r *rows) next() (cells []string, line int, _ error) {
	r.leash.left = feature.MaxFeatureBytes
	cells, err := r.c.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, 0, io.EOF
	case errors.Is(err, errLongRow):
		return nil, 0, feature.Broken(feature.Line(r.after+1), "a row is longer than %d kB. Perhaps a quotation mark is missing at its end.", feature.MaxFeatureBytes>>10)
	}
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, 0, r.malformed(wrong)
	}
	if err != nil {
		return nil, 0, err
	}
	r.n++
	line, _ = r.c.FieldPos(0)
	r.after, _ = r.c.FieldPos(len(cells) - 1)
	r.after += strings.Count(cells[len(cells)-1], "\n")
	return cells, line, nil
}

func (r *rows) malformed(wrong *csv.ParseError) error {
	spot := feature.Spot(wrong.Line, wrong.Column)
	switch {
	case errors.Is(wrong.Err, csv.ErrBareQuote):
		return feature.Broken(spot, `a quotation mark stands within a value. Put the whole value in quotation marks, and write "" for each within it.`)
	case errors.Is(wrong.Err, csv.ErrQuote):
		return feature.Broken(feature.Line(wrong.StartLine), `a value in quotation marks does not end as it should. Close it, and write "" for each quotation mark within it.`)
	}
	return feature.Broken(spot, "it is no table. Choose another file, or its right format.")
}

// foreign says what a file is that is no table at all, by its first bytes.
func foreign(head []byte) error {
	at, text := feature.Line(1), bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n")
	begins := func(b []byte, with ...string) bool {
		return slices.ContainsFunc(with, func(s string) bool { return bytes.HasPrefix(b, []byte(s)) })
	}
	switch {
	case begins(head, "PK\x03\x04", "\xd0\xcf\x11\xe0"):
		return feature.Broken(at, "it is a workbook of a spreadsheet. Save it as CSV.")
	case begins(text, "<", "{"), begins(head, "%PDF-", "\xff\xd8\xff", "\x89PNG", "GIF8"): // markup, PDF, pictures
		return feature.Broken(at, "it is no table. Choose another file, or its right format.")
	case len(bytes.TrimSpace(head)) == 0:
		return feature.Broken(at, "it is empty.")
	}
	return nil
}

// encodingOf is that of a sample, of which the last letter may be cut.
func encodingOf(sample []byte) Encoding {
	if bytes.HasPrefix(sample, []byte("\xff\xfe")) || bytes.HasPrefix(sample, []byte("\xfe\xff")) {
		return UTF16
	}
	for cut := range min(utf8.UTFMax, len(sample)+1) {
		if utf8.Valid(sample[:len(sample)-cut]) {
			return UTF8
		}
	}
	return Windows1252
}

// head is the first rows of a sample, and true if there is more than them. Of what is
// malformed it has the rows before, and why.
func head(sample []byte, comma rune, e Encoding) (all [][]string, wrong error) {
	r := newRows(bytes.NewReader(sample), comma, e)
	for len(all) < sniffed {
		cells, _, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return all, err
		}
		all = append(all, append([]string(nil), cells...))
	}
	return all, nil
}

func column(n int) string { return fmt.Sprintf("column_%d", n) }
