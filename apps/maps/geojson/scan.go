package geojson

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

// maxDepth is how deeply lists and objects lie in each other. Coordinates of a
// MultiPolygon in a collection need 9.
const maxDepth = 64

// scanner cuts a stream of JSON into values of bounded size, and knows where it is. It
// sees to brackets and strings; the rest of the grammar is checked of each value.
type scanner struct {
	r            *bufio.Reader
	line, column int // of the next byte, from 1
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 64<<10), line: 1, column: 1}
}

// peek is the next byte, not taken.
func (s *scanner) peek() (byte, error) {
	b, err := s.r.Peek(1)
	if len(b) == 1 {
		return b[0], nil
	}
	return 0, err
}

func (s *scanner) take() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, err
	}
	if c == '\n' {
		s.line, s.column = s.line+1, 1
	} else {
		s.column++
	}
	return c, nil
}

// skip takes blanks and is the byte after them, not taken. Between texts of a sequence
// there are record separators too (RFC 8142).
func (s *scanner) skip(between bool) (byte, error) {
	for {
		c, err := s.peek()
		if err != nil {
			return 0, err
		}
		switch c {
		case ' ', '\t', '\r', '\n':
		case 0x1e:
			if !between {
				return c, nil
			}
		default:
			return c, nil
		}
		if _, err := s.take(); err != nil {
			return 0, err
		}
	}
}

// expect takes blanks and one byte, which is to be this one.
func (s *scanner) expect(want byte) error {
	c, err := s.skip(false)
	if err != nil {
		return s.cut(err)
	}
	if c != want {
		return s.unexpected(c, string(want))
	}
	_, err = s.take()
	return err
}

func (s *scanner) broken(phrase hub.Phrase, args ...any) error {
	return feature.Broken(feature.Spot(s.line, s.column), phrase, args...)
}

func (s *scanner) unexpected(c byte, want string) error {
	return s.broken("there stands %[1]s, where %[2]s belongs.", shown(c), want)
}

func shown(c byte) string {
	if c < ' ' || c >= utf8.RuneSelf {
		return fmt.Sprintf("0x%02X", c)
	}
	return string(rune(c))
}

// cut is the error of a file that ends too early, or whatever else reading it met.
func (s *scanner) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return s.broken("it ends in the middle, so it seems to be cut off. Get it again.")
	}
	return err
}

// value appends one JSON value to buf. Of one that is larger than most bytes it takes
// all but keeps nothing, and over is true. The grammar is not fully checked: see check.
func (s *scanner) value(buf []byte, most int) (_ []byte, over bool, _ error) {
	first, err := s.skip(false)
	if err != nil {
		return buf, false, s.cut(err)
	}
	v := value{s: s, buf: buf, most: len(buf) + most}
	switch first {
	case '{', '[':
		err = v.nested()
	case '"':
		if err = v.take(); err == nil {
			err = v.quoted()
		}
	case '}', ']', ',', ':':
		return buf, false, s.unexpected(first, "{ … }")
	default:
		err = v.word()
	}
	if over = len(v.buf) > v.most; over {
		v.buf = v.buf[:len(buf)]
	}
	return v.buf, over, err
}

// value is one that is being read.
type value struct {
	s    *scanner
	buf  []byte
	most int
	last byte
}

// take takes a byte and keeps it, of what is too long just one more than fits.
func (v *value) take() error {
	c, err := v.s.take()
	if err != nil {
		return v.s.cut(err)
	}
	if len(v.buf) <= v.most {
		v.buf = append(v.buf, c)
	}
	v.last = c
	return nil
}

