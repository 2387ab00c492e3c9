package kml

import (
	"html"
	"strings"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText is a description without the tags of HTML that it may have, which no page here
// ever shows as such. A text without any stays as it is.
func plainText(s string) string {
	s = strings.TrimSpace(s)
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	w := writer{z: xhtml.NewTokenizer(strings.NewReader(s))}
	tags := w.all()
	if !tags && html.UnescapeString(s) == s {
		return s
	}
	return strings.TrimSpace(w.b.String())
}

// writer puts the text of HTML together.
type writer struct {
	z     *xhtml.Tokenizer
	b     strings.Builder
	blank bool   // white space is to come before the next text
	lines int    // and so many line ends
	pre   int    // how many pre are open
	mute  int    // how many elements are open whose text nobody sees
	href  string // of the link that is open
	since int    // where its text begins
}

// all goes to the end of the text, or to what cannot be read further. It reports whether
// there are tags.
func (w *writer) all() (tags bool) {
	for {
		switch w.z.Next() {
		case xhtml.ErrorToken:
			return tags
		case xhtml.TextToken:
			if w.mute == 0 {
				w.text(string(w.z.Text()))
			}
			continue
		case xhtml.StartTagToken:
			w.start(false)
		case xhtml.SelfClosingTagToken:
			w.start(true)
		case xhtml.EndTagToken:
			w.end()
		}
		tags = true
	}
}

func (w *writer) text(s string) {
	if w.pre > 0 {
		w.flush()
		w.b.WriteString(s)
		return
	}
	s = strings.ReplaceAll(s, "\u00a0", " ") // pages fill up with hard spaces
	words := strings.FieldsFunc(s, space)
	if len(words) == 0 {
		w.blank = w.blank || s != ""
		return
	}
	w.blank = w.blank || space(rune(s[0]))
	for _, word := range words {
		w.flush()
		w.b.WriteString(word)
		w.blank = true
	}
	w.blank = space(rune(s[len(s)-1]))
}

// space reports whether r is white space of HTML.
func space(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' }

// flush writes what has to come before the next text.
func (w *writer) flush() {
	if w.b.Len() > 0 {
		if w.lines > 0 {
			w.b.WriteString("\n\n"[:min(w.lines, 2)])
		} else if w.blank {
			w.b.WriteByte(' ')
		}
	}
	w.blank, w.lines = false, 0
}

func (w *writer) start(closed bool) {
	name, more := w.z.TagName()
	switch tag := atom.Lookup(name); tag {
	case atom.Script, atom.Style, atom.Title, atom.Head:
		if !closed {
			w.mute++
		}
	case atom.Br:
		w.lines++
	case atom.P, atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.lines = max(w.lines, 2)
	case atom.Pre:
		w.lines = max(w.lines, 1)
		w.pre++
	case atom.Div, atom.Li, atom.Tr, atom.Hr, atom.Dt, atom.Dd:
		w.lines = max(w.lines, 1)
	case atom.Td, atom.Th:
		w.blank = true
	case atom.A:
		w.href, w.since = "", w.b.Len()
		for more {
			var key, value []byte
			if key, value, more = w.z.TagAttr(); string(key) == "href" {
				w.href = string(value)
			}
		}
	}
}

func (w *writer) end() {
	name, _ := w.z.TagName()
	switch tag := atom.Lookup(name); tag {
	case atom.Script, atom.Style, atom.Title, atom.Head:
		w.mute = max(w.mute-1, 0)
	case atom.P, atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.lines = max(w.lines, 2)
	case atom.Pre:
		w.lines = max(w.lines, 1)
		w.pre = max(w.pre-1, 0)
	case atom.Div, atom.Li, atom.Tr, atom.Dt, atom.Dd:
		w.lines = max(w.lines, 1)
	case atom.A:
		// Where a link leads would be lost with its tag.
		if said := w.b.String()[w.since:]; strings.HasPrefix(w.href, "http") && !strings.Contains(said, w.href) {
			if w.blank = true; strings.TrimSpace(said) == "" {
				w.text(w.href)
			} else {
				w.text("(" + w.href + ")")
			}
		}
		w.href = ""
	}
}

// richText is a text that plainText makes that text of again.
func richText(s string) string {
	if plainText(s) == s {
		return s
	}
	return "<pre>" + strings.ReplaceAll(html.EscapeString(s), "\r", "&#13;") + "</pre>"
}
