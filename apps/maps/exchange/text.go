package exchange

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

func (e *Entry) note(phrase hub.Phrase, args ...any) {
	e.Notes = append(e.Notes, hub.Said{Phrase: phrase, Args: args})
}

// shortened notes that once.
func (e *Entry) shortened(p hub.Phrase) {
	if !slices.ContainsFunc(e.Notes, func(s hub.Said) bool { return s.Phrase == p }) {
		e.note(p)
	}
}

func firstOf(all ...string) string {
	for _, s := range all {
		if !hub.Blank(s) {
			return s
		}
	}
	return ""
}

// name is what a place is called: one line, which there has to be.
func (e *Entry) name(s string) (string, error) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	clean, err := hub.CleanLine("", printable(s), feature.MaxText, feature.MaxText)
	if err != nil || hub.Blank(clean) {
		return "", feature.Refuse(e.At, "It has no name.")
	}
	short := cut(clean, place.MaxName, place.MaxNameBytes)
	if short != clean {
		e.shortened("Its name was shortened.")
	}
	return short, nil
}

// line is one line of text, shortened to what fits.
func (e *Entry) line(s string) (string, error) {
	clean, err := hub.CleanLine("", printable(s), feature.MaxText, 2*feature.MaxText)
	if err != nil {
		return "", feature.Refuse(e.At, "A text of it cannot be read.")
	}
	short := cut(clean, place.MaxLine, place.MaxLineBytes)
	if short != clean {
		e.shortened("A line of it was shortened.")
	}
	return short, nil
}

// text is several lines, shortened to what fits.
func (e *Entry) text(s string) (string, error) {
	clean, err := hub.CleanText("", printable(s), feature.MaxText, 2*feature.MaxText)
	if err != nil {
		return "", feature.Refuse(e.At, "A text of it cannot be read.")
	}
	short := cut(clean, place.MaxAbout, place.MaxAboutBytes)
	if short != clean {
		e.shortened("Its description was shortened.")
	}
	return short, nil
}

// printable is a text without control characters, which no page can show.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// cut is the beginning of a text: with a sign at its end if it is longer than so many
// characters or bytes.
func cut(s string, chars, bytes int) string {
	if hub.Excess(s, chars, bytes) == 0 {
		return s
	}
	const dots = "…"
	n, end := 0, 0
	for at, r := range s {
		if n == chars-1 || at+utf8.RuneLen(r) > bytes-len(dots) {
			break
		}
		n, end = n+1, at+utf8.RuneLen(r)
	}
	return strings.TrimRightFunc(s[:end], func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.M, r) || r == '\u200d' }) + dots
}
