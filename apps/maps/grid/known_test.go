package grid

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// Some of the test vectors of the specification of plus codes (test_data/encoding.csv).
func TestPlusCodesAreThoseOfTheSpecification(t *testing.T) {
	for _, c := range []struct {
		lat, lon float64
		digits   int
		want     string
	}{
		{20.375, 2.775, 6, "7FG49Q00+"},
		{20.3700625, 2.7821875, 10, "7FG49QCJ+2V"},
		{20.3701125, 2.782234375, 11, "7FG49QCJ+2VX"},
		{20.3701135, 2.78223535156, 13, "7FG49QCJ+2VXGJ"},
		{-41.2730625, 174.7859375, 10, "4VCPPQGP+Q9"},
		{0.5, -179.5, 4, "62G20000+"},
		{-89.9999375, -179.9999375, 10, "22222222+22"},
		{90, 1, 4, "CFX30000+"},
		{92, 1, 4, "CFX30000+"},
		{90, 1, 10, "CFX3X2X2+X2"},
		{1, 180, 4, "62H20000+"},
		{1, 181, 4, "62H30000+"},
		{-41.2730625, 1254.7859375, 10, "4VCPPQGP+Q9"},
		{37.539669125, -122.375069724, 15, "849VGJQF+VX7QR3J"},
		{35.6, 3.033, 10, "8F75J22M+26"},
		{-2.804, 7.003, 13, "6F9952W3+C6222"},
		{80.0099999999, 58.57, 15, "CHGW2H5C+X2RRRRR"},
		{-80.0099999999, 58.57, 15, "2HFWXHRC+2222222"},
		{-80, -360000000170, 2, "22000000+"},
	} {
		if got := encodePlus(orb.Point{c.lon, c.lat}, c.digits); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.lat, c.lon, got, c.want)
		}
	}
}

// test_data/shortCodeTests.csv: the code, near which place, what is left of it.
func TestShortPlusCodesAreThoseOfTheSpecification(t *testing.T) {
	for _, c := range []struct {
		full     string
		lat, lon float64
		short    string
	}{
		{"9C3W9QCJ+2VX", 51.3701125, -1.217765625, "+2VX"},
		{"9C3W9QCJ+2VX", 51.3708675, -1.217765625, "CJ+2VX"},
		{"9C3W9QCJ+2VX", 51.3701125, -1.217010625, "CJ+2VX"},
		{"9C3W9QCJ+2VX", 51.3852125, -1.217765625, "9QCJ+2VX"},
		{"9C3W9QCJ+2VX", 51.3701125, -1.202665625, "9QCJ+2VX"},
		{"8FRCXGRF+PM", 47.00, 8.55, "XGRF+PM"},
		{"CFX22222+22", 89.6, 0.0, "2222+22"},
		{"2CXXXXXX+XX", -81.0, 0.0, "XXXXXX+XX"},
		// across the date line
		{"62H22222+22", 1.1, 179.9, "2222+22"},
		{"6VHX2X22+22", 1.1, -179.9, "2X22+22"},
		// those of the table in the specification
		{"8FVC9G8F+6W", 47.373313, 8.537562, "8F+6W"},
		{"8FVC9G8F+6W", 47.339563, 8.556687, "9G8F+6W"},
		{"8FVC9G8F+6W", 47.985187, 8.440688, "VC9G8F+6W"},
	} {
		got, err := Parse(c.short, orb.Point{c.lon, c.lat})
		if !onEarth(got.Point) {
			t.Errorf("%s near %v %v lies at %v", c.short, c.lat, c.lon, got.Point)
		}
		if err != nil || encodePlus(got.Point, len(c.full)-1) != c.full {
			t.Errorf("%s near %v %v: %v %v, want %s", c.short, c.lat, c.lon, got, err, c.full)
		}
	}
}

