package draw_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

func painter(t testing.TB) *draw.Painter {
	t.Helper()
	p, err := draw.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// same is a map whose tiles are all the same.
type same []byte

func (m same) Tile(_ context.Context, z uint8, x, y uint32) (draw.Tile, error) {
	return draw.Tile{Z: z, X: x, Y: y, Data: m}, nil
}

// thing is a feature of a tile, in the tile's units, 0 to 4096.
type thing struct {
	layer string
	shape orb.Geometry
	props geojson.Properties
}

func tileOf(t interface{ Fatal(...any) }, things ...thing) same {
	var layers mvt.Layers
	for _, x := range things {
		f := geojson.NewFeature(x.shape)
		f.Properties = x.props
		layers = append(layers, &mvt.Layer{Name: x.layer, Version: 2, Extent: 4096, Features: []*geojson.Feature{f}})
	}
	raw, err := mvt.Marshal(layers)
	if err != nil {
		t.Fatal(err)
	}
	return same(raw)
}

func earth() thing {
	return thing{"earth", orb.Polygon{{{0, 0}, {4096, 0}, {4096, 4096}, {0, 4096}, {0, 0}}}, geojson.Properties{"kind": "earth"}}
}

// middle is a view in the middle of a tile of zoom 15, of which a pixel is four units.
func middle() draw.View {
	return draw.View{Center: orb.Point{.5 / 32768 * 360, .005493164}, Zoom: 17, Width: 360, Height: 360, Scale: 1}
}

// street is a street between pixels of middle.
func street(name string, points ...orb.Point) thing {
	line := make(orb.LineString, len(points))
	for i, p := range points {
		line[i] = orb.Point{2048 + (p[0]-180)*4, 2048 + (p[1]-180)*4}
	}
	return thing{"roads", line, geojson.Properties{"kind": "minor_road", "name": name}}
}

func drawn(t testing.TB, pic draw.Picture, err error) image.Image {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if pic.Broken != nil {
		t.Errorf("a tile is broken: %v", pic.Broken)
	}
	img, err := png.Decode(bytes.NewReader(pic.PNG))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func grey(c color.Color) float64 {
	g, _ := color.GrayModel.Convert(c).(color.Gray)
	return float64(g.Y)
}

// difference is where two pictures differ to the eye, and how many pixels do.
func difference(a, b image.Image) (where image.Rectangle, n int) {
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if math.Abs(grey(a.At(x, y))-grey(b.At(x, y))) > 40 {
				where = where.Union(image.Rect(x, y, x+1, y+1))
				n++
			}
		}
	}
	return where, n
}

// likeness is how well a text is to be read at a place of a picture: the correlation of
// the picture there with the text as black on white, at the best of some shifts.
func likeness(t testing.TB, img image.Image, where image.Rectangle, raw string, size float64) (best float64) {
	t.Helper()
	font, err := letter.New()
	if err != nil {
		t.Fatal(err)
	}
	text := font.Name(raw)
	for dy := -2.0; dy <= 2; dy += .25 {
		for dx := -3.0; dx <= 3; dx += .5 {
			c := ink.NewCanvas(where.Dx(), where.Dy(), color.RGBA{255, 255, 255, 255})
			var p ink.Path
			from := ink.Point{X: dx + (float64(where.Dx())-font.Width(text, size))/2, Y: dy + (float64(where.Dy())+size*letter.CapHeight)/2}
			font.Write(letter.Pen{Body: &p}, text, size, font.Straight(text, size, from))
			c.Fill(&p, color.RGBA{30, 30, 30, 255})
			var n, sa, sb, saa, sbb, sab float64
			for y := range where.Dy() {
				for x := range where.Dx() {
					a, b := grey(img.At(where.Min.X+x, where.Min.Y+y)), grey(c.At(x, y))
					n, sa, sb, saa, sbb, sab = n+1, sa+a, sb+b, saa+a*a, sbb+b*b, sab+a*b
				}
			}
			if r := (n*sab - sa*sb) / math.Sqrt((n*saa-sa*sa)*(n*sbb-sb*sb)); r > best {
				best = r
			}
		}
	}
	return best
}

