package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columns is how many columns of a terminal a text takes. What a font draws wide
// (Chinese, most pictures) takes two; what stands on another letter takes none.
func columns(s string) (n int) {
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// shortened is a text in at most so many columns, with an ellipsis where it was longer.
func shortened(s string, most int) string {
	if columns(s) <= most {
		return s
	}
	at := 1 // the ellipsis
	for i, r := range s {
		if at += columnsOf(r); at > most {
			return s[:i] + "…"
		}
	}
	return s
}

// table is rows of cells under each other.
type table struct {
	most []int // columns of each cell but the last; what is longer is cut
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String is the table, two blanks between the cells.
func (t *table) String() string {
	wide := make([]int, len(t.most))
	for _, row := range t.rows {
		for i := range t.most {
			if i < len(row)-1 {
				row[i] = shortened(row[i], t.most[i])
				wide[i] = max(wide[i], columns(row[i]))
			}
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		line := ""
		for i, cell := range row {
			line += cell
			if i < len(row)-1 {
				line += strings.Repeat(" ", wide[i]-columns(cell)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// screen is how wide a terminal is taken to be.
const screen = 80

// folded is a text in lines that fit on the screen, the later ones indented.
func folded(first, later, text string) string {
	line, out := first, ""
	empty := true
	for word := range strings.FieldsSeq(text) {
		switch {
		case empty:
		case columns(line)+1+columns(word) > screen:
			out += line + "\n"
			line = later
		default:
			line += " "
		}
		line += word
		empty = false
	}
	return out + line + "\n"
}
