// Package letter draws names: which of them can be drawn, how wide they are, and their
// outlines, straight or along a street.
//
// The font is DejaVu Sans Condensed (github.com/go-fonts/dejavu, 680 kB, free): narrow,
// plain, legible when small, with all letters of Vietnamese, Greek, Cyrillic and Arabic.
// The Go fonts have no Vietnamese. Nothing here forms syllables or knows Chinese: of a
// name in a script that it cannot draw another form is taken, or none. A box never is.
package letter

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
)

// MaxRunes is how long a name may be; of longer ones the beginning is drawn.
const MaxRunes = 48

// Heights of letters, as shares of the size.
const (
	CapHeight = .729 // of capitals above the line they stand on
	Descent   = .236 // of a "g" below it
)

// Font is the font. It is safe for concurrent use.
type Font struct {
	sfnt *sfnt.Font

	mu     sync.Mutex
	room   sfnt.Buffer
	glyphs map[rune]*glyph // nil where the font has none
}

// glyph is a letter at size 1, its beginning on the line at (0, 0).
type glyph struct {
	advance  float64
	contours [][]ink.Point
}

// New reads the font.
func New() (*Font, error) {
	f, err := sfnt.Parse(dejavusanscondensed.TTF)
	if err != nil {
		return nil, fmt.Errorf("font of maps: %w", err)
	}
	return &Font{sfnt: f, glyphs: make(map[rune]*glyph)}, nil
}

// Text is a name as it is drawn: its letters from left to right, in their forms.
// The zero Text is no name.
type Text string

// Name makes a name of a map's ready to be drawn. It is empty where the font cannot
// write it, or where there is nothing in it.
func (f *Font) Name(raw string) Text {
	var b strings.Builder
	n, space, some := 0, false, false
	for _, r := range norm.NFC.String(strings.ToValidUTF8(raw, "")) {
		switch {
		case unicode.IsSpace(r):
			space = n > 0
			continue
		case unicode.In(r, unicode.C, unicode.M): // controls of all sorts, and marks that belong to no letter
			continue
		}
		if space {
			b.WriteByte(' ')
			space, n = false, n+1
		}
		if n >= MaxRunes {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		some = some || unicode.IsLetter(r) || unicode.IsDigit(r)
		n++
	}
	if !some {
		return ""
	}
	visual, ok := arrange(b.String())
	if !ok {
		return ""
	}
	for _, r := range visual {
		if f.glyph(r) == nil {
			return ""
		}
	}
	return Text(visual)
}

// glyph is a letter, or nil where the font has none.
func (f *Font) glyph(r rune) *glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, known := f.glyphs[r]
	if !known {
		g = f.load(r)
		f.glyphs[r] = g
	}
	return g
}

func (f *Font) load(r rune) *glyph {
	const ppem = 1024
	index, err := f.sfnt.GlyphIndex(&f.room, r)
	if err != nil || index == 0 {
		return nil
	}
	advance, err := f.sfnt.GlyphAdvance(&f.room, index, fixed.I(ppem), font.HintingNone)
	if err != nil {
		return nil
	}
	segments, err := f.sfnt.LoadGlyph(&f.room, index, fixed.I(ppem), nil)
	if err != nil {
		return nil
	}
	em := func(p fixed.Point26_6) ink.Point {
		return ink.Point{X: float64(p.X) / 64 / ppem, Y: float64(p.Y) / 64 / ppem}
	}
	g := &glyph{advance: float64(advance) / 64 / ppem}
	var at []ink.Point
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if len(at) > 2 {
				g.contours = append(g.contours, at)
			}
			at = []ink.Point{em(s.Args[0])}
		case sfnt.SegmentOpLineTo:
			at = append(at, em(s.Args[0]))
		case sfnt.SegmentOpQuadTo: // TrueType has no other curves
			from, by, to := at[len(at)-1], em(s.Args[0]), em(s.Args[1])
			const steps = 4
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				u := 1 - t
				at = append(at, ink.Point{X: u*u*from.X + 2*u*t*by.X + t*t*to.X, Y: u*u*from.Y + 2*u*t*by.Y + t*t*to.Y})
			}
		}
	}
	if len(at) > 2 {
		g.contours = append(g.contours, at)
	}
	return g
}

// Width is how wide a text is at a size, in pixels.
func (f *Font) Width(t Text, size float64) (w float64) {
	for _, r := range t {
		if g := f.glyph(r); g != nil {
			w += g.advance * size
		}
	}
	return w
}

// Spots says where the middles of a text's letters are from its beginning, at a size.
func (f *Font) Spots(t Text, size float64) []float64 {
	var spots []float64
	w := 0.0
	for _, r := range t {
		if g := f.glyph(r); g != nil {
			spots = append(spots, w+g.advance*size/2)
			w += g.advance * size
		}
	}
	return spots
}

// Place is where a letter stands: the middle of its foot, and its turn in radians,
// clockwise.
type Place struct {
	At    ink.Point
	Angle float64
}

// Straight is the places of a text that stands upright, its beginning at a point of the
// line it stands on.
func (f *Font) Straight(t Text, size float64, at ink.Point) []Place {
	spots := f.Spots(t, size)
	places := make([]Place, len(spots))
	for i, s := range spots {
		places[i].At = ink.Point{X: at.X + s, Y: at.Y}
	}
	return places
}

// Pen takes the outlines of letters.
type Pen struct {
	Body, Halo *ink.Path // each may be nil
	Width      float64   // of the halo around the letters, in pixels
}

// Write gives the pen the outlines of a text's letters, each at its place.
func (f *Font) Write(pen Pen, t Text, size float64, places []Place) {
	i := 0
	var ring []ink.Point
	for _, r := range t {
		g := f.glyph(r)
		if g == nil {
			continue
		}
		if i == len(places) {
			return
		}
		sin, cos := math.Sincos(places[i].Angle)
		at := places[i].At
		i++
		for _, contour := range g.contours {
			ring = ring[:0]
			for _, p := range contour {
				x, y := (p.X-g.advance/2)*size, p.Y*size
				ring = append(ring, ink.Point{X: at.X + x*cos - y*sin, Y: at.Y + x*sin + y*cos})
			}
			if pen.Body != nil {
				pen.Body.Ring(ring...)
			}
			if pen.Halo != nil {
				pen.Halo.Line(append(ring, ring[0]), 2*pen.Width, true)
			}
		}
	}
}
