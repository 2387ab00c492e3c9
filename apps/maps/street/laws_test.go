package street_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/street"
)

// mistakes is how many letters differ, by the definition of optimal string alignment.
func mistakes(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = rows[i-1][j-1] + 1
			}
			rows[i][j] = min(rows[i][j], rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

func TestMistakesAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("abcé中")), 0, 12, -1)
		a, b, most := word.Draw(t, "a"), word.Draw(t, "b"), rapid.IntRange(0, 4).Draw(t, "most")
		want := min(mistakes([]rune(a), []rune(b)), most+1)
		if got := min(street.MistakesBetween(a, b, most), most+1); got != want {
			t.Fatalf("%q and %q differ in %d letters, not %d", a, b, want, got)
		}
	})
}

// Whatever streets there are, each corner of two of them is found by their names as they
// are, and so after it was remembered in a file.
func TestEveryCornerIsFoundAndRemembered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"Main", "North", "Elm", "St", "Avenue", "de", "la", "12th", "Grace", "O'Neill", "東", "شارع", "D", "y"})
		name := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "words"), " ")
		})
		names := rapid.SliceOfNDistinct(name, 2, 8, rapid.ID).Draw(t, "names")
		m, x := towns{}, []road{}
		for i, n := range names {
			if i%2 == 0 {
				x = append(x, ew(n, 100+80*float64(i)))
			} else {
				x = append(x, ns(n, 100+80*float64(i)))
			}
		}
		m.build(t, townX, townY, x...)
		index, err := street.Learn(context.Background(), m, at(townX, townY, 0, 0), nil)
		if err != nil {
			t.Fatal(err)
		}
		l := street.Learned{Index: index, From: "maps", Around: orb.Point{1, 2}}
		raw := l.Append(nil)
		again, err := street.Read(raw)
		if err != nil || again.From != l.From || again.Around != l.Around || !bytes.Equal(again.Append(nil), raw) {
			t.Fatal("not as it was", err)
		}
		for i := 0; i < len(names); i += 2 {
			for k := 1; k < len(names); k += 2 {
				found := false
				for _, match := range again.Find(names[i]+" & "+names[k], orb.Point{}, 100) {
					found = found || match.Crossing && match.Exact && match.Name == names[i]+" & "+names[k] && meters(match.At, at(townX, townY, 100+80*float64(k), 100+80*float64(i))) < 3
				}
				if !found {
					t.Fatalf("%q & %q is not found: %+v", names[i], names[k], again.Find(names[i]+" & "+names[k], orb.Point{}, 100))
				}
			}
		}
	})
}

func TestADamagedFileIsRefused(t *testing.T) {
	l := street.Learned{Index: learn(t, milltown(t), at(townX, townY, 500, 500)), From: "a"}
	raw := l.Append(nil)
	for at := 0; at < len(raw); at += 1 + at/5 {
		if _, err := street.Read(raw[:at]); !errors.Is(err, street.ErrDamaged) {
			t.Errorf("cut off at %d: %v", at, err)
		}
		changed := bytes.Clone(raw)
		changed[at] ^= 4
		if _, err := street.Read(changed); !errors.Is(err, street.ErrDamaged) {
			t.Errorf("changed at %d: %v", at, err)
		}
	}
	if _, err := street.Read(make([]byte, street.MaxFile+1)); !errors.Is(err, street.ErrDamaged) {
		t.Error(err)
	}
}

// seal puts a body between magic and hash.
func seal(body []byte) []byte {
	whole := append([]byte("lamppost streets 1\n"), body...)
	sum := sha256.Sum256(whole)
	return append(whole, sum[:]...)
}

// A file that was made to do harm, with its hash right, is refused or can be searched.
func FuzzRead(f *testing.F) {
	l := street.Learned{Index: learn(f, milltown(f), at(townX, townY, 500, 500)), From: "a"}
	raw := l.Append(nil)
	f.Add(raw[len("lamppost streets 1\n"):len(raw)-sha256.Size], "main & 2nd")
	f.Add(binary.AppendUvarint([]byte{0, 0, 0, 1}, 60_000), "a")
	f.Fuzz(func(t *testing.T, body []byte, text string) {
		l, err := street.Read(seal(body))
		if err != nil {
			return
		}
		for _, m := range l.Find(text, orb.Point{1, 1}, 10) {
			if m.Name == "" || m.At[0] < -180 || m.At[0] > 180 || m.At[1] < -90 || m.At[1] > 90 {
				t.Errorf("%+v", m)
			}
		}
		l.Suggest(text, 10)
		again, err := street.Read(l.Append(nil))
		if err != nil || again.Names() != l.Names() || again.Crossings() != l.Crossings() {
			t.Errorf("not as it was: %v", err)
		}
	})
}

// Whatever tiles hold, learning from them ends, and from those beside them goes on.
func TestTilesMadeToDoHarm(t *testing.T) {
	var same, many []road
	for i := range 3000 { // all of them meet in one point
		x := 500 + float64(i%50)/50
		same = append(same, road{name: "Road " + string(rune('A'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)), points: []orb.Point{{x, 500}, {x, 501}, {x + 1, 500}}})
		many = append(many, road{name: same[i].name, points: []orb.Point{{0, float64(i)}, {tileSide, float64(3000 - i)}, {0, float64(i / 2)}}})
	}
	m := towns{}
	m.build(t, townX, townY, same...)
	m.build(t, townX+1, townY, many...)
	m.build(t, townX+2, townY, ew("Broad Street", 100), ns("Elm Avenue", 300))
	m[[2]uint32{townX - 1, townY}] = []byte{3<<3 | 2, 0x7f, 1}
	x := learn(t, m, at(townX, townY, 500, 500))
	if all := x.Find("Broad & Elm", orb.Point{}, 1); len(all) != 1 || !all[0].Crossing {
		t.Errorf("what is sound beside them was not learned: %+v", all)
	}
	if x.Names() > street.MaxNames || x.Crossings() > street.MaxCrossings {
		t.Errorf("%d names, %d crossings", x.Names(), x.Crossings())
	}
	t.Logf("%d names, %d crossings", x.Names(), x.Crossings())
}
