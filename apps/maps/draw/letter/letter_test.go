package letter_test

import (
	"image/color"
	"math"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/ink"
	"github.com/lamppost-hub/lamppost/apps/maps/draw/letter"
)

func font(t testing.TB) *letter.Font {
	t.Helper()
	f, err := letter.New()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Names in the scripts of the languages that the pages have are drawn as they are,
// but for Chinese, which is left out rather than drawn as boxes.
func TestNamesThatCanBeDrawn(t *testing.T) {
	f := font(t)
	for raw, want := range map[string]string{
		"Rue de l’Église":                   "Rue de l’Église",
		"Đường Nguyễn Huệ, Phường Bến Nghé": "Đường Nguyễn Huệ, Phường Bến Nghé",
		"Nguye\u0302\u0303n":                "Nguyễn", // letters and marks apart
		"Πόλη του Μονακό":                   "Πόλη του Μονακό",
		"Княжеский дворец":                  "Княжеский дворец",
		"  Two \t\n spaces ":                "Two spaces",
		"turn\u202eed \u0000round\u200f":    "turned round",
		"摩納哥":                               "",
		"Straße 摩":                          "",
		"เชียงใหม่":                         "",
		"देवनगर":                            "",
		"---":                               "",
		"":                                  "",
		"\xff\xfeA":                         "A",
		"D 53":                              "D 53",
	} {
		if got := f.Name(raw); string(got) != want {
			t.Errorf("%q is drawn as %q, not %q", raw, got, want)
		}
	}
	if got := f.Name(strings.Repeat("a", 5000)); len([]rune(got)) != letter.MaxRunes+1 || !strings.HasSuffix(string(got), "…") {
		t.Errorf("a long name is drawn as %q", got)
	}
}

// The reason for the font: the Go fonts lack letters of Vietnamese.
func TestTheGoFontsLackVietnamese(t *testing.T) {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	var room sfnt.Buffer
	if i, err := f.GlyphIndex(&room, 'ễ'); err != nil || i != 0 {
		t.Errorf("glyph %d, %v: perhaps the smaller font will do now", i, err)
	}
}

// Arabic and Hebrew stand from right to left, with what is Latin in them the other way.
// Arabic letters have the forms of their places: read back by Unicode's own tables they
// are the letters of the name.
func TestRightToLeft(t *testing.T) {
	f := font(t)
	reverse := func(s string) string {
		r := []rune(s)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r)
	}
	for _, name := range []string{"ميناء فونتفيل", "شارع الاستقلال", "محمية بيلاغوس", "الملأ", "میدان چهارراه گل ژاله پارک"} {
		got := string(f.Name(name))
		var back strings.Builder
		for _, r := range reverse(got) {
			back.WriteString(norm.NFKC.String(string(r)))
		}
		if back.String() != norm.NFKC.String(name) {
			t.Errorf("%s is drawn as %+q, which reads %s", name, got, back.String())
		}
		for _, r := range got {
			if r >= 0x621 && r <= 0x64A {
				t.Errorf("%s: %c has no form", name, r)
			}
		}
	}
	// by hand: meem initial, yeh medial, noon medial, alef final, hamza
	if got, want := string(f.Name("ميناء")), "\ufe80\ufe8e\ufee8\ufef4\ufee3"; got != want {
		t.Errorf("%+q is not %+q", got, want)
	}
	if got, want := string(f.Name("רחוב 12 (הרצל)")), "("+"לצרה"+") 12 "+"בוחר"; got != want {
		t.Errorf("%q is not %q", got, want)
	}
	if got, want := string(f.Name("Rue שלום 5")), "Rue "+reverse("שלום")+" 5"; got != want && got != "Rue 5 "+reverse("שלום") {
		t.Errorf("%q is not %q", got, want)
	}
}

// Letters are as wide and as high as is said, wherever and however turned they stand.
func TestLettersStandWhereTheyAreSaidToStand(t *testing.T) {
	f := font(t)
	const size = 40
	name := f.Name("Hin")
	w := f.Width(name, size)
	for _, angle := range []float64{0, math.Pi / 2, 1} {
		at := ink.Point{X: 100, Y: 100}
		places := f.Straight(name, size, ink.Point{})
		sin, cos := math.Sincos(angle)
		for i, p := range places {
			places[i] = letter.Place{At: ink.Point{X: at.X + p.At.X*cos, Y: at.Y + p.At.X*sin}, Angle: angle}
		}
		var body, halo ink.Path
		f.Write(letter.Pen{Body: &body, Halo: &halo, Width: 2}, name, size, places)
		c := ink.NewCanvas(200, 200, black())
		c.Fill(&body, white())
		low, high := ink.Point{X: 999, Y: 999}, ink.Point{X: -999, Y: -999}
		for y := range 200 {
			for x := range 200 {
				if c.At(x, y).R < 128 {
					continue
				}
				dx, dy := float64(x)+.5-at.X, float64(y)+.5-at.Y
				u, v := dx*cos+dy*sin, dy*cos-dx*sin
				low = ink.Point{X: math.Min(low.X, u), Y: math.Min(low.Y, v)}
				high = ink.Point{X: math.Max(high.X, u), Y: math.Max(high.Y, v)}
			}
		}
		if low.X < 0 || high.X > w || high.X-low.X < w*.85 || math.Abs(high.Y) > 1.5 || math.Abs(low.Y+size*.76) > 2.5 {
			t.Errorf("turned by %.2f: from %.1f to %.1f, %.1f wide", angle, low, high, w)
		}
	}
}

// Any text at all is drawn or left out, and what is drawn has no control in it.
func TestAnyText(t *testing.T) {
	f := font(t)
	rapid.Check(t, func(t *rapid.T) {
		name := f.Name(rapid.String().Draw(t, "text"))
		for _, r := range name {
			if unicode.In(r, unicode.C) {
				t.Errorf("%q has %U", name, r)
			}
		}
		if n := len(f.Spots(name, 12)); n != len([]rune(name)) {
			t.Errorf("%d places for %q", n, name)
		}
		var body ink.Path
		f.Write(letter.Pen{Body: &body}, name, 12, f.Straight(name, 12, ink.Point{}))
		if strings.TrimSpace(string(name)) != "" && body.Empty() {
			t.Errorf("nothing is drawn of %q", name)
		}
	})
}

func white() color.RGBA { return color.RGBA{255, 255, 255, 255} }

func black() color.RGBA { return color.RGBA{0, 0, 0, 255} }
