package feature_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
)

func TestWhatIsWrongWithAGeometryIsSaid(t *testing.T) {
	square := orb.Ring{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}
	for _, tt := range []struct {
		name string
		g    orb.Geometry
		want string // "" is sound
	}{
		{"a point", orb.Point{-73.2, 44.4}, ""},
		{"no geometry", nil, ""},
		{"the corners of the earth", orb.MultiPoint{{-180, -90}, {180, 90}}, ""},
		{"not a number", orb.Point{math.NaN(), 44}, "A coordinate is not a number."},
		{"without end", orb.LineString{{0, 0}, {0, math.Inf(1)}}, "A coordinate is not a number."},
		{"meters", orb.Point{640000, 4920000}, "The latitude 4920000 does not exist: it goes from -90 to 90. Coordinates must be degrees (WGS 84)."},
		{"swapped beyond doubt", orb.Point{47.6, -122.3}, "The latitude -122.3 does not exist: it goes from -90 to 90. Coordinates must be degrees (WGS 84)."},
		{"too far east", orb.Point{181, 0}, "The longitude 181 does not exist: it goes from -180 to 180. Coordinates must be degrees (WGS 84)."},
		{"all too far east", orb.LineString{{181, 0}, {182, 0}}, "The longitude 181 does not exist"},
		{"half a line", orb.LineString{{1, 1}}, "A line needs at least 2 points."},
		{"two corners", orb.Polygon{{{0, 0}, {1, 1}, {0, 0}}}, "An outline needs at least 3 corners."},
		{"no area", orb.Polygon{{{0.1, 0.1}, {0.2, 0.2}, {0.3, 0.3}, {0.1, 0.1}}}, "An outline is a mere line: it has no area."},
		{"a bow tie", orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}, "The outline crosses itself near 1.00000, 1.00000, where its sides 1 and 3 meet."},
		{"a bow tie across the antimeridian", orb.Polygon{{{179, 0}, {-179, 2}, {-179, 0}, {179, 2}, {179, 0}}}, "The outline crosses itself near 1.00000, -180.00000, where its sides 1 and 3 meet."},
		{"a hole across the edge", orb.Polygon{square, {{3, 1}, {5, 1}, {5, 2}, {3, 1}}}, "A hole of the outline lies outside of it"},
		{"a hole across a notch", orb.Polygon{{{0, 0}, {4, 0}, {2, 2}, {4, 4}, {0, 4}, {0, 0}}, {{1, 1.5}, {2.5, 2}, {1, 2.5}, {1, 1.5}}}, "A hole of the outline crosses another line of it near"},
		{"a hole elsewhere", orb.Polygon{square, {{6, 1}, {7, 1}, {7, 2}, {6, 1}}}, "A hole of the outline lies outside of it"},
		{"a hole that touches", orb.Polygon{square, {{0, 2}, {2, 1}, {2, 3}, {0, 2}}}, ""},
		{"round the south pole", orb.Polygon{{{0, -80}, {120, -80}, {-120, -80}, {0, -80}}}, "The outline goes round a pole of the earth"},
		{"the whole earth", orb.Polygon{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}, ""},
		{"mixed", orb.Collection{orb.Point{0, 0}, orb.LineString{{0, 0}, {1, 1}}}, "It holds points, lines and outlines together."},
		{"as many points as are read", make(orb.MultiPoint, feature.MaxPoints), ""},
		{"too many points", make(orb.MultiPoint, feature.MaxPoints+1), "It has 10001 points, and at most 10000 are read."},
		{"too many parts", make(orb.MultiLineString, feature.MaxParts+1), "It has 1001 parts, and at most 1000 are read."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := feature.Sound(feature.Line(12), tt.g)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "line 12: "+tt.want)):
				t.Errorf("got %v, want line 12: %s", err, tt.want)
			}
		})
	}
}

