package hub

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// How many combining marks may follow each other. Written languages need up to about
// six; more is a tower that covers other lines. Of a line, such as a name, it is those
// that take no room of their own, which stand on one another: 3, and 2 on Latin, Greek
// and Cyrillic letters and on signs.
const (
	maxMarks    = 8
	maxLine     = 3
	maxOnSimple = 2
)

// What ends a line, as it is in several and in one. Making these takes longer than
// what they do.
var (
	lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")
	oneLine  = strings.NewReplacer("\r", " ", "\n", " ", "\t", " ", "\u2028", " ", "\u2029", " ")
)

// CleanText makes what a person wrote in several lines fit to be shown to
// others: NFC, lines ended by \n without trailing blanks, at most two empty
// lines in a row, no blanks around the whole, at most 8 combining marks in a
// row. Characters that show nothing are dropped without a word, as nobody could
// find them to mend: bidi controls, zero-width ones, soft hyphens, tags.
// ZWNJ and ZWJ stay between letters of the scripts that need them, ZWJ and the
// variation selectors within emoji. An empty result is not an error.
//
// It is an Invalid about the field if s is not UTF-8, holds another control
// character, or afterwards exceeds so many characters or bytes. Cleaning what
// is clean changes nothing.
func CleanText(field, s string, maxChars, maxBytes int) (string, error) {
	s, err := visible(field, lineEnds.Replace(s), false)
	if err != nil {
		return "", err
	}
	return fits(field, paragraphs(s), maxChars, maxBytes)
}

// CleanLine does for one line, such as a name, what CleanText does for many.
// Blanks, tabs and line ends become single spaces. Of the marks that stand on one
// letter two stay, three where its script is none of Latin, Greek and Cyrillic.
func CleanLine(field, s string, maxChars, maxBytes int) (string, error) {
	s, err := visible(field, oneLine.Replace(s), true)
	if err != nil {
		return "", err
	}
	return fits(field, strings.Join(strings.Fields(s), " "), maxChars, maxBytes)
}

func fits(field, s string, maxChars, maxBytes int) (string, error) {
	if n := Excess(s, maxChars, maxBytes); n > 0 {
		return "", &Error{
			Code: Invalid, Field: field,
			Phrase:  "This is too long by %d characters. Please shorten it.",
			Args:    []any{n},
			Program: fmt.Sprintf("This is too long: %d characters, %d bytes of UTF-8. At most %d characters and %d bytes fit.", utf8.RuneCountInString(s), len(s), maxChars, maxBytes),
		}
	}
	return s, nil
}

// Excess is how many characters at the end of a text are beyond a limit of characters
// or of bytes: what somebody has to take away.
func Excess(s string, maxChars, maxBytes int) int {
	chars := 0
	for at, r := range s {
		if chars == maxChars || at+utf8.RuneLen(r) > maxBytes {
			return utf8.RuneCountInString(s[at:])
		}
		chars++
	}
	return 0
}

// visible is s in NFC without the characters that show nothing.
func visible(field, s string, line bool) (string, error) {
	if !utf8.ValidString(s) {
		return "", Errorf(Invalid, field, "This is not readable as text (not UTF-8). Please type it again.")
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "", Errorf(Invalid, field, "This holds a control character (%U), which cannot be shown. Please remove it or type the text again.", r)
		}
	}
	s = norm.NFC.String(s) // or a letter that is typed as many marks would lose some
	// Dropping a character may bring two together that NFC composes, and
	// composing may leave a joiner without its reason; both settle at once.
	for range 4 {
		next := norm.NFC.String(drop(s, line))
		if next == s {
			break
		}
		s = next
	}
	return s, nil
}

// drop leaves out what shows nothing, and marks beyond the bound.
func drop(s string, line bool) string {
	var b strings.Builder
	b.Grow(len(s))
	last, marks := rune(0), 0 // the last one kept, and the marks that end there
	most := maxMarks
	if line {
		most = maxOnSimple
	}
	for i, r := range s {
		switch {
		case joins(r):
			next, size := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if size == 0 {
				next = 0 // the end
			}
			if !joinable(last, r, next) {
				continue
			}
		case ignorable(r):
			continue
		case unicode.Is(unicode.Mc, r) && line:
			// it stands beside its letter
		case unicode.Is(unicode.M, r):
			if marks++; marks > most {
				continue
			}
		default:
			if marks = 0; line {
				most = stacked(r)
			}
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// stacked is how many marks may stand on a character of a line.
func stacked(r rune) int {
	if r < utf8.RuneSelf || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Common) {
		return maxOnSimple
	}
	return maxLine
}

const (
	zwnj  = '\u200c'
	zwj   = '\u200d'
	text  = '\ufe0e' // variation selector: the plain form
	emoji = '\ufe0f' // variation selector: the coloured form
)

func joins(r rune) bool { return r == zwnj || r == zwj }

// joinable reports whether a joiner between two characters has something to do.
func joinable(before, joiner, after rune) bool {
	if joiner == zwj && pictures(before) && pictures(after) {
		return true
	}
	return cursive(before) && (cursive(after) || after == 0 || unicode.IsSpace(after) || unicode.IsPunct(after))
}

// pictures reports whether r can stand in an emoji sequence.
func pictures(r rune) bool {
	return r == emoji || unicode.In(r, unicode.So, unicode.Sk)
}

// cursive reports whether r is of a script whose letters join or stack. Latin,
// Greek, Cyrillic and the East Asian scripts, where a joiner only hides, are not.
func cursive(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M) &&
		!unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Han, unicode.Hangul,
			unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Common, unicode.Inherited)
}

// ignorable reports whether r shows nothing (Unicode's Default_Ignorable_Code_Point,
// the Hangul fillers among them, and noncharacters), except what emoji and Mongolian need.
func ignorable(r rune) bool {
	switch {
	case r == text, r == emoji, r >= '\u180b' && r <= '\u180d':
		return false
	case r&0xfffe == 0xfffe, r >= '\ufdd0' && r <= '\ufdef':
		return true
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Blank reports whether nothing in s can be seen.
func Blank(s string) bool {
	for _, r := range s {
		if r != '\u2800' && unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) {
			return false
		}
	}
	return true
}

// paragraphs takes away trailing blanks, outer blanks and all but two of the
// empty lines in a row.
func paragraphs(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	empty := 0
	for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n\n"[:1+min(empty, 2)])
		}
		empty = 0
		b.WriteString(line)
	}
	return b.String()
}
