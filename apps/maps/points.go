package maps

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// shapeOf reads a form's points as a shape. near is where somebody is, for what is told
// from there; region is where places are, or empty.
func shapeOf(kind, points string, near orb.Point, region orb.Bound) (s place.Shape, err error) {
	all, err := pointsOf(points, near)
	if err != nil {
		return s, err
	}
	n := len(all)
	line := make(orb.LineString, n)
	for i, p := range all {
		line[i] = p.Orb()
	}
	k := place.Named[place.ShapeKind](place.ShapeKinds(), kind)
	if k == 0 {
		k = min(place.ShapeKind(min(n, 2)), place.Line) //nolint:gosec // cut to two
	}
	var g orb.Geometry
	switch {
	case n == 0:
		return s, hub.Errorf(hub.Invalid, "points", "Say first where it is.")
	case k == place.Spot && n > 1:
		return s, hub.Errorf(hub.Invalid, "points", "These are %d points. Choose whether they are a line or an area.", n)
	case k == place.Spot:
		g = line[0]
	case k == place.Line:
		g = line
	default:
		g = orb.Polygon{orb.Ring(line)}
	}
	if hint, is := feature.Swapped(g, region); is {
		return s, hub.Errorf(hub.Invalid, "points", hint.Phrase, hint.Args...)
	}
	s, err = place.ShapeOf(feature.Nth(1), g)
	if told, is := errors.AsType[*feature.Refused](err); is {
		err = hub.Errorf(hub.Invalid, "points", told.Said.Phrase, told.Said.Args...)
	}
	return s, err
}

// pointsOf reads places however people write them: one of any kind that package grid
// knows, several such each on a line, or numbers in pairs, latitude first.
func pointsOf(text string, near orb.Point) (place.Steps, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	one, err := spotted(text, near)
	if err == nil {
		return place.Steps{place.FromOrb(one.Point)}, nil
	}
	if all, ok := eachOf(text, near); ok {
		return all, nil
	}
	nums := strings.FieldsFunc(text, apart)
	if len(nums) <= 2 || strings.Trim(text, "-+0123456789.,; \n\r\t\u00a0") != "" {
		return nil, about(err)
	}
	switch n := len(nums) / 2; {
	case len(nums)%2 != 0:
		return nil, hub.Errorf(hub.Invalid, "points", "One of the points has only one number. Each is a latitude and a longitude.")
	case n > place.MaxPoints+1:
		return nil, hub.Errorf(hub.Invalid, "points", "These are %[1]d points. At most %[2]d fit: leave out some.", n, place.MaxPoints)
	}
	var all place.Steps
	for i := 0; i < len(nums); i += 2 {
		one, err := grid.Parse(nums[i]+", "+nums[i+1], near)
		if err != nil {
			return nil, about(err)
		}
		all = append(all, place.FromOrb(one.Point))
	}
	return slices.Compact(all), nil
}

// spotted reads one place as package grid does, and a short plus code with its town, as phones
// hand them on: which town that is nobody here knows, so the code is read from a place nearby.
func spotted(text string, near orb.Point) (grid.Found, error) {
	found, err := grid.Parse(text, near)
	if err == nil {
		return found, nil
	}
	text = strings.TrimSpace(text)
	at := strings.IndexAny(text, " ,\u00a0")
	if at < 0 || !strings.Contains(text[:at], "+") || !strings.ContainsFunc(text[at:], unicode.IsLetter) || strings.Contains(text[at:], "+") {
		return found, err
	}
	if alone, wrong := grid.Parse(text[:at], near); wrong == nil && alone.Kind == grid.PlusCode {
		return alone, nil
	}
	return found, err
}

// eachOf reads places of which each stands on a line, or is ended by a semicolon.
func eachOf(text string, near orb.Point) (all place.Steps, ok bool) {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ';' })
	if len(lines) > place.MaxPoints+1 {
		return nil, false
	}
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		one, err := spotted(line, near)
		if err != nil {
			return nil, false
		}
		all = append(all, place.FromOrb(one.Point))
	}
	return slices.Compact(all), true
}

// about is an error of package grid about the field with the points.
func about(err error) error {
	if told, is := errors.AsType[*hub.Error](err); is {
		return hub.Errorf(told.Code, "points", told.Phrase, told.Args...)
	}
	return err
}

func apart(r rune) bool {
	return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '\u00a0' || r == '،' || r == '，'
}
