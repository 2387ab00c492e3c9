package grid

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// coordinate is one of the two, read.
type coordinate struct {
	degrees float64
	axis    axis
	signed  bool    // by a minus or by its word
	step    float64 // the value of its last digit, in degrees
}

// readCoordinate reads 38.89, 38° 53.367′ N, W 77 2 7 and the like.
func readCoordinate(tokens []token) (c coordinate, _ error) {
	var parts []token
	minus := false
	for i, t := range tokens {
		switch t.kind {
		case '0':
			parts = append(parts, t)
			if t.minus {
				if len(parts) > 1 || c.axis != unknown && c.signed {
					return c, twice(tokens)
				}
				minus, c.signed = true, true
			}
		case 'a':
			if c.axis != unknown && (c.axis != t.axis || c.signed || t.sign == 0) || t.sign != 0 && c.signed {
				return c, twice(tokens)
			}
			c.axis = t.axis
			if t.sign != 0 {
				minus, c.signed = t.sign < 0, true
			}
			if i > 0 && i < len(tokens)-1 && tokens[i-1].kind != 'a' && tokens[i+1].kind != 'a' {
				return c, notUnderstood(text(tokens))
			}
		default:
			if i == 0 || tokens[i-1].kind != '0' || t.kind != [...]rune{0, '°', '\'', '"'}[min(len(parts), 3)] {
				return c, wrong("In “%s” the signs of degrees, minutes and seconds are not where they belong. Please write it like this: 38° 53′ 22″ N.", text(tokens))
			}
		}
	}
	if err := c.sum(parts, tokens); err != nil {
		return c, err
	}
	if minus {
		c.degrees = -c.degrees
	}
	return c, nil
}

// sum adds up degrees, minutes and seconds.
func (c *coordinate) sum(parts, tokens []token) error {
	if len(parts) > 3 {
		return wrong("“%s” has more than degrees, minutes and seconds. Please separate latitude and longitude with a comma.", text(tokens))
	}
	for i, p := range parts {
		unit := math.Pow(60, float64(i))
		if i > 0 && p.value >= 60 {
			return wrong("Minutes and seconds go up to 60; in “%[1]s” there are %[2]s.", text(tokens), strings.TrimSpace(p.text))
		}
		if !p.whole && i < len(parts)-1 {
			return wrong("In “%[1]s” something follows the fraction %[2]s. Please separate latitude and longitude with a comma.", text(tokens), strings.TrimSpace(p.text))
		}
		c.degrees += p.value / unit
		c.step = 1 / unit
		if at := strings.IndexAny(p.text, ".,"); at >= 0 {
			c.step /= math.Pow(10, float64(len(p.text)-at-1))
		}
	}
	return nil
}

func text(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		switch t.kind {
		case '0', 'a':
			if b.Len() > 0 && b.String()[b.Len()-1] != ' ' {
				b.WriteByte(' ')
			}
			b.WriteString(strings.TrimSpace(t.text))
		default:
			b.WriteRune(t.kind)
		}
	}
	return cut(b.String())
}

// pair puts the two together, latitude first unless they say otherwise.
func pair(s string, a, b coordinate) (Found, error) {
	if a.axis != unknown && a.axis == b.axis {
		if a.axis == latitude {
			return Found{}, wrong("“%s” has two latitudes, and no longitude (E or W).", cut(s))
		}
		return Found{}, wrong("“%s” has two longitudes, and no latitude (N or S).", cut(s))
	}
	if a.axis == longitude || b.axis == latitude {
		a, b = b, a
	}
	p := orb.Point{b.degrees, a.degrees}
	switch swapped := (orb.Point{a.degrees, b.degrees}); {
	case onEarth(p):
		return Found{Point: p, Kind: Degrees, Within: math.Max(math.Max(a.step, b.step)*metersPerDegree, 0.01)}, nil
	case onEarth(swapped) && a.axis == unknown && b.axis == unknown:
		return Found{}, wrong("A latitude is at most 90, so “%[1]s” cannot be read with the latitude first. If these are longitude and latitude, write %[2]s.", cut(s), decimal(swapped.Lat())+", "+decimal(swapped.Lon()))
	case math.Abs(a.degrees) > 90:
		return Found{}, wrong("A latitude goes from -90 to 90; in “%[1]s” it is %[2]s.", cut(s), short(a.degrees))
	}
	return Found{}, wrong("A longitude goes from -180 to 180; in “%[1]s” it is %[2]s.", cut(s), short(b.degrees))
}

func short(d float64) string { return cut(strconv.FormatFloat(d, 'f', -1, 64)) }

func notUnderstood(s string) error {
	return wrong("“%s” is not understood as a place. Examples: the plus code 849VCWC8+R9, the grid reference 18S UJ 2348 0647, or latitude and longitude: 38.88945, -77.03524.", cut(s))
}

func notTwo(s string, numbers int) error {
	if numbers == 1 {
		return wrong("In “%s” there is one number only. A place needs two: the latitude first, then the longitude.", cut(s))
	}
	return wrong("In “%s” it is not clear where the latitude ends and the longitude begins. Please write them with a point for decimals and a comma between the two: 38.88945, -77.03524.", cut(s))
}

func twice(tokens []token) error {
	return wrong("“%s” says its direction twice. Please give either a minus or one of N, S, E, W.", text(tokens))
}
