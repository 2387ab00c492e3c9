package letter

import (
	"slices"
	"unicode"
)

// arrange puts a name's letters in the order in which they stand from left to right, and
// Arabic ones in the form that they have there. Not ok where a script needs more.
//
// It is the part of Unicode's bidirectional algorithm (UAX 9) that names of places need:
// numbers and Latin words within Arabic and Hebrew, with no embedding.
func arrange(name string) (string, bool) {
	runes := []rune(name)
	right := false
	for _, r := range runes {
		switch {
		case isRight(r):
			right = true
		case unicode.IsLetter(r) && !simple(r):
			return "", false
		}
	}
	if !right {
		return name, true
	}
	rtl := rightFirst(runes)
	runes = join(runes)
	// Runs of one direction; what has none goes with the name as a whole, between two
	// runs of the other direction with these.
	type run struct {
		right bool
		runes []rune
	}
	var runs []run
	for i, r := range runes {
		right := rtl
		switch {
		case isRight(r):
			right = true
		case isLeft(r):
			right = false
		default:
			before, after := strong(runes[:i], true, rtl), strong(runes[i+1:], false, rtl)
			if before == after {
				right = before
			}
		}
		if n := len(runs); n > 0 && runs[n-1].right == right {
			runs[n-1].runes = append(runs[n-1].runes, r)
		} else {
			runs = append(runs, run{right, []rune{r}})
		}
	}
	if rtl {
		slices.Reverse(runs)
	}
	out := make([]rune, 0, len(runes))
	for _, r := range runs {
		if r.right {
			slices.Reverse(r.runes)
			for i, c := range r.runes {
				r.runes[i] = mirrored(c)
			}
		}
		out = append(out, r.runes...)
	}
	return string(out), true
}

// simple reports whether letters of a script stand side by side as they are.
func simple(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian, unicode.Georgian, unicode.Common)
}

func isRight(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew) && unicode.IsLetter(r)
}

func isLeft(r rune) bool { return unicode.IsLetter(r) && !isRight(r) || unicode.IsDigit(r) }

func rightFirst(runes []rune) bool {
	i := slices.IndexFunc(runes, func(r rune) bool { return isRight(r) || unicode.IsLetter(r) })
	return i >= 0 && isRight(runes[i])
}

// strong is the direction of the nearest letter or digit, or that of the whole.
func strong(runes []rune, last, whole bool) bool {
	for k := range runes {
		r := runes[k]
		if last {
			r = runes[len(runes)-1-k]
		}
		if isRight(r) || isLeft(r) {
			return isRight(r)
		}
	}
	return whole
}

func mirrored(r rune) rune {
	const pairs = "()[]{}<>«»‹›"
	all := []rune(pairs)
	if i := slices.Index(all, r); i >= 0 {
		return all[i^1]
	}
	return r
}

// forms is the first of an Arabic letter's forms in Unicode's presentation blocks
// (isolated, final, initial, medial), and whether it has the latter two, that is, whether
// the next letter is joined to it.
func forms(r rune) (first rune, both bool) {
	const ( // letters in the order of their forms, from U+FE80 on
		upTo    = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
		toRight = "آأؤإاةدذرزوى"
	)
	first = 0xFE80
	for _, l := range upTo {
		right := false
		for _, t := range toRight {
			right = right || t == l
		}
		switch {
		case l == r:
			return first, l != 'ء' && !right
		case l == 'ء':
			first++
		case right:
			first += 2
		default:
			first += 4
		}
	}
	switch r {
	case 'پ':
		return 0xFB56, true
	case 'چ':
		return 0xFB7A, true
	case 'ژ':
		return 0xFB8A, false
	case 'ک':
		return 0xFB8E, true
	case 'گ':
		return 0xFB92, true
	case 'ی':
		return 0xFBFC, true
	}
	return 0, false
}

// lamAlef is the one letter that lam and a kind of alef are together, or 0.
func lamAlef(r rune) rune {
	switch r {
	case 'آ':
		return 0xFEF5
	case 'أ':
		return 0xFEF7
	case 'إ':
		return 0xFEF9
	case 'ا':
		return 0xFEFB
	}
	return 0
}

// join gives Arabic letters the forms that they have beside each other.
func join(runes []rune) []rune {
	const tatweel = 'ـ'
	out := make([]rune, 0, len(runes))
	joined := false // the letter before reaches to this one
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		first, both := forms(r)
		if first == 0 {
			out = append(out, r)
			joined = r == tatweel
			continue
		}
		if r == 'ل' && i+1 < len(runes) && lamAlef(runes[i+1]) != 0 {
			form := lamAlef(runes[i+1])
			if joined {
				form++
			}
			out = append(out, form)
			joined = false
			i++
			continue
		}
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		nextFirst, _ := forms(next)
		reaches := both && (nextFirst != 0 && next != 'ء' || next == tatweel)
		form := first
		switch {
		case joined && reaches:
			form += 3
		case reaches:
			form += 2
		case joined && r != 'ء':
			form++
		}
		out = append(out, form)
		joined = reaches
	}
	return out
}
