package draw_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
)

// at is the place at a pixel of middle.
func at(x, y float64) orb.Point { return middle().Point(x, y) }

func rectOf(h draw.Hit) image.Rectangle { return image.Rect(h.Left, h.Top, h.Right, h.Bottom) }

// Every place that is to be seen is on just one sign, at its place or with others nearby;
// no sign hides another, and all are on the picture whole.
func TestEveryPlaceIsOnOneSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var marks []draw.Mark
		want := map[string]bool{}
		for i := range rapid.IntRange(0, 60).Draw(t, "places") {
			x, y := rapid.Float64Range(-60, 420).Draw(t, "x"), rapid.Float64Range(-60, 420).Draw(t, "y")
			m := draw.Mark{ID: fmt.Sprint(i), Number: i + 1, Kind: draw.Kind(i % 8), Geometry: at(x, y)}
			marks = append(marks, m)
			if x > .1 && y > .1 && x < 359.9 && y < 359.9 {
				want[m.ID] = true
			} else if x > -.1 && y > -.1 && x < 360.1 && y < 360.1 {
				return // on the very edge, either is right
			}
		}
		hits := draw.Layout(middle(), marks)
		got := map[string]bool{}
		for i, h := range hits {
			if !rectOf(h).In(image.Rect(0, 0, 360, 360)) || rectOf(h).Dx() < 20 || rectOf(h).Dy() < 20 {
				t.Errorf("a sign at %v", rectOf(h))
			}
			for _, id := range h.IDs {
				if got[id] {
					t.Errorf("%s is on two signs", id)
				}
				got[id] = true
			}
			for _, o := range hits[:i] {
				// at an edge signs are moved onto the picture, and may touch there
				both := rectOf(h).Intersect(rectOf(o))
				if both.Dx() > 13 && both.Dy() > 13 {
					t.Errorf("%v and %v hide each other", h, o)
				}
			}
		}
		for id := range want {
			if !got[id] {
				t.Errorf("%s is on no sign", id)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d places are on signs, %d are to be seen", len(got), len(want))
		}
	})
}

// Signs stand on what is to be seen of lines and areas.
func TestSignsStandOnLinesAndAreas(t *testing.T) {
	for name, c := range map[string]struct {
		g    orb.Geometry
		want image.Point // in the sign; nothing for none
	}{
		"a line that leaves":           {orb.LineString{at(100, 100), at(900, 100)}, image.Pt(230, 100)},
		"an area that leaves":          {orb.Polygon{{at(200, 100), at(900, 100), at(900, 200), at(200, 200), at(200, 100)}}, image.Pt(280, 150)},
		"the sides of a ring":          {orb.Polygon{{at(100, 100), at(200, 100), at(200, 200), at(100, 200), at(100, 100)}, {at(110, 101), at(110, 199), at(199, 199), at(199, 101), at(110, 101)}}, image.Point{}},
		"an area around all":           {orb.Polygon{{at(-500, -500), at(900, -500), at(900, 900), at(-500, 900), at(-500, -500)}}, image.Pt(180, 180)},
		"the nearest of several":       {orb.MultiPoint{at(900, 900), at(50, 60)}, image.Pt(50, 60)},
		"a bound":                      {orb.Bound{Min: at(100, 200), Max: at(200, 100)}, image.Pt(150, 150)},
		"what is far away":             {at(2000, 2000), image.Point{}},
		"nothing":                      {nil, image.Point{}},
		"a collection with nothing":    {orb.Collection{nil, orb.Polygon{}, orb.LineString{}, orb.MultiPolygon{{}}}, image.Point{}},
		"the far side of an area":      {orb.Polygon{{at(400, 400), at(900, 400), at(900, 900), at(400, 400)}}, image.Point{}},
		"a line that is a single spot": {orb.LineString{at(50, 50), at(50, 50)}, image.Pt(50, 50)},
	} {
		hits := draw.Layout(middle(), []draw.Mark{{ID: "x", Geometry: c.g, Number: 1}})
		switch {
		case name == "the sides of a ring":
			if len(hits) != 1 {
				t.Errorf("%s: %v", name, hits)
			}
		case c.want == image.Point{}:
			if len(hits) != 0 {
				t.Errorf("%s: %v", name, hits)
			}
		case len(hits) != 1 || !c.want.In(rectOf(hits[0])):
			t.Errorf("%s: %v, not at %v", name, hits, c.want)
		}
	}
}

