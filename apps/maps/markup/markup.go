// Package markup goes through XML that anyone may have made: piece by piece, in bounded
// memory, however large the file. Entities other than the five of XML itself (1.0 §4.6)
// are not known, a document type is refused, and nothing is ever fetched.
//
// Errors are those of package feature: they end the file, and name the line.
package markup

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

// What a file may have at most, beside its size: see feature.MaxFileBytes.
const (
	MaxDepth = 64      // elements in each other
	MaxPiece = 2 << 20 // bytes of one tag, one text, one comment
)

// Reader goes through one file. It is to be used by one goroutine.
type Reader struct {
	dec  *xml.Decoder
	in   *meter
	open []string // the elements that are open, without prefixes
	done bool     // the first one has ended
}

// New reads a file in UTF-8, in UTF-16 with a byte order mark, or in one of those encodings
// of one byte that its declaration names: ISO 8859-1, -2, -5, -6, -9, -15, Windows 1250,
// 1251, 1252, 1254, 1256, 1258.
func New(r io.Reader) *Reader {
	in := &meter{r: transform.NewReader(r, unicode.BOMOverride(encoding.Nop.NewDecoder()))}
	dec := xml.NewDecoder(in)
	dec.CharsetReader = charset
	return &Reader{dec: dec, in: in}
}

// meter bounds what the decoder takes in for one piece.
type meter struct {
	r    io.Reader
	left int
}

var errPiece = errors.New("a piece is too large")

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errPiece
	}
	n, err := m.r.Read(p)
	m.left -= n
	return n, err
}

type unknownCharset string

func (u unknownCharset) Error() string { return string(u) }

// charset decodes what a declaration names. What says that it is ISO 8859-1 often has
// letters of Windows 1252, which differs only where the other has none.
func charset(label string, r io.Reader) (io.Reader, error) {
	var m *charmap.Charmap
	switch strings.ReplaceAll(strings.ToLower(label), "_", "-") {
	case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be":
		return r, nil // UTF-16 was undone by its byte order mark
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		m = charmap.Windows1252
	case "iso-8859-15":
		m = charmap.ISO8859_15
	case "iso-8859-2":
		m = charmap.ISO8859_2
	case "windows-1250", "cp1250":
		m = charmap.Windows1250
	case "iso-8859-5":
		m = charmap.ISO8859_5
	case "windows-1251", "cp1251":
		m = charmap.Windows1251
	case "iso-8859-6":
		m = charmap.ISO8859_6
	case "windows-1256", "cp1256":
		m = charmap.Windows1256
	case "iso-8859-9", "windows-1254", "cp1254":
		m = charmap.Windows1254
	case "windows-1258", "cp1258":
		m = charmap.Windows1258
	default:
		return nil, unknownCharset(label)
	}
	return m.NewDecoder().Reader(r), nil
}

// At is the line where the reader stands.
func (r *Reader) At() hub.Said {
	line, _ := r.dec.InputPos()
	return feature.Line(line)
}

// Depth is how many elements are open.
func (r *Reader) Depth() int { return len(r.open) }

// Inside is the name of the innermost element that is open; "" at the outermost level.
func (r *Reader) Inside() string {
	if len(r.open) == 0 {
		return ""
	}
	return r.open[len(r.open)-1]
}