func TestAGeometryIsMadeSound(t *testing.T) {
	for _, tt := range []struct {
		name    string
		g, want orb.Geometry
	}{
		{"clockwise, with a hole the other way", orb.Polygon{
			{{0, 0}, {0, 4}, {4, 4}, {4, 0}, {0, 0}}, {{1, 1}, {2, 1}, {2, 2}, {1, 1}},
		}, orb.Polygon{
			{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, {{1, 1}, {2, 2}, {2, 1}, {1, 1}},
		}},
		{"not closed", orb.Ring{{0, 0}, {4, 0}, {4, 4}}, orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}}},
		{"empty", orb.MultiPolygon{}, nil},
		{"empty inside", orb.Polygon{{}}, nil},
		{"a line across", orb.LineString{{170, 0}, {-170, 10}}, orb.MultiLineString{{{170, 0}, {180, 5}}, {{-180, 5}, {-170, 10}}}},
		{"a line that runs on", orb.LineString{{-170, 0}, {-190, 10}}, orb.MultiLineString{{{-170, 0}, {-180, 5}}, {{180, 5}, {170, 10}}}},
		{"a line with a corner on it", orb.LineString{{170, 0}, {180, 5}, {-170, 10}}, orb.MultiLineString{{{170, 0}, {180, 5}}, {{-180, 5}, {-170, 10}}}},
		{"a square across", orb.Polygon{{{170, 0}, {-170, 0}, {-170, 10}, {170, 10}, {170, 0}}}, orb.MultiPolygon{
			{{{180, 10}, {170, 10}, {170, 0}, {180, 0}, {180, 10}}},
			{{{-180, 0}, {-170, 0}, {-170, 10}, {-180, 10}, {-180, 0}}},
		}},
		{"one that only touches it", orb.Polygon{{{170, 0}, {180, 5}, {170, 10}, {170, 0}}}, orb.Polygon{{{170, 0}, {180, 5}, {170, 10}, {170, 0}}}},
		{"a hole beside it stays whole", orb.Polygon{
			{{160, 0}, {200, 0}, {200, 10}, {160, 10}, {160, 0}}, {{-170, 2}, {-170, 4}, {-165, 4}, {-170, 2}},
		}, orb.MultiPolygon{
			{{{180, 10}, {160, 10}, {160, 0}, {180, 0}, {180, 10}}},
			{{{-180, 0}, {-160, 0}, {-160, 10}, {-180, 10}, {-180, 0}}, {{-170, 2}, {-170, 4}, {-165, 4}, {-170, 2}}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := feature.Sound(feature.Nth(1), tt.g)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == nil {
				if got != nil {
					t.Errorf("got %v, want none", got)
				}
				return
			}
			if !orb.Equal(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

// anyPolygon is a polygon without crossings, concave, of whole grains: two edges that
// go north beside each other, with a hole sometimes. It lies within 20° of a meridian.
func anyPolygon(t *rapid.T, meridian float64) orb.Polygon {
	n := rapid.IntRange(2, 12).Draw(t, "levels")
	lon := func(from, to int, label string) float64 {
		return meridian + float64(rapid.IntRange(from, to).Draw(t, label))/4
	}
	var west, east orb.Ring
	for i := range n {
		y := float64(10 * i)
		w := lon(-80, 70, "west")
		e := w + float64(rapid.IntRange(1, 40).Draw(t, "width"))/4
		west, east = append(west, orb.Point{w, y}), append(east, orb.Point{e, y})
	}
	slices.Reverse(west)
	ring := slices.Concat(east, west)
	for i := range ring {
		ring[i][1] -= 5 * float64(n-1)
		ring[i][1] /= 2
	}
	p := orb.Polygon{append(ring, ring[0])}
	if rapid.Bool().Draw(t, "hole") { // small, just above the southern side
		mid, y := (west[n-1][0]+east[0][0])/2, ring[0][1]+0.001
		p = append(p, orb.Ring{{mid, y}, {mid - 0.01, y + 0.002}, {mid + 0.01, y + 0.002}, {mid, y}})
	}
	return p
}

func area(g orb.Geometry) float64 {
	total := 0.0
	polygons, ok := g.(orb.MultiPolygon)
	if !ok {
		polygons = orb.MultiPolygon{g.(orb.Polygon)}
	}
	for _, p := range polygons {
		for i, r := range p {
			a := math.Abs(planar.Area(r))
			if i > 0 {
				a = -a
			}
			total += a
		}
	}
	return total
}

// onto brings the longitudes of what lies about the antimeridian back on the earth.
func onto(p orb.Polygon) orb.Polygon {
	out := p.Clone()
	for _, r := range out {
		for i := range r {
			if r[i][0] > 180 {
				r[i][0] -= 360
			}
		}
	}
	return out
}

func TestCuttingKeepsTheArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolygon(t, 180)
		got, err := feature.Sound(feature.Nth(1), onto(p))
		if err != nil {
			t.Fatalf("%v: %v", p, err)
		}
		if math.Abs(area(got)-area(p)) > 1e-4 {
			t.Errorf("%v has an area of %v, cut into %v one of %v", p, area(p), got, area(got))
		}
		lawful(t, got)
	})
}

func TestWhatIsSoundStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolygon(t, rapid.SampledFrom([]float64{0, -73, 180}).Draw(t, "meridian"))
		once, err := feature.Sound(feature.Nth(1), onto(p))
		if err != nil {
			t.Fatalf("%v: %v", p, err)
		}
		before := orb.Clone(once)
		twice, err := feature.Sound(feature.Nth(1), once)
		if err != nil || !orb.Equal(once, twice) {
			t.Fatalf("%v became %v (%v)", once, twice, err)
		}
		if !orb.Equal(once, before) {
			t.Fatal("what was handed in has been changed")
		}
	})
}

