package grid_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// burlington is where the tests stand, if anywhere.
func burlington() orb.Point { return orb.Point{-73.2121, 44.4759} }

func TestAPlaceIsReadWhicheverWayItIsWritten(t *testing.T) {
	washington := orb.Point{-77.0353, 38.8895}
	paris := orb.Point{2.3522, 48.8566}
	for _, c := range []struct {
		text string
		kind grid.Kind
		want orb.Point
		off  float64 // meters
	}{
		{"87C4VXQ7+QV", grid.PlusCode, washington, 15},
		{"87c4vxq7+qv Washington, D.C.", grid.PlusCode, washington, 15},
		{"87C4 VXQ7 + QV", grid.PlusCode, washington, 15},
		{"87P8FQGQ+95", grid.PlusCode, burlington(), 15},
		{"FQGQ+95", grid.PlusCode, burlington(), 15},
		{"gq+95", grid.PlusCode, burlington(), 15},
		{"+95", grid.PlusCode, burlington(), 15},

		{"18S UJ 23478 06483", grid.Reference, washington, 2},
		{"18SUJ2347806483", grid.Reference, washington, 2},
		{"18suj 2347 0648", grid.Reference, washington, 15},
		{"18S UJ 234 064", grid.Reference, washington, 150},
		{"18SUJ2306", grid.Reference, washington, 1500},
		{"18SUJ20", grid.Reference, washington, 15_000},
		{"18S UJ", grid.Reference, washington, 150_000},
		{"18-S-UJ-2347-0648", grid.Reference, washington, 15},
		{"XQ 4219 2628", grid.Reference, burlington(), 15},

		{"38.8895, -77.0353", grid.Degrees, washington, 1},
		{"38.8895 -77.0353", grid.Degrees, washington, 1},
		{"(38.8895;-77.0353)", grid.Degrees, washington, 1},
		{"38,8895, -77,0353", grid.Degrees, washington, 1},
		{"38,8895 -77,0353", grid.Degrees, washington, 1},
		{"38,8895;−77,0353", grid.Degrees, washington, 1},
		{"38,8895,-77,0353", grid.Degrees, washington, 1},
		{"+38.8895 - 77.0353", grid.Degrees, washington, 1},
		{"38.8895 N 77.0353 W", grid.Degrees, washington, 1},
		{"77.0353°W 38.8895°N", grid.Degrees, washington, 1},
		{"N38.8895 W77.0353", grid.Degrees, washington, 1},
		{"38,8895° N, 77,0353° O", grid.Degrees, washington, 1},
		{"38.8895 norte 77.0353 oeste", grid.Degrees, washington, 1},
		{"38.8895 N, -77.0353", grid.Degrees, washington, 1},
		{"lat: 38.8895 lon: -77.0353", grid.Degrees, washington, 1},
		{"Longitude -77.0353, Latitude 38.8895", grid.Degrees, washington, 1},
		{"lat=38.8895 N lon=77.0353 W", grid.Degrees, washington, 1},
		{"48,8566 N 2,3522 E", grid.Degrees, paris, 1},
		{"48.8566° Nord, 2.3522° Est", grid.Degrees, paris, 1},
		{"北纬48.8566°，东经2.3522°", grid.Degrees, paris, 1},
		{"٤٨٫٨٥٦٦، ٢٫٣٥٢٢", grid.Degrees, paris, 1},
		{"48,8566° B 2,3522° Đ", grid.Degrees, paris, 1},
		{"48,8566° N 2,3522° Đ", grid.Degrees, orb.Point{2.3522, -48.8566}, 1},
		{"38,-77", grid.Degrees, orb.Point{-77, 38}, 1},
		{"38, 77", grid.Degrees, orb.Point{77, 38}, 1},

		{`38° 53' 22.2" N, 77° 2' 7.08" W`, grid.Degrees, washington, 1},
		{"38°53′22.2″N 77°2′7.08″W", grid.Degrees, washington, 1},
		{"38º53’22,2’’ N; 77º2’7,08’’ O", grid.Degrees, washington, 1},
		{"38°53'22.2\" -77°2'7.08\"", grid.Degrees, washington, 1},
		{"38 53 22.2 N 77 02 07.08 W", grid.Degrees, washington, 1},
		{"38 53 22.2 -77 02 07.08", grid.Degrees, washington, 1},
		{"N 38 53.37 W 77 2.118", grid.Degrees, washington, 2},
		{"38-53-22N 77-02-07W", grid.Degrees, washington, 10},
		{"38度53分22秒 北 77度2分7秒 西", grid.Degrees, washington, 10},

		{"geo:38.8895,-77.0353", grid.Geo, washington, 1},
		{"GEO:38.8895,-77.0353,20;crs=WGS84;u=30", grid.Geo, washington, 1},
		{"geo:0,0?q=38.8895,-77.0353(Monument)", grid.Geo, washington, 1},
		{"geo:38,-77", grid.Geo, orb.Point{-77, 38}, 1},
	} {
		got, err := grid.Parse(c.text, burlington())
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got.Kind != c.kind || grid.Distance(got.Point, c.want) > c.off {
			t.Errorf("%q is %v at %s, %.0f m off, want %v", c.text, got.Kind, grid.FormatDegrees(got.Point), grid.Distance(got.Point, c.want), c.kind)
		}
		if got.Within <= 0 || got.Within > 100_000*1.2 || grid.Distance(got.Point, c.want) > got.Within+20 {
			t.Errorf("%q names what is %.1f m large", c.text, got.Within)
		}
	}
}

