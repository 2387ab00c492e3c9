package words

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"golang.org/x/text/unicode/norm"
)

// MaxInput bounds what Read reads, in bytes. The longest secret is far shorter,
// numbered and one word a line included.
const MaxInput = 500

// Read reads a secret's words in any case and width, with spaces, commas, hyphens
// or line breaks between them, and with or without numbers before them. Its errors
// are *hub.Error and say which word is not on the list and what it may have been,
// or how many words there are.
func (k Kind) Read(text string) ([]string, error) {
	if len(text) > MaxInput {
		return nil, k.invalid("That is more than %s. Enter only the %s words.", k.Name, k.Spelt)
	}
	if !utf8.ValidString(text) {
		return nil, k.invalid("Some of that is not text. Enter the %s words of %s.", k.Spelt, k.This)
	}
	found := assemble(k.split(text))
	if len(found) == 0 {
		return nil, k.invalid("Enter the %s words of %s.", k.Spelt, k.This)
	}
	if unknown := notListed(found); len(unknown) > 0 {
		return nil, k.unknownWords(unknown, len(found))
	}
	if len(found) != k.Count {
		return nil, k.invalid("%s Enter all %s in their order.", k.miscounted(len(found)), k.Spelt)
	}
	return found, nil
}

func (k Kind) miscounted(found int) string {
	return fmt.Sprintf("%s has %s words, and these are %d.", strings.ToUpper(k.Name[:1])+k.Name[1:], k.Spelt, found)
}

// split makes lower-case pieces of letters and digits and leaves out numbering.
func (k Kind) split(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == 'ı': // a Turkish keyboard's small form of I
			return 'i'
		case r == '\u0307': // left over from its İ
			return -1
		case unicode.Is(unicode.Cf, r): // soft hyphens, zero width
			return -1
		}
		return r
	}, strings.ToLower(norm.NFKC.String(text)))
	pieces := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	kept := pieces[:0]
	for _, p := range pieces {
		if n, err := strconv.Atoi(p); err == nil && n >= 1 && n <= k.Count && len(p) <= 2 {
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// assemble puts words together again that the list writes with a hyphen, and
// those that somebody took for two ("ever green"). No two words of the list make
// a third.
func assemble(pieces []string) []string {
	l := eff()
	var found []string
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		if i+1 < len(pieces) {
			if w, ok := l.whole(p, pieces[i+1]); ok {
				found = append(found, w)
				i++
				continue
			}
		}
		if w, ok := l.joined[p]; ok {
			p = w
		}
		found = append(found, p)
	}
	return found
}

type misspelt struct {
	at   int // from 1
	word string
}

func notListed(found []string) (unknown []misspelt) {
	for i, w := range found {
		if !eff().has(w) {
			unknown = append(unknown, misspelt{i + 1, w})
		}
	}
	return unknown
}

// unknownWords is the error about words that are not on the list. It spells out
// at most three of them.
func (k Kind) unknownWords(unknown []misspelt, found int) error {
	const named, longest = 3, 30
	var b strings.Builder
	for i, u := range unknown {
		if i == named {
			fmt.Fprintf(&b, "%d more are not on it either. ", len(unknown)-named)
			break
		}
		if utf8.RuneCountInString(u.word) > longest {
			fmt.Fprintf(&b, "Word %d, “%s…”, is not on the list of words. ", u.at, string([]rune(u.word)[:longest]))
			continue
		}
		fmt.Fprintf(&b, "Word %d, “%s”, is not on the list of words. ", u.at, u.word)
		if near := eff().nearest(u.word); len(near) > 0 {
			fmt.Fprintf(&b, "Is it “%s”? ", strings.Join(near, "” or “"))
		}
	}
	if found != k.Count {
		b.WriteString(k.miscounted(found) + " ")
	}
	return k.invalid("%sCompare with %s.", b.String(), k.Source)
}

func (k Kind) invalid(format string, args ...any) error {
	return hub.Errorf(hub.Invalid, k.Field, format, args...)
}
