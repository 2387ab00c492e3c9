package grid

import (
	"math"
	"regexp"
	"strings"

	"github.com/paulmach/orb"
)

// Plus codes are the Open Location Codes of the specification that Google gave to all:
// ten digits of base 20 in pairs of latitude and longitude, each pair a cell twenty times
// smaller; up to five more, each of a grid of 5 by 4.
const (
	plusDigits = "23456789CFGHJMPQRVWX"
	plusPairs  = 10 // digits that come in pairs
	plusMost   = 15 // digits that mean anything
	plusBefore = 8  // digits before the sign
	// The smallest cells, in parts of a degree: what 15 digits tell apart.
	latParts = 8000 * 5 * 5 * 5 * 5 * 5
	lonParts = 8000 * 4 * 4 * 4 * 4 * 4
)

var (
	// plusShape is a code, full or short, and what follows it.
	plusShape = regexp.MustCompile(`(?i)^([2-9CFGHJMPQRVWX0]{2,8})?\+([2-9CFGHJMPQRVWX]*)([ ,].*)?$`)
	fraction  = regexp.MustCompile(`\d[.,]\d`)
)

// isPlusCode reports whether s is meant as one: degrees may have a plus as well.
func isPlusCode(s string) bool {
	at := strings.IndexByte(s, '+')
	if at < 0 {
		return false
	}
	before, after := strings.ReplaceAll(s[:at], " ", ""), s[at+1:]
	if before == "" {
		m := plusShape.FindStringSubmatch(s)
		return len(m) > 0 && len(m[2]) > 1 && m[3] == ""
	}
	return len(before) <= plusBefore && !strings.ContainsAny(before, ".,°'-") && !strings.ContainsAny(after, "°'+") && !fraction.MatchString(after)
}

// FormatPlusCode is the plus code of a point, of 10 digits: a cell of 14 m from south to
// north.
func FormatPlusCode(p orb.Point) string { return encodePlus(p, plusPairs) }

// encodePlus is the code of so many digits, 2 to 15, an even number below 10. Latitudes
// beyond the poles are those of the poles, longitudes beyond the date line go on behind it.
func encodePlus(p orb.Point, digits int) string {
	lat := int64(math.Floor(p.Lat()*latParts)) + 90*latParts
	lat = min(max(lat, 0), 180*latParts-1)
	lon := int64(math.Floor(math.Mod(p.Lon(), 360)*lonParts)) + 180*lonParts
	lon = ((lon % (360 * lonParts)) + 360*lonParts) % (360 * lonParts)

	var code [plusMost]byte
	for i := plusMost - 1; i >= plusPairs; i-- {
		code[i] = plusDigits[lat%5*4+lon%4]
		lat, lon = lat/5, lon/4
	}
	for i := plusPairs - 2; i >= 0; i -= 2 {
		code[i], code[i+1] = plusDigits[lat%20], plusDigits[lon%20]
		lat, lon = lat/20, lon/20
	}
	s := string(code[:digits])
	if digits < plusBefore {
		return s + strings.Repeat("0", plusBefore-digits) + "+"
	}
	return s[:plusBefore] + "+" + s[plusBefore:]
}

// cell is what a full code names: its south-western corner and its sides, in degrees.
type cell struct{ south, west, high, wide float64 }

func (c cell) middle() orb.Point {
	return orb.Point{c.west + c.wide/2, math.Min(c.south+c.high/2, 90)}
}

// decodePlus reads the digits of a full code, without sign and padding.
func decodePlus(digits string) cell {
	digits = digits[:min(len(digits), plusMost)]
	lat, lon := int64(0), int64(0)
	high, wide := int64(400*latParts), int64(400*lonParts)
	for i := 0; i < len(digits); {
		if i < plusPairs {
			high, wide = high/20, wide/20
			lat += high * int64(strings.IndexByte(plusDigits, digits[i]))
			lon += wide * int64(strings.IndexByte(plusDigits, digits[i+1]))
			i += 2
			continue
		}
		high, wide = high/5, wide/4
		d := int64(strings.IndexByte(plusDigits, digits[i]))
		lat += high * (d / 4)
		lon += wide * (d % 4)
		i++
	}
	return cell{
		south: float64(lat)/latParts - 90, west: float64(lon)/lonParts - 180,
		high: float64(high) / latParts, wide: float64(wide) / lonParts,
	}
}

// parsePlus reads a full or a short code.
func parsePlus(s string, near orb.Point) (Found, error) {
	m := plusShape.FindStringSubmatch(s)
	if m == nil { // perhaps with spaces in it
		if m = plusShape.FindStringSubmatch(strings.ReplaceAll(s, " ", "")); len(m) == 0 || m[3] != "" {
			return Found{}, wrong("“%[1]s” looks like a plus code. One has only the digits %[2]s, with 2, 4, 6 or 8 of them before the plus sign.", cut(s), plusDigits)
		}
	}
	before, after, rest := strings.ToUpper(m[1]), strings.ToUpper(m[2]), strings.Trim(m[3], " ,")
	digits := strings.TrimRight(before, "0")
	switch padded := len(digits) < len(before); {
	case len(before)%2 != 0 || len(digits)%2 != 0 || strings.Contains(digits, "0") || len(after) == 1 ||
		padded && (len(before) != plusBefore || after != "" || digits == ""):
		return Found{}, wrong("“%s” looks like a plus code, but digits are missing or too many. Before the plus sign there are 2, 4, 6 or 8 digits, and 2 or more after it.", cut(s))
	case len(before) < plusBefore && after == "":
		return Found{}, wrong("“%s” looks like a plus code, but digits are missing or too many. Before the plus sign there are 2, 4, 6 or 8 digits, and 2 or more after it.", cut(s))
	case len(before) < plusBefore && rest != "":
		return Found{}, wrong("“%[1]s” is a short plus code, which is looked for around here; what follows it, “%[2]s”, is not looked up. Please give the code alone, or all of it: 8 digits before the plus sign.", before+"+"+after, cut(rest))
	case len(before) < plusBefore && !given(near):
		return Found{}, wrong("“%s” is a short plus code, which is read from a place nearby, and none is known here. Please give all of it: 8 digits before the plus sign.", before+"+"+after)
	case len(before) < plusBefore:
		return foundCell(recoverPlus(before+after, plusBefore-len(before), near)), nil
	}
	c := decodePlus(digits + after)
	if c.south >= 90 || c.west >= 180 {
		return Found{}, wrong("There is no place with the plus code “%s”. Please look at its first two digits again.", before+"+"+after)
	}
	return foundCell(c), nil
}

func foundCell(c cell) Found {
	return Found{Point: c.middle(), Kind: PlusCode, Within: c.high * metersPerDegree}
}

// recoverPlus is the cell nearest to a point whose code ends in the given digits, where so
// many digits are missing.
func recoverPlus(digits string, missing int, near orb.Point) cell {
	prefix := strings.Replace(encodePlus(near, plusBefore), "+", "", 1)[:missing]
	c := decodePlus(prefix + digits)
	step := math.Pow(20, 2-float64(missing)/2) // how far apart such cells are, in degrees
	lat, east := c.south+c.high/2, beside(c.west+c.wide/2, near.Lon())
	switch {
	case lat-near.Lat() > step/2 && c.south-step >= -90:
		c.south -= step
	case near.Lat()-lat > step/2 && lat+step <= 90:
		c.south += step
	}
	switch {
	case east > step/2:
		c.west -= step
	case east < -step/2:
		c.west += step
	}
	c.west = beside(c.west, 0)
	return c
}