// nested is an object or a list with all that is in it.
func (v *value) nested() error {
	var open [maxDepth]byte
	depth := 0
	for {
		line, column := v.s.line, v.s.column
		if err := v.take(); err != nil {
			return err
		}
		switch c := v.last; c {
		case '"':
			if err := v.quoted(); err != nil {
				return err
			}
		case '{', '[':
			if depth == maxDepth {
				return feature.Broken(feature.Spot(line, column), "more than %d lists lie in each other.", maxDepth)
			}
			open[depth] = c + 2 // what closes it, for both
			depth++
		case '}', ']':
			depth--
			if open[depth] != c {
				return feature.Broken(feature.Spot(line, column), "there stands %[1]s, where %[2]s belongs.", string(c), string(open[depth]))
			}
			if depth == 0 {
				return nil
			}
		}
	}
}

// quoted is the rest of a string after its first quotation mark.
func (v *value) quoted() error {
	line, column := v.s.line, v.s.column-1
	for {
		if err := v.take(); err != nil {
			return err
		}
		switch v.last {
		case '"':
			return nil
		case '\\':
			if err := v.take(); err != nil {
				return err
			}
		case '\n':
			return feature.Broken(feature.Spot(line, column), "a text begins that does not end on its line: a quotation mark is missing.")
		}
	}
}

// word is a number, true, false or null.
func (v *value) word() error {
	for {
		c, err := v.s.peek()
		if errors.Is(err, io.EOF) {
			return nil // the grammar says whether it is whole
		}
		if err != nil {
			return err
		}
		switch c {
		case ' ', '\t', '\r', '\n', ',', ']', '}', ':', '"', '[', '{', 0x1e:
			return nil
		}
		if err := v.take(); err != nil {
			return err
		}
	}
}

// check holds a value to the grammar of JSON. It began at a line and a column.
func check(raw []byte, line, column int) error {
	if json.Valid(raw) {
		return nil
	}
	var wrong *json.SyntaxError
	var whole json.RawMessage
	if !errors.As(json.Unmarshal(raw, &whole), &wrong) {
		return nil // Valid and Unmarshal ask the same scanner
	}
	at := min(max(int(wrong.Offset)-1, 0), len(raw))
	for _, c := range raw[:at] {
		if c == '\n' {
			line, column = line+1, 1
		} else {
			column++
		}
	}
	c := byte(0)
	if at < len(raw) {
		c = raw[at]
	}
	return feature.Broken(feature.Spot(line, column), "this is not JSON: %s does not belong here.", shown(c))
}

// member is one of an object, its value as it stands.
type member struct {
	name string
	raw  []byte
}

// members appends those of an object that has been checked. The slices lie in raw.
func members(to []member, raw []byte) []member {
	i := blank(raw, 1)
	for raw[i] != '}' {
		if raw[i] == ',' {
			i = blank(raw, i+1)
		}
		end := after(raw, i)
		name := text(raw[i:end])
		i = blank(raw, blank(raw, end)+1) // the colon
		end = after(raw, i)
		to = append(to, member{name, raw[i:end]})
		i = blank(raw, end)
	}
	return to
}

// elements are those of a list that has been checked.
func elements(raw []byte, each func([]byte)) {
	i := blank(raw, 1)
	for raw[i] != ']' {
		if raw[i] == ',' {
			i = blank(raw, i+1)
		}
		end := after(raw, i)
		each(raw[i:end])
		i = blank(raw, end)
	}
}

// blank is where something stands again, from i on.
func blank(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\r' || raw[i] == '\t') {
		i++
	}
	return i
}

// after is where the value that begins at i has ended.
func after(raw []byte, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			if depth > 0 {
				continue
			}
			for i < len(raw) && !ends(raw[i]) {
				i++
			}
			return i
		}
		if depth == 0 {
			return i + 1
		}
	}
	return i
}

// ends reports whether a byte ends a number or a word.
func ends(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ']', '}':
		return true
	}
	return false
}

// text is a string that has been checked. Of half a surrogate pair it makes U+FFFD.
func text(raw []byte) string {
	inner := raw[1 : len(raw)-1]
	plain := true
	for _, c := range inner {
		plain = plain && c != '\\'
	}
	if plain {
		return string(inner)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(inner) // it has been checked: this does not happen
	}
	return s
}
