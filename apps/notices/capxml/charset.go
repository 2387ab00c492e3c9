package capxml

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// text is a document in UTF-8, and how it came.
type text struct {
	utf8   []byte
	raw    []byte
	came   charset
	remark string
}

type charset int

const (
	charsetUTF8 charset = iota
	charsetLatin1
	charsetWindows1252
	charsetUTF16LE
	charsetUTF16BE
)

const ruleBytes = "the file has bytes that its encoding does not know"

// decode turns a document into UTF-8 (XML 1.0 appendix F): by its byte order mark, else
// by its declaration.
func decode(raw []byte) (text, error) {
	t := text{raw: raw}
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		return t.fromUTF16(binary.LittleEndian, charsetUTF16LE)
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		return t.fromUTF16(binary.BigEndian, charsetUTF16BE)
	case len(raw) > 1 && (raw[0] == 0) != (raw[1] == 0):
		return t, refuse("", "a file in UTF-16 starts with a byte order mark; this one has none")
	}
	switch name := declared(raw); name {
	case "iso-8859-1", "latin1", "iso_8859-1":
		t.came = charsetLatin1
		t.utf8 = make([]byte, 0, len(raw)+len(raw)/8)
		for _, b := range raw {
			t.utf8 = utf8.AppendRune(t.utf8, rune(b))
		}
		return t, nil
	case "windows-1252", "cp1252":
		t.came = charsetWindows1252
		t.utf8 = make([]byte, 0, len(raw)+len(raw)/8)
		for _, b := range raw {
			r := charmap.Windows1252.DecodeByte(b)
			if r == utf8.RuneError {
				return t, refuse("", ruleBytes)
			}
			t.utf8 = utf8.AppendRune(t.utf8, r)
		}
		return t, nil
	case "", "utf-8", "utf8", "us-ascii", "ascii":
	case "utf-16", "utf-16le", "utf-16be":
		t.remark = "the file says that it is in UTF-16 and is in UTF-8"
	default:
		return t, refuse("", "the encoding is UTF-8, UTF-16, ISO-8859-1 or Windows-1252; this is "+quote(name))
	}
	t.utf8 = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(t.utf8) {
		return t, refuse("", ruleBytes)
	}
	return t, nil
}

func (t text) fromUTF16(order binary.ByteOrder, came charset) (text, error) {
	t.came = came
	units := t.raw[2:]
	if len(units)%2 != 0 {
		return t, refuse("", ruleBytes)
	}
	t.utf8 = make([]byte, 0, len(units))
	for i := 0; i < len(units); i += 2 {
		r := rune(order.Uint16(units[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 > len(units) {
				return t, refuse("", ruleBytes)
			}
			i += 2
			if r = utf16.DecodeRune(r, rune(order.Uint16(units[i:]))); r == utf8.RuneError {
				return t, refuse("", ruleBytes)
			}
		}
		t.utf8 = utf8.AppendRune(t.utf8, r)
	}
	return t, nil
}

// declared is the encoding in the XML declaration, in lower case; "" without one.
func declared(raw []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(raw[:min(len(raw), 512)], []byte("\ufeff")), " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	head, _, _ = bytes.Cut(head, []byte("?>"))
	if m := regexp.MustCompile(`\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`).FindSubmatch(head); m != nil {
		return strings.ToLower(string(m[1]))
	}
	return ""
}

// original is the part of the file, as it came, that became utf8[start:end].
func (t text) original(start, end int) []byte {
	if start == 0 && end == len(t.utf8) {
		return t.raw
	}
	width := func(part []byte) (n int) {
		switch t.came {
		case charsetUTF8:
			return len(part)
		case charsetLatin1, charsetWindows1252:
			return utf8.RuneCount(part)
		default:
			for _, r := range string(part) {
				n += 2 * utf16.RuneLen(r)
			}
			return n
		}
	}
	skip := 0
	switch t.came {
	case charsetUTF16LE, charsetUTF16BE:
		skip = 2
	case charsetUTF8:
		skip = len(t.raw) - len(t.utf8)
	}
	from := skip + width(t.utf8[:start])
	return t.raw[from : from+width(t.utf8[start:end])]
}
