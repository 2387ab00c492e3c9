package grid

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// Grid references are those of MGRS on WGS 84 (NGA.STND.0037, DMA TM 8358.1 chapter 3),
// which USNG takes over (FGDC-STD-011-2001): a zone of UTM and the letter of a band of
// latitude, two letters of a square of 100 km, and within it as many digits east as north.
// Digits are cut off, not rounded. Near the poles there is another grid, not known here.
const (
	bandLetters = "CDEFGHJKLMNPQRSTUVWX"
	rowLetters  = "ABCDEFGHJKLMNPQRSTUV"
	southEnd    = -80.0
	northEnd    = 84.0
	hundredKm   = 100_000.0
	rowsRepeat  = 20 * hundredKm
)

// columnLetters are those of the squares of a zone, from east 100 km on.
func columnLetters(zone int) string {
	return [...]string{"STUVWXYZ", "ABCDEFGH", "JKLMNPQR"}[zone%3]
}

// firstRow is which letter the row at the equator has.
func firstRow(zone int) int { return (1 - zone%2) * 5 }

// FormatReference is the grid reference of a point as USNG writes it, 18S UJ 2348 0647,
// by the side of its square in meters: 1, 10, 100, 1000, 10000 or 100000; any other is the
// next smaller one. It is "" for the polar regions, south of 80° S and north of 84° N.
func FormatReference(p orb.Point, side int) string {
	if !onEarth(p) || p.Lat() < southEnd || p.Lat() > northEnd {
		return ""
	}
	// A tenth of a millimeter is no matter, but what rounds to the other side of a border is.
	p = orb.Point{math.Round(p.Lon()*1e9) / 1e9, math.Round(p.Lat()*1e9) / 1e9}
	zone, band := zoneOf(p), bandOf(p.Lat())
	m := toUTM(p, zone)
	column := int(m.east/hundredKm) - 1
	letters := columnLetters(zone)
	if column < 0 || column >= len(letters) {
		return "" // no point of a zone is so far out
	}
	north := math.Mod(m.north, rowsRepeat)
	if north < 0 {
		north += rowsRepeat
	}
	row := (int(north/hundredKm) + firstRow(zone)) % len(rowLetters)
	square := fmt.Sprintf("%d%c %c%c", zone, bandLetters[band], letters[column], rowLetters[row])
	digits := 5
	for unit := 10; unit <= side && digits > 0; unit *= 10 {
		digits--
	}
	if digits == 0 {
		return square
	}
	unit := math.Pow(10, 5-float64(digits))
	east := int(math.Mod(m.east, hundredKm) / unit)
	return fmt.Sprintf("%s %0*d %0*d", square, digits, east, digits, int(math.Mod(north, hundredKm)/unit))
}

// bandOf is the place of a latitude's letter.
func bandOf(lat float64) int {
	return min(int(math.Floor((lat-southEnd)/8)), len(bandLetters)-1)
}

// zoneOf is the zone of a point, with what is different in Norway and on Svalbard.
func zoneOf(p orb.Point) int {
	lon := p.Lon()
	zone := int(math.Floor((lon+180)/6))%60 + 1
	switch lat := p.Lat(); {
	case lat >= 56 && lat < 64 && lon >= 3 && lon < 12:
		return 32
	case lat < 72 || lon < 0 || lon >= 42:
		return zone
	case lon < 9:
		return 31
	case lon < 21:
		return 33
	case lon < 33:
		return 35
	}
	return 37
}

// area is what a zone has of a band, in degrees; wide is 0 where it has nothing.
func area(zone, band int) cell {
	c := cell{south: southEnd + 8*float64(band), west: central(zone) - 3, high: 8, wide: 6}
	switch bandLetters[band] {
	case 'V':
		switch zone {
		case 31:
			c.wide = 3
		case 32:
			c.west, c.wide = 3, 9
		}
	case 'X':
		c.high = 12
		switch zone {
		case 31:
			c.west, c.wide = 0, 9
		case 33:
			c.west, c.wide = 9, 12
		case 35:
			c.west, c.wide = 21, 12
		case 37:
			c.west, c.wide = 33, 9
		case 32, 34, 36:
			c.wide = 0
		}
	}
	return c
}