// lawful holds a geometry to RFC 7946 §3.1.6 and §3.1.9.
func lawful(t *rapid.T, g orb.Geometry) {
	polygons, ok := g.(orb.MultiPolygon)
	if !ok {
		polygons = orb.MultiPolygon{g.(orb.Polygon)}
	}
	for _, p := range polygons {
		for i, r := range p {
			if !r.Closed() {
				t.Errorf("not closed: %v", r)
			}
			if want := []orb.Orientation{orb.CCW, orb.CW}[min(i, 1)]; r.Orientation() != want {
				t.Errorf("ring %d is wound the wrong way: %v", i, r)
			}
			if b := r.Bound(); b.Min[0] < -180 || b.Max[0] > 180 || b.Min[0] < 0 && b.Max[0] > 0 && b.Max[0]-b.Min[0] > 180 && b.Max[0]-b.Min[0] < 360 {
				t.Errorf("not cut: %v", r)
			}
		}
	}
}

// TestCrossingsAreFound compares the sweep with all pairs, in rational numbers.
func TestCrossingsAreFound(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 7).Draw(t, "corners")
		ring := make(orb.Ring, 0, n+1)
		for range n {
			ring = append(ring, orb.Point{float64(rapid.IntRange(-9, 9).Draw(t, "x")) / 10, float64(rapid.IntRange(-9, 9).Draw(t, "y")) / 10})
		}
		ring = append(ring, ring[0])
		_, err := feature.Sound(feature.Nth(1), orb.Polygon{ring})
		says := err != nil && strings.Contains(err.Error(), "crosses itself")
		if want := crossed(ring); says != want {
			t.Errorf("%v: crossed is %v, but Sound says %v", ring, want, err)
		}
		if says {
			found++
		}
	})
	if found == 0 {
		t.Error("no outline crossed itself: this shows nothing")
	}
}

