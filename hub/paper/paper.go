// Package paper prints secrets: words that are a key, a leaf each, for a terminal or
// as a page for a browser. What it returns holds the words in clear; nothing keeps it.
package paper

import (
	"bytes"
	_ "embed" // the printed page
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub/qr"
)

// Sheet is one leaf.
type Sheet struct {
	Community string
	Title     string
	Words     []string
	Check     string   // what tells the leaf from others without revealing its words
	For       string   // what it is for
	Keep      []string // how to keep it
}

// code is the words as a QR code: in capitals, which take less room.
func (s Sheet) code() (qr.Code, error) {
	return qr.Encode(strings.ToUpper(strings.Join(s.Words, " ")), qr.Paper)
}

// width is that of a leaf in characters.
const width = 76

// Text is the leaf for a terminal that knows colours, or for paper.
func (s Sheet) Text(terminal bool) (string, error) {
	code, err := s.code()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	rule := strings.Repeat("=", width)
	fmt.Fprintf(&b, "%s\n%s\n%s\n%s\n\n", rule, s.Community, s.Title, rule)
	number := func(i int) string { return strconv.Itoa(i+1) + ". " + s.Words[i] }
	half := (len(s.Words) + 1) / 2
	for i := range half {
		second := ""
		if i+half < len(s.Words) {
			second = number(i + half)
		}
		fmt.Fprintf(&b, "    %-30s %s\n", number(i), second)
	}
	fmt.Fprintf(&b, "\n    Check: %s\n\n", s.Check)
	for i, text := range append([]string{s.For}, s.Keep...) {
		if i > 0 {
			text = "- " + text
		}
		b.WriteString(wrapped(text, width))
	}
	b.WriteString("\n")
	if terminal {
		b.WriteString(code.Terminal())
	} else {
		b.WriteString(code.Text())
	}
	fmt.Fprintf(&b, "\nKept by: ______________________________  Since: ____________________\n%s\n", rule)
	return b.String(), nil
}

// wrapped is a paragraph in lines that are not wider than so many characters.
func wrapped(text string, width int) string {
	var b strings.Builder
	at := 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case at == 0:
		case at+1+n > width:
			b.WriteString("\n")
			at = 0
			if strings.HasPrefix(text, "- ") {
				b.WriteString("  ")
				at = 2
			}
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String() + "\n"
}

//go:embed sheets.html
var page string

var printed = sync.OnceValues(func() (*template.Template, error) { return template.New("sheets").Parse(page) })

// HTML is leaves as a page to print, each on a leaf, on A4 or Letter. It holds all that
// it needs, and no script.
func HTML(title string, sheets []Sheet) ([]byte, error) {
	t, err := printed()
	if err != nil {
		return nil, err
	}
	type leaf struct {
		Sheet
		Code template.HTML
	}
	all := struct {
		Title  string
		Sheets []leaf
	}{Title: title}
	for _, s := range sheets {
		code, err := s.code()
		if err != nil {
			return nil, err
		}
		all.Sheets = append(all.Sheets, leaf{s, template.HTML(code.SVG("The words as a QR code"))}) //nolint:gosec // package qr escapes
	}
	var b bytes.Buffer
	if err := t.Execute(&b, all); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