// next is the next start, end or text; io.EOF after the whole.
func (r *Reader) next() (xml.Token, error) {
	for {
		r.in.left = MaxPiece
		tok, err := r.dec.Token()
		if err != nil {
			return nil, r.failed(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			switch {
			case r.done:
				return nil, feature.Broken(r.At(), "after its end there is another element, <%s>.", short(tok.Name.Local))
			case len(r.open) == MaxDepth:
				return nil, feature.Broken(r.At(), "its elements lie in each other more than %[1]d deep, at <%[2]s>.", MaxDepth, short(tok.Name.Local))
			}
			r.open = append(r.open, tok.Name.Local)
			return tok, nil
		case xml.EndElement:
			r.open = r.open[:len(r.open)-1]
			r.done = len(r.open) == 0
			return tok, nil
		case xml.CharData:
			return tok, nil
		case xml.Directive:
			return nil, feature.Broken(r.At(), "it has a document type (<!…>), which is not read, as it could make the file grow without end. Take it out, or save the file in another format.")
		}
	}
}

func (r *Reader) failed(err error) error {
	var syntax *xml.SyntaxError
	var label unknownCharset
	switch {
	case errors.Is(err, io.EOF) && !r.done:
		return feature.Broken(r.At(), "it ends too early. Save or copy it again.")
	case errors.Is(err, errPiece):
		return feature.Broken(r.At(), "<%[1]s> holds more than %[2]d MB in one piece. Split the file up, or simplify what is in it.", short(r.Inside()), MaxPiece>>20)
	case errors.As(err, &label):
		return feature.Broken(r.At(), "its letters are in an encoding that is not known here, “%s”. Save it again as UTF-8.", short(string(label)))
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		return feature.Broken(feature.Line(syntax.Line), "it ends too early. Save or copy it again.")
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "entity"):
		return feature.Broken(feature.Line(syntax.Line), "in <%[1]s> there is an & that is none of XML (%[2]s). Write &amp; for it.", short(r.Inside()), cut(syntax.Msg))
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "UTF-8"):
		return feature.Broken(feature.Line(syntax.Line), "in <%s> there are letters that its encoding does not know. Save it again as UTF-8.", short(r.Inside()))
	case errors.As(err, &syntax):
		return feature.Broken(feature.Line(syntax.Line), "in <%[1]s> it is not well-formed XML (%[2]s). Save it again with the program that made it.", short(r.Inside()), cut(syntax.Msg))
	case strings.HasPrefix(err.Error(), "xml: "):
		return feature.Broken(r.At(), "in <%[1]s> it is not well-formed XML (%[2]s). Save it again with the program that made it.", short(r.Inside()), cut(strings.TrimPrefix(err.Error(), "xml: ")))
	}
	return err
}

// Child is the next element in the one that is open, without what stands between; ok is
// false at the end of the open one, which then no longer is. At the outermost level it is
// the first element of the file, and after that io.EOF.
//
// Whoever gets an element reads it to its end: by Child until ok is false, by Text, or by
// Skip.
func (r *Reader) Child() (el xml.StartElement, ok bool, _ error) {
	for {
		tok, err := r.next()
		if err != nil {
			return el, false, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			return tok, true, nil
		case xml.EndElement:
			return el, false, nil
		}
	}
}

// Text is all text in the element that is open, up to its end, without white space at its
// ends and without tags; at most one byte more than most, so that one can tell. Whether the
// element had others in it is told as well.
func (r *Reader) Text(most int) (text string, elements bool, _ error) {
	var b strings.Builder
	for depth := r.Depth(); r.Depth() >= depth; {
		tok, err := r.next()
		if err != nil {
			return "", false, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			elements = true
		case xml.CharData:
			if b.Len() == 0 {
				tok = trimLeft(tok)
			}
			b.Write(tok[:min(len(tok), most+1-b.Len())])
		}
	}
	return strings.TrimRight(b.String(), space), elements, nil
}

// Skip goes to the end of the element that is open.
func (r *Reader) Skip() error {
	for depth := r.Depth(); r.Depth() >= depth; {
		if _, err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

// Attr is the value of an attribute without a prefix; "" where there is none.
func Attr(el xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// space is that of XML.
const space = " \t\r\n"

func trimLeft(b []byte) []byte {
	for len(b) > 0 && strings.IndexByte(space, b[0]) >= 0 {
		b = b[1:]
	}
	return b
}

func short(s string) string { return limit(s, 40) }
func cut(s string) string   { return limit(s, 120) }

func limit(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
