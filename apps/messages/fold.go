package messages

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// plain is a text as it is searched: without case, accents and the like, so that
// "CAFÉ", "cafe" and "ｃａｆé" are one word.
func plain(text string) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(cases.Fold().String(norm.NFKC.String(text))) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\u0640': // marks, and the line that stretches Arabic words
		case r == 'đ':
			b.WriteByte('d')
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		case r == 'ı':
			b.WriteByte('i')
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// dense reports whether r is of a script that does not set words apart.
func dense(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// pieces cuts plain text into words, and into runs of a dense script.
func pieces(plain string, visit func(piece string, run bool)) {
	from, run := -1, false
	end := func(at int) {
		if from >= 0 {
			visit(plain[from:at], run)
		}
		from = -1
	}
	for i, r := range plain {
		inWord := unicode.In(r, unicode.L, unicode.N, unicode.M)
		switch d := inWord && dense(r); {
		case !inWord:
			end(i)
		case from < 0 || d != run && !unicode.Is(unicode.M, r):
			end(i)
			from, run = i, d
		}
	}
	end(len(plain))
}

// grams yields what a piece is filed under: the word itself from two letters on,
// of a run each pair of neighbors.
func grams(piece string, run bool, file func(string)) {
	_, first := utf8.DecodeRuneInString(piece)
	if first == len(piece) {
		return
	}
	if !run {
		file(piece)
		return
	}
	last := 0
	for i := first; i < len(piece); {
		_, size := utf8.DecodeRuneInString(piece[i:])
		file(piece[last : i+size])
		last, i = i, i+size
	}
}
