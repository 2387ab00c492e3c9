package street_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/planar"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/street"
)

// A corner is found however people write it, in the languages of the pages.
func TestCornersAreFoundHoweverWritten(t *testing.T) {
	x := learn(t, milltown(t), at(townX, townY, 500, 500))
	if x.Names() != 25 || x.Crossings() < 12*12 {
		t.Errorf("%d names, %d crossings", x.Names(), x.Crossings())
	}
	for text, want := range map[string]struct {
		name        string
		east, south float64
		exact       bool
	}{
		"Main Street & 2nd Avenue":                      {"Main Street & 2nd Avenue", 100, 100, true},
		"main st and 2nd ave":                           {"Main Street & 2nd Avenue", 100, 100, true},
		"2nd Ave @ Main":                                {"2nd Avenue & Main Street", 100, 100, true},
		"corner of Main St. and Second Ave.":            {"Main Street & 2nd Avenue", 100, 100, true},
		"Main/2nd St":                                   {"Main Street & Second Street", 300, 100, true},
		"N. Main St & 12th":                             {"North Main Street & 12th Avenue", 150, 150, true},
		"main st n at 13 ave":                           {"North Main Street & 13th Avenue", 200, 150, true},
		"St Andrews Rd & Washington":                    {"Saint Andrew's Road & Washington Avenue", 400, 200, true},
		"st. andrew’s road & washingtn av":              {"Saint Andrew's Road & Washington Avenue", 400, 200, false},
		"Ramon y Cajal y Benito Juarez":                 {"Calle Ramón y Cajal & Avenida Benito Juárez", 250, 250, true},
		"esquina de c/ Ramón y Cajal con Av. B. Juárez": {"Calle Ramón y Cajal & Avenida Benito Juárez", 250, 250, false},
		"E St NW & Washington Ave":                      {"E Street Northwest & Washington Avenue", 400, 300, true},
		"MLK Blvd & 12th Ave":                           {"Dr Martin Luther King Jr Boulevard & 12th Avenue", 150, 350, false},
		"Nguyen Hue và Phố Huế":                         {"Đường Nguyễn Huệ & Phố Huế", 550, 400, true},
		"r. de l’Etoile et rue grimaldi":                {"Rue de l'Étoile & Rue Grimaldi", 350, 450, true},
		"Av. Princesse Grace / Rue de l'Etoile":         {"Avenue Princesse Grace & Rue de l'Étoile", 450, 450, true},
		"Ri Kapwa ak Avenue D":                          {"Ri Kapwa & Avenue D", 500, 600, true},
		"شارع الملك فيصل وشارع النيل":                   {"شارع الملك فيصل & شارع النيل", 600, 500, true},
		"中山路和人民路":                                       {"中山路 & 人民路", 650, 550, true},
		"I-95 & Wasington Avenue":                       {"I 95 & Washington Avenue", 400, 650, false},
		"i95 and 2nd ave":                               {"I 95 & 2nd Avenue", 100, 650, true},
		"Mian St & 2nd Ave":                             {"Main Street & 2nd Avenue", 100, 100, false},
	} {
		all := x.Find(text, orb.Point{}, 5)
		if len(all) == 0 {
			t.Errorf("%s: nothing", text)
			continue
		}
		got := all[0]
		if got.Name != want.name || !got.Crossing || got.Exact != want.exact || meters(got.At, at(townX, townY, want.east, want.south)) > 3 {
			t.Errorf("%s: %+v, %.0f m away", text, all, meters(got.At, at(townX, townY, want.east, want.south)))
		}
	}
}

