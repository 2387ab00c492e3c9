package draw

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// signOf is a kind's ground and the colour of the number on it. Letters of either are
// read on the other at 4.5 to 1 or better (WCAG 2.2, 1.4.3).
func signOf(k Kind) (ground, number color.RGBA) {
	white := rgb(0xFFFFFF)
	switch k {
	case Shelter:
		return rgb(0x0B4F9C), white
	case Water:
		return rgb(0x006B75), white
	case Food:
		return rgb(0x8A4B00), white
	case Medical:
		return rgb(0xA3123F), white
	case Power:
		return rgb(0x5B2E91), white
	case Hazard:
		return rgb(0xFFD000), rgb(0x111111)
	case Closed:
		return rgb(0xB0101C), white
	case Notice:
		return rgb(0x9A3D00), white
	case Here:
		return rgb(0xC4006A), white
	}
	return rgb(0x333333), white
}

// outline is the outer line of a kind's sign.
func outline(k Kind, c point, r float64) []point {
	at := func(points ...float64) []point {
		out := make([]point, 0, len(points)/2)
		for i := 0; i < len(points); i += 2 {
			out = append(out, xy(c.X+points[i]*r, c.Y+points[i+1]*r))
		}
		return out
	}
	around := func(n int, from, size float64) []point {
		out := make([]point, n)
		for i := range out {
			sin, cos := math.Sincos(from + 2*math.Pi*float64(i)/float64(n))
			out[i] = xy(c.X+cos*r*size, c.Y+sin*r*size)
		}
		return out
	}
	switch k {
	case Shelter:
		return at(0, -1.12, 1.05, -.3, .9, -.3, .9, .9, -.9, .9, -.9, -.3, -1.05, -.3)
	case Water:
		drop := []point{{X: c.X, Y: c.Y - 1.2*r}}
		for i := range 17 {
			sin, cos := math.Sincos(-math.Pi/5 + (math.Pi+2*math.Pi/5)*float64(i)/16)
			drop = append(drop, xy(c.X+cos*r*.92, c.Y+.12*r+sin*r*.86))
		}
		return drop
	case Food:
		bowl := at(-1.15, -.85, 1.15, -.85)
		for i := range 15 {
			sin, cos := math.Sincos(math.Pi * float64(i) / 14)
			bowl = append(bowl, xy(c.X+cos*r*1.15, c.Y+(-.55+sin*1.55)*r))
		}
		return bowl
	case Here:
		return around(28, 0, 1)
	case Medical:
		const a, b = .62, 1.02
		return at(-a, -b, a, -b, a, -a, b, -a, b, a, a, a, a, b, -a, b, -a, a, -b, a, -b, -a, -a, -a)
	case Power:
		return around(4, 0, 1.2)
	case Hazard:
		return at(0, -1.25, 1.36, 1, -1.36, 1)
	case Closed:
		return around(8, math.Pi/8, 1.05)
	}
	return at(-.88, -.88, .88, -.88, .88, .88, -.88, .88)
}

// areas draws the lines and areas of marks.
func (s *sheet) areas(marks []Mark) {
	window := s.window(nearness)
	for i := range marks[:min(len(marks), maxMarks)] {
		m := &marks[i]
		with, _ := signOf(m.Kind)
		if m.Kind == Hazard {
			with = rgb(0xB35900) // yellow is no line on white streets
		}
		s.walk(m.Geometry, func(g orb.Geometry) {
			switch g := g.(type) {
			case orb.LineString:
				for _, line := range clip.LineString(window, g) {
					s.markLine(plain(line), m, with)
				}
			case orb.Polygon:
				s.markArea(g, m, with)
			}
		})
	}
}

func plain[P ~[]orb.Point](line P) []point {
	out := make([]point, 0, len(line))
	for _, p := range line {
		out = append(out, xy(p[0], p[1]))
	}
	return out
}

func (s *sheet) markLine(line []point, m *Mark, with color.RGBA) {
	s.stroke(line, 7*s.s, true, rgb(0xFFFFFF))
	s.fill(rgb(0xFFFFFF))
	on, off := 0.0, 0.0
	if m.Kind == Closed || m.Unsure {
		on, off = 7*s.s, 4*s.s
	}
	ink.Dashed(line, on, off, func(dash []point) { s.stroke(dash, 4*s.s, false, with) })
	s.fill(with)
}

func (s *sheet) markArea(g orb.Polygon, m *Mark, with color.RGBA) {
	visible := clip.Polygon(s.window(nearness), g.Clone())
	for i, ring := range visible {
		points := plain(ring)
		if (signedArea(ring) > 0) != (i == 0) {
			points = reversed(points)
		}
		s.path.Ring(points...)
	}
	s.canvas.Fill(&s.path, thin(with, .16))
	if m.Kind == Hazard || m.Kind == Closed {
		s.canvas.Hatch(&s.path, thin(with, .55), 1.6*s.s, 11*s.s)
	}
	s.path.Reset()
	on, off := 0.0, 0.0
	if m.Unsure {
		on, off = 5*s.s, 4*s.s
	}
	edge := rgb(0xFFFFFF)
	for _, width := range []float64{4.2, 2.2} {
		for _, ring := range g { // as it was, so that no line is drawn where it was clipped
			for _, line := range clip.LineString(s.window(nearness), orb.LineString(ring)) {
				if width > 3 {
					s.stroke(plain(line), width*s.s, true, edge)
					continue
				}
				ink.Dashed(plain(line), on, off, func(dash []point) { s.stroke(dash, width*s.s, false, with) })
			}
		}
		if width > 3 {
			s.fill(edge)
		} else {
			s.fill(with)
		}
	}
}

