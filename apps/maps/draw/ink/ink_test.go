package ink_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
)

func white() color.RGBA { return color.RGBA{255, 255, 255, 255} }

func black() color.RGBA { return color.RGBA{0, 0, 0, 255} }

// dark is how many pixels' worth of black are on a white picture.
func dark(c *ink.Canvas) (sum float64) {
	w, h := c.Size()
	for y := range h {
		for x := range w {
			sum += float64(255-c.At(x, y).R) / 255
		}
	}
	return sum
}

// A shape covers what geometry says it does, soft edges counted by their share, on a
// small picture and on one so large that the rasteriser reckons otherwise.
func TestShapesCoverTheirArea(t *testing.T) {
	for _, side := range []int{100, 700} {
		for name, shape := range map[string]struct {
			draw func(*ink.Path)
			want float64
		}{
			"a box":              {func(p *ink.Path) { p.Box(ink.Point{X: 10.5, Y: 20.25}, ink.Point{X: 50, Y: 60}, 0) }, 39.5 * 39.75},
			"a disc":             {func(p *ink.Path) { p.Circle(ink.Point{X: 40, Y: 40}, 20) }, math.Pi * 400},
			"a line":             {func(p *ink.Path) { p.Line([]ink.Point{{X: 10, Y: 10}, {X: 40, Y: 50}}, 4, false) }, 50 * 4},
			"a line, round ends": {func(p *ink.Path) { p.Line([]ink.Point{{X: 10, Y: 10}, {X: 40, Y: 50}}, 6, true) }, 50*6 + math.Pi*9},
			"a line of two pieces": {func(p *ink.Path) {
				p.Line([]ink.Point{{X: 10, Y: 10}, {X: 30, Y: 10}, {X: 30, Y: 10}, {X: 60, Y: 10}}, 4, false)
			}, 50 * 4},
			// two pieces, less the quarter where they overlap, and the quarter disc outside
			"a corner":         {func(p *ink.Path) { p.Line([]ink.Point{{X: 10, Y: 10}, {X: 50, Y: 10}, {X: 50, Y: 50}}, 8, false) }, 2*40*8 - 16 + math.Pi*16/4},
			"the other corner": {func(p *ink.Path) { p.Line([]ink.Point{{X: 10, Y: 50}, {X: 50, Y: 50}, {X: 50, Y: 10}}, 8, false) }, 2*40*8 - 16 + math.Pi*16/4},
			"a box with a hole": {func(p *ink.Path) {
				p.Ring(ink.Point{X: 10, Y: 10}, ink.Point{X: 50, Y: 10}, ink.Point{X: 50, Y: 50}, ink.Point{X: 10, Y: 50})
				p.Ring(ink.Point{X: 20, Y: 20}, ink.Point{X: 20, Y: 30}, ink.Point{X: 30, Y: 30}, ink.Point{X: 30, Y: 20})
			}, 1600 - 100},
			"two that overlap": {func(p *ink.Path) {
				p.Box(ink.Point{X: 10, Y: 10}, ink.Point{X: 30, Y: 30}, 0)
				p.Box(ink.Point{X: 20, Y: 10}, ink.Point{X: 40, Y: 30}, 0)
			}, 600},
			"far outside": {func(p *ink.Path) {
				p.Box(ink.Point{X: -1e6, Y: -1e6}, ink.Point{X: 10, Y: 10}, 0)
			}, 100},
		} {
			c := ink.NewCanvas(side, side, white())
			var p ink.Path
			shape.draw(&p)
			c.Fill(&p, black())
			if got := dark(c); math.Abs(got-shape.want) > shape.want*.012+1 {
				t.Errorf("%s on %d: %.1f pixels are covered, not %.1f", name, side, got, shape.want)
			}
		}
	}
}

// Stripes cover their share of a shape and nothing outside of it.
func TestHatch(t *testing.T) {
	c := ink.NewCanvas(120, 120, white())
	var p ink.Path
	p.Box(ink.Point{X: 10, Y: 10}, ink.Point{X: 110, Y: 110}, 0)
	c.Hatch(&p, black(), 2, 12)
	if got, want := dark(c), 10000*2*math.Sqrt2/12; math.Abs(got-want) > want*.1 {
		t.Errorf("%.0f pixels are covered, not %.0f", got, want)
	}
	if c.At(5, 60) != white() || c.At(115, 3) != white() {
		t.Error("there are stripes outside of the shape")
	}
}

// Dashes are as long together as the line's share that is on.
func TestDashes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		on, off := rapid.Float64Range(.5, 20).Draw(t, "on"), rapid.Float64Range(.5, 20).Draw(t, "off")
		line := []ink.Point{{}}
		length := 0.0
		for range rapid.IntRange(1, 5).Draw(t, "pieces") {
			dx, dy := rapid.Float64Range(-50, 50).Draw(t, "dx"), rapid.Float64Range(-50, 50).Draw(t, "dy")
			last := line[len(line)-1]
			line = append(line, ink.Point{X: last.X + dx, Y: last.Y + dy})
			length += math.Hypot(dx, dy)
		}
		drawn := 0.0
		ink.Dashed(line, on, off, func(piece []ink.Point) {
			for i := 1; i < len(piece); i++ {
				drawn += math.Hypot(piece[i].X-piece[i-1].X, piece[i].Y-piece[i-1].Y)
			}
		})
		whole := math.Floor(length / (on + off))
		want := whole*on + math.Min(on, length-whole*(on+off))
		if math.Abs(drawn-want) > 1e-6*(1+length) {
			t.Errorf("%.3f of %.3f is drawn, not %.3f", drawn, length, want)
		}
	})
}

// The file shows what was drawn: each colour that covers an area stays that colour to the
// eye, with no more colours than asked for.
func TestPNGShowsWhatWasDrawn(t *testing.T) {
	c := ink.NewCanvas(200, 100, color.RGBA{247, 244, 238, 255})
	areas := []color.RGBA{{169, 211, 234, 255}, {213, 232, 200, 255}, {252, 230, 168, 255}, {34, 34, 34, 255}, {255, 255, 255, 255}}
	for i, with := range areas {
		var p ink.Path
		p.Circle(ink.Point{X: 25 + 36*float64(i), Y: 50}, 15)
		c.Fill(&p, with)
	}
	for _, colours := range []int{16, 64, 256} {
		raw, err := c.PNG(colours)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		p, ok := img.(*image.Paletted)
		if !ok || len(p.Palette) > colours {
			t.Fatalf("%T with %d colours", img, len(p.Palette))
		}
		for i, want := range areas {
			got, _ := color.RGBAModel.Convert(img.At(25+36*i, 50)).(color.RGBA)
			for k, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B)} {
				if d < -4 || d > 4 {
					t.Errorf("with %d colours area %d is %v, not %v (%d)", colours, i, got, want, k)
				}
			}
		}
	}
}

// A picture of one colour, and one of more colours than a palette has, are files too.
func TestPNGOfAnyColours(t *testing.T) {
	plain := ink.NewCanvas(20, 20, white())
	many := ink.NewCanvas(64, 64, white())
	for y := range 64 {
		for x := range 64 {
			var p ink.Path
			p.Box(ink.Point{X: float64(x), Y: float64(y)}, ink.Point{X: float64(x + 1), Y: float64(y + 1)}, 0)
			many.Fill(&p, color.RGBA{uint8(4 * x), uint8(4 * y), uint8(2 * (x + y)), 255})
		}
	}
	for _, c := range []*ink.Canvas{plain, many} {
		raw, err := c.PNG(64)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(raw)); err != nil {
			t.Error(err)
		}
	}
}
