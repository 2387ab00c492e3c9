package returncode

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"golang.org/x/text/unicode/norm"
)

// MaxInput bounds what Parse reads, in bytes. The longest code is far shorter,
// numbered and one word a line included.
const MaxInput = 500

// Field is the form field that Parse's errors are about.
const Field = "code"

// Parse reads a code as people type, dictate and photograph it: in any case and
// width, with spaces, commas, hyphens or line breaks between the words, and with
// or without numbers before them. Its errors are *hub.Error and say which word
// is not on the list and what it may have been, or how many words there are.
func Parse(text string) (Code, error) {
	if len(text) > MaxInput {
		return Code{}, invalid("That is more than a return code. Enter only the six words.")
	}
	if !utf8.ValidString(text) {
		return Code{}, invalid("Some of that is not text. Enter the six words of your return code.")
	}
	found := assemble(split(text))
	if len(found) == 0 {
		return Code{}, invalid("Enter the six words of your return code.")
	}
	if unknown := notListed(found); len(unknown) > 0 {
		return Code{}, unknownWords(unknown, len(found))
	}
	if len(found) != Words {
		return Code{}, invalid("A return code has six words, and these are %d. Enter all six in their order.", len(found))
	}
	var c Code
	copy(c.words[:], found)
	return c, nil
}

// split makes lower-case pieces of letters and digits and leaves out numbering.
func split(text string) []string {
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
		if len(p) == 1 && p >= "1" && p <= "6" {
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
	l := words()
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
		if !words().has(w) {
			unknown = append(unknown, misspelt{i + 1, w})
		}
	}
	return unknown
}

// unknownWords is the error about words that are not on the list. It spells out
// at most three of them.
func unknownWords(unknown []misspelt, found int) error {
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
		if near := words().nearest(u.word); len(near) > 0 {
			fmt.Fprintf(&b, "Is it “%s”? ", strings.Join(near, "” or “"))
		}
	}
	if found != Words {
		fmt.Fprintf(&b, "A return code has six words, and these are %d. ", found)
	}
	b.WriteString("Compare with what you wrote down.")
	return invalid("%s", b.String())
}

func invalid(format string, args ...any) error {
	return hub.Errorf(hub.Invalid, Field, format, args...)
}
