package pmtiles_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
)

// What is from OpenStreetMap, or may be, thanks it, whatever the file says of itself.
func TestOpenStreetMapIsThankedWhereItMayBeTheSource(t *testing.T) {
	for in, want := range map[string]string{
		`""`:   "© OpenStreetMap",
		`null`: "© OpenStreetMap",
		`"<a href=\"https://www.openstreetmap.org/copyright\" target=\"_blank\">&copy; OpenStreetMap</a>"`:            "© OpenStreetMap",
		`"<a href=\"https://protomaps.com\">Protomaps</a> © <a href=\"https://openstreetmap.org\">OpenStreetMap</a>"`: "Protomaps © OpenStreetMap",
		`"© openstreetmap contributors"`: "© openstreetmap contributors",
		`"Town office"`:                  "© OpenStreetMap, Town office",
		`"Natural Earth"`:                "© OpenStreetMap, Natural Earth",
		`"<script>alert(1)</script><style>x</style><b onclick=x>OpenStreetMap</b> &lt;i&gt; \u202e\u200b"`: "OpenStreetMap <i>",
		`"` + strings.Repeat("very long ", 100) + `"`:                                                      "© OpenStreetMap",
		`{"a":["b"]}`: "© OpenStreetMap",

		`"Made up of many sources"`:                     "© OpenStreetMap, Made up of many sources",
		`"Buildings not from OpenStreetMap"`:            "© OpenStreetMap, Buildings not from OpenStreetMap",
		`"Not without OpenStreetMap"`:                   "© OpenStreetMap, Not without OpenStreetMap",
		`"Made up houses"`:                              "© OpenStreetMap, Made up houses",
		`"Streets OpenStreetMap, houses not from them"`: "Streets OpenStreetMap, houses not from them",
	} {
		if got := credit(t, in); got != want {
			t.Errorf("%s: %q; want %q", in, got, want)
		}
	}
}

// What says plainly that nothing of it is from there is not said to be.
func TestWhatSaysThatItIsFromElsewhereIsBelieved(t *testing.T) {
	for in, want := range map[string]string{
		`"Made up"`: "Made up",
		`"<b>Made-up</b>: there is no such town"`:         "Made-up : there is no such town",
		`"Made up, not from OpenStreetMap"`:               "Made up, not from OpenStreetMap",
		`"Town office &middot; Not from  OpenStreetMap."`: "Town office · Not from OpenStreetMap.",
		`"Town office (no OpenStreetMap data)"`:           "Town office (no OpenStreetMap data)",
	} {
		if got := credit(t, in); got != want {
			t.Errorf("%s: %q; want %q", in, got, want)
		}
	}
}

// credit is whom a file thanks that has an attribution, as JSON.
func credit(t *testing.T, attribution string) string {
	t.Helper()
	if !json.Valid([]byte(attribution)) {
		t.Fatal(attribution)
	}
	m, err := pmtiles.ReadMetadata([]byte(`{"attribution":` + attribution + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return m.Credit()
}
