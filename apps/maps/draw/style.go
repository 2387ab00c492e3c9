package draw

import "image/color"

// class is how something of a map is drawn. They are in the order of drawing: what comes
// later lies on top.
type class uint8

const (
	nothing class = iota
	land
	built
	green
	wood
	sand
	care   // hospitals
	school // and universities
	paved
	water
	waterLine
	building
	border
	tunnel
	ferry
	path
	rail
	service
	minor
	medium
	major
	highway
	classes // how many there are
)

// ink of names.
type hand uint8

const (
	handPlain hand = iota
	handWater
	handGreen
	handPlace
	hands
)

// style is the colours of one way to draw maps.
type style struct {
	beyond         color.RGBA // where there is no map
	fill, casing   [classes]color.RGBA
	text           [hands]color.RGBA
	halo           color.RGBA
	badge, badgeBy color.RGBA // of several places together: ground, and letters
}

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

// light is for paper and most screens.
func light() *style {
	s := &style{beyond: rgb(0xEDEAE4), halo: rgb(0xFFFFFF), badge: rgb(0x222222), badgeBy: rgb(0xFFFFFF)}
	s.fill = [classes]color.RGBA{
		land: rgb(0xF6F3EC), built: rgb(0xF1ECE3), green: rgb(0xD3E8C4), wood: rgb(0xC2DFB2), sand: rgb(0xF4EBC4), care: rgb(0xF9DCDC), school: rgb(0xF3E9D2), paved: rgb(0xEDE9E0),
		water: rgb(0xA6D2EC), waterLine: rgb(0xA6D2EC), building: rgb(0xDFD6C9), border: rgb(0x8A6A9C), tunnel: rgb(0xF3EFE8), ferry: rgb(0x5F93B5), path: rgb(0x9C826A), rail: rgb(0x7D7D7D),
		service: rgb(0xFFFFFF), minor: rgb(0xFFFFFF), medium: rgb(0xFFF3C4), major: rgb(0xFCE08A), highway: rgb(0xF6B26B),
	}
	s.casing = [classes]color.RGBA{tunnel: rgb(0xB9B0A2), service: rgb(0xCBC4B8), minor: rgb(0xB5ADA0), medium: rgb(0xB8A36A), major: rgb(0xB88F2E), highway: rgb(0xA8621C)}
	s.text = [hands]color.RGBA{handPlain: rgb(0x1E1E1E), handWater: rgb(0x0F4A73), handGreen: rgb(0x1F5213), handPlace: rgb(0x3A2A4D)}
	return s
}

// dark is for screens at night.
func dark() *style {
	s := &style{beyond: rgb(0x1A1C1F), halo: rgb(0x101214), badge: rgb(0xEEEEEE), badgeBy: rgb(0x111111)}
	s.fill = [classes]color.RGBA{
		land: rgb(0x23262A), built: rgb(0x272A2E), green: rgb(0x22352A), wood: rgb(0x1E3325), sand: rgb(0x38352A), care: rgb(0x43292C), school: rgb(0x33302A), paved: rgb(0x2B2E33),
		water: rgb(0x17364A), waterLine: rgb(0x17364A), building: rgb(0x34383E), border: rgb(0xA98CBD), tunnel: rgb(0x2C3035), ferry: rgb(0x5F93B5), path: rgb(0x8F7B66), rail: rgb(0x8B8B8B),
		service: rgb(0x4A4F57), minor: rgb(0x555B64), medium: rgb(0x55513F), major: rgb(0x62532E), highway: rgb(0x6F4722),
	}
	s.casing = [classes]color.RGBA{tunnel: rgb(0x4A4F57), service: rgb(0x1A1C1F), minor: rgb(0x15171A), medium: rgb(0x15171A), major: rgb(0x15171A), highway: rgb(0x15171A)}
	s.text = [hands]color.RGBA{handPlain: rgb(0xF2F2F2), handWater: rgb(0xA9D8F5), handGreen: rgb(0xB5E0A6), handPlace: rgb(0xE2D4F0)}
	return s
}

// stop is a width at a zoom.
type stop struct{ zoom, width float64 }

// width is how wide lines of a class are at a zoom, in pixels of the page; 0 where they
// are not drawn.
func (c class) width(zoom float64) float64 {
	switch c {
	case highway:
		return between(zoom, stop{5, .6}, stop{8, 1.4}, stop{11, 2.6}, stop{13, 4}, stop{15, 7}, stop{17, 12}, stop{20, 26})
	case major:
		return between(zoom, stop{7, .5}, stop{10, 1.2}, stop{12, 2.2}, stop{14, 4}, stop{16, 8}, stop{18, 14}, stop{20, 24})
	case medium:
		return between(zoom, stop{9, .5}, stop{12, 1.4}, stop{14, 3.2}, stop{16, 7}, stop{18, 13}, stop{20, 22})
	case minor, tunnel:
		return between(zoom, stop{12, .5}, stop{14, 1.8}, stop{15, 3.2}, stop{16, 5.5}, stop{17, 8}, stop{18, 12}, stop{20, 20})
	case service:
		return between(zoom, stop{14.5, .8}, stop{16, 2.4}, stop{18, 6}, stop{20, 12})
	case path:
		return between(zoom, stop{14, .7}, stop{16, 1.3}, stop{18, 2}, stop{20, 3})
	case rail:
		return between(zoom, stop{9, .6}, stop{14, 1.2}, stop{17, 2}, stop{20, 3})
	case ferry:
		return between(zoom, stop{9, .8}, stop{16, 1.4})
	case waterLine:
		return between(zoom, stop{9, .6}, stop{13, 1.4}, stop{16, 3}, stop{20, 8})
	case border:
		return between(zoom, stop{2, .7}, stop{10, 1.6}, stop{16, 2.4})
	}
	return 0
}

// between goes straight from stop to stop; before the first nothing is drawn.
func between(zoom float64, stops ...stop) float64 {
	if zoom < stops[0].zoom {
		return 0
	}
	for i := 1; i < len(stops); i++ {
		if a, b := stops[i-1], stops[i]; zoom < b.zoom {
			return a.width + (b.width-a.width)*(zoom-a.zoom)/(b.zoom-a.zoom)
		}
	}
	return stops[len(stops)-1].width
}
