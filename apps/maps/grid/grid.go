// Package grid reads and writes places as people say them: plus codes, grid references
// (MGRS, which the United States National Grid follows), degrees, geo: addresses. It
// also says how far a place is, and in which direction.
//
// Points are degrees of WGS 84, longitude first as package orb has them; people and all
// the texts here have the latitude first.
package grid

import (
	"math"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// Kind is how a place was written.
type Kind string

// The kinds.
const (
	PlusCode  Kind = "plus code"
	Reference Kind = "grid reference"
	Degrees   Kind = "degrees"
	Geo       Kind = "geo address"
)

// Found is a place that was read.
type Found struct {
	Point orb.Point // the middle of what the text names
	Kind  Kind
	// Within is how large that is: meters from side to side. A text that gives only the
	// square of 10 km says no more than that, which a page ought to show.
	Within float64
}

// MaxText is how many bytes a text may have.
const MaxText = 200

// Parse reads a place, whichever way it is written:
//
//	849VCWC8+R9                     a plus code
//	CWC8+R9                         a short one: the nearest such to near
//	18S UJ 23480 06470, 18SUJ2306   a grid reference, of 1 m to 100 km
//	UJ 2348 0647                    one without its zone: the nearest such to near
//	38.88945, -77.03524             degrees, latitude first; also with decimal commas
//	38° 53′ 22″ N, 77° 2′ 7″ W      also with O for west, as Spanish and French have it
//	geo:38.88945,-77.03524          RFC 5870
//
// A zero near is none. The error is an Invalid of hub, about no field: it says what was
// understood and what is missing.
func Parse(text string, near orb.Point) (Found, error) {
	if len(text) > MaxText {
		return Found{}, wrong("This is too long for one place. Please give only its code or its two numbers.")
	}
	s := plain(text)
	switch {
	case s == "":
		return Found{}, wrong("Please give a place: a plus code, a grid reference, or latitude and longitude.")
	case len(s) > 4 && strings.EqualFold(s[:4], "geo:"):
		return parseGeo(s[4:])
	case isPlusCode(s):
		return parsePlus(s, near)
	case isReference(s):
		return parseReference(s, near)
	}
	return parseDegrees(s)
}

func wrong(p hub.Phrase, args ...any) error { return hub.Errorf(hub.Invalid, "", p, args...) }

// cut is a text as an error repeats it.
func cut(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// plain is a text with one sign where people have several: digits, spaces, minus, the
// marks of degrees, minutes and seconds. What cannot be seen is left out.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '٠' && r <= '٩': // Arabic
			r += '0' - '٠'
		case r >= '۰' && r <= '۹': // Persian, Urdu
			r += '0' - '۰'
		case r >= '！' && r <= '～': // of full width, as Chinese keyboards have them
			r += '!' - '！'
		case unicode.IsSpace(r):
			r = ' '
		case unicode.Is(unicode.Cf, r):
			continue
		}
		switch r {
		case '−', '–', '—', '‐', '‑':
			r = '-'
		case '٫':
			r = '.'
		case '،', '、', '，':
			r = ','
		case '؛':
			r = ';'
		case 'º', '˚', '度':
			r = '°'
		case '′', '’', '‘', 'ʹ', '´', '`', '分':
			r = '\''
		case '″', '”', '“', 'ʺ', '秒':
			r = '"'
		}
		b.WriteRune(r)
	}
	s := strings.ReplaceAll(b.String(), "''", `"`)
	return strings.Trim(s, " .,;()[]")
}

// given reports whether a point is one, not the zero that stands for none.
func given(p orb.Point) bool { return p != orb.Point{} && onEarth(p) }

// onEarth reports whether a point's degrees are numbers that there are.
func onEarth(p orb.Point) bool { return math.Abs(p.Lon()) <= 180 && math.Abs(p.Lat()) <= 90 }

// metersPerDegree is a degree along a meridian.
const metersPerDegree = 111_195
