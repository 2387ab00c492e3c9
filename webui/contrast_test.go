package webui_test

import (
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// Least contrasts of WCAG 2.2: of text (1.4.3), and of what shows where a field
// or the focus is (1.4.11).
const (
	leastOfText   = 4.5
	leastOfShapes = 3
)

var (
	rootBlock = regexp.MustCompile(`:root\{([^}]*)\}`)
	property  = regexp.MustCompile(`--([a-z]+):(#[0-9a-f]{3,6})`)
)

// themes reads the colours of the style sheet; the dark theme says only what is
// other than by day.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	css, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := rootBlock.FindAllStringSubmatch(string(css), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d sets of colours", len(blocks))
	}
	day := map[string]string{}
	for _, m := range property.FindAllStringSubmatch(blocks[0][1], -1) {
		day[m[1]] = m[2]
	}
	night := maps.Clone(day)
	for _, m := range property.FindAllStringSubmatch(blocks[1][1], -1) {
		night[m[1]] = m[2]
	}
	return map[string]map[string]string{"day": day, "night": night}
}

func TestTextCanBeReadByDayAndByNight(t *testing.T) {
	for theme, colours := range themes(t) {
		least := math.Inf(1)
		check := func(fore, back string, want float64) {
			got := contrast(t, colours[fore], colours[back])
			if want == leastOfText {
				least = min(least, got)
			}
			if got < want {
				t.Errorf("by %s, %s on %s has a contrast of %.2f, at least %.1f is needed", theme, fore, back, got, want)
			}
		}
		for _, back := range []string{"bg", "card", "new"} {
			for _, fore := range []string{"ink", "soft", "go"} {
				check(fore, back, leastOfText)
			}
			check("soft", back, leastOfShapes) // edges of fields
		}
		for back, fore := range map[string]string{"band": "on", "go": "ongo", "badbg": "bad", "sos": "onsos", "ink": "card"} {
			check(fore, back, leastOfText)
		}
		check("lamp", "band", leastOfShapes) // the tab that one is on, and the focus
		t.Logf("by %s the least contrast of text is %.2f", theme, least)
	}
}

// contrast is WCAG's contrast ratio of two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}

// luminance is WCAG's relative luminance of #rgb or #rrggbb.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) == 4 {
		colour = fmt.Sprintf("#%[1]c%[1]c%[2]c%[2]c%[3]c%[3]c", colour[1], colour[2], colour[3])
	}
	n, err := strconv.ParseUint(colour[min(1, len(colour)):], 16, 32)
	if err != nil || len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	part := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	return .2126*part(16) + .7152*part(8) + .0722*part(0)
}
