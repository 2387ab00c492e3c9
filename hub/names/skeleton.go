// Package names tells which names seem to be somebody else's: by letters that
// look alike (Unicode Technical Standard 39), by words of those who are trusted
// in an outage, or as that of a place. It holds names typed here and names that
// other hubs send to the same rules.
package names

import (
	"strings"
	"unicode"

	"go.mau.fi/util/confusable"
	"golang.org/x/text/unicode/norm"
)

// Skeleton is what a name looks like at a glance: names with one skeleton are
// taken for each other. It is that of UTS 39 but for case, accents, blanks and
// punctuation, which count for nothing, and i, l, 1 and I, which are one. It is
// for comparing only. A skeleton's own skeleton is itself; that of a name without
// letters and digits is empty.
func Skeleton(name string) string {
	b := make([]byte, 0, len(name)+8)
	for _, r := range apart(name) {
		b = appendLook(b, r, 0)
	}
	// Taking letters apart may have brought a mark before one that it follows.
	return norm.NFD.String(strings.ReplaceAll(string(b), "m", "rn"))
}

// apart is a name in NFKD. What is no UTF-8 is left out: it would keep letters that
// follow from being taken apart.
func apart(name string) string { return norm.NFKD.String(strings.ToValidUTF8(name, "")) }

// deepest is how often a look-alike may stand for another one.
const deepest = 8

// appendLook adds the letters and digits for which one takes a character of a name
// in NFKD; nothing for one that is neither.
func appendLook(b []byte, r rune, depth int) []byte {
	if r < 0x80 {
		if c := ascii[r]; c != 0 {
			b = append(b, c)
		}
		return b
	}
	r = lower(r)
	switch {
	case r < 0x80:
		return append(b, ascii[r])
	case r == '\u0640': // it stretches a word of Arabic
		return b
	case unicode.Is(unicode.M, r):
		if !accent(r) {
			b = append(b, string(r)...)
		}
		return b
	case unicode.Is(unicode.Nd, r):
		return append(b, ascii['0'+digit(r)])
	}
	if latin := pictured(r); latin != 0 {
		return append(b, ascii[latin])
	}
	if latin := turnedFrom(r); latin != 0 {
		return append(b, ascii[latin])
	}
	to, ours := alike[r]
	if !ours {
		to = confusable.GetReplacement(r)
	}
	if to == "" || to == string(r) || depth == deepest || !ours && unicode.Is(unicode.Arabic, r) && distinct(to) {
		if !unicode.In(r, unicode.L, unicode.N) {
			return b
		}
		return append(b, string(r)...)
	}
	before := len(b)
	for _, t := range norm.NFKD.String(to) {
		b = appendLook(b, t, depth+1)
	}
	if len(b) == before && unicode.In(r, unicode.L, unicode.N) { // it looks like a stroke or a dot, but it is one's name
		b = append(b, string(r)...)
	}
	return b
}

// lower is a letter in the case in which letters are compared: of Cherokee, whose
// capitals look like ours, the upper one.
func lower(r rune) rune {
	up := unicode.ToUpper(r)
	if unicode.Is(unicode.Cherokee, up) {
		return up
	}
	return unicode.ToLower(up)
}

// distinct reports whether a look-alike is more than one character. In Arabic it is
// then a letter with other dots, which readers tell apart as easily as t from f.
func distinct(to string) bool {
	for i := range to {
		if i > 0 {
			return true
		}
	}
	return false
}

// accent reports whether a mark is left out. In scripts of India and of East Asia
// marks are letters like others.
func accent(r rune) bool {
	return r != '\u3099' && r != '\u309a' && unicode.In(r, unicode.Inherited, unicode.Arabic, unicode.Hebrew, unicode.Me)
}

// digit is the value of a decimal digit. Each script's ten stand in a row.
func digit(r rune) rune {
	n := rune(0)
	for n < 9 && unicode.Is(unicode.Nd, r-n-1) {
		n++
	}
	return n
}

// pictured is the Latin letter in a circle, a square or half a flag, of those that
// Unicode does not count as compatible with it; else 0.
func pictured(r rune) rune {
	for _, from := range [...]rune{'\U0001f150', '\U0001f170', '\U0001f1e6'} {
		if r >= from && r < from+26 {
			return 'a' + r - from
		}
	}
	return 0
}

// ascii is the look of an ASCII character; 0 for none.
var ascii = [128]byte{
	'0': 'o', '1': 'i', '2': '2', '3': '3', '4': '4', '5': '5', '6': '6', '7': '7', '8': '8', '9': '9', '|': 'i',
	'a': 'a', 'b': 'b', 'c': 'c', 'd': 'd', 'e': 'e', 'f': 'f', 'g': 'g', 'h': 'h', 'i': 'i', 'j': 'j', 'k': 'k', 'l': 'i',
	'm': 'm', 'n': 'n', 'o': 'o', 'p': 'p', 'q': 'q', 'r': 'r', 's': 's', 't': 't', 'u': 'u', 'v': 'v', 'w': 'w', 'x': 'x', 'y': 'y', 'z': 'z',
	'A': 'a', 'B': 'b', 'C': 'c', 'D': 'd', 'E': 'e', 'F': 'f', 'G': 'g', 'H': 'h', 'I': 'i', 'J': 'j', 'K': 'k', 'L': 'i',
	'M': 'm', 'N': 'n', 'O': 'o', 'P': 'p', 'Q': 'q', 'R': 'r', 'S': 's', 'T': 't', 'U': 'u', 'V': 'v', 'W': 'w', 'X': 'x', 'Y': 'y', 'Z': 'z',
}

// alike is what the table of UTS 39 does not have, as it compares letters of one
// case: small letters whose capitals look like a Latin one, capitals in the size of
// small letters, and two ways to write a letter of Arabic.
var alike = map[rune]string{
	'в': "b", 'н': "h", 'к': "k", 'м': "m", 'т': "t", 'г': "r", 'ь': "b", 'з': "3",
	'β': "b", 'ε': "e", 'η': "n", 'κ': "k", 'μ': "m", 'τ': "t", 'υ': "u", 'χ': "x", 'ω': "w", 'ζ': "z",
	'ᴀ': "a", 'ʙ': "b", 'ᴅ': "d", 'ᴇ': "e", 'ꜰ': "f", 'ɢ': "g", 'ʜ': "h", 'ᴊ': "j", 'ᴋ': "k", 'ĸ': "k", 'ʟ': "l", 'ᴍ': "m", 'ʍ': "m",
	'ɴ': "n", 'ᴘ': "p", 'ꞯ': "q", 'ʀ': "r", 'ꜱ': "s", 'ᴛ': "t", 'ᴜ': "u", 'ᴠ': "v", 'ᴡ': "w", 'ᴢ': "z",
	'ꞓ': "e", 'ɛ': "e", 'ɜ': "3", 'ß': "ss", 'Ꮖ': "i", 'đ': "d", 'ø': "o", 'ł': "l", 'ħ': "h", 'ŧ': "t", 'ı': "i",
	'ي': "ى", 'ة': "ه",
}
