package table

import (
	"strings"
	"unicode/utf8"
)

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// bound is a cell that no spreadsheet takes for a formula: before what begins like one
// stands an apostrophe, by which they show text as it is. It does so also after what
// separates cells elsewhere, as a table may be opened with other separators than its
// own. Numbers stay as they are; line ends become \n, as they are read.
func bound(s string) string {
	if plainNumber(s) {
		return s
	}
	s = newlines.Replace(s)
	var b strings.Builder
	start := true // of what might be a cell
	for i, r := range s {
		if start && formula(s[i:]) {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
		start = separates(r)
	}
	return b.String()
}

// freed is what bound was given.
func freed(s string) string {
	if !strings.Contains(s, "'") {
		return s
	}
	var b strings.Builder
	start := true
	for i, r := range s {
		if start && r == '\'' && formula(s[i+1:]) {
			start = false
			continue
		}
		b.WriteRune(r)
		start = separates(r)
	}
	return b.String()
}

// formula reports whether a cell might be taken for one, apostrophes before it aside.
func formula(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "'"))
	switch r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return true
	}
	return false
}

func separates(r rune) bool {
	switch r {
	case ';', '\t', '\r', '\n':
		return true
	}
	return false
}

// plainNumber reports whether a cell is digits, with a minus and a point at most.
func plainNumber(s string) bool {
	digits := false
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case r == '-' && i == 0, r == '.' && strings.IndexByte(s, '.') == i:
		default:
			return false
		}
	}
	return digits
}
