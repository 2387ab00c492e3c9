package street

import (
	"math"
	"slices"
	"strings"
)

// alike are names like a text, at most maxAlike.
func (x *Index) alike(q words) (all []alike) {
	if q.core == "" {
		return nil
	}
	for i := range x.names {
		if cost := costOf(q, x.names[i].word); cost <= worst {
			all = append(all, alike{int32(i), cost}) //nolint:gosec // at most MaxNames
		}
	}
	slices.SortStableFunc(all, func(a, b alike) int { return a.cost - b.cost })
	return all[:min(len(all), maxAlike)]
}

// corrected is a text whose first and last words are kinds of streets where they nearly
// are: Main Stret. It is empty where there is nothing to correct.
func corrected(text string) string {
	all := strings.Fields(folded(text))
	changed := false
	for i, word := range all {
		if kind, _ := kindOf(word); kind >= 0 || len(all) < 2 || len(word) < 4 || i > 0 && i < len(all)-1 {
			continue
		}
		for _, forms := range kinds() {
			if kind, _, _ := strings.Cut(forms, " "); len(kind) > 4 && mistakesBetween(word, kind, 1) <= 1 {
				all[i], changed = kind, true
				break
			}
		}
	}
	if !changed {
		return ""
	}
	return strings.Join(all, " ")
}

// costOf is how little a name is like what was written; beyond worst it is another one.
func costOf(q, n words) int {
	cost := unlikeness(q, n)
	if cost > worst {
		return cost
	}
	switch {
	case q.kinds == n.kinds, q.kinds&n.kinds != 0:
	case q.kinds == 0:
		cost++
	case n.kinds == 0:
		cost += 3
	default:
		cost += 5
	}
	switch {
	case q.ways == n.ways:
	case q.ways == 0:
		cost += 2
	case n.ways == 0:
		cost += 3
	default:
		cost += 6
	}
	return cost
}

// unlikeness is that of the cores.
func unlikeness(q, n words) int {
	const no = math.MaxInt32
	if q.core == n.core {
		return 0
	}
	if q.marks&^n.marks == 0 {
		if at, short := within(q.parts, n.parts); at >= 0 {
			return 4 + min(3, at) + len(n.parts) - len(q.parts) + 2*short
		}
	}
	mistakes := allowed(q.letters)
	if mistakes == 0 || abs(q.letters-n.letters) > mistakes || unlike(q, n, mistakes) || !slices.Equal(q.numbers(), n.numbers()) {
		return no
	}
	d := mistakesBetween(q.core, n.core, mistakes)
	if d > mistakes {
		return no
	}
	return 5 * d
}

func abs(n int) int { return max(n, -n) }

// allowed is how many mistakes are taken for a slip in so many letters.
func allowed(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 7:
		return 1
	case letters < 12:
		return 2
	}
	return 3
}

// within is where words stand in others, in a row, and how many of them are only a first
// letter; -1 if they do not.
func within(some, all []string) (at, short int) {
	for at := 0; at+len(some) <= len(all); at++ {
		short, same := 0, true
		for i, w := range some {
			switch whole := all[at+i]; {
			case w == whole:
			case len(some) > 1 && len(w) == 1 && w >= "a" && strings.HasPrefix(whole, w):
				short++
			default:
				same = false
			}
		}
		if same && short < len(some) {
			return at, short
		}
	}
	return -1, 0
}

// mistakesBetween is how many letters are wrong, missing, too many or in the place of the
// next, up to most; more is most+1 (optimal string alignment).
func mistakesBetween(a, b string, most int) int {
	const longest = 80
	var x, y [longest]rune
	n, m := runes(x[:], a), runes(y[:], b)
	if n < 0 || m < 0 || abs(n-m) > most {
		return most + 1
	}
	var rows [3][longest + 1]int
	for j := range m + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= n; i++ {
		before, last, now := &rows[(i+1)%3], &rows[(i+2)%3], &rows[i%3]
		now[0] = i
		least := i
		for j := 1; j <= m; j++ {
			wrong := 1
			if x[i-1] == y[j-1] {
				wrong = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
			least = min(least, now[j])
		}
		if least > most {
			return most + 1
		}
	}
	return rows[n%3][m]
}

// runes puts a text's runes into room; -1 if it is too small.
func runes(room []rune, s string) int {
	n := 0
	for _, r := range s {
		if n == len(room) {
			return -1
		}
		room[n] = r
		n++
	}
	return n
}
