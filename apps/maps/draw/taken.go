package draw

import "math"

// taken is where on the picture something is that must stay legible.
type taken struct {
	cell  float64 // pixels along a side
	w, h  int     // cells
	cells []bool
}

func newTaken(f frame) *taken {
	t := &taken{cell: 2 * f.s}
	t.w, t.h = int(math.Ceil(f.w/t.cell)), int(math.Ceil(f.h/t.cell))
	t.cells = make([]bool, t.w*t.h)
	return t
}

// each goes through the cells of a box; those outside of the picture are left out.
func (t *taken) each(b box, f func(*bool) bool) bool {
	clamp := func(v float64, n int) int { return int(math.Min(float64(n), math.Max(0, v))) }
	x0, x1 := clamp(math.Floor(b.low.X/t.cell), t.w), clamp(math.Ceil(b.high.X/t.cell), t.w)
	y0, y1 := clamp(math.Floor(b.low.Y/t.cell), t.h), clamp(math.Ceil(b.high.Y/t.cell), t.h)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			if !f(&t.cells[y*t.w+x]) {
				return false
			}
		}
	}
	return true
}

func (t *taken) free(boxes ...box) bool {
	for _, b := range boxes {
		if !t.each(b, func(c *bool) bool { return !*c }) {
			return false
		}
	}
	return true
}

func (t *taken) take(boxes ...box) {
	for _, b := range boxes {
		t.each(b, func(c *bool) bool { *c = true; return true })
	}
}

// around is the square around a point.
func around(p point, half float64) box {
	return box{xy(p.X-half, p.Y-half), xy(p.X+half, p.Y+half)}
}

// inside reports whether a box is on the picture whole, with a margin.
func (f *frame) inside(b box, margin float64) bool {
	return b.low.X >= margin && b.low.Y >= margin && b.high.X <= f.w-margin && b.high.Y <= f.h-margin
}
