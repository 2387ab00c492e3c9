package grid

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/paulmach/orb"
)

// FormatDegrees is a point in degrees, latitude first, to a meter: 38.88945, -77.03524.
func FormatDegrees(p orb.Point) string { return decimal(p.Lat()) + ", " + decimal(p.Lon()) }

// FormatGeo is a point as an address that phones hand to their maps (RFC 5870).
func FormatGeo(p orb.Point) string { return "geo:" + decimal(p.Lat()) + "," + decimal(p.Lon()) }

func decimal(d float64) string {
	s := strconv.FormatFloat(d, 'f', 5, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// FormatMinutes is a point in degrees and minutes, as radios at sea and in the air have it,
// to two meters: 38° 53.367′ N, 77° 2.114′ W.
func FormatMinutes(p orb.Point) string {
	one := func(d float64, plus, minus string) string {
		letter := plus
		if d < 0 {
			letter = minus
		}
		n := int(math.Round(math.Abs(d) * 60_000))
		return fmt.Sprintf("%d° %d.%03d′ %s", n/60_000, n%60_000/1000, n%1000, letter)
	}
	return one(p.Lat(), "N", "S") + ", " + one(p.Lon(), "E", "W")
}

// axis is what a number is of.
type axis int

const (
	unknown axis = iota
	latitude
	longitude
)

// token is a piece of a text in degrees.
type token struct {
	kind  rune    // '0' a number, 'a' a word, ',' what stands between two coordinates; else the sign itself
	text  string  // as written
	value float64 // of a number, without its sign
	whole bool    // a number without a fraction
	minus bool
	axis  axis // of a word
	sign  int  // of a word: 1 north and east, -1 south and west, 0 the axis alone
}

var (
	pointNumber = regexp.MustCompile(`^([+-]?) ?(\d+(?:\.\d*)?|\.\d+)`)
	commaNumber = regexp.MustCompile(`^([+-]?) ?(\d+(?:[.,]\d+)?)`)
	// oneOrOther may be split in two places.
	oneOrOther = regexp.MustCompile(`^[+-]?\d+,\d+,\d+$`)
	// twoWhole are two numbers, as the first is too large for one with a fraction.
	twoWhole = regexp.MustCompile(`^[+-]?(?:9\d|\d{3}),[+-]?\d{1,3}$`)
	hyphens  = regexp.MustCompile(`(\d)-(\d)`)
	letters  = regexp.MustCompile(`^[\pL\pM]+\.?`)
)

// parseDegrees reads latitude and longitude. A comma between digits may be that of a
// decimal fraction, or stand between the two: whichever makes two numbers.
func parseDegrees(s string) (Found, error) {
	if oneOrOther.MatchString(s) {
		return Found{}, notTwo(s, 3)
	}
	numbers := pointNumber
	if !strings.Contains(s, ".") && strings.Contains(s, ",") {
		numbers = commaNumber
	}
	found, err := degreesBy(s, numbers)
	if err != nil && numbers == commaNumber {
		if other, otherErr := degreesBy(s, pointNumber); otherErr == nil || twoWhole.MatchString(s) {
			return other, otherErr
		}
	}
	return found, err
}

func degreesBy(s string, numbers *regexp.Regexp) (Found, error) {
	if strings.ContainsFunc(s, unicode.IsLetter) { // 38-53-22N 77-02-07W
		s = hyphens.ReplaceAllString(s, "$1 $2")
	}
	tokens, err := tokenize(s, numbers)
	if err != nil {
		return Found{}, err
	}
	first, second, err := split(s, tokens)
	if err != nil {
		return Found{}, err
	}
	a, err := readCoordinate(first)
	if err != nil {
		return Found{}, err
	}
	b, err := readCoordinate(second)
	if err != nil {
		return Found{}, err
	}
	return pair(s, a, b)
}

// tokenize takes a text apart.
func tokenize(s string, numbers *regexp.Regexp) ([]token, error) {
	var out []token
	vietnamese := false
	for rest := s; rest != ""; {
		if m := numbers.FindStringSubmatch(rest); m != nil {
			v, err := strconv.ParseFloat(strings.Replace(m[2], ",", ".", 1), 64)
			if err != nil {
				return nil, notUnderstood(s)
			}
			out = append(out, token{kind: '0', text: m[0], value: v, whole: !strings.ContainsAny(m[2], ".,"), minus: m[1] == "-"})
			rest = rest[len(m[0]):]
			continue
		}
		if word := letters.FindString(rest); word != "" {
			a, sign, ok := direction(strings.TrimSuffix(word, "."))
			if !ok {
				return nil, notUnderstood(s)
			}
			vietnamese = vietnamese || strings.ContainsAny(word, "đĐ")
			out = append(out, token{kind: 'a', text: word, axis: a, sign: sign})
			rest = rest[len(word):]
			continue
		}
		switch c := rest[0]; {
		case c == ' ' || c == ':' || c == '=':
			rest = rest[1:]
			continue
		case strings.HasPrefix(rest, "°"):
			out = append(out, token{kind: '°'})
			rest = rest[len("°"):]
			continue
		case c == '\'' || c == '"':
			out = append(out, token{kind: rune(c)})
		case c == ',' || c == ';' || c == '/' || c == '|':
			out = append(out, token{kind: ','})
		default:
			return nil, notUnderstood(s)
		}
		rest = rest[1:]
	}
	if vietnamese { // there N is nam, south
		for i, t := range out {
			if strings.EqualFold(t.text, "N") {
				out[i].sign = -1
			}
		}
	}
	return out, nil
}

// direction is what a word or letter says of a coordinate. O is west, as in Spanish,
// French and Haitian Creole, the languages here that have such a word.
func direction(word string) (axis, int, bool) {
	switch strings.ToLower(word) {
	case "n", "north", "norte", "nord", "nò", "b", "bắc", "北", "北纬", "北緯", "ش", "شمال", "شمالا", "شمالاً":
		return latitude, 1, true
	case "s", "south", "sur", "sud", "sid", "nam", "南", "南纬", "南緯", "ج", "جنوب", "جنوبا", "جنوباً":
		return latitude, -1, true
	case "e", "east", "este", "est", "lès", "đ", "đông", "东", "東", "东经", "東經", "ق", "شرق", "شرقا", "شرقاً":
		return longitude, 1, true
	case "w", "west", "o", "oeste", "ouest", "lwès", "t", "tây", "西", "西经", "西經", "غ", "غرب", "غربا", "غرباً":
		return longitude, -1, true
	case "lat", "latitude", "latitud", "latitid", "纬度", "緯度":
		return latitude, 0, true
	case "lon", "lng", "long", "longitude", "longitud", "lonjitid", "经度", "經度":
		return longitude, 0, true
	}
	return unknown, 0, false
}

// split finds where the one coordinate ends and the other begins.
func split(s string, tokens []token) (first, second []token, _ error) {
	var commas, labels, words, degrees, numbers []int // where they are
	for i, t := range tokens {
		switch t.kind {
		case ',':
			commas = append(commas, i)
		case 'a':
			if t.sign == 0 {
				labels = append(labels, i)
			} else {
				words = append(words, i)
			}
		case '°':
			degrees = append(degrees, i)
		case '0':
			numbers = append(numbers, i)
		}
	}
	var at, skip int
	switch {
	case len(numbers) == 0:
		return nil, nil, notUnderstood(s)
	case len(commas) == 1:
		at, skip = commas[0], 1
	case len(commas) > 1:
		return nil, nil, notTwo(s, len(numbers))
	case len(labels) == 2 && labels[0] == 0:
		at = labels[1]
	case len(words) == 2 && words[0] == 0:
		at = words[1]
	case len(words) == 2:
		at = words[0] + 1
	case len(degrees) == 2 && degrees[1] > 1:
		at = degrees[1] - 1
	case len(numbers)%2 == 0:
		at = numbers[len(numbers)/2]
	default:
		return nil, nil, notTwo(s, len(numbers))
	}
	first, second = tokens[:at], tokens[at+skip:]
	if !hasNumber(first) || !hasNumber(second) {
		return nil, nil, notTwo(s, len(numbers))
	}
	return first, second, nil
}

func hasNumber(tokens []token) bool {
	for _, t := range tokens {
		if t.kind == '0' {
			return true
		}
	}
	return false
}

// parseGeo reads what follows geo: (RFC 5870 section 3.3). A place in a query, as Android
// has it where the coordinates are zero, is taken as well.
func parseGeo(s string) (Found, error) {
	s, query, _ := strings.Cut(s, "?")
	coordinates, parameters, _ := strings.Cut(s, ";")
	within := 0.0
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		switch {
		case strings.EqualFold(name, "crs") && !strings.EqualFold(value, "wgs84"):
			return Found{}, wrong("The geo: address counts its degrees in another way, %s. Only WGS 84 is known here.", cut(value))
		case strings.EqualFold(name, "u"):
			if u, err := strconv.ParseFloat(value, 64); err == nil && u >= 0 && u < 1e7 {
				within = 2 * u
			}
		}
	}
	f, err := geoPair(coordinates)
	if q, isQuery := strings.CutPrefix(query, "q="); err == nil && isQuery && f.Point == (orb.Point{}) {
		q, _, _ = strings.Cut(q, "(")
		if asked, askedErr := geoPair(q); askedErr == nil {
			f = asked
		}
	}
	f.Within = math.Max(f.Within, within)
	return f, err
}

var geoShape = regexp.MustCompile(`^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,-?\d+(?:\.\d+)?)?$`)

func geoPair(s string) (Found, error) {
	if m := geoShape.FindStringSubmatch(s); m != nil {
		f, err := parseDegrees(m[1] + "; " + m[2])
		f.Kind = Geo
		return f, err
	}
	return Found{}, wrong("“%s” is not understood as a geo: address. One is like geo:38.88945,-77.03524, latitude first.", "geo:"+cut(s))
}