func crossed(r orb.Ring) bool {
	rat := func(x float64) *big.Rat { return big.NewRat(int64(math.Round(x*10)), 10) }
	side := func(a, b, c orb.Point) int {
		left := new(big.Rat).Mul(new(big.Rat).Sub(rat(b[0]), rat(a[0])), new(big.Rat).Sub(rat(c[1]), rat(a[1])))
		return left.Cmp(new(big.Rat).Mul(new(big.Rat).Sub(rat(b[1]), rat(a[1])), new(big.Rat).Sub(rat(c[0]), rat(a[0]))))
	}
	for i := 1; i < len(r); i++ {
		for j := i + 1; j < len(r); j++ {
			a, b, c, d := r[i-1], r[i], r[j-1], r[j]
			if side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0 {
				return true
			}
		}
	}
	return false
}

func TestALongCoastIsChecked(t *testing.T) {
	for _, swap := range []bool{false, true} {
		var coast orb.Ring
		for i := range feature.MaxPoints - 3 {
			coast = append(coast, orb.Point{float64(i%97) / 1e3, float64(i) / 200})
		}
		coast = append(coast, orb.Point{-1, 55}, orb.Point{-1, 0})
		if swap {
			coast = feature.Swap(coast).(orb.Ring)
		}
		if _, err := feature.Sound(feature.Nth(1), coast); err != nil {
			t.Errorf("swapped %v: %v", swap, err)
		}
		coast[400], coast[700] = coast[700], coast[400]
		if _, err := feature.Sound(feature.Nth(1), coast); err == nil || !strings.Contains(err.Error(), "crosses itself") {
			t.Errorf("swapped %v: a crossing is overlooked: %v", swap, err)
		}
	}
}

// The worst for the sweep are long sides beside each other, aslant.
func TestAnOutlineThatWouldTakeTooLongIsRefused(t *testing.T) {
	var ring orb.Ring
	for i := range feature.MaxPoints - 4 {
		x := float64(170 * (i % 2))
		ring = append(ring, orb.Point{x, float64(i)/1000 - x/4})
	}
	ring = append(ring, orb.Point{175, 0}, orb.Point{175, -60}, orb.Point{0, -60})
	began := time.Now()
	if _, err := feature.Sound(feature.Nth(1), ring); err == nil || !strings.Contains(err.Error(), "too intricate") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestDegreesAreWrittenShort(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", -0.00000001: "0", 44.4759000001: "44.4759", -73.2121: "-73.2121", 1e-7: "0.0000001", 180: "180", 0.1 + 0.2: "0.3",
	} {
		if got := string(feature.AppendDegrees(nil, x)); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

func TestSwappedCoordinatesAreNoticed(t *testing.T) {
	vermont := orb.Bound{Min: orb.Point{-73.5, 42.7}, Max: orb.Point{-71.4, 45.1}}
	wrong := orb.LineString{{44.4, -73.2}, {44.5, -73.1}}
	said, ok := feature.Swapped(wrong, vermont)
	if !ok || said.String() != "This lies far away, at -73.15000, 44.45000. With latitude and longitude swapped it would lie here, at 44.45000, -73.15000." {
		t.Errorf("got %v, %v", said, ok)
	}
	for name, g := range map[string]orb.Geometry{
		"none": nil, "right": feature.Swap(wrong), "elsewhere": orb.Point{2.3, 48.8}, "half of it": orb.LineString{{44.4, -73.2}, {0, 0}},
	} {
		if _, ok := feature.Swapped(g, vermont); ok {
			t.Errorf("%s: taken as swapped", name)
		}
	}
}

// Beyond 90 degrees of longitude what is swapped is nowhere on the earth.
func TestSwappedBeyondTheEarthIsNoticed(t *testing.T) {
	seattle, unknown := orb.Bound{Min: orb.Point{-123, 47}, Max: orb.Point{-122, 48}}, orb.Bound{Min: orb.Point{1, 1}}
	for _, tt := range []struct {
		name   string
		g      orb.Geometry
		region orb.Bound
		want   bool
	}{
		{"in the region", orb.Point{47.6, -122.3}, seattle, true},
		{"a line", orb.LineString{{47.6, -122.3}, {47.7, -122.4}}, seattle, true},
		{"not in the region", orb.Point{44.4, -93.2}, seattle, false},
		{"no region", orb.Point{44.4, -93.2}, unknown, true},
		{"meters", orb.Point{640000, 4920000}, unknown, false},
		{"right", orb.Point{-122.3, 47.6}, unknown, false},
	} {
		said, got := feature.Swapped(tt.g, tt.region)
		if got != tt.want || got && !strings.Contains(said.String(), "does not exist: it goes from -90 to 90. Latitude and longitude may be swapped here.") {
			t.Errorf("%s: %v, %v", tt.name, said, got)
		}
		_, err := feature.Feature{At: feature.Nth(1), Geometry: tt.g}.Fit()
		out, refused := errors.AsType[*feature.Refused](err)
		if refused != (tt.name != "right") || refused && (out.Swapped != nil) != (tt.name != "meters") {
			t.Errorf("%s: %+v", tt.name, err)
		}
	}
	crossed := orb.Polygon{{{44, -93}, {45, -92}, {44, -92}, {45, -93}, {44, -93}}}
	_, err := feature.Feature{At: feature.Nth(1), Geometry: crossed}.Fit()
	if out, is := errors.AsType[*feature.Refused](err); !is || out.Swapped != nil {
		t.Errorf("swapped it would cross itself still: %+v", err)
	}
}

func TestPartsOfAKindAreOne(t *testing.T) {
	a, b := orb.Point{1, 2}, orb.Point{3, 4}
	line := orb.LineString{a, b}
	square := orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}}
	for _, tt := range []struct {
		parts []orb.Geometry
		want  orb.Geometry
	}{
		{[]orb.Geometry{a}, a},
		{[]orb.Geometry{a, orb.MultiPoint{b}}, orb.MultiPoint{a, b}},
		{[]orb.Geometry{line, line}, orb.MultiLineString{line, line}},
		{[]orb.Geometry{square, orb.MultiPolygon{square}}, orb.MultiPolygon{square, square}},
		{[]orb.Geometry{a, line}, orb.Collection{a, line}},
	} {
		if got := feature.Gather(tt.parts); !orb.Equal(got, tt.want) {
			t.Errorf("%v became %v, want %v", tt.parts, got, tt.want)
		}
	}
	if got := feature.Gather(nil); got != nil {
		t.Errorf("nothing became %v", got)
	}
}

