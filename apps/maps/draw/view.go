package draw

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
)

// The bounds of pictures.
const (
	MinSide   = 64      // pixels of width and height, of the page
	MaxSide   = 1024    // the same
	MaxPixels = 1 << 20 // of the file, that is, width × height × scale²
	MaxZoom   = 20
	// MaxLatitude is where the square that web maps make of the earth ends (EPSG 3857).
	MaxLatitude = 85.0511
)

// View is the part of the earth that a picture shows. North is up. The zero View, made
// sound, is the whole earth.
type View struct {
	Center orb.Point // of the picture
	// Zoom is that of web pages with maps: at 0 the earth is 256 pixels wide, and twice
	// as wide at each next. Quarters are kept.
	Zoom          float64
	Width, Height int // in pixels of the page
	Scale         int // pixels of the file in one of the page, along each side: 1, or 2 for print and fine screens
}

// Sound is the view with all that is out of bounds brought within, so that any link is
// good for a picture.
func (v View) Sound() View {
	number := func(x, low, high float64) float64 {
		if math.IsNaN(x) {
			return 0
		}
		return math.Min(high, math.Max(low, x))
	}
	side := func(n int) int {
		if n == 0 {
			n = 360
		}
		return min(MaxSide, max(MinSide, n))
	}
	lon := math.Mod(number(v.Center[0], -1e6, 1e6)+180, 360)
	if lon < 0 {
		lon += 360
	}
	// a millionth of a degree is a tenth of a metre; what differs by less is one picture
	micro := func(x float64) float64 { return math.Round(x*1e6) / 1e6 }
	v.Center = orb.Point{micro(lon - 180), micro(number(v.Center[1], -MaxLatitude, MaxLatitude))}
	v.Zoom = math.Round(number(v.Zoom, 0, MaxZoom)*4) / 4
	v.Width, v.Height = side(v.Width), side(v.Height)
	v.Scale = min(2, max(1, v.Scale))
	if v.Width*v.Height*v.Scale*v.Scale > MaxPixels {
		v.Scale = 1
	}
	return v
}

// Pan is the view moved by shares of its width and height, to the east and to the south:
// Pan(0, -.5) goes half a picture to the north.
func (v View) Pan(east, south float64) View {
	v = v.Sound()
	v.Center = v.Point(float64(v.Width)*(.5+east), float64(v.Height)*(.5+south))
	return v.Sound()
}

// Zoomed is the view that many zooms nearer, or further away.
func (v View) Zoomed(by float64) View {
	v.Zoom += by
	return v.Sound()
}

// Fit is the view at the middle of a bound, as near as all of it is to be seen with a
// margin, but not nearer than zoom deepest. Width, Height and Scale are as they were.
func (v View) Fit(b orb.Bound, deepest float64) View {
	v = v.Sound()
	const margin = 24
	low, high := unit(b.Min), unit(b.Max)
	w, h := math.Abs(high.X-low.X), math.Abs(high.Y-low.Y)
	v.Center = geo(xy((low.X+high.X)/2, (low.Y+high.Y)/2))
	v.Zoom = deepest
	for _, side := range []struct{ share, pixels float64 }{{w, float64(v.Width)}, {h, float64(v.Height)}} {
		if side.share > 0 {
			// rounded down, so that rounding to quarters cannot cut anything off
			v.Zoom = math.Min(v.Zoom, math.Floor(4*math.Log2((side.pixels-2*margin)/256/side.share))/4)
		}
	}
	return v.Sound()
}

// Pixel is where a place is on the picture, in pixels of the page from its upper left
// corner. Of a place that is to be seen on both sides of the earth it is the nearer.
func (v View) Pixel(p orb.Point) (x, y float64) {
	at, c, w := unit(p), unit(v.Center), v.world()
	dx := at.X - c.X
	dx -= math.Round(dx)
	return float64(v.Width)/2 + dx*w, float64(v.Height)/2 + (at.Y-c.Y)*w
}

// Point is the place at a pixel.
func (v View) Point(x, y float64) orb.Point {
	c, w := unit(v.Center), v.world()
	return geo(xy(c.X+(x-float64(v.Width)/2)/w, c.Y+(y-float64(v.Height)/2)/w))
}

