package ink

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// Canvas is a picture that is drawn on. It is for one goroutine.
type Canvas struct {
	img  *image.RGBA
	r    vector.Rasterizer
	mask *image.Alpha
}

// NewCanvas is a picture of one colour, w × h pixels. It takes 4 bytes a pixel, and up to
// 9 more while something is drawn that fills it.
func NewCanvas(w, h int, background color.RGBA) *Canvas {
	c := &Canvas{img: image.NewRGBA(image.Rect(0, 0, w, h))}
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(background), image.Point{}, draw.Src)
	return c
}

// Size is the picture's width and height in pixels.
func (c *Canvas) Size() (w, h int) { return c.img.Rect.Dx(), c.img.Rect.Dy() }

// At is the colour of a pixel.
func (c *Canvas) At(x, y int) color.RGBA { return c.img.RGBAAt(x, y) }

// Fill fills a path. The colour is premultiplied (image/color).
func (c *Canvas) Fill(p *Path, with color.RGBA) {
	box, ok := c.rasterise(p)
	if ok {
		c.r.Draw(c.img, box, image.NewUniform(with), image.Point{})
	}
}

// Hatch fills a path with stripes that rise to the right, of a width, every so many
// pixels.
func (c *Canvas) Hatch(p *Path, with color.RGBA, width, every float64) {
	box, ok := c.rasterise(p)
	if !ok || every <= 0 {
		return
	}
	if c.mask == nil {
		c.mask = image.NewAlpha(c.img.Rect)
	}
	draw.Draw(c.mask, box, image.Transparent, image.Point{}, draw.Src)
	c.r.DrawOp = draw.Src
	c.r.Draw(c.mask, box, image.Opaque, image.Point{})
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			i := c.mask.PixOffset(x, y)
			if c.mask.Pix[i] == 0 {
				continue
			}
			// how far the pixel's middle is from the middle of a stripe, across it
			off := math.Abs(math.Mod(float64(x+y)+1, every)-every/2) / math.Sqrt2
			share := math.Min(1, math.Max(0, width/2-off+.5))
			c.mask.Pix[i] = uint8(float64(c.mask.Pix[i]) * share)
		}
	}
	draw.DrawMask(c.img, box, image.NewUniform(with), image.Point{}, c.mask, box.Min, draw.Over)
}

// rasterise takes in a path, as far as it is on the picture, and says where that is.
func (c *Canvas) rasterise(p *Path) (image.Rectangle, bool) {
	if p.Empty() {
		return image.Rectangle{}, false
	}
	w, h := c.Size()
	edge := func(v float64, most int) int { return int(math.Min(float64(most), math.Max(0, v))) }
	box := image.Rect(edge(math.Floor(p.low.X), w), edge(math.Floor(p.low.Y), h), edge(math.Ceil(p.high.X), w), edge(math.Ceil(p.high.Y), h))
	if box.Empty() {
		return box, false
	}
	c.r.Reset(box.Dx(), box.Dy())
	x0, y0 := float64(box.Min.X), float64(box.Min.Y)
	from := 0
	for _, end := range p.ends {
		for i, q := range p.points[from:end] {
			if x, y := float32(q.X-x0), float32(q.Y-y0); i == 0 {
				c.r.MoveTo(x, y)
			} else {
				c.r.LineTo(x, y)
			}
		}
		c.r.ClosePath()
		from = end
	}
	return box, true
}