var (
	// referenceShape is a reference, well written or not; its zone may be missing.
	referenceShape = regexp.MustCompile(`^(?:(\d{1,2})[ -]*([A-Z])[ -]*)?([A-Z])[ -]*([A-Z])[ ,-]*(\d[\d ,-]*)?$`)
	polarShape     = regexp.MustCompile(`^[ABYZ][ -]*[A-Z][ -]*[A-Z][ -]*\d[\d ,-]*$`)
	bareShape      = regexp.MustCompile(`^(\d{3}[ -]+\d{3}|\d{4}[ -]+\d{4}|\d{5}[ -]+\d{5}|\d{8}|\d{10})$`)
	digitGroup     = regexp.MustCompile(`\d+`)
)

// isReference reports whether s is meant as a grid reference.
func isReference(s string) bool {
	s = strings.ToUpper(s)
	if polarShape.MatchString(s) || bareShape.MatchString(s) {
		return true
	}
	m := referenceShape.FindStringSubmatch(s)
	return len(m) > 0 && (m[1] != "" || m[5] != "")
}

// parseReference reads one that isReference has found to be meant as such.
func parseReference(text string, near orb.Point) (Found, error) {
	s := strings.ToUpper(text)
	switch {
	case polarShape.MatchString(s):
		return Found{}, wrong("“%s” looks like a grid reference of the polar regions, which is not known here. Please give latitude and longitude.", cut(text))
	case bareShape.MatchString(s):
		return Found{}, wrong("“%s” looks like the digits of a grid reference. The letters before them are missing, such as 18S UJ.", cut(text))
	}
	m := referenceShape.FindStringSubmatch(s)
	east, north, digits, ok := halves(m[5])
	if !ok {
		return Found{}, wrong("“%s” looks like a grid reference. It ends in as many digits to the east as to the north, at most 5 of each; here they do not come out even.", cut(text))
	}
	side := math.Pow(10, 5-float64(digits))
	offset := meters{float64(east) * side, float64(north) * side}
	if m[1] == "" {
		if !given(near) {
			return Found{}, wrong("“%s” looks like a grid reference without its zone. Please put that before it, such as 18S.", cut(text))
		}
		p, ok := nearestSquare(m[3], m[4], offset, side, near)
		if !ok {
			return Found{}, noSquare(m[3] + m[4])
		}
		return Found{Point: p, Kind: Reference, Within: side}, nil
	}
	zone, err := strconv.Atoi(m[1])
	if err != nil || zone < 1 || zone > 60 {
		return Found{}, wrong("“%[1]s” looks like a grid reference. It begins with a zone from 1 to 60; here that is %[2]s.", cut(text), m[1])
	}
	band := strings.Index(bandLetters, m[2])
	if band < 0 {
		return Found{}, wrong("“%[1]s” looks like a grid reference. After the zone comes a letter from C to X, but never I or O; here that is %[2]s.", cut(text), m[2])
	}
	p, ok := inSquare(zone, band, m[3], m[4], offset, side)
	if !ok {
		return Found{}, noSquare(m[1] + m[2] + " " + m[3] + m[4])
	}
	return Found{Point: p, Kind: Reference, Within: side}, nil
}

func noSquare(name string) error {
	return wrong("There is no such place in the grid: %s. Please look at its letters again.", name)
}

// halves splits the digits of a reference: as written, or in the middle.
func halves(s string) (east, north, digits int, ok bool) {
	groups := digitGroup.FindAllString(s, 3)
	var a, b string
	switch len(groups) {
	case 0:
		return 0, 0, 0, true
	case 1:
		n := len(groups[0])
		a, b = groups[0][:n/2], groups[0][n/2:]
	case 2:
		a, b = groups[0], groups[1]
	default:
		return 0, 0, 0, false
	}
	if len(a) != len(b) || len(a) > 5 {
		return 0, 0, 0, false
	}
	east, errEast := strconv.Atoi(a)
	north, errNorth := strconv.Atoi(b)
	return east, north, len(a), errEast == nil && errNorth == nil
}

// corner is the south-western corner of a part of a square of 100 km, in the rows that
// have their letters for the first time north of the equator.
func corner(zone int, column, row string, offset meters) (meters, bool) {
	c, r := strings.Index(columnLetters(zone), column), strings.Index(rowLetters, row)
	if c < 0 || r < 0 {
		return meters{}, false
	}
	r = (r - firstRow(zone) + len(rowLetters)) % len(rowLetters)
	return meters{float64(c+1)*hundredKm + offset.east, float64(r)*hundredKm + offset.north}, true
}