// A street alone is its middle; one that does not cross the other is given as well; what
// is none of both is nothing.
func TestStreetsAlone(t *testing.T) {
	x := learn(t, milltown(t), at(townX, townY, 500, 500))
	first := func(text string) string {
		if all := x.Find(text, orb.Point{}, 5); len(all) > 0 {
			return strings.TrimSpace(all[0].Name + map[bool]string{true: " exact"}[all[0].Exact] + map[bool]string{true: " crossing"}[all[0].Crossing])
		}
		return ""
	}
	for text, want := range map[string]string{
		"Rue Grimaldi": "Rue Grimaldi exact", "grimaldi": "Rue Grimaldi exact", "Grimldi": "Rue Grimaldi", "Ramón y Cajal": "Calle Ramón y Cajal exact", "12 Ave": "12th Avenue exact",
		"Mian Stret": "Main Street", "Avenu Princess Grace": "Avenue Princesse Grace", "princess grace": "Avenue Princesse Grace", "Grace": "Avenue Princesse Grace", "Ave D": "Avenue D exact", "Cul de Sac": "Cul de Sac exact",
		"Cul de Sac & Washington Ave": "Cul de Sac", "Main Street, Springfield": "Main Street",
		"14th Ave": "", "Elm Street": "", "Line 7": "", "": "", "&": "", " & ": "", "Main & Elm": "Main Street", "\xff": "", strings.Repeat("a", 300): "",
	} {
		if got := first(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if m := x.Find("Rue Grimaldi", orb.Point{}, 1)[0]; meters(m.At, at(townX, townY, 350, 500)) > 3 {
		t.Errorf("its middle is at %v", m.At)
	}
}

// Two towns have a Main Street: the nearer one comes first, and each is there once.
func TestTheNearerOfTwoTowns(t *testing.T) {
	m := milltown(t)
	for i := range uint32(2) { // a street over two tiles is one
		m.build(t, townX+10+i, townY, road{name: "Main Street", points: []orb.Point{{-10, 100}, {1230, 100}}}, ns("2nd Avenue", 800))
	}
	x := learn(t, m, at(townX, townY, 500, 500))
	for _, near := range []uint32{townX, townX + 10} {
		all := x.Find("Main St", at(near, townY, 400, 400), 9)
		if len(all) != 3 || all[0].Name != "Main Street" || all[1].Name != "Main Street" || meters(all[0].At, at(near, townY, 500, 100)) > 1300 || meters(all[1].At, all[0].At) < 8000 {
			t.Errorf("%+v", all)
		}
		if all = x.Find("Main & 2nd Ave", at(near, townY, 400, 400), 1); len(all) != 1 || meters(all[0].At, at(near, townY, 400, 400)) > 2000 {
			t.Errorf("%+v", all)
		}
	}
}

// A road of two lanes meets another at one corner, as people say.
func TestLanesAreOneCorner(t *testing.T) {
	m := towns{}
	m.build(t, townX, townY, ew("Broad Street", 100), ew("Broad Street", 115), ns("Elm Avenue", 300), ns("Elm Avenue", 312), road{name: "Short Lane", points: []orb.Point{{500, 101}, {500, 60}}})
	x := learn(t, m, at(townX, townY, 0, 0))
	if all := x.Find("Broad & Elm", orb.Point{}, 9); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	if all := x.Find("Broad & Short", orb.Point{}, 9); len(all) != 1 || !all[0].Crossing {
		t.Errorf("one that ends there: %+v", all)
	}
}

func TestSuggestions(t *testing.T) {
	x := learn(t, milltown(t), at(townX, townY, 500, 500))
	for text, want := range map[string]string{
		"Ma":           "Main Street, North Main Street, Dr Martin Luther King Jr Boulevard",
		"rue g":        "Rue Grimaldi, Avenue Princesse Grace",
		"12":           "12th Avenue",
		"grac":         "Avenue Princesse Grace",
		"Main St & W":  "Main Street & Washington Avenue, North Main Street & Washington Avenue",
		"grimaldi et ": "Rue Grimaldi & Avenue D, Rue Grimaldi & Calle Ramón y Cajal, Rue Grimaldi & Dr Martin Luther King Jr Boulevard",
		"zz":           "",
		"":             "",
		" & ":          "",
	} {
		if got := strings.Join(x.Suggest(text, 3), ", "); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// extract is the tiles of one file.
type extract struct{ *pmtiles.Archive }

func (e extract) Streets(ctx context.Context, z uint8, x, y uint32) ([]byte, uint8, error) {
	data, err := e.Unpacked(ctx, z, x, y)
	if errors.Is(err, pmtiles.ErrMissing) {
		return nil, z, nil
	}
	return data, z, err
}

// monaco is an extract of real streets; the test does not run and says so where there is
// no sample data.
func monaco(t testing.TB) extract {
	t.Helper()
	raw := pmtilestest.Streets(t)
	a, err := pmtiles.Open(bytes.NewReader(raw), int64(len(raw)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return extract{a}
}

// port is the harbour of the real streets.
func port() orb.Point { return orb.Point{7.4215, 43.7365} }

// Corners of real streets lie on both streets.
func TestRealCorners(t *testing.T) {
	tiles := monaco(t)
	x := learn(t, tiles, port())
	if x.Names() < 200 || x.Crossings() < 300 {
		t.Errorf("%d names, %d crossings", x.Names(), x.Crossings())
	}
	t.Logf("%d names, %d crossings", x.Names(), x.Crossings())
	for text, want := range map[string][2]string{
		"Rue Grimaldi & Rue Suffren Reymond": {"Rue Grimaldi", "Rue Suffren Reymond"},
		"grimaldi et suffren-reymond":        {"Rue Grimaldi", "Rue Suffren Reymond"},
		"bd albert 1er / r. suffren raymond": {"Boulevard Albert 1er", "Rue Suffren Reymond"},
		"av princess grace & bd du larvotto": {"Avenue Princesse Grace", "Boulevard du Larvotto"},
	} {
		all := x.Find(text, port(), 3)
		if len(all) == 0 || !all[0].Crossing || all[0].Name != want[0]+" & "+want[1] {
			t.Errorf("%s: %+v", text, all)
			continue
		}
		for _, name := range want {
			if d := distanceTo(t, tiles, name, all[0].At); d > 5 {
				t.Errorf("%s: %v is %.0f m from %s", text, all[0].At, d, name)
			}
		}
	}
}

// distanceTo is how far a place is from the nearest piece of a street, by another reader.
func distanceTo(t *testing.T, tiles extract, name string, p orb.Point) float64 {
	t.Helper()
	best := math.Inf(1)
	at := maptile.At(p, 15)
	raw, err := tiles.Unpacked(t.Context(), 15, at.X, at.Y)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.Unmarshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	layers.ProjectToWGS84(at)
	for _, l := range layers {
		for _, f := range l.Features {
			if l.Name != "roads" || f.Properties["name"] != name {
				continue
			}
			flat := orb.Clone(f.Geometry)
			scale := math.Cos(p[1] * math.Pi / 180)
			var lines []orb.LineString
			switch g := flat.(type) {
			case orb.LineString:
				lines = append(lines, g)
			case orb.MultiLineString:
				lines = g
			}
			for _, line := range lines {
				for i := range line {
					line[i][0] *= scale
				}
				best = min(best, planar.DistanceFrom(line, orb.Point{p[0] * scale, p[1]})*111_320)
			}
		}
	}
	return best
}

// The same tiles are learned the same.
func TestTheSameTilesAreLearnedTheSame(t *testing.T) {
	m := milltown(t)
	one, two := learn(t, m, at(townX, townY, 500, 500)), learn(t, m, at(townX, townY, 500, 500))
	if !slices.Equal(street.Learned{Index: one}.Append(nil), street.Learned{Index: two}.Append(nil)) {
		t.Error("they are not")
	}
}