// Bound is what the view shows. Its west may be less than -180, or its east more than
// 180, where it shows the other side of the earth.
func (v View) Bound() orb.Bound {
	c, w := unit(v.Center), v.world()
	dx, dy := float64(v.Width)/2/w, float64(v.Height)/2/w
	low, high := geo(xy(c.X-dx, math.Min(1, c.Y+dy))), geo(xy(c.X+dx, math.Max(0, c.Y-dy)))
	return orb.Bound{Min: low, Max: high}
}

// Shows reports whether anything of a part of the earth, in degrees, is on the picture,
// also on the other side of the line of the date.
func (v View) Shows(b orb.Bound) bool {
	window := v.Sound().Bound()
	for _, lap := range []float64{-360, 0, 360} {
		if window.Intersects(orb.Bound{Min: orb.Point{b.Min[0] + lap, b.Min[1]}, Max: orb.Point{b.Max[0] + lap, b.Max[1]}}) {
			return true
		}
	}
	return false
}

// MetersPerPixel is how many metres on the ground, at the middle, a pixel of the page is.
func (v View) MetersPerPixel() float64 {
	const around = 2 * math.Pi * orb.EarthRadius
	return around * math.Cos(v.Center[1]*math.Pi/180) / v.world()
}

// world is how many pixels of the page the earth is wide.
func (v View) world() float64 { return 256 * math.Exp2(v.Zoom) }

// point is a place on a plane: pixels of the file, or shares of the square earth.
type point = ink.Point

func xy(x, y float64) point { return point{X: x, Y: y} }

// unit is a place on the square that web maps make of the earth, whose sides are 1.
func unit(p orb.Point) point {
	s := math.Sin(math.Min(MaxLatitude, math.Max(-MaxLatitude, p[1])) * math.Pi / 180)
	return xy((p[0]+180)/360, .5-math.Log((1+s)/(1-s))/(4*math.Pi))
}

func geo(p point) orb.Point {
	return orb.Point{p.X*360 - 180, math.Atan(math.Sinh(math.Pi*(1-2*p.Y))) * 180 / math.Pi}
}

// frame is a view in pixels of the file.
type frame struct {
	View
	s      float64 // pixels of the file in one of the page
	w, h   float64 // of the file
	center point   // of the view, on the unit square
	size   float64 // of the unit square
}

func newFrame(v View) frame {
	s := float64(v.Scale)
	return frame{v, s, s * float64(v.Width), s * float64(v.Height), unit(v.Center), s * v.world()}
}

// at is where a place of the unit square is on the picture.
func (f *frame) at(p point) point {
	return xy(f.w/2+(p.X-f.center.X)*f.size, f.h/2+(p.Y-f.center.Y)*f.size)
}

// box is where a tile lies on the picture; its x may be out of bounds, round the earth.
type box struct{ low, high point }

// near reports whether anything of a box is on the picture or within so many pixels of it.
func (f *frame) near(b box, margin float64) bool {
	return b.low.X <= f.w+margin && b.high.X >= -margin && b.low.Y <= f.h+margin && b.high.Y >= -margin
}

// deepestTiles is the zoom of the tiles that are asked for at most.
const deepestTiles = 15

// square is a tile on the picture: x may be out of bounds, round the earth.
type square struct {
	tile maptile.Tile
	lap  int // how often round the earth
}

// squares are the tiles that a view is drawn from. A tile fills some 512 pixels of the
// page, so that there are few, with what is worth to be seen at this zoom.
func (f *frame) squares() []square {
	z := min(deepestTiles, max(0, int(math.Round(f.Zoom))-1))
	n := math.Exp2(float64(z))
	first := func(c, half float64) int { return int(math.Floor((c - half) * n)) }
	var all []square
	for y := max(0, first(f.center.Y, f.h/2/f.size)); y <= min(int(n)-1, first(f.center.Y, -f.h/2/f.size)); y++ {
		for x := first(f.center.X, f.w/2/f.size); x <= first(f.center.X, -f.w/2/f.size); x++ {
			lap := int(math.Floor(float64(x) / n))
			all = append(all, square{maptile.New(uint32(x-lap*int(n)), uint32(y), maptile.Zoom(z)), lap})
		}
	}
	return all
}

// place is where a tile lies.
func (f *frame) place(s square) box {
	n := math.Exp2(float64(s.tile.Z))
	x, y := float64(s.tile.X)/n+float64(s.lap), float64(s.tile.Y)/n
	return box{f.at(xy(x, y)), f.at(xy(x+1/n, y+1/n))}
}
