package draw_test

import (
	"context"
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

// harbour is a map that has one tile of its own, and four zooms above it the sea, with
// what is on that in the units of its tile.
type harbour struct{ own, sea same }

const harbourX, harbourY = 8194, 8194 // at zoom 14

func (h harbour) Tile(_ context.Context, z uint8, x, y uint32) (draw.Tile, error) {
	if z == 14 && x == harbourX && y == harbourY {
		return draw.Tile{Z: z, X: x, Y: y, Data: h.own}, nil
	}
	return draw.Tile{Z: z - 4, X: x >> 4, Y: y >> 4, Data: h.sea, Credit: "Natural Earth"}, nil
}

// A large piece is drawn only where no finer one is; it has no seams, and its names do
// not lie on the finer one. Whose both are is said.
func TestLargePiecesAreDrawnWhereNoFinerOneIs(t *testing.T) {
	whole := orb.Polygon{{{-64, -64}, {4160, -64}, {4160, 4160}, {-64, 4160}, {-64, -64}}}
	city := func(name string, x, y float64) thing {
		return thing{"places", orb.Point{x, y}, geojson.Properties{"kind": "locality", "name": name}}
	}
	unit := 4096.0 / 16 // of a tile of zoom 14 on the sea's
	tiles := harbour{
		own: tileOf(t, earth()),
		sea: tileOf(t, thing{"water", whole, geojson.Properties{"kind": "ocean"}}, city("Afloat", 1.8*unit, 1.8*unit), city("Drowned", 2.2*unit, 2.2*unit)),
	}
	degrees := harbourX/16384.0*360 - 180 // so near to the equator that both are alike
	v := draw.View{Center: orb.Point{degrees, -degrees}, Zoom: 15, Width: 360, Height: 360, Scale: 1}.Sound()
	p := painter(t)
	puts, err := p.Names(t.Context(), v, tiles, nil)
	if err != nil || !slices.ContainsFunc(puts, func(q draw.Put) bool { return q.Text == "Afloat" }) || slices.ContainsFunc(puts, func(q draw.Put) bool { return q.Text == "Drowned" }) {
		t.Errorf("%v, %v", puts, err)
	}
	pic, err := p.Nameless(t.Context(), v, tiles, nil, draw.Look{})
	img := drawn(t, pic, err)
	for y := range 340 { // over the scale and the thanks
		for x := range 360 {
			blue := isBlue(img.At(x, y))
			if near := abs(x-180) < 4 || abs(y-180) < 4; near && x > 170 && y > 170 {
				continue // where both meet
			}
			if own := x >= 180 && y >= 180; own == blue {
				t.Fatalf("at %d, %d is %v", x, y, img.At(x, y))
			}
		}
	}
	font, err := letter.New()
	if err != nil {
		t.Fatal(err)
	}
	const thanks = "Natural Earth, © OpenStreetMap"
	where := image.Rect(356-int(font.Width(font.Name(thanks), 10)), 360-13, 356, 360-3)
	if like := likeness(t, img, where, thanks, 10); like < .9 {
		t.Errorf("the likeness of the thanks is %.2f", like)
	}
}

func isBlue(c color.Color) bool {
	r, _, b, _ := c.RGBA()
	return b > r+0x2000
}

func abs(n int) int { return max(n, -n) }
