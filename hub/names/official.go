package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Official reports whether a person's name seems to speak for somebody who is trusted
// in an outage. Letters that look alike, digits for letters, blanks and punctuation
// between letters, and words run together hide nothing. The name has to be clean: of
// hub.CleanLine.
func Official(name string) bool { return strings.ContainsAny(name, badges) || known().people.in(name) }

// badges are signs by which pages elsewhere mark who was checked, or a warning.
const badges = "✓✔☑✅🗸🗹🛡⚠🚨🚔🚓🚒🚑⭐"

// OfficialTalk does for a talk's name what Official does for a person's. A street may
// be called after the police or the mayor.
func OfficialTalk(name string) bool {
	k := known()
	if !k.talks.in(name) {
		return false
	}
	return !k.streets.in(name) || k.streetTalks.in(name)
}

// in reports whether a word of the lexicon is in a name, in any way to read it.
func (l *lexicon) in(name string) bool {
	return longSs(name) > maxLongS || slices.ContainsFunc(readings(name), l.inReading)
}

func (l *lexicon) inReading(name string) bool {
	name = apart(name)
	leet, camel := tricks(name)
	if l.meets(read(name, false, camel)) {
		return true
	}
	return (leet || camel) && l.meets(read(name, leet, false)) ||
		leet && camel && l.meets(read(name, true, true))
}

// tricks reports whether a name has characters that may stand for letters, and
// capitals within words: then there is more than one way to read it.
func tricks(name string) (leet, camel bool) {
	last := rune(0)
	for _, r := range name {
		leet = leet || standsFor(r) != 0
		camel = camel || unicode.IsUpper(r) && unicode.IsLower(last)
		last = r
	}
	return leet, camel
}

// standsFor is the letter for which people type a digit or a sign; else 0. 0, 1
// and | look like theirs.
func standsFor(r rune) byte {
	switch r {
	case '0':
		return 'o'
	case '1', '!', '|':
		return 'i'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7':
		return 't'
	case '6':
		return 'g'
	case '8':
		return 'b'
	case '2', '9':
		return byte(r)
	}
	return signs[r]
}

// signs are of currencies and others that people type for a letter.
var signs = map[rune]byte{
	'₳': 'a', '฿': 'b', '₿': 'b', '¢': 'c', '₡': 'c', '₵': 'c', '©': 'c', '₫': 'd', '€': 'e', '₣': 'f', '₲': 'g', '¡': 'i', '£': 'i', '₤': 'i', '₭': 'k', '₥': 'm', '₦': 'n',
	'°': 'o', '₱': 'p', '₽': 'p', '℗': 'p', '®': 'r', '₴': 's', '§': 's', '₮': 't', '₸': 't', '₺': 't', '†': 't', '₩': 'w', '¥': 'y',
}

// read takes a name in NFKD apart. Digits and signs are letters or set words apart,
// and so perhaps do capitals.
func read(name string, leet, camel bool) (words []string) {
	b := make([]byte, 0, len(name)+8)
	from, last := 0, rune(0)
	end := func() {
		if from < len(b) {
			words = append(words, string(b[from:]))
		}
		from = len(b)
	}
	for _, r := range name {
		switch c := standsFor(r); {
		case c != 0 && leet:
			b = append(b, c)
		case c != 0:
			end()
		default:
			if camel && unicode.IsUpper(r) && unicode.IsLower(last) {
				end()
			}
			before := len(b)
			if b = appendLook(b, r, 0); len(b) == before && !unicode.In(r, unicode.M, unicode.Cf) && r != '\u0640' {
				end()
			}
		}
		last = r
	}
	end()
	return words
}

// Bounds of what is put together again of the pieces of a name.
const (
	minJoined = 5  // letters; fewer make a word only of single letters
	maxJoined = 48 // bytes
)

// meets reports whether the words of a name, as they look, hold one of the lexicon.
func (l *lexicon) meets(words []string) bool {
	whole := strings.Join(words, "")
	if l.is(whole, l.alone) || dense(whole) && l.within(whole) {
		return true
	}
	rest := words
	for len(rest) > 1 && known().leading[rest[0]] {
		rest = rest[1:]
	}
	if len(rest) > 0 && (l.seems(rest[0], l.titles) || len(rest) == 1 && l.seems(rest[0], l.word)) {
		return true
	}
	single := 0
	for i, w := range words {
		if l.seems(w, l.words) || l.within(w) || l.joined(words[i:]) {
			return true
		}
		if utf8.RuneCountInString(w) == 1 {
			single++
		}
	}
	return single > 2 && 2*single >= len(words) && (l.within(whole) || l.is(whole, l.titles.exact))
}

// joined reports whether the first pieces make an official word together.
func (l *lexicon) joined(pieces []string) bool {
	long, single := pieces[0], utf8.RuneCountInString(pieces[0]) == 1
	for _, p := range pieces[1:] {
		long += p
		single = single && utf8.RuneCountInString(p) == 1
		if len(long) > maxJoined {
			return false
		}
		if (single || utf8.RuneCountInString(long) >= minJoined) && (l.is(long, l.words.exact) || l.words.folded[folded(long)]) {
			return true
		}
		if len(long) >= minPhrase && l.words.miswritten(glanced(long)) {
			return true
		}
	}
	return false
}

// is reports whether a word is one of a set, also with rn for m where it is long
// enough that this is no name of its own.
func (l *lexicon) is(word string, set map[string]bool) bool {
	if set[word] {
		return true
	}
	m := closed(word)
	return len(m) >= minJoined && set[m]
}

// seems reports whether a word is taken for one of a set at a glance.
func (l *lexicon) seems(word string, set *shapes) bool {
	if l.is(word, set.exact) {
		return true
	}
	if len(word) < minFolded || known().chance[word] {
		return false
	}
	return set.folded[folded(word)] || set.miswritten(glanced(word))
}

// closed is a word with each rn as the m that it looks like.
func closed(word string) string { return strings.ReplaceAll(word, "rn", "m") }

// within reports whether a long word of the lexicon stands in a word.
func (l *lexicon) within(word string) bool {
	if known().chance[word] {
		return false
	}
	whole := word
	for _, way := range [...]string{closed(whole), folded(whole)} {
		if way != whole && way != "" {
			word += " " + way
		}
	}
	for i := 0; i+prefixLen <= len(word); i++ {
		for _, long := range l.long[[prefixLen]byte([]byte(word[i:i+prefixLen]))] {
			if strings.HasPrefix(word[i:], long) {
				return true
			}
		}
	}
	return false
}

// dense reports whether a text is of a script that does not set words apart.
func dense(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