func TestAnErrorSaysWhatWasUnderstoodAndWhatIsMissing(t *testing.T) {
	for _, c := range []struct{ text, has string }{
		{"", "Please give a place"},
		{" \u200b ", "Please give a place"},
		{strings.Repeat("1", 300), "too long"},
		{"the school", "“the school” is not understood as a place. Examples:"},
		{"38.9", "there is one number only. A place needs two: the latitude first"},
		{"38.9 N", "one number only"},
		{"38.9, N", "one number only"},
		{"38 53 22 77 2", "not clear where the latitude ends"},
		{"38,9,77", "not clear where the latitude ends"},
		{"95.5, 200", "A latitude goes from -90 to 90; in “95.5, 200” it is 95.5."},
		{"-122.4, 37.8", "If these are longitude and latitude, write 37.80000, -122.40000."},
		{"37.8, 200", "A longitude goes from -180 to 180; in “37.8, 200” it is 200."},
		{"38 N 77 S", "two latitudes, and no longitude"},
		{"38 E 77 W", "two longitudes, and no latitude"},
		{"-38 N 77 W", "says its direction twice"},
		{"38 61 N 77 0 W", "Minutes and seconds go up to 60; in “38 61 N” there are 61."},
		{"38.5 30 N 77 0 W", "something follows the fraction 38.5"},
		{`38' N 77' W`, "are not where they belong"},
		{"38 1 2 3 N, 77 W", "has more than degrees, minutes and seconds"},
		{"38 -1 N, 77 W", "direction twice"},
		{"1e5, 3", "not understood"},
		{"91,200", "A latitude goes from -90 to 90; in “91,200” it is 91"},
		{"-91,181", "A latitude goes from"},
		{"44,200", "one number only"}, // more likely 44.2

		{"8FVC9G8F+6", "digits are missing or too many"},
		{"8FVC9G8+6W", "digits are missing or too many"},
		{"9G8F+", "digits are missing or too many"},
		{"9G00+", "digits are missing or too many"},
		{"9G8F+6A", "One has only the digits 23456789CFGHJMPQRVWX"},
		{"XX222222+22", "There is no place with the plus code “XX222222+22”"},
		{"FQGQ+95 Burlington", "“FQGQ+95” is a short plus code, which is looked for around here; what follows it, “Burlington”, is not looked up"},

		{"18S UJ 2347 064", "as many digits to the east as to the north"},
		{"18SUJ234780648", "as many digits to the east as to the north"},
		{"18S UJ 234789 064839", "as many digits to the east as to the north"},
		{"61S UJ 2347 0648", "a zone from 1 to 60; here that is 61"},
		{"18I UJ 2347 0648", "a letter from C to X, but never I or O; here that is I"},
		{"18S AJ 2347 0648", "There is no such place in the grid: 18S AJ."},
		{"18S UI 2347 0648", "There is no such place in the grid: 18S UI."},
		{"18S UA 2347 0648", "There is no such place in the grid: 18S UA."},
		{"32X MG 2347 0648", "There is no such place in the grid: 32X MG."},
		{"ZAH 12345 12345", "of the polar regions"},
		{"23478 06483", "The letters before them are missing, such as 18S UJ."},

		{"geo:38.9", "not understood as a geo: address"},
		{"geo:38.9,-77;crs=moon-2011", "in another way, moon-2011"},
		{"geo:98.9,-77", "A latitude is at most 90"},
	} {
		f, err := grid.Parse(c.text, burlington())
		told, ok := errors.AsType[*hub.Error](err)
		if !ok || told.Code != hub.Invalid || !strings.Contains(err.Error(), c.has) {
			t.Errorf("%q: %v %v, want …%s…", c.text, f, err, c.has)
		}
	}
	for _, c := range []struct{ text, has string }{
		{"FQGQ+95", "none is known here. Please give all of it"},
		{"XQ 4219 2628", "without its zone. Please put that before it, such as 18S."},
	} {
		if _, err := grid.Parse(c.text, orb.Point{}); err == nil || !strings.Contains(err.Error(), c.has) {
			t.Errorf("%q without a place nearby: %v", c.text, err)
		}
	}
}

