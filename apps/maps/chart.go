package maps

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/paulmach/orb"
)

// Fields of the address of a map.
const (
	centerField = "center" // of the map: latitude and longitude
	zoomField   = "zoom"
	sizeField   = "size"   // of the picture
	pointField  = "point"  // that somebody has picked
	pickField   = "pick"   // a point is to be picked
	tapField    = "tap"    // where the picture was tapped, with .x and .y
	focusField  = "place"  // the one that the map is about
	sightField  = "seen"   // what somebody has seen that the map is about
	pointsField = "points" // picked before this one, of a line or an area
)

// Sizes of pictures.
const (
	largeSize = "large" // of a desk
	smallSize = "small" // beside words
)

// sizeOf is a picture's width and height in pixels of the page: by default as a phone of
// 360 pixels has room for.
func sizeOf(name string) (width, height int) {
	switch name {
	case largeSize:
		return 560, 400
	case smallSize:
		return 320, 180
	}
	return 320, 320
}

// chart is a part of the map as an address says it.
type chart struct {
	draw.View

	size string
	set  bool // the address says which part: else it is what there is to be seen
}

// chartOf reads an address.
func chartOf(q url.Values) (c chart) {
	switch c.size = q.Get(sizeField); c.size {
	case largeSize, smallSize:
	default:
		c.size = ""
	}
	c.Width, c.Height = sizeOf(c.size)
	if at, ok := pairOf(q.Get(centerField)); ok {
		c.Center, c.set = at, true
		zoom, err := strconv.ParseFloat(q.Get(zoomField), 64)
		if err != nil {
			zoom = beginDeepest
		}
		c.Zoom = zoom
	}
	c.View = c.Sound()
	return c
}

// pairOf reads latitude and longitude as links of these pages have them.
func pairOf(s string) (p orb.Point, ok bool) {
	a, b, ok := strings.Cut(s, ",")
	lat, errLat := strconv.ParseFloat(a, 64)
	lon, errLon := strconv.ParseFloat(b, 64)
	p = orb.Point{lon, lat}
	return p, ok && errLat == nil && errLon == nil && pointIsOnEarth(p)
}

func pointIsOnEarth(p orb.Point) bool {
	return p.Lat() >= -90 && p.Lat() <= 90 && p.Lon() >= -180 && p.Lon() <= 180
}

// with is the chart's part of an address, with another view.
func (c chart) with(v draw.View) url.Values {
	q := url.Values{
		centerField: {place.FromOrb(v.Center).String()},
		zoomField:   {strconv.FormatFloat(v.Zoom, 'f', -1, 64)},
	}
	if c.size != "" {
		q.Set(sizeField, c.size)
	}
	return q
}

// tapped is the point that somebody has tapped on the picture, if they have: by the
// coordinates of an image button (HTML, "image button state"). Who presses it with a key
// has 0, 0, and means its middle, or what they have written.
func (c chart) tapped(q url.Values) (p orb.Point, ok bool) {
	x, errX := strconv.Atoi(q.Get(tapField + ".x"))
	y, errY := strconv.Atoi(q.Get(tapField + ".y"))
	switch {
	case errX != nil || errY != nil || x < 0 || y < 0 || x > c.Width || y > c.Height:
		return p, false
	case x == 0 && y == 0:
		return c.Center, strings.TrimSpace(q.Get(pointField)) == ""
	}
	return c.Point(float64(x), float64(y)), true
}

// wrap is a point with its longitude within what there is.
func wrap(p orb.Point) place.Point {
	return place.PointAt(p.Lat(), math.Remainder(p.Lon(), 360))
}
