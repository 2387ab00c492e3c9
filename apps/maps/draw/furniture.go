package draw

import (
	"math"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// Credit is drawn wherever streets are (openstreetmap.org/copyright).
const Credit = "© OpenStreetMap"

// besideScale is how many pixels of the page the scale takes at the most.
const besideScale = 112

// thanks is the line that says whose the map is.
type thanks struct {
	text letter.Text // empty where there is nothing to thank for
	size float64     // in pixels of the file
	wide float64     // with what is around it
}

// thanks names as many as there is room for beside the scale, but at least the first: the
// page that the picture is on names all.
func (s *sheet) thanks(to []string) (t thanks) {
	const pad = 4
	for n := len(to); n > 0; n-- {
		for _, size := range []float64{10, 8} {
			t = thanks{text: s.font.Name(strings.Join(to[:n], ", ")), size: size * s.s}
			t.wide = s.font.Width(t.text, t.size) + 2*pad*s.s
			if t.wide <= s.w-besideScale*s.s {
				return t
			}
		}
	}
	return t
}

// furniture draws the scale, and whose the map is.
func (s *sheet) furniture(by thanks, miles bool) {
	s.scale(miles)
	if by.text == "" {
		return
	}
	pad := 4 * s.s
	s.path.Box(xy(s.w-by.wide, s.h-strip*s.s), xy(s.w+pad, s.h+pad), 3*s.s)
	s.fill(thin(s.look.halo, .85))
	s.font.Write(letter.Pen{Body: &s.path}, by.text, by.size, s.font.Straight(by.text, by.size, xy(s.w-by.wide+pad, s.h-4.5*s.s)))
	s.fill(s.look.text[handPlain])
}

// scale draws a bar and how long it is on the ground.
func (s *sheet) scale(miles bool) {
	pixels, text := Scale(s.View, miles)
	left, foot := 7*s.s, s.h-7*s.s
	bar := []point{{X: left, Y: foot - 4*s.s}, {X: left, Y: foot}, {X: left + pixels*s.s, Y: foot}, {X: left + pixels*s.s, Y: foot - 4*s.s}}
	t := s.font.Name(text)
	size := 10 * s.s
	places := s.font.Straight(t, size, xy(left+4*s.s, foot-3.2*s.s))
	s.path.Line(bar, 4.4*s.s, true)
	s.font.Write(letter.Pen{Halo: &s.path, Width: 1.7 * s.s}, t, size, places)
	s.fill(s.look.halo)
	s.path.Line(bar, 1.6*s.s, true)
	s.font.Write(letter.Pen{Body: &s.path}, t, size, places)
	s.fill(s.look.text[handPlain])
}

// Scale is how long the bar of a view's scale is, in pixels of the page, 30 to 90 where
// the earth is not smaller than that, and what it says: "200 m", "5 mi".
func Scale(v View, miles bool) (pixels float64, text string) {
	v = v.Sound()
	const widest = 90
	meters := v.MetersPerPixel()
	unit, name := 1.0, " m"
	switch {
	case miles && widest*meters < 1609.344:
		unit, name = .3048, " ft"
	case miles:
		unit, name = 1609.344, " mi"
	case widest*meters >= 1000:
		unit, name = 1000, " km"
	}
	n := widest * meters / unit
	tens := math.Pow(10, math.Floor(math.Log10(n)))
	for _, k := range []float64{5, 2, 1} {
		if k*tens <= n {
			return k * tens * unit / meters, strconv.FormatFloat(k*tens, 'f', -1, 64) + name
		}
	}
	return tens * unit / meters, strconv.FormatFloat(tens, 'f', -1, 64) + name
}
