package ink

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// PNG is the picture as a file with a palette of at most so many colours, 2 to 256.
func (c *Canvas) PNG(colours int) ([]byte, error) {
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&out, c.paletted(min(256, max(2, colours))))
	return out.Bytes(), err
}

// bin is all pixels whose colours are the same in the first five bits of each part.
type bin struct {
	key uint16
	n   uint32
	sum [3]uint64
}

func keyOf(r, g, b uint8) uint16 { return uint16(r>>3)<<10 | uint16(g>>3)<<5 | uint16(b>>3) }

// part is a bin's red, green or blue, 0 to 31.
func (b bin) part(i int) int { return int(b.key>>(10-5*i)) & 31 }

// paletted finds the palette by median cut (Heckbert 1982) over bins of colours.
// Nothing is dithered: the plain areas of a map stay plain, and pack well.
func (c *Canvas) paletted(colours int) *image.Paletted {
	pix := c.img.Pix
	all := make([]bin, 1<<15)
	for i := 0; i+3 < len(pix); i += 4 {
		b := &all[keyOf(pix[i], pix[i+1], pix[i+2])]
		b.n++
		for k := range 3 {
			b.sum[k] += uint64(pix[i+k])
		}
	}
	used := all[:0:0]
	for k := range all {
		if all[k].n > 0 {
			all[k].key = uint16(k)
			used = append(used, all[k])
		}
	}
	boxes := cut(used, colours)
	to := make([]uint8, 1<<15)
	palette := make(color.Palette, len(boxes))
	for i, box := range boxes {
		var n uint64
		var sum [3]uint64
		for _, b := range box {
			to[b.key] = uint8(i)
			n += uint64(b.n)
			for k := range 3 {
				sum[k] += b.sum[k]
			}
		}
		palette[i] = color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
	}
	out := image.NewPaletted(c.img.Rect, palette)
	for i := range out.Pix {
		out.Pix[i] = to[keyOf(pix[4*i], pix[4*i+1], pix[4*i+2])]
	}
	return out
}

// cut parts bins into at most n boxes, always that next which is spread most over its
// pixels.
func cut(bins []bin, n int) [][]bin {
	boxes := [][]bin{bins}
	for len(boxes) < n {
		best, axis, most := -1, 0, 0.0
		for i, box := range boxes {
			if k, spread := widest(box); spread > most {
				best, axis, most = i, k, spread
			}
		}
		if best < 0 {
			break
		}
		box := boxes[best]
		slices.SortFunc(box, func(a, b bin) int {
			return cmp.Or(cmp.Compare(a.part(axis), b.part(axis)), cmp.Compare(a.key, b.key))
		})
		at := middle(box, axis)
		boxes[best] = box[:at]
		boxes = append(boxes, box[at:])
	}
	return boxes
}

// middle is where to part a sorted box: at the mean of its part, so that a plain area is
// set apart from what is soft around it.
func middle(box []bin, axis int) int {
	sum, n := 0.0, 0.0
	for _, b := range box {
		sum += float64(b.part(axis)) * float64(b.n)
		n += float64(b.n)
	}
	at, _ := slices.BinarySearchFunc(box, sum/n, func(b bin, mean float64) int {
		if float64(b.part(axis)) <= mean {
			return -1
		}
		return 1
	})
	return min(len(box)-1, max(1, at))
}

// widest is along which part of the colour a box is spread most, and how much: its
// variance times its pixels.
func widest(box []bin) (axis int, spread float64) {
	if len(box) < 2 {
		return 0, 0
	}
	for k := range 3 {
		var n, sum, squares float64
		for _, b := range box {
			v, w := float64(b.part(k)), float64(b.n)
			n, sum, squares = n+w, sum+v*w, squares+v*v*w
		}
		if s := squares - sum*sum/n; s > spread {
			axis, spread = k, s
		}
	}
	return axis, spread
}
