package draw

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// put is a text that has its place.
type put struct {
	text   letter.Text
	size   float64
	by     hand
	bold   bool
	places []letter.Place
}

// names puts the names that find room, the most important first, and writes them.
func (s *sheet) names(g *gathered) []put {
	slices.SortStableFunc(g.names, func(a, b name) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.length(), a.length()), cmp.Compare(a.text, b.text))
	})
	var all []put
	dots := map[hand][]point{}
	last := map[letter.Text]point{} // of names at points, which two tiles may both have
	for _, n := range g.names {
		if n.lines != nil {
			all = append(all, s.along(n)...)
			continue
		}
		if p, known := last[n.text]; known && math.Hypot(p.X-n.at.X, p.Y-n.at.Y) < 60*s.s {
			continue
		}
		if lines, ok := s.beside(n); ok {
			all = append(all, lines...)
			last[n.text] = n.at
			if n.dot {
				dots[n.by] = append(dots[n.by], n.at)
			}
		}
	}
	s.dots(dots)
	s.write(all)
	return all
}

// length is how much of a street is to be seen: long ones are named first.
func (n name) length() (sum float64) {
	for _, l := range n.lines {
		sum += lengthOf(l[0])
	}
	return sum
}

func lengthOf(line []point) (sum float64) {
	for i := 1; i < len(line); i++ {
		sum += math.Hypot(line[i].X-line[i-1].X, line[i].Y-line[i-1].Y)
	}
	return sum
}

func (s *sheet) dots(dots map[hand][]point) {
	for by := range hands {
		for _, p := range dots[by] {
			s.path.Circle(p, 3.4*s.s)
		}
		s.fill(s.look.halo)
		for _, p := range dots[by] {
			s.path.Circle(p, 2.3*s.s)
		}
		s.fill(s.look.text[by])
	}
}

// write writes texts: first what is around the letters of all, then the letters.
func (s *sheet) write(all []put) {
	var halo ink.Path
	for _, t := range all {
		s.font.Write(letter.Pen{Halo: &halo, Width: 1.7 * s.s}, t.text, t.size, t.places)
		s.canvas.Fill(&halo, s.look.halo)
		halo.Reset()
	}
	for by := range hands {
		for _, t := range all {
			if t.by != by {
				continue
			}
			pen := letter.Pen{Body: &s.path}
			if t.bold {
				pen.Halo, pen.Width = &s.path, .022*t.size
			}
			s.font.Write(pen, t.text, t.size, t.places)
			s.fill(s.look.text[by])
		}
	}
}

// beside finds room for a name at its point: over it, or around its dot.
func (s *sheet) beside(n name) ([]put, bool) {
	size := n.size * s.s
	lines := broken(n.text, 16)
	widths := make([]float64, len(lines))
	widest := 0.0
	for i, l := range lines {
		widths[i] = s.font.Width(l, size)
		widest = math.Max(widest, widths[i])
	}
	step := size * 1.12
	tall := step*float64(len(lines)-1) + size*letter.CapHeight
	tries := []point{{X: -widest / 2, Y: -tall / 2}}
	if n.dot {
		gap := 5 * s.s
		tries = []point{{X: -widest / 2, Y: gap}, {X: -widest / 2, Y: -gap - tall}, {X: gap, Y: -tall / 2}, {X: -gap - widest, Y: -tall / 2}}
	}
	margin := 2.5 * s.s
	for i, off := range tries {
		low := xy(n.at.X+off.X, n.at.Y+off.Y)
		b := box{xy(low.X-margin, low.Y-margin), xy(low.X+widest+margin, low.Y+tall+size*letter.Descent+margin/2)}
		boxes := []box{b}
		if n.dot {
			boxes = append(boxes, around(n.at, 3*s.s))
		}
		if !s.inside(b, 0) || !s.taken.free(boxes...) {
			continue
		}
		s.taken.take(boxes...)
		all := make([]put, len(lines))
		for k, l := range lines {
			x := low.X + (widest-widths[k])/2
			switch {
			case n.dot && i == 2:
				x = low.X
			case n.dot && i == 3:
				x = low.X + widest - widths[k]
			}
			foot := xy(x, low.Y+size*letter.CapHeight+step*float64(k))
			all[k] = put{l, size, n.by, n.by == handPlace, s.font.Straight(l, size, foot)}
		}
		return all, true
	}
	return nil, false
}

// broken breaks a text at spaces into lines of about so many letters, at most three.
func broken(t letter.Text, about int) []letter.Text {
	words := strings.Fields(string(t))
	var lines []letter.Text
	at := ""
	for _, w := range words {
		if at != "" && len([]rune(at))+len([]rune(w)) >= about && len(lines) < 2 {
			lines = append(lines, letter.Text(at))
			at = ""
		}
		if at != "" {
			at += " "
		}
		at += w
	}
	return append(lines, letter.Text(at))
}