// A street's name stands on the street, and is to be read there: what is drawn is like
// that name, and less like one that differs by two letters.
func TestTheNameOfAStreetIsToBeReadOnIt(t *testing.T) {
	p := painter(t)
	for _, name := range []string{"Harbour Street", "Đường Nguyễn Huệ", "Πόλη του Μονακό"} {
		tiles := tileOf(t, earth(), street(name, orb.Point{-200, 120}, orb.Point{560, 120}))
		for _, look := range []draw.Look{{}, {Language: "fr"}} {
			pic, err := p.Draw(t.Context(), middle(), tiles, nil, look)
			with := drawn(t, pic, err)
			pic, err = p.Nameless(t.Context(), middle(), tiles, nil, look)
			where, n := difference(with, drawn(t, pic, err))
			font, err := letter.New()
			if err != nil {
				t.Fatal(err)
			}
			const size = 11
			if w := font.Width(font.Name(name), size); n < 100 || math.Abs(float64(where.Dx())-w) > 8 || where.Min.Y < 111 || where.Max.Y > 129 {
				t.Errorf("%s: %d pixels differ within %v, the name is %.0f wide", name, n, where, w)
				continue
			}
			runes := []rune(name)
			runes[2], runes[5] = 'W', 'g'
			right, wrong := likeness(t, with, where, name, size), likeness(t, with, where, string(runes), size)
			if right < .85 || right < wrong+.03 {
				t.Errorf("%s: likeness %.3f, of %s %.3f", name, right, string(runes), wrong)
			}
		}
	}
}

// Letters along any street stand upright, one after the other as far apart as they are
// wide, none on another, and all on the picture.
func TestNamesLieWellAlongAnyStreets(t *testing.T) {
	p := painter(t)
	font, err := letter.New()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	rapid.Check(t, func(rt *rapid.T) {
		things := []thing{earth()}
		names := []string{"Rue Grimaldi", "Main Street", "Avenue de la Costa", "Rue Plati", "Wharf"}
		for i := range rapid.IntRange(1, len(names)).Draw(rt, "streets") {
			points := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) orb.Point {
				return orb.Point{rapid.Float64Range(-100, 460).Draw(t, "x"), rapid.Float64Range(-100, 460).Draw(t, "y")}
			}), 2, 5).Draw(rt, "points")
			things = append(things, street(names[i], points...))
		}
		for i := range rapid.IntRange(0, 6).Draw(rt, "places") {
			x, y := rapid.Float64Range(1400, 2700).Draw(rt, "x"), rapid.Float64Range(1400, 2700).Draw(rt, "y")
			things = append(things, thing{"pois", orb.Point{x, y}, geojson.Properties{"kind": "hospital", "name": fmt.Sprint("Hospital of Saint ", i)}})
		}
		puts, err := p.Names(context.Background(), middle(), tileOf(rt, things...), nil)
		if err != nil {
			rt.Fatal(err)
		}
		for i, a := range puts {
			named++
			spots := font.Spots(letter.Text(a.Text), a.Size)
			for k, l := range a.Places {
				if math.Abs(math.Remainder(l.Angle, 2*math.Pi)) > math.Pi/2+.45 {
					rt.Errorf("%s: a letter is turned by %.2f", a.Text, l.Angle)
				}
				if l.At.X < 0 || l.At.Y < 0 || l.At.X > 360 || l.At.Y > 360 {
					rt.Errorf("%s: a letter stands at %v", a.Text, l.At)
				}
				if k > 0 {
					far, want := math.Hypot(l.At.X-a.Places[k-1].At.X, l.At.Y-a.Places[k-1].At.Y), spots[k]-spots[k-1]
					if far > want*1.25+.5 || far < want*.7-.5 {
						rt.Errorf("%s: letters %d and %d are %.1f apart, not %.1f", a.Text, k, k+1, far, want)
					}
				}
				for _, b := range puts[:i] {
					for _, m := range b.Places {
						if math.Hypot(l.At.X-m.At.X, l.At.Y-m.At.Y) < a.Size*.45 {
							rt.Errorf("%s and %s lie on each other at %v", a.Text, b.Text, l.At)
						}
					}
				}
			}
		}
	})
	if named == 0 {
		t.Error("no street was named at all")
	}
}

// A street in two tiles has its name where the pieces meet, as if it were one; a long one
// has it again; and a street too short for its name has none.
func TestNamesGoOnFromPieceToPieceAndComeAgain(t *testing.T) {
	p := painter(t)
	pieces := tileOf(t, earth(), street("Boulevard Albert", orb.Point{110, 90}, orb.Point{165, 90}), street("Boulevard Albert", orb.Point{220, 90}, orb.Point{165, 90}),
		street("Allée", orb.Point{100, 300}, orb.Point{112, 300}))
	puts, err := p.Names(t.Context(), middle(), pieces, nil)
	if err != nil || len(puts) != 1 || puts[0].Text != "Boulevard Albert" {
		t.Errorf("%v, %v", puts, err)
	}
	wide := middle()
	wide.Width = 1000
	long := tileOf(t, earth(), street("Quay", orb.Point{-320, 90}, orb.Point{680, 90}))
	if puts, err = p.Names(t.Context(), wide, long, nil); err != nil || len(puts) < 3 || len(puts) > 5 {
		t.Errorf("along 1000 pixels the name comes %d times (%v)", len(puts), err)
	}
}