// point draws a place between two latitudes, edges and corners among them.
func point(t *rapid.T, south, north float64) orb.Point {
	one := func(name string, low, high float64) float64 {
		if rapid.Bool().Draw(t, name+" whole") {
			return float64(rapid.IntRange(int(low), int(high)).Draw(t, name))
		}
		return rapid.Float64Range(low, high).Draw(t, name)
	}
	return orb.Point{one("lon", -180, 180), one("lat", south, north)}
}

func TestWhatIsWrittenIsReadAsTheSamePlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := point(t, -90, 90)
		for text, off := range map[string]float64{
			grid.FormatDegrees(p):  0.8,
			grid.FormatGeo(p):      0.8,
			grid.FormatMinutes(p):  1.4,
			grid.FormatPlusCode(p): 10,
		} {
			got, err := grid.Parse(text, orb.Point{})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if d := grid.Distance(p, got.Point); d > off {
				t.Fatalf("%s, of %v, is read as %v, %.2f m off", text, p, got.Point, d)
			}
		}
		code := grid.FormatPlusCode(p)
		if got, _ := grid.Parse(code, orb.Point{}); grid.FormatPlusCode(got.Point) != code {
			t.Fatalf("%s, of %v, is read as %v, which is %s", code, p, got.Point, grid.FormatPlusCode(got.Point))
		}
	})
}

func TestAGridReferenceIsReadAsTheSameSquare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := point(t, -80, 84)
		side := rapid.SampledFrom([]int{1, 10, 100, 1000, 10_000, 100_000}).Draw(t, "side")
		ref := grid.FormatReference(p, side)
		if rapid.Bool().Draw(t, "without spaces") {
			ref = strings.ReplaceAll(ref, " ", "")
		}
		got, err := grid.Parse(ref, orb.Point{})
		if err != nil {
			t.Fatalf("%v: %v", p, err)
		}
		if d := grid.Distance(p, got.Point); d > float64(side)*1.43+0.01 || got.Within != float64(side) {
			t.Fatalf("%s, of %v, is read as %v, %.2f m off, within %v", ref, p, got.Point, d, got.Within)
		}
		if again := grid.FormatReference(got.Point, side); strings.ReplaceAll(again, " ", "") != strings.ReplaceAll(ref, " ", "") {
			t.Fatalf("%s, of %v, is read as %v, which is %s", ref, p, got.Point, again)
		}
	})
}

// The first letters may be left away nearby: the nearest such place is meant.
func TestWhatIsShortMeansTheNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := point(t, -70, 70)
		if near == (orb.Point{}) {
			return // stands for none
		}
		p := orb.Point{near.Lon() + rapid.Float64Range(-0.4, 0.4).Draw(t, "east"), near.Lat() + rapid.Float64Range(-0.4, 0.4).Draw(t, "north")}
		p[0] = math.Remainder(p[0], 360)
		short := grid.FormatPlusCode(p)[4:]
		if got, err := grid.Parse(short, near); err != nil || grid.FormatPlusCode(got.Point)[4:] != short || grid.Distance(got.Point, p) > 10 {
			t.Fatalf("%s near %v: %v %v, not %v", short, near, got, err, p)
		}
		_, square, _ := strings.Cut(grid.FormatReference(p, 10), " ")
		if got, err := grid.Parse(square, near); err != nil || grid.Distance(got.Point, p) > 15 {
			t.Fatalf("%s near %v: %v %v, not %v", square, near, got, err, p)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"87C4VXQ7+QV", "FQGQ+95 Burlington", "18S UJ 23478 06483", "XQ 4219 2628", "38.8895, -77.0353", "38,8895,-77,0353",
		`38° 53' 22.2" N, 77° 2' 7.08" W`, "北纬48.8566°，东经2.3522°", "geo:38.8895,-77.0353;u=30", "lat: 1 lon: 2", "+95", "-", "00+",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := grid.Parse(s, burlington())
		if err != nil {
			if told, ok := errors.AsType[*hub.Error](err); !ok || !strings.Contains(s, "%") && strings.Contains(told.Error(), "%!") || len(told.Error()) > 600 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if p := got.Point; !(math.Abs(p.Lat()) <= 90 && math.Abs(p.Lon()) <= 180 && got.Within > 0) || got.Kind == "" {
			t.Fatalf("%q is %+v", s, got)
		}
		for _, text := range []string{grid.FormatDegrees(got.Point), grid.FormatPlusCode(got.Point), grid.FormatMinutes(got.Point), grid.FormatReference(got.Point, 1)} {
			again, err := grid.Parse(text, orb.Point{})
			if text != "" && (err != nil || grid.Distance(again.Point, got.Point) > 10) {
				t.Fatalf("%q is %+v, which is %s, which is %+v (%v)", s, got, text, again, err)
			}
		}
	})
}

func BenchmarkParseReference(b *testing.B) {
	for b.Loop() {
		if _, err := grid.Parse("18S UJ 23478 06483", orb.Point{}); err != nil {
			b.Fatal(err)
		}
	}
}
