package street

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// MaxText is how many bytes a text that is looked for may have.
const MaxText = 200

// Match is a place that a text may mean.
type Match struct {
	Name     string    // as the map has it: "Main Street", "Main Street & 2nd Avenue"
	Crossing bool      // else the middle of a street
	At       orb.Point // WGS 84
	Exact    bool      // it is called so, but for how words are shortened, and what is left out; and no other is more so
}

// Bounds of one search.
const (
	maxAlike  = 24 // names for one that was written
	worst     = 20 // cost of a name that is like it
	exact     = 3  // cost up to which it is that name
	maxSplits = 8
)

// Find is what a text means: a crossing ("Main St & 2nd Ave", "corner of Main and 2nd",
// "Rue Grimaldi et Rue Suffren", "Juárez y Hidalgo") or a street, at most so many, the
// likeliest first, of those that are as likely the nearest to a point; a zero near is
// none. Where two streets are named that do not meet, they are there as streets.
func (x *Index) Find(text string, near orb.Point, most int) []Match {
	if len(text) > MaxText || !utf8.ValidString(text) || strings.TrimSpace(text) == "" {
		return nil
	}
	f := finder{x: x, near: pointOf(near), anywhere: near == (orb.Point{}), known: map[string][]alike{}}
	splits, sure := crossingsIn(text)
	for _, s := range splits {
		f.cross(s[0], s[1])
	}
	if !sure {
		f.street(text, 0)
	}
	if len(f.found) == 0 && len(splits) > 0 {
		f.street(splits[0][0], exact+1)
		f.street(splits[0][1], exact+1)
	}
	return f.best(most)
}

// crossingsIn are the ways to read a text as two streets, and whether it can be nothing
// else.
func crossingsIn(text string) (all [][2]string, sure bool) {
	text = strings.ReplaceAll(" "+strings.ToLower(text)+" ", " c/", " calle ") // as Spanish has it
	for _, intro := range []string{" corner of ", " intersection of ", " esquina de ", " esquina ", " coin de ", " angle de ", " kwen ", " góc ", " crossing of "} {
		if _, rest, is := strings.Cut(text, intro); is && strings.TrimSpace(text[:len(text)-len(rest)-len(intro)]) == "" {
			text, sure = " "+rest, true
		}
	}
	add := func(mark string) {
		for at := 0; len(all) < maxSplits; {
			i := strings.Index(text[at:], mark)
			if i < 0 {
				return
			}
			a, b := text[:at+i], text[at+i+len(mark):]
			if strings.TrimSpace(a) != "" && strings.TrimSpace(b) != "" {
				all = append(all, [2]string{a, b})
			}
			at += i + 1
		}
	}
	for _, mark := range []string{"&", "＆", "/", "@", "+", "×", "和", "与", "與"} {
		add(mark)
	}
	if len(all) > 0 {
		return all, true
	}
	for _, mark := range []string{" and ", " at ", " y ", " e ", " con ", " esq ", " et ", " và ", " với ", " ak ", " kwaze ", " و ", " و", " x ", ", "} {
		add(mark)
	}
	return all, sure && len(all) > 0
}

// alike is a name that is like one that was written, and how little.
type alike struct {
	name int32
	cost int
}

// finder is one search.
type finder struct {
	x        *Index
	near     point
	anywhere bool
	known    map[string][]alike
	found    []candidate
}

type candidate struct {
	Match

	cost int
	away float64
}

// names are those that are like a text, the likest first.
func (f *finder) names(text string) []alike {
	all, known := f.known[text]
	if !known {
		if all = f.x.alike(wordsOf(text)); len(all) == 0 {
			all = slices.Clone(f.x.alike(wordsOf(corrected(text))))
			for i := range all {
				all[i].cost += exact + 1
			}
		}
		f.known[text] = all
	}
	return all
}

// cross adds where streets like two texts meet.
func (f *finder) cross(a, b string) {
	for _, m := range f.names(a) {
		for _, n := range f.names(b) {
			if m.name == n.name {
				continue
			}
			for _, c := range f.x.meet(m.name, n.name) {
				f.add(Match{f.x.names[m.name].text + " & " + f.x.names[n.name].text, true, c.at.orb(), max(m.cost, n.cost) <= exact}, m.cost+n.cost, c.at)
			}
		}
	}
}

// street adds streets like a text, with so much cost besides.
func (f *finder) street(text string, besides int) {
	for _, n := range f.names(text) {
		for _, at := range f.x.middles(n.name) {
			cost := n.cost + besides
			f.add(Match{f.x.names[n.name].text, false, at.orb(), cost <= exact}, cost, at)
		}
	}
}

func (f *finder) add(m Match, cost int, at point) {
	c := candidate{m, cost, 0}
	if !f.anywhere {
		c.away = away(f.near, at)
	}
	f.found = append(f.found, c)
}

// best are the likeliest.
func (f *finder) best(most int) (all []Match) {
	slices.SortStableFunc(f.found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.away, b.away), strings.Compare(a.Name, b.Name))
	})
	for _, c := range f.found[:min(len(f.found), max(0, most))] {
		c.Exact = c.Exact && c.cost == f.found[0].cost
		all = append(all, c.Match)
	}
	return all
}
