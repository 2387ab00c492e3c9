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
	mask []uint8
}

// NewCanvas is a picture of one colour, w × h pixels. It takes 4 bytes a pixel, and 5
// more while something is drawn that fills it.
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
	if box, ok := c.cover(p); ok {
		c.blend(box, with)
	}
}

// Hatch fills a path with stripes that rise to the right, of a width, every so many
// pixels.
func (c *Canvas) Hatch(p *Path, with color.RGBA, width, every float64) {
	box, ok := c.cover(p)
	if !ok || every <= 0 {
		return
	}
	i := 0
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if c.mask[i] != 0 {
				// how far the pixel's middle is from the middle of a stripe, across it
				off := math.Abs(math.Mod(float64(x+y)+1, every)-every/2) / math.Sqrt2
				c.mask[i] = uint8(float64(c.mask[i]) * math.Min(1, math.Max(0, width/2-off+.5)))
			}
			i++
		}
	}
	c.blend(box, with)
}

// blend puts a colour on the picture where the mask of a box says, and as much as it says.
func (c *Canvas) blend(box image.Rectangle, with color.RGBA) {
	parts := [4]uint32{uint32(with.R), uint32(with.G), uint32(with.B), uint32(with.A)}
	w := box.Dx()
	for y := range box.Dy() {
		row := c.img.Pix[c.img.PixOffset(box.Min.X, box.Min.Y+y):]
		for x, m := range c.mask[y*w : (y+1)*w] {
			if m == 0 {
				continue
			}
			pixel := row[4*x : 4*x+4 : 4*x+4]
			share := uint32(m)
			rest := 255*255 - parts[3]*share // of what was there, in 255 × 255 parts
			for k := range 4 {
				pixel[k] = uint8((uint32(pixel[k])*rest + parts[k]*share*255 + 255*255/2) / (255 * 255))
			}
		}
	}
}

// cover makes the mask of a path, as far as it is on the picture, and says where that is.
func (c *Canvas) cover(p *Path) (image.Rectangle, bool) {
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
	n := box.Dx() * box.Dy()
	if cap(c.mask) < n {
		c.mask = make([]uint8, n)
	}
	c.mask = c.mask[:n]
	// A mask of just the shape's size is filled by the rasteriser's quickest way.
	mask := &image.Alpha{Pix: c.mask, Stride: box.Dx(), Rect: image.Rect(0, 0, box.Dx(), box.Dy())}
	c.r.DrawOp = draw.Src
	c.r.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	return box, true
}
