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
		s.path.Line(line[0], width, c != tunnel)
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
	for _, line := range g.shapes[c] {
		ink.Dashed(line[0], on, off, func(piece []point) { s.path.Line(piece, width, false) })
	}
	s.fill(s.look.fill[c])
	if c == rail && width >= 1.4*s.s { // sleepers
		for _, line := range g.shapes[c] {
			ink.Dashed(line[0], 1.2*s.s, 7*s.s, func(piece []point) { s.path.Line(piece, width+3*s.s, false) })
		}
		s.fill(s.look.fill[c])
	}
}