// A name that cannot be drawn is drawn in another form, if the map has one; never as boxes.
func TestNamesInOtherScripts(t *testing.T) {
	p := painter(t)
	for _, c := range []struct {
		props geojson.Properties
		want  string
	}{
		{geojson.Properties{"name": "南京路", "name:en": "Nanjing Road"}, "Nanjing Road"},
		{geojson.Properties{"name": "南京路", "name:en": "Nanjing Road", "name:vi": "Đường Nam Kinh"}, "Nanjing Road"},
		{geojson.Properties{"name": "南京路"}, ""},
		{geojson.Properties{"name": "Rue", "name:en": "Street"}, "Rue"},
		{geojson.Properties{"ref": "D 53"}, "D 53"},
		{geojson.Properties{"name": "\u202eevil\u0000 name"}, "evil name"},
	} {
		s := street("", orb.Point{0, 90}, orb.Point{360, 90})
		s.props = c.props
		s.props["kind"] = "minor_road"
		puts, err := p.Names(t.Context(), middle(), tileOf(t, earth(), s), nil)
		got := ""
		if len(puts) > 0 {
			got = puts[0].Text
		}
		if err != nil || got != c.want {
			t.Errorf("%v is drawn as %q, not %q (%v)", c.props, got, c.want, err)
		}
	}
}

// Older forms of the basemap are drawn as newer ones are.
func TestOlderSchemasLookTheSame(t *testing.T) {
	p := painter(t)
	line := orb.LineString{{1400, 2048}, {2700, 2048}}
	park := orb.Polygon{{{1500, 2200}, {2500, 2200}, {2500, 2600}, {1500, 2600}, {1500, 2200}}}
	v4 := tileOf(t, earth(), thing{"landuse", park, geojson.Properties{"kind": "park"}}, thing{"roads", line, geojson.Properties{"kind": "major_road", "kind_detail": "primary", "name": "Avenue"}})
	v3 := tileOf(t, earth(), thing{"landuse", park, geojson.Properties{"pmap:kind": "park"}}, thing{"roads", line, geojson.Properties{"pmap:kind": "major_road", "name": "Avenue"}})
	v2 := tileOf(t, earth(), thing{"landuse", park, geojson.Properties{"leisure": "park"}}, thing{"roads", line, geojson.Properties{"pmap:kind": "major_road", "name": "Avenue"}})
	var first image.Image
	for i, tiles := range []same{v4, v3, v2} {
		pic, err := p.Draw(t.Context(), middle(), tiles, nil, draw.Look{})
		img := drawn(t, pic, err)
		if first == nil {
			first = img
		}
		if where, n := difference(first, img); n > 0 {
			t.Errorf("version %d differs within %v", 4-i, where)
		}
	}
	pic, err := p.Draw(t.Context(), middle(), tileOf(t, earth()), nil, draw.Look{})
	if _, n := difference(first, drawn(t, pic, err)); n < 1000 {
		t.Errorf("park and street are %d pixels", n)
	}
}

// Two lakes that overlap, of which one is wound the wrong way, are water where they do;
// an island in one is land.
func TestWaterIsWaterHoweverWound(t *testing.T) {
	p := painter(t)
	square := func(low, high float64) orb.Ring {
		return orb.Ring{{low, low}, {high, low}, {high, high}, {low, high}, {low, low}}
	}
	wrong := square(1900, 2300)
	wrong.Reverse()
	island := square(1550, 1650)
	island.Reverse()
	lake := func(p orb.Polygon) thing { return thing{"water", p, geojson.Properties{"kind": "lake"}} }
	pic, err := p.Draw(t.Context(), middle(), tileOf(t, earth(), lake(orb.Polygon{square(1500, 2048), island}), lake(orb.Polygon{wrong})), nil, draw.Look{})
	img := drawn(t, pic, err)
	at := func(units float64) float64 {
		px := int(180 + (units-2048)/4)
		return grey(img.At(px, px))
	}
	water, land := at(1700), at(1450)
	if math.Abs(water-land) < 10 || at(2000) != water || at(2200) != water || at(1600) != land {
		t.Errorf("water %v, where both are %v, the second %v; land %v, island %v", water, at(2000), at(2200), land, at(1600))
	}
}

// nowhere has no map; broken cannot be read.
type nowhere struct{ err error }

func (n nowhere) Tile(context.Context, uint8, uint32, uint32) (draw.Tile, error) {
	return draw.Tile{}, n.err
}

