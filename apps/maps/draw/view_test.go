package draw_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
)

func anyView(t *rapid.T) draw.View {
	return draw.View{
		Center: orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-80, 80).Draw(t, "lat")},
		Zoom:   float64(rapid.IntRange(0, 80).Draw(t, "zoom")) / 4,
		Width:  rapid.IntRange(draw.MinSide, draw.MaxSide).Draw(t, "width"), Height: rapid.IntRange(draw.MinSide, draw.MaxSide).Draw(t, "height"),
		Scale: rapid.IntRange(1, 2).Draw(t, "scale"),
	}.Sound()
}

// Any numbers at all make a view that can be drawn, and a sound one is left as it is.
func TestSoundViews(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		odd := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 180, -180, 1e300}))
		v := draw.View{Center: orb.Point{odd.Draw(t, "lon"), odd.Draw(t, "lat")}, Zoom: odd.Draw(t, "zoom"),
			Width: rapid.Int().Draw(t, "w"), Height: rapid.Int().Draw(t, "h"), Scale: rapid.Int().Draw(t, "scale")}.Sound()
		if !(v.Center[0] >= -180 && v.Center[0] <= 180 && math.Abs(v.Center[1]) <= draw.MaxLatitude+1e-6 && v.Zoom >= 0 && v.Zoom <= draw.MaxZoom) {
			t.Errorf("%+v", v)
		}
		if v.Width < draw.MinSide || v.Width > draw.MaxSide || v.Height < draw.MinSide || v.Height > draw.MaxSide || v.Width*v.Height*v.Scale*v.Scale > draw.MaxPixels || v.Scale < 1 {
			t.Errorf("%+v", v)
		}
		if v.Sound() != v {
			t.Errorf("%+v becomes %+v", v, v.Sound())
		}
	})
}

// A place and its pixel belong together; tiles lie where others say that they lie.
func TestPlacesAndPixels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyView(t)
		x, y := rapid.Float64Range(0, float64(v.Width)).Draw(t, "x"), rapid.Float64Range(0, float64(v.Height)).Draw(t, "y")
		p := v.Point(x, y)
		if math.Abs(p[1]) > 85 {
			return
		}
		gotX, gotY := v.Pixel(p)
		around := 256 * math.Exp2(v.Zoom) // pixels round the earth
		if math.Abs(math.Remainder(gotX-x, around)) > 1e-3 || math.Abs(gotY-y) > 1e-3 {
			t.Errorf("%v, %v is %v is %v, %v", x, y, p, gotX, gotY)
		}
		tile := maptile.Fraction(v.Center, maptile.Zoom(8))
		east := maptile.Fraction(v.Pan(.25, .25).Center, 8)
		if want := float64(v.Width) / 4 * math.Exp2(8-v.Zoom) / 256; math.Abs(math.Remainder(east[0]-tile[0]-want, 256)) > 1e-4 {
			t.Errorf("a quarter to the east is %v tiles, not %v", east[0]-tile[0], want)
		}
	})
}

// There and back is where one was; nearer shows less, in the same place.
func TestPanAndZoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyView(t)
		v.Zoom = math.Max(v.Zoom, 4) // so near that the poles are not reached
		v = v.Sound()
		if math.Abs(v.Center[1]) > 60 {
			return
		}
		back := v.Pan(.5, -.5).Pan(-.5, .5)
		if x, y := back.Pixel(v.Center); math.Abs(x-float64(v.Width)/2) > .5 || math.Abs(y-float64(v.Height)/2) > .5 {
			t.Errorf("there and back from %+v is %+v", v, back)
		}
		if near := v.Zoomed(1); near.Zoom != math.Min(v.Zoom+1, draw.MaxZoom) || near.Center != v.Center {
			t.Errorf("nearer than %+v is %+v", v, near)
		}
		n, w := v.Pan(0, -.5), v.Pan(-.5, 0)
		if n.Center[1] <= v.Center[1] || math.Abs(math.Remainder(w.Center[0]-v.Center[0], 360)) < 1e-7 {
			t.Errorf("north of %+v is %+v, west is %+v", v, n, w)
		}
	})
}

// What a view is fit to is on it whole, and could not be shown much larger.
func TestFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyView(t)
		a := orb.Point{rapid.Float64Range(-170, 170).Draw(t, "w"), rapid.Float64Range(-70, 70).Draw(t, "s")}
		b := orb.Point{a[0] + rapid.Float64Range(0, 5).Draw(t, "dx"), a[1] + rapid.Float64Range(0, 5).Draw(t, "dy")}
		fit := v.Fit(orb.Bound{Min: a, Max: b}, 17)
		x0, y1 := fit.Pixel(a)
		x1, y0 := fit.Pixel(b)
		if x0 < 0 || y0 < 0 || x1 > float64(v.Width) || y1 > float64(v.Height) {
			t.Errorf("%v to %v is at %.0f,%.0f to %.0f,%.0f of %+v", a, b, x0, y0, x1, y1, fit)
		}
		if fit.Zoom < 17 && (x1-x0)*1.2 < float64(v.Width-48) && (y1-y0)*1.2 < float64(v.Height-48) && fit.Zoom > 0 {
			t.Errorf("%v to %v fills only %.0f × %.0f of %+v", a, b, x1-x0, y1-y0, fit)
		}
		if bound := fit.Bound(); !bound.Contains(a) || !bound.Contains(b) {
			t.Errorf("%v does not have %v and %v", bound, a, b)
		}
	})
}

// The bar of the scale is as long as it says.
func TestScale(t *testing.T) {
	for _, c := range []struct {
		zoom  float64
		miles bool
		text  string
	}{{17, false, "100 m"}, {17, true, "200 ft"}, {10, false, "10 km"}, {10, true, "5 mi"}} {
		v := draw.View{Center: orb.Point{0, 0}, Zoom: c.zoom, Width: 360, Height: 360}.Sound()
		pixels, text := draw.Scale(v, c.miles)
		if text != c.text {
			t.Errorf("%+v: %s", c, text)
		}
		unit := map[bool]float64{true: 1609.344, false: 1000}[c.miles]
		switch text {
		case "100 m":
			unit = 100
		case "200 ft":
			unit = 200 * .3048
		case "10 km":
			unit *= 10
		case "5 mi":
			unit *= 5
		}
		east := v.Point(180+pixels, 180)
		if meters := east[0] / 360 * 2 * math.Pi * orb.EarthRadius; math.Abs(meters-unit) > unit*.001 || pixels > 90 {
			t.Errorf("%s is %.1f m and %.0f pixels", text, meters, pixels)
		}
	}
}
