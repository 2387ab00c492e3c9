// Package qr draws QR codes (ISO/IEC 18004): as text for terminals and paper, and
// as SVG for pages to print.
package qr

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// Level is how much of a code may be unreadable.
type Level int

// The levels.
const (
	Screen Level = iota // 15 %: shown on a screen and scanned at once
	Paper               // 25 %: printed, folded, kept for years
)

// quiet is the margin that the standard asks for, in modules.
const quiet = 4

// MaxText is how many bytes of text a code holds at the most, at any level.
const MaxText = 1000

// Code is one QR code.
type Code struct{ code *qr.Code }

// Encode makes the code of a text. Digits, capitals, spaces and $%*+-./: take the
// least room. It fails on more than MaxText bytes.
func Encode(text string, level Level) (Code, error) {
	if len(text) > MaxText {
		return Code{}, fmt.Errorf("a QR code of %d bytes cannot be scanned well; at most %d", len(text), MaxText)
	}
	l := qr.M
	if level == Paper {
		l = qr.Q
	}
	c, err := qr.Encode(text, l)
	if err != nil {
		return Code{}, fmt.Errorf("make a QR code: %w", err)
	}
	return Code{c}, nil
}

// Size is the length of a side in modules, the margin included.
func (c Code) Size() int { return c.code.Size + 2*quiet }

// dark reports the colour of a module, counted with the margin.
func (c Code) dark(x, y int) bool { return c.code.Black(x-quiet, y-quiet) }

// Control sequences (ECMA-48 §8.3.117): black on white, and back to what was.
const (
	blackOnWhite = "\x1b[38;5;16;48;5;231m"
	plain        = "\x1b[0m"
)

// Terminal is the code for a terminal that knows colours, whatever its own are:
// one character for two modules, Size characters wide.
func (c Code) Terminal() string { return c.text(blackOnWhite, plain) }

// Text is the code in characters alone, two modules each, for dark ink on light
// paper. On a dark terminal its colours are the wrong way around, which not every
// phone reads.
func (c Code) Text() string { return c.text("", "") }

func (c Code) text(begin, end string) string {
	var b strings.Builder
	for y := 0; y < c.Size(); y += 2 {
		b.WriteString(begin)
		for x := range c.Size() {
			switch upper, lower := c.dark(x, y), c.dark(x, y+1); {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString(end + "\n")
	}
	return b.String()
}

// SVG is the code as an element to stand within HTML, as wide as its surroundings
// let it be: each row is a dashed line, which takes the least bytes. Alt is what who cannot see it is told; it is escaped here.
func (c Code) SVG(alt string) string {
	var path strings.Builder
	for y := range c.Size() {
		at := 0 // where the line has got to
		for x := 0; x < c.Size(); x++ {
			run := 0
			for c.dark(x+run, y) {
				run++
			}
			switch {
			case run == 0:
				continue
			case at == 0:
				fmt.Fprintf(&path, "M%d %d.5h%d", x, y, run)
			default:
				fmt.Fprintf(&path, "m%d 0h%d", x-at, run)
			}
			at = x + run
			x = at
		}
	}
	alt = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(alt)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges" role="img" aria-label="%[2]s">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path stroke="#000" d="%[3]s"/></svg>`, c.Size(), alt, path.String())
}
