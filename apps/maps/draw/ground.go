package draw

import (
	"image/color"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// sheet is a picture that is being drawn.
type sheet struct {
	frame
	look   *style
	font   *letter.Font
	canvas *ink.Canvas
	taken  *taken
	path   ink.Path
}

// fill draws what is in the path, and empties it.
func (s *sheet) fill(with color.RGBA) {
	s.canvas.Fill(&s.path, with)
	s.path.Reset()
}

// Paths are filled before they grow without end. Colours that are not seen through may
// be filled in parts.
const (
	fullPath = 1 << 15 // points
	piece    = 1 << 10 // of a line, that are added at once
	// maxDashed is how long dashed lines of a class are together, in pixels of the page;
	// more, which no real map has, are drawn plain.
	maxDashed = 100_000
)

// stroke adds a line to the path, which is filled whenever it is full.
func (s *sheet) stroke(line []point, width float64, round bool, with color.RGBA) {
	for len(line) > piece {
		s.path.Line(line[:piece], width, round)
		s.full(with)
		line = line[piece-2:] // the last stroke again, for the corner after it
	}
	s.path.Line(line, width, round)
	s.full(with)
}

func (s *sheet) full(with color.RGBA) {
	if s.path.Points() >= fullPath {
		s.fill(with)
	}
}

// ground draws land, water and streets.
func (s *sheet) ground(g *gathered) {
	for c := land; c < tunnel; c++ {
		if c.isLine() {
			s.strokes(g, c)
			continue
		}
		for _, rings := range g.shapes[c] {
			for _, ring := range rings {
				s.path.Ring(ring...)
			}
			s.full(s.look.fill[c])
		}
		s.fill(s.look.fill[c])
	}
	for _, c := range []class{ferry, rail, path} {
		s.strokes(g, c)
	}
	// First the edges of all streets, then all streets: crossings stay open.
	for c := tunnel; c <= highway; c++ {
		if edge := s.look.casing[c]; edge.A != 0 {
			s.lines(g, c, c.width(s.Zoom)*s.s+s.edge(c), edge)
		}
	}
	for c := tunnel; c <= highway; c++ {
		if s.look.casing[c].A != 0 {
			s.lines(g, c, c.width(s.Zoom)*s.s, s.look.fill[c])
		}
	}
}

// edge is how much wider a street is with its edges.
func (s *sheet) edge(c class) float64 {
	if c.width(s.Zoom) < 1.5 {
		return .9 * s.s
	}
	return 1.8 * s.s
}

func (s *sheet) lines(g *gathered, c class, width float64, with color.RGBA) {
	for _, line := range g.shapes[c] {
		s.stroke(line[0], width, c != tunnel, with)
	}
	s.fill(with)
}

// strokes draws lines that have no edges, some of them dashed.
func (s *sheet) strokes(g *gathered, c class) {
	width := c.width(s.Zoom) * s.s
	on, off := 0.0, 0.0
	switch c {
	case path:
		on, off = 3*s.s, 2*s.s
	case ferry:
		on, off = 5*s.s, 4*s.s
	case border:
		on, off = 7*s.s, 3*s.s
	}
	length := 0.0
	for _, line := range g.shapes[c] {
		length += lengthOf(line[0])
	}
	if length > maxDashed*s.s {
		on = 0
	}
	for _, line := range g.shapes[c] {
		ink.Dashed(line[0], on, off, func(dash []point) { s.stroke(dash, width, false, s.look.fill[c]) })
	}
	s.fill(s.look.fill[c])
	if c == rail && width >= 1.4*s.s && length <= maxDashed*s.s { // sleepers
		for _, line := range g.shapes[c] {
			ink.Dashed(line[0], 1.2*s.s, 7*s.s, func(dash []point) { s.stroke(dash, width+3*s.s, false, s.look.fill[c]) })
		}
		s.fill(s.look.fill[c])
	}
}