// test_data/validityTests.csv, without those that end before they say a place.
func TestWhichPlusCodesAreValid(t *testing.T) {
	for code, want := range map[string]bool{
		"8FWC2345+G6": true, "8FWC2345+G6G": true, "8fwc2345+": true, "8FWCX400+": true,
		"WC2345+G6g": true, "2345+G6": true, "45+G6": true, "+G6": true,
		"849VGJQF+VX7QR3J": true, "849VGJQF+VX7QR3JW": true,
		"G+": false, "+": false, "8FWC2345+G": false, "8FWC2_45+G6": false, "8FWC2η45+G6": false, "8FWC2345+G6+": false,
		"8FWC2345G6+": false, "8FWC2300+G6": false, "WC2300+G6g": false, "WC2345+G": false, "WC2300+": false,
		"849VGJQF+VX7QR3U": false, "849VGJQF+VX7QR3JU": false,
	} {
		if _, err := Parse(code, orb.Point{8, 47}); (err == nil) != want {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// What GEOTRANS, the program of the agency that defines the grid, makes of them; the
// first rows are from a table made with its version 3.7, in radians.
func TestGridReferencesAreThoseOfItsAuthority(t *testing.T) {
	const degree = 180 / math.Pi
	for _, c := range []struct {
		lat, lon float64
		want     string
	}{
		{0x1.a32b5ca6394bbp-1 * degree, -0x1.5863058e291f3p+1 * degree, "05T MM 11997 95532"},
		{0x1.a32b5ca6394bbp-1 * degree, -0x1.0566eb8abf98bp+1 * degree, "11T MM 99266 94884"},
		{0x1.a32b5ca6394bbp-1 * degree, -0x1.5c893a0e54cb6p+0 * degree, "17T QM 27974 99235"},
		{0x1.a32b5ca6394bbp-1 * degree, 0x1.098d200aeb6e2p-5 * degree, "31T DM 12975 95518"},
		{0x1.a32b5ca6394bbp-1 * degree, 0x1.0140b70a93edcp+0 * degree, "40T ES 43879 95045"},

		{0, 0, "31N AA 66021 00000"},
		{38.8895, -77.0353, "18S UJ 23478 06483"},
		{60.39, 5.32, "32V KN 97230 00510"}, // Norway
		{60.39, 2.5, "31V DG 72440 94950"},
		{63.9999, 11.9999, "32V PS 46690 00455"},
		{64.0001, 11.9999, "32W PS 46689 00477"},
		{78.22, 15.65, "33X WG 14813 83004"}, // Svalbard
		{75, 8.9, "31X FD 70192 32079"},
		{75, 9.1, "33X UD 29807 32079"},
		{75, 20.9, "33X XD 70192 32079"},
		{75, 21.1, "35X LD 29807 32079"},
		{83.9, 40, "37X EP 11863 17033"},
		{71.99, 40, "37W EV 34507 88103"},
		{84, -30, "26X MU 65005 29005"},
		{-80, 0, "31C DM 41867 16915"},
		{-77.85, 166.67, "58C EU 39232 57811"},
		{-79.99, -179.99, "01C DM 42004 18039"},
		{-37.0676, -12.3112, "28H GD 39051 94246"},
		{18.5944, -72.3074, "18Q YF 84159 58079"},
		{21.0285, 105.8542, "48Q WJ 88761 25539"},
		{-0.0001, -78.4678, "17M QV 81862 99988"},
		{0.0001, -78.4678, "17N QA 81862 00011"},
		{-54.8019, -68.3030, "19F EV 44805 27029"},
	} {
		p := orb.Point{c.lon, c.lat}
		want := strings.TrimPrefix(c.want, "0")
		if got := FormatReference(p, 1); got != want {
			t.Errorf("%v: %s, want %s", p, got, want)
		}
		if got, err := Parse(c.want, orb.Point{}); err != nil || Distance(got.Point, p) > 0.8 {
			t.Errorf("%s: %v %v, want %v", c.want, got, err, p)
		}
	}
	// Digits are cut off, not rounded.
	p := orb.Point{-77.0353, 38.8895}
	for side, want := range map[int]string{10: "18S UJ 2347 0648", 100: "18S UJ 234 064", 1000: "18S UJ 23 06", 10_000: "18S UJ 2 0", 100_000: "18S UJ"} {
		if got := FormatReference(p, side); got != want {
			t.Errorf("%d m: %s, want %s", side, got, want)
		}
	}
	for _, lat := range []float64{84.01, 90, -80.01, math.NaN()} {
		if got := FormatReference(orb.Point{10, lat}, 1); got != "" {
			t.Errorf("at %v: %s", lat, got)
		}
	}
}

// The projection and its way back meet within a tenth of a millimeter.
func TestTheProjectionHasAWayBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.IntRange(1, 60).Draw(t, "zone")
		p := orb.Point{central(zone) + rapid.Float64Range(-6, 6).Draw(t, "lon"), rapid.Float64Range(-84, 84).Draw(t, "lat")}
		if got := fromUTM(toUTM(p, zone), zone); Distance(got, p) > 1e-4 {
			t.Fatalf("%v comes back as %v", p, got)
		}
	})
}