// inSquare is the middle of a part of a square, or a place near it where its zone and band
// have only a piece of it, without the middle.
func inSquare(zone, band int, column, row string, offset meters, side float64) (orb.Point, bool) {
	at, ok := corner(zone, column, row, offset)
	limits := area(zone, band)
	if !ok || limits.wide == 0 {
		return orb.Point{}, false
	}
	// Parallels curve, so a band reaches somewhat further from the equator than in the
	// middle of its zone.
	const reach = 3 * hundredKm
	low := toUTM(orb.Point{central(zone), limits.south}, zone).north - reach
	high := toUTM(orb.Point{central(zone), limits.south + limits.high}, zone).north + reach
	for at.north += rowsRepeat * math.Ceil((low-at.north)/rowsRepeat); at.north < high; at.north += rowsRepeat {
		if !touches(zone, at, side, limits) {
			continue
		}
		return pieceOf(zone, at, side, limits, band == len(bandLetters)-1), true
	}
	return orb.Point{}, false
}

// pieceOf is the middle of a square, if that lies within the limits; else a place nearby
// that lies in both. Where the limits cut off only a corner, that is the corner.
func pieceOf(zone int, at meters, side float64, limits cell, top bool) orb.Point {
	inset := 1e-3 // a millimeter
	east, north := at.east+side-inset, at.north+side-inset
	from := limits.west - central(zone)
	var first orb.Point
	for i, m := range []meters{
		{at.east + side/2, at.north + side/2},
		{at.east + inset, at.north + inset}, {east, at.north + inset}, {at.east + inset, north}, {east, north},
	} {
		p := fromUTM(m, zone)
		lon, lat := clamp(beside(p.Lon(), central(zone)), from, limits.wide, false), clamp(p.Lat(), limits.south, limits.high, top)
		p = orb.Point{beside(lon+central(zone), 0), lat}
		if got := toUTM(p, zone); got.east >= at.east && got.east <= at.east+side && got.north >= at.north && got.north <= at.north+side {
			return p
		}
		if i == 0 {
			first = p
		}
	}
	return first
}

// clamp is the number nearest to x in what begins at low; its end is not in it, unless the
// grid ends there as well.
func clamp(x, low, length float64, closed bool) float64 {
	high := low + length
	if !closed {
		high -= 1e-9 // a tenth of a millimeter
	}
	return math.Min(math.Max(x, low), high)
}

// touches reports whether any of a square lies within limits.
func touches(zone int, at meters, side float64, limits cell) bool {
	const slack = 1e-9 // degrees, for what the projection rounds
	south, north, west, east := 90.0, -90.0, 1e9, -1e9
	middle := math.Min(math.Max(utmEast, at.east), at.east+side) // where a parallel turns back
	for _, e := range []float64{at.east, middle, at.east + side} {
		for _, n := range []float64{at.north, at.north + side} {
			if math.Abs(n) > rectifying*math.Pi/2 {
				return false // beyond a pole
			}
			p := fromUTM(meters{e, n}, zone)
			lon := beside(p.Lon(), central(zone))
			south, north = math.Min(south, p.Lat()), math.Max(north, p.Lat())
			west, east = math.Min(west, lon), math.Max(east, lon)
		}
	}
	from := limits.west - central(zone)
	return north >= limits.south-slack && south <= limits.south+limits.high+slack &&
		east >= from-slack && west <= from+limits.wide+slack
}

// nearestSquare is the middle of that part of a square, of all squares with these letters,
// which is nearest to a point.
func nearestSquare(column, row string, offset meters, side float64, near orb.Point) (best orb.Point, found bool) {
	if near.Lat() < southEnd || near.Lat() > northEnd {
		return best, false
	}
	least := math.Inf(1)
	// Squares of one name lie 18° and 2,000 km apart.
	for _, d := range []int{0, -1, 1} {
		zone := (zoneOf(near)+d+59)%60 + 1
		for band := max(bandOf(near.Lat())-2, 0); band <= min(bandOf(near.Lat())+2, len(bandLetters)-1); band++ {
			p, ok := inSquare(zone, band, column, row, offset, side)
			if !ok {
				continue
			}
			if d := Distance(near, p); d < least {
				best, least, found = p, d, true
			}
		}
	}
	return best, found
}
