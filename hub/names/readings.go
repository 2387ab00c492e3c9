package names

import (
	"slices"
	"strings"
	"unicode"

	"go.mau.fi/util/confusable"
	"golang.org/x/text/unicode/norm"
)

// Of the long s, which is an s to NFKD and an f to UTS 39 and to the eye, so many are
// tried as both. More are in nobody's name.
const (
	longS    = 'ſ'
	maxLongS = 5
)

// Alike returns what reports whether another name can be taken for a name: one that has
// a skeleton in common with it in some way to read them. Nothing is like a name without
// letters and digits.
func Alike(name string) func(other string) bool {
	looks := skeletons(name)
	return func(other string) bool {
		return slices.ContainsFunc(skeletons(other), func(look string) bool { return look != "" && slices.Contains(looks, look) })
	}
}

// skeletons are those of the readings of a name, plain, with its words folded, and with
// digits for letters too.
func skeletons(name string) []string {
	var all []string
	for _, reading := range readings(name) {
		all = append(all, Skeleton(reading), foldedName(reading))
		if other := spelled(reading); other != reading {
			all = append(all, foldedName(other))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// readings are the names for which one may be taken: itself, as NFKD and small letters
// make of it, and what its characters show before: a capital of Armenian that looks
// like S has a small letter that does not, and ٧ is 7 but looks like V. It is tried for
// both, as are the first long s of it.
func readings(name string) []string {
	ways := []string{name}
	if plain(name) {
		return ways
	}
	name = norm.NFD.String(strings.ToValidUTF8(name, ""))
	for _, look := range []string{shown(name), drawn(name)} {
		if look != name {
			ways = append(ways, look)
		}
	}
	n := min(longSs(name), maxLongS)
	if n == 0 {
		return ways
	}
	var all []string
	for _, way := range ways {
		parts := strings.SplitN(norm.NFD.String(way), string(longS), n+1)
		for as := range 1 << n {
			b := parts[0]
			for i, part := range parts[1:] {
				b += string("sf"[as>>i&1]) + part
			}
			all = append(all, b)
		}
	}
	return all
}

func longSs(name string) int { return strings.Count(norm.NFD.String(name), string(longS)) }

// strokes are characters of East Asia, and signs, that are drawn like a capital beside
// letters of Latin. Each group begins with the letter that they are taken for.
const strokes = "a∆△▲⋀∧ c匚ㄈ e彐ヨ h卄廾 |丨ㅣ丿 i工エㄧ m冂ㄇ n几 o○◯〇⊙◎●⚪⚫⭕⭘ㅇ口ロ囗⦿◉ p卩ㄗ r尺 t丅ㄒ十ナ u凵ㄩ w山 y丫ㄚ z乙"

// drawn is a name with the letters that its characters are drawn like, in words that have
// letters of Latin.
func drawn(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		if !strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) {
			continue
		}
		words[i] = strings.Map(func(r rune) rune {
			if letter := groupOf(strokes, r); letter != 0 {
				return letter
			}
			return r
		}, w)
	}
	return strings.Join(words, " ")
}

// shown is a name in NFD with the letters that its characters look like by the table of
// UTS 39, where their skeleton is another.
func shown(name string) string {
	var b strings.Builder
	for _, r := range name {
		to := ""
		if r >= 0x80 && r != longS {
			to = confusable.GetReplacement(r)
		}
		if to != "" && plain(to) {
			if look := Skeleton(to); look != "" && look != Skeleton(string(r)) {
				b.WriteString(to)
				continue
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
