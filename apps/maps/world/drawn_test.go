package world_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/world"
)

// tiles are those of a shelf on which nothing lies above the map.
type tiles struct {
	*shelf.Shelf

	nameless bool
}

func (w tiles) Tile(ctx context.Context, z uint8, x, y uint32) (draw.Tile, error) {
	p, err := w.Piece(ctx, z, x, y)
	if w.nameless {
		p.Data = without(p.Data, "places")
	}
	return draw.Tile{Z: p.Z, X: p.X, Y: p.Y, Data: p.Data, Credit: p.Credit}, err
}

// without is a tile without one layer (vector_tile.proto: a tile is a list of layers,
// each of which says its name first or second).
func without(tile []byte, layer string) (out []byte) {
	for at := 0; at < len(tile); {
		size, n := binary.Uvarint(tile[at+1:])
		end := at + 1 + n + int(size)
		if !bytes.Contains(tile[at:at+1+n+20], append([]byte{1<<3 | 2, byte(len(layer))}, layer...)) {
			out = append(out, tile[at:end]...)
		}
		at = end
	}
	return out
}

// picture is a view that was drawn.
type picture struct {
	draw.View
	image.Image
}

func drawn(t *testing.T, w world.World, center orb.Point, zoom float64, names bool) picture {
	t.Helper()
	p, err := draw.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := shelf.Open(t.TempDir(), shelf.Config{Under: &shelf.Under{Archive: w.Archive, Tag: w.Tag}})
	if err != nil {
		t.Fatal(err)
	}
	v := draw.View{Center: center, Zoom: zoom, Width: 640, Height: 480}.Sound()
	made, err := p.Draw(t.Context(), v, tiles{s, !names}, nil, draw.Look{})
	if err != nil || made.Broken != nil || !made.Streets {
		t.Fatal(err, made.Broken)
	}
	if len(made.PNG) > 60_000 {
		t.Errorf("a picture of %d bytes", len(made.PNG))
	}
	img, err := png.Decode(bytes.NewReader(made.PNG))
	if err != nil {
		t.Fatal(err)
	}
	return picture{v, img}
}

// ground is what a point of a picture may be.
type ground int

const (
	land ground = iota
	water
	border
)

// has reports whether a place is on that ground; a border may be two pixels away.
func (p picture) has(at orb.Point, g ground) bool {
	x, y := p.Pixel(at)
	reach := 0
	if g == border {
		reach = 2
	}
	for dx := -reach; dx <= reach; dx++ {
		for dy := -reach; dy <= reach; dy++ {
			if groundOf(p.At(int(x)+dx, int(y)+dy)) == g {
				return true
			}
		}
	}
	return false
}

// groundOf tells a colour: water is blue, a border darker than both.
func groundOf(c color.Color) ground {
	r, g, b, _ := c.RGBA()
	switch r, g, b = r>>8, g>>8, b>>8; {
	case g < 190 && b < 220:
		return border
	case b > r+25:
		return water
	}
	return land
}

// Names are drawn at every zoom, also where the deepest tiles are drawn on, and are those
// of the reader's language.
func TestNamesAreDrawn(t *testing.T) {
	w := opened(t)
	for _, zoom := range []float64{1, 3, 4, 6, 8, 10, 12, 14} {
		at := orb.Point{-87.65, 41.85} // Chicago
		named, bare := drawn(t, w, at, zoom, true), drawn(t, w, at, zoom, false)
		letters := 0
		for x := range named.Width {
			for y := range named.Height {
				if groundOf(named.At(x, y)) == border && groundOf(bare.At(x, y)) != border {
					letters++
				}
			}
		}
		if letters < 30 {
			t.Errorf("zoom %v: %d pixels of letters", zoom, letters)
		}
	}
}