// Places across the line of the date are where they are for a map that shows both sides.
func TestAcrossTheDateLine(t *testing.T) {
	v := draw.View{Center: orb.Point{179.999, 10}, Zoom: 14, Width: 360, Height: 360}.Sound()
	marks := []draw.Mark{{ID: "west", Geometry: orb.Point{179.998, 10}}, {ID: "east", Geometry: orb.Point{-179.998, 10}},
		{ID: "area", Geometry: orb.Polygon{{{-180, 9.995}, {-179.999, 9.995}, {-179.999, 9.997}, {-180, 9.997}, {-180, 9.995}}}}}
	at := map[string]draw.Hit{}
	for _, h := range draw.Layout(v, marks) {
		at[h.IDs[0]] = h
	}
	if len(at) != 3 || at["west"].Left >= at["east"].Left || at["area"].Top <= at["west"].Top {
		t.Errorf("%v", at)
	}
	pic, err := painter(t).Draw(t.Context(), v, tileOf(t, earth()), marks, draw.Look{})
	with := drawn(t, pic, err)
	pic, err = painter(t).Draw(t.Context(), v, tileOf(t, earth()), nil, draw.Look{})
	for id, h := range at {
		r := rectOf(h)
		if _, n := difference(part{with, r}, part{drawn(t, pic, err), r}); n < 100 {
			t.Errorf("%s is not drawn at %v", id, r)
		}
	}
}

type part struct {
	image.Image
	r image.Rectangle
}

func (p part) Bounds() image.Rectangle { return p.r }