func TestARefusalNamesItsPlace(t *testing.T) {
	_, err := feature.Feature{At: feature.Nth(3), Geometry: orb.Point{0, 91}}.Fit()
	var refused *feature.Refused
	if !errors.As(err, &refused) || refused.At.String() != "entry 3" {
		t.Errorf("got %v", err)
	}
}

// TestWhateverIsTakenIsSound draws rings at random about the antimeridian, corners on it
// and on each other among them: what is not refused is lawful, and stays as it is.
func TestWhateverIsTakenIsSound(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		var p orb.Polygon
		for range rapid.IntRange(1, 2).Draw(t, "rings") {
			var r orb.Ring
			for range rapid.IntRange(3, 9).Draw(t, "corners") {
				lon := 180 + float64(rapid.IntRange(-6, 6).Draw(t, "lon"))/2
				if rapid.Bool().Draw(t, "beyond") && lon >= 180 {
					lon -= 360
				}
				r = append(r, orb.Point{lon, float64(rapid.IntRange(-5, 5).Draw(t, "lat")) / 2})
			}
			p = append(p, r)
		}
		once, err := feature.Sound(feature.Nth(1), p)
		if err != nil {
			return
		}
		taken++
		lawful(t, once)
		twice, err := feature.Sound(feature.Nth(1), once)
		if err != nil || !orb.Equal(once, twice) {
			t.Fatalf("%v\nbecame %v\nthen   %v (%v)", p, once, twice, err)
		}
	})
	if taken == 0 {
		t.Error("all were refused: this shows nothing")
	}
}