// Thanks to OpenStreetMap stand in the corner wherever streets are, and only there.
func TestWhoseTheStreetsAre(t *testing.T) {
	p := painter(t)
	corner := image.Rect(360-80, 360-13, 360-4, 360-3)
	for _, c := range []struct {
		name    string
		tiles   draw.Tiles
		streets bool
	}{{"streets", tileOf(t, earth()), true}, {"no map", nowhere{}, false}, {"nothing", nil, false}, {"cannot be read", nowhere{errors.New("bad disk")}, false}} {
		pic, err := p.Draw(t.Context(), middle(), c.tiles, nil, draw.Look{})
		if err != nil {
			t.Fatal(err)
		}
		if (pic.Broken != nil) != (c.name == "cannot be read") || pic.Streets != c.streets {
			t.Errorf("%s: streets %v, broken: %v", c.name, pic.Streets, pic.Broken)
		}
		img, err := png.Decode(bytes.NewReader(pic.PNG))
		if err != nil {
			t.Fatal(err)
		}
		like := likeness(t, img, corner, draw.Credit, 10)
		if (like > .9) != c.streets {
			t.Errorf("%s: the likeness of the thanks is %.2f", c.name, like)
		}
	}
}

// Who no longer waits for a picture gets none.
func TestDrawingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := painter(t).Draw(ctx, middle(), tileOf(t, earth()), nil, draw.Look{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// luminance is that of WCAG 2.2.
func luminance(c color.RGBA) float64 {
	part := func(v uint8) float64 {
		if x := float64(v) / 255; x > .04045 {
			return math.Pow((x+.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	return .2126*part(c.R) + .7152*part(c.G) + .0722*part(c.B)
}

func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + .05) / (math.Min(x, y) + .05)
}

// Names are read on all that may lie under them, and numbers on their signs; signs are
// seen on what surrounds them (WCAG 2.2, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	grounds, texts, halos := draw.Looks()
	for i := range grounds {
		for _, text := range texts[i] {
			for _, ground := range append(grounds[i], halos[i]) {
				if c := contrast(text, ground); c < 4.5 {
					t.Errorf("look %d: %v on %v is %.1f", i, text, ground, c)
				}
			}
		}
	}
	white := color.RGBA{255, 255, 255, 255}
	for k := draw.Other; k <= draw.Here; k++ {
		ground, number, _ := draw.Sign(k)
		if c := contrast(ground, number); c < 4.5 {
			t.Errorf("kind %d: the number's contrast is %.1f", k, c)
		}
		if rim := map[bool]color.RGBA{true: number, false: ground}[k == draw.Hazard]; contrast(rim, white) < 3 {
			t.Errorf("kind %d: the rim's contrast is %.1f", k, contrast(rim, white))
		}
	}
}

// Each kind of place has a shape of its own.
func TestShapesTellKindsWithoutColours(t *testing.T) {
	masks := map[draw.Kind]*ink.Canvas{}
	for k := draw.Other; k <= draw.Closed; k++ {
		_, _, line := draw.Sign(k)
		for i := range line {
			line[i] = ink.Point{X: 30 + 23*line[i].X, Y: 30 + 23*line[i].Y}
		}
		var p ink.Path
		p.Ring(line...)
		c := ink.NewCanvas(60, 60, color.RGBA{})
		c.Fill(&p, color.RGBA{255, 255, 255, 255})
		for other, d := range masks {
			both, either := 0.0, 0.0
			for y := range 60 {
				for x := range 60 {
					a, b := c.At(x, y).R > 127, d.At(x, y).R > 127
					if a && b {
						both++
					}
					if a || b {
						either++
					}
				}
			}
			if both/either > .93 {
				t.Errorf("kinds %d and %d have %.0f%% of their shapes in common", k, other, 100*both/either)
			}
		}
		masks[k] = c
	}
}

func FuzzDraw(f *testing.F) {
	f.Add([]byte(tileOf(f, earth(), street("Rue", orb.Point{0, 90}, orb.Point{360, 90}))), 17.0, 0.0, 0.0)
	f.Add([]byte(tileOf(f, thing{"places", orb.Point{1, 1}, geojson.Properties{"kind": "locality", "name": "Town", "min_zoom": 1}})), 3.0, 179.0, 80.0)
	p := painter(f)
	f.Fuzz(func(t *testing.T, tile []byte, zoom, lon, lat float64) {
		v := draw.View{Center: orb.Point{lon, lat}, Zoom: zoom, Width: 96, Height: 64}
		marks := []draw.Mark{{ID: "p", Geometry: orb.Point{lon, lat}, Number: 1}, {Geometry: orb.Polygon{{{lon, lat}, {lon + zoom, lat}, {lon, lat + zoom}, {lon, lat}}}, Kind: draw.Hazard},
			{Geometry: orb.LineString{{lon, lat}, {zoom, lon}}, Kind: draw.Closed}}
		pic, err := p.Draw(t.Context(), v, same(tile), marks, draw.Look{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(pic.PNG)); err != nil {
			t.Error(err)
		}
	})
}