// thin is a colour through which the ground is seen.
func thin(c color.RGBA, share float64) color.RGBA {
	part := func(v uint8) uint8 { return uint8(float64(v) * share) }
	return color.RGBA{part(c.R), part(c.G), part(c.B), part(255)}
}

// caption is what stands on a sign: a place's number; the numbers of up to three; how
// many there are.
func (b *badge) caption() string {
	if !b.several() {
		if n := b.marks[0].Number; n > 0 && n < 10_000 {
			return strconv.Itoa(n)
		}
		return ""
	}
	const most = 3
	numbers := make([]int, 0, most)
	for _, m := range b.marks {
		if len(numbers) == most || m.Number <= 0 || m.Number >= 1000 || m.Count > 1 {
			return "×" + strconv.Itoa(b.count())
		}
		numbers = append(numbers, m.Number)
	}
	slices.Sort(numbers)
	var all []string
	for _, n := range numbers {
		all = append(all, strconv.Itoa(n))
	}
	return strings.Join(all, ", ")
}

// badges draws the signs; the first ones last, so that they lie on top.
func (s *sheet) badges(all []badge) {
	for i := range all {
		if all[i].here() {
			s.here(all[i].at)
		}
	}
	for i := len(all) - 1; i >= 0; i-- {
		switch b := &all[i]; {
		case b.here():
		case b.several():
			s.several(b)
		default:
			s.single(b)
		}
	}
}

func (s *sheet) here(at point) {
	ground, _ := signOf(Here)
	for _, ring := range []struct {
		r    float64
		with color.RGBA
	}{{11, rgb(0xFFFFFF)}, {9.5, rgb(0x111111)}, {8, rgb(0xFFFFFF)}, {5.5, ground}} {
		s.path.Circle(at, ring.r*s.s)
		s.fill(ring.with)
	}
}

func (s *sheet) single(b *badge) {
	m := b.marks[0]
	ground, number := signOf(m.Kind)
	edge := rgb(0xFFFFFF)
	line := outline(m.Kind, b.at, radius*s.s)
	closed := slices.Concat(line, line[:2])
	s.path.Line(closed, 4.6*s.s, true)
	s.fill(edge)
	body, rim := ground, ground
	if m.Kind == Hazard {
		rim = number
	}
	if m.Unsure {
		body, number = rgb(0xFFFFFF), ground
		if m.Kind == Hazard {
			number = rgb(0x111111)
		}
	}
	s.path.Ring(line...)
	s.fill(body)
	s.path.Line(closed, 1.8*s.s, true)
	s.fill(rim)
	at := b.at
	switch m.Kind {
	case Hazard, Shelter:
		at.Y += 2.2 * s.s
	case Water:
		at.Y += 1.2 * s.s
	case Food:
		at.Y -= 1.2 * s.s
	}
	if caption := b.caption(); caption != "" {
		size := 13.0
		switch {
		case len(caption) > 3:
			size = 8.6
		case len(caption) > 2:
			size = 10.5
		case len(caption) > 1 && (m.Kind == Hazard || m.Kind == Medical):
			size = 11.5
		}
		s.caption(caption, at, size*s.s, number)
		return
	}
	s.path.Circle(at, 3*s.s)
	s.fill(number)
}

func (s *sheet) several(b *badge) {
	box := func(grow float64) {
		s.path.Box(xy(b.at.X-b.w-grow, b.at.Y-b.h*.84-grow), xy(b.at.X+b.w+grow, b.at.Y+b.h*.84+grow), 8*s.s)
	}
	box(0)
	s.fill(rgb(0xFFFFFF))
	box(-1.4 * s.s)
	s.fill(rgb(0x1C1C1C))
	s.caption(b.caption(), b.at, 13*s.s, rgb(0xFFFFFF))
}

// caption writes bold figures around a point.
func (s *sheet) caption(raw string, at point, size float64, with color.RGBA) {
	t := s.font.Name(raw)
	foot := xy(at.X-s.font.Width(t, size)/2, at.Y+size*letter.CapHeight/2)
	s.font.Write(letter.Pen{Body: &s.path, Halo: &s.path, Width: .026 * size}, t, size, s.font.Straight(t, size, foot))
	s.fill(with)
}

// reserve keeps the room of the signs and of what is at the edges from names.
func (s *sheet) reserve(all []badge, by thanks) {
	for i := range all {
		b := &all[i]
		s.taken.take(box{xy(b.at.X-b.w-2*s.s, b.at.Y-b.h-3*s.s), xy(b.at.X+b.w+2*s.s, b.at.Y+b.h+2*s.s)})
	}
	s.taken.take(box{xy(0, s.h-22*s.s), xy(besideScale*s.s, s.h)}) // the scale
	if by.text != "" {
		s.taken.take(box{xy(s.w-by.wide, s.h-16*s.s), xy(s.w, s.h)})
	}
}
