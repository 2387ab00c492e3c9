package names

import "unicode"

// mixed is the first word in a name with letters of scripts that are not written
// together; empty if there is none. It is the moderately restrictive level of UTS 39
// (§5.2), word by word: Latin goes with the scripts of East Asia and with one other,
// but with none that has capitals, such as Cyrillic and Greek, nor with the digits of
// another, of which some look like letters.
func mixed(name string) string {
	if plain(name) {
		return ""
	}
	from, seen, digits := 0, scripts(0), false
	for i, r := range name + " " {
		if unicode.In(r, unicode.L, unicode.M, unicode.N) {
			seen |= scriptOf(r)
			digits = digits || r >= 0x80 && unicode.Is(unicode.Nd, r) && !plain(apart(string(r)))
			continue
		}
		if !seen.together() || digits && seen&(latin|alone) != 0 {
			return name[from:i]
		}
		from, seen, digits = i+len(string(r)), 0, false
	}
	return ""
}

// plain reports whether a name is ASCII.
func plain(name string) bool {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return false
		}
	}
	return true
}

// scripts is a set of them.
type scripts uint64

// Scripts that more than one other is written with, and one for those that are
// written with none.
const (
	latin scripts = 1 << iota
	han
	hiragana
	katakana
	bopomofo
	hangul
	alone
	others // the first of Latin's companions
)

// companions are the recommended scripts (UAX 31, table 5) that Latin may stand
// beside, but for those of East Asia: none has capitals, which look like ours.
var companions = [...]*unicode.RangeTable{
	unicode.Arabic, unicode.Bengali, unicode.Devanagari, unicode.Ethiopic, unicode.Gujarati,
	unicode.Gurmukhi, unicode.Hebrew, unicode.Kannada, unicode.Khmer, unicode.Lao, unicode.Malayalam, unicode.Myanmar, unicode.Oriya,
	unicode.Sinhala, unicode.Tamil, unicode.Telugu, unicode.Thaana, unicode.Thai, unicode.Tibetan,
}

// lonely are those that stand with no other, each with a set of its own.
var lonely = [...]*unicode.RangeTable{unicode.Cyrillic, unicode.Greek, unicode.Cherokee, unicode.Armenian, unicode.Georgian}

// Letters of Greek in the forms of mathematics, which Unicode counts to no script.
const mathGreek, mathGreekEnd = '\U0001d6a8', '\U0001d7cb'

func scriptOf(r rune) scripts {
	switch {
	case r < 0x80:
		if unicode.IsLetter(r) {
			return latin
		}
		return 0
	case unicode.Is(unicode.Latin, r):
		return latin
	case r >= mathGreek && r <= mathGreekEnd:
		return scriptOf('α')
	case unicode.In(r, unicode.Common, unicode.Inherited):
		return 0
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.Is(unicode.Hiragana, r):
		return hiragana
	case unicode.Is(unicode.Katakana, r):
		return katakana
	case unicode.Is(unicode.Bopomofo, r):
		return bopomofo
	case unicode.Is(unicode.Hangul, r):
		return hangul
	}
	for i, t := range companions {
		if unicode.Is(t, r) {
			return others << i
		}
	}
	for i, t := range lonely {
		if unicode.Is(t, r) {
			return alone | others<<(len(companions)+i)
		}
	}
	return alone | others<<(len(companions)+len(lonely))
}

// together reports whether the scripts of one word are written with each other.
func (s scripts) together() bool {
	for _, east := range [...]scripts{han | hiragana | katakana, han | bopomofo, han | hangul} {
		if s&^(latin|east) == 0 {
			return true
		}
	}
	if s&alone != 0 {
		s &^= alone
	} else {
		s &^= latin
	}
	return s&(s-1) == 0
}
