package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what is compared by more than its letters' looks: shorter words that are
// nearly alike are words of their own.
const (
	minFolded  = 5 // letters
	minSwapped = 6 // bytes of a word of which two letters may have changed places
	minMisread = 7 // and of one of which one may be another

	minDoubled = 7  // and of one of which one may be doubled
	minSlipped = 8  // and of one that may lack a letter, or have another vowel
	minPhrase  = 12 // and of several words, of which one is written wrong
)

// together are letters that look like one beside each other, as looks have them: l is i.
var together = strings.NewReplacer("w", "vv", "m", "nn", "rn", "nn", "ci", "d", "e", "c")

// folded is a word's look with what runs together in one: vv and w, rn, nn and m in any
// order, cl and d, e and c. It is empty for a word that is too short.
func folded(look string) string {
	if utf8.RuneCountInString(look) < minFolded {
		return ""
	}
	b := make([]byte, 0, len(look)+8)
	for _, c := range []byte(strings.ReplaceAll(together.Replace(look), "rn", "nn")) {
		if n := len(b); c == 'n' && n > 1 && b[n-1] == 'n' && b[n-2] == 'n' {
			continue // however many strokes
		}
		b = append(b, c)
	}
	return string(b)
}

// glanced is a word's look as near compares it.
func glanced(look string) string { return strings.ReplaceAll(look, "e", "c") }

// misread are pairs of letters that are taken for each other at a glance where one word
// differs from another in nothing else.
const misread = "ao oa oc co uv vu un nu hn nh hb bh gq qg ft tf it ti ij ji vy yv sz zs rv vr"

// near reports whether two words at a glance, of one length, differ in one letter that
// is misread or in two that changed places.
func near(a, b string) bool {
	if a == b {
		return true
	}
	i := 0
	for a[i] == b[i] {
		i++
	}
	if a[i] >= utf8.RuneSelf || b[i] >= utf8.RuneSelf {
		return false
	}
	if a[i+1:] == b[i+1:] {
		return len(a) >= minMisread && strings.Contains(misread, string([]byte{a[i], b[i]}))
	}
	return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// vowels are those of words at a glance, where e is c.
const vowels = "aciou"

// slipped reports whether a word at a glance is another in which a letter was doubled or
// left out, or one vowel written for another.
func slipped(word, seen string) bool {
	if !plain(word) || !plain(seen) {
		return false
	}
	short, long := word, seen
	if len(short) > len(long) {
		short, long = long, short
	}
	i := 0
	for i < len(short) && short[i] == long[i] {
		i++
	}
	switch len(seen) - len(word) {
	case 1:
		return len(word) >= minDoubled && short[i:] == long[i+1:] && i > 0 && long[i] == long[i-1]
	case -1:
		return len(word) >= minSlipped && short[i:] == long[i+1:]
	case 0:
		return len(word) >= minSlipped && i < len(word) && word[i+1:] == seen[i+1:] &&
			strings.IndexByte(vowels, word[i]) >= 0 && strings.IndexByte(vowels, seen[i]) >= 0
	}
	return false
}

// turned are letters of the Latin script that are in neither table: turned round,
// mirrored, hooked or struck through. Each group begins with the letter that they are
// taken for.
const turned = `aⱥɐᶏʌ bᴃᵬᶀꞗ cƈɕʗꜿꞔↄ dȡᵭᶁᶑꝺꟈ eǝɘɝɞʚᶒᶓᶔⱸⱻꬳꬴ fᶂꝼɟ gʛᵷᵹꝿꞡꟑꬶ hɥʮʯⱨⱶꟶ iᴉᶖ jȷʄʝ kʞᶄⱪꝁꝃꝅꞣ lȴɬᴌᶅⱡꝇꝉꞁꞎꬷꬸꬹ
mɰᴟᶆꟺꬺ nɲȵᴎᶇꞑꞥꬻ oɔᴒᴓᴗᶗⱺꝍ pᵱᶈꝑꝓꝕ qɋꝗꝙ rɹɺɻɾɿʁᴙᴚᶉⱹꞃꞧꭆꭉꭋꭌꭨ sȿᶊꞅꞩꟊƨ tƫȶʇʈⱦꞇ uᴝᶙꞹ vⱱⱴꝟ wⱳꟃ xᶍꭖꭗꭘꭙ yʎ zɀʑᶎⱬ`

// turnedFrom is the letter that a small letter of Latin is in turned; else 0.
func turnedFrom(r rune) byte {
	if !unicode.Is(unicode.Latin, r) {
		return 0
	}
	return byte(groupOf(turned, r))
}

// groupOf is the letter with which the group of a character begins; else 0.
func groupOf(groups string, r rune) rune {
	if r < utf8.RuneSelf {
		return 0
	}
	group := rune(0)
	for _, t := range groups {
		switch {
		case t < utf8.RuneSelf:
			group = t
		case t == r:
			return group
		}
	}
	return 0
}

// spelled is a name with the digits and signs in its longer words as the letters that
// they stand for: 5chool is a school, but 5 and Place 5 are themselves.
func spelled(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		letters, stand, b := 0, 0, strings.Builder{}
		for _, r := range norm.NFKC.String(w) {
			if c := standsFor(r); c != 0 {
				stand++
				r = rune(c)
			} else if unicode.IsLetter(r) {
				letters++
			}
			b.WriteRune(r)
		}
		if stand > 0 && letters > stand && letters+stand >= minFolded {
			words[i] = b.String()
		}
	}
	return strings.Join(words, " ")
}

// foldedName is a name's look, each word folded that is long enough.
func foldedName(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		look := strings.ReplaceAll(Skeleton(w), "rn", "m")
		if f := folded(look); f != "" {
			look = f
		}
		words[i] = look
	}
	return strings.Join(words, "")
}