// The number on a sign is to be read, also on one that is not confirmed, with any streets
// under it; several near each other show their numbers, many how many they are.
func TestNumbersAreToBeRead(t *testing.T) {
	p := painter(t)
	tiles := tileOf(t, earth(), street("Boulevard of Names", orb.Point{0, 180}, orb.Point{360, 180}), street("Crossing", orb.Point{180, 0}, orb.Point{180, 360}))
	several := func(n int) (marks []draw.Mark) {
		for i := range n {
			marks = append(marks, draw.Mark{ID: fmt.Sprint(i), Number: n - i, Kind: draw.Shelter, Geometry: at(180+float64(i), 180)})
		}
		return marks
	}
	for _, c := range []struct {
		marks []draw.Mark
		text  string
		size  float64
		dark  bool // letters on light ground
	}{
		{[]draw.Mark{{Number: 7, Kind: draw.Other, Geometry: at(180, 180)}}, "7", 13, false},
		{[]draw.Mark{{Number: 42, Kind: draw.Other, Geometry: at(180, 180)}}, "42", 13, false},
		{[]draw.Mark{{Number: 42, Kind: draw.Other, Unsure: true, Geometry: at(180, 180)}}, "42", 13, true},
		{[]draw.Mark{{Number: 42, Kind: draw.Closed, Geometry: at(180, 180)}}, "42", 13, false},
		{several(3), "1, 2, 3", 13, false},
		{several(40), "×40", 13, false},
	} {
		pic, err := p.Draw(t.Context(), middle(), tiles, c.marks, draw.Look{})
		img := drawn(t, pic, err)
		hits := draw.Layout(middle(), c.marks)
		if len(hits) != 1 || len(hits[0].IDs) != len(c.marks) {
			t.Fatalf("%s: %v", c.text, hits)
		}
		r := rectOf(hits[0])
		mid := image.Pt((r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2)
		inner := image.Rect(mid.X-r.Dx()/2+4, mid.Y-6, mid.X+r.Dx()/2-4, mid.Y+6)
		seen := img
		if !c.dark {
			seen = negative{img}
		}
		right, wrong := likeness(t, seen, inner, c.text, c.size), likeness(t, seen, inner, "5"+c.text[1:]+"8", c.size)
		if right < .8 || right < wrong+.05 {
			t.Errorf("%s: likeness %.2f, of others %.2f", c.text, right, wrong)
		}
	}
}

type negative struct{ image.Image }

func (n negative) At(x, y int) color.Color { return color.Gray{255 - uint8(grey(n.Image.At(x, y)))} }

// Areas, lines and where the reader is are drawn where they are, and names of streets
// give way to signs.
func TestMarksAreDrawn(t *testing.T) {
	p := painter(t)
	tiles := tileOf(t, earth(), street("Boulevard", orb.Point{0, 180}, orb.Point{360, 180}))
	pic, err := p.Draw(t.Context(), middle(), tiles, nil, draw.Look{})
	without := drawn(t, pic, err)
	for name, c := range map[string]struct {
		mark  draw.Mark
		where image.Rectangle
	}{
		"an area of a notice": {draw.Mark{Kind: draw.Notice, Geometry: orb.Polygon{{at(50, 50), at(120, 50), at(120, 110), at(50, 110), at(50, 50)}}}, image.Rect(48, 48, 122, 112)},
		"a closed road":       {draw.Mark{Kind: draw.Closed, Geometry: orb.LineString{at(40, 300), at(200, 260)}}, image.Rect(36, 248, 204, 304)},
		"here":                {draw.Mark{Kind: draw.Here, Geometry: at(250, 60)}, image.Rect(239, 49, 261, 71)},
	} {
		pic, err := p.Draw(t.Context(), middle(), tiles, []draw.Mark{c.mark}, draw.Look{})
		where, n := difference(without, drawn(t, pic, err))
		if n < 60 || !where.In(c.where.Inset(-2)) || where.Dx() < c.where.Dx()-10 {
			t.Errorf("%s: %d pixels within %v, not %v", name, n, where, c.where)
		}
	}
	hole := draw.Mark{Kind: draw.Notice, Geometry: orb.Polygon{{at(20, 20), at(150, 20), at(150, 150), at(20, 150), at(20, 20)}, {at(60, 60), at(110, 60), at(110, 110), at(60, 110), at(60, 60)}}}
	pic, err = p.Draw(t.Context(), middle(), tiles, []draw.Mark{hole}, draw.Look{}) // both rings are wound the same way
	img := drawn(t, pic, err)
	if in, out := grey(img.At(85, 85)), grey(without.At(85, 85)); math.Abs(in-out) > 2 || math.Abs(grey(img.At(40, 40))-out) < 5 {
		t.Errorf("the hole is %v, the area %v, the land %v", in, grey(img.At(40, 40)), out)
	}
	puts, err := p.Names(t.Context(), middle(), tiles, []draw.Mark{{Number: 1, Geometry: at(180, 180)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, put := range puts {
		for _, l := range put.Places {
			if l.At.X > 166 && l.At.X < 194 {
				t.Errorf("a letter of %s is under the sign", put.Text)
			}
		}
	}
}

// Layouts of as many places as a large layer has, all on one picture.
func BenchmarkLayout(b *testing.B) {
	for _, n := range []int{200, 5000} {
		var marks []draw.Mark
		for i := range n {
			marks = append(marks, draw.Mark{ID: fmt.Sprint(i), Number: i + 1, Kind: draw.Shelter, Geometry: at(float64(i*37%360), float64(i*91%359))})
		}
		b.Run(fmt.Sprintf("places=%d", n), func(b *testing.B) {
			signs := 0
			for b.Loop() {
				signs = len(draw.Layout(middle(), marks))
			}
			b.ReportMetric(float64(signs), "signs")
		})
	}
}

// No sign hides whose the map is.
func TestTheFootOfThePictureIsFreeOfSigns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyView(t)
		x, y := rapid.Float64Range(0, float64(v.Width)).Draw(t, "x"), rapid.Float64Range(0, float64(v.Height)).Draw(t, "y")
		for _, h := range draw.Layout(v, []draw.Mark{{ID: "a", Geometry: v.Point(x, y), Number: 7}}) {
			if h.Bottom > v.Height-15 || h.Bottom-h.Top < 22 {
				t.Errorf("%+v on %+v", h, v)
			}
		}
	})
}
