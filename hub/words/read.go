package words

import (
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
		return nil, hub.Errorf(hub.Invalid, k.Field, "That is too much. Enter the %d words and nothing else.", k.Count)
	}
	if !utf8.ValidString(text) {
		return nil, hub.Errorf(hub.Invalid, k.Field, "Some of that is not text. Enter the %d words.", k.Count)
	}
	found := assemble(k.split(text))
	if len(found) == 0 {
		return nil, hub.Errorf(hub.Invalid, k.Field, "Enter the %d words.", k.Count)
	}
	if unknown := notListed(found); len(unknown) > 0 {
		return nil, k.unknownWords(unknown, len(found))
	}
	if len(found) != k.Count {
		return nil, hub.Errorf(hub.Invalid, k.Field, miscounted, k.Count, len(found))
	}
	return found, nil
}

const miscounted = hub.Phrase("There must be %[1]d words, in their order. You entered %[2]d.")

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
	var told hub.Sentences
	tell := func(p hub.Phrase, args ...any) { told = append(told, hub.Said{Phrase: p, Args: args}) }
	for i, u := range unknown {
		if i == named {
			tell("%d more words are not on the list either.", len(unknown)-named)
			break
		}
		if utf8.RuneCountInString(u.word) > longest {
			tell("Word %[1]d, “%[2]s”, is not on the list of words.", u.at, string([]rune(u.word)[:longest])+"…")
			continue
		}
		tell("Word %[1]d, “%[2]s”, is not on the list of words.", u.at, u.word)
		switch near := eff().nearest(u.word); len(near) {
		case 0:
		case 1:
			tell("Is it “%s”?", near[0])
		case 2:
			tell("Is it “%s” or “%s”?", near[0], near[1])
		default:
			tell("Is it “%s”, “%s” or “%s”?", near[0], near[1], near[2])
		}
	}
	if found != k.Count {
		tell(miscounted, k.Count, found)
	}
	tell("Compare each word with what is on the paper.")
	return hub.Errorf(hub.Invalid, k.Field, "%s", told)
}
