package street

import (
	"math/bits"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words is a name as it is compared: without accents and case, and by what its words are.
type words struct {
	core    string   // what tells it from other streets, words apart by a space
	parts   []string // the same
	letters int      // of the core
	marks   uint64   // which
	kinds   uint64   // which kinds of street it names, by kindOf
	ways    uint8    // which directions, by wayOf
}

// kinds are words for kinds of streets, in the languages of the pages, each with its other
// forms behind it.
func kinds() []string {
	return []string{
		"street st str straat strasse", "avenue ave av aven avenida avda avni", "boulevard blvd bd boul bulevar bvd", "road rd", "drive dr drv", "lane ln", "court ct",
		"place pl plas", "plaza plz", "square sq", "highway hwy hiway", "parkway pkwy pky", "terrace ter terr", "circle cir", "trail trl", "way", "alley aly",
		"expressway expy", "freeway fwy", "turnpike tpke", "crescent cres", "loop", "row",
		"calle c cl cll", "calzada calz czda", "carretera carr ctra", "paseo", "camino", "callejon", "autopista",
		"rue r ri", "chemin ch chem", "route rte wout", "impasse imp enpas", "allee all", "quai", "passage", "ruelle riyel",
		"duong d", "pho", "ngo", "hem", "شارع", "طريق",
	}
}

// kindOf is which kind of street a word means, and what all its forms are written as.
func kindOf(word string) (kind int, as string) {
	for i, forms := range kinds() {
		if as, is := among(word, forms); is {
			return i, as
		}
	}
	return -1, word
}

// wayOf is which direction a word means, in the same way.
func wayOf(word string) (way int, as string) {
	for i, forms := range [...]string{
		"north n nord norte", "east e est este", "south s sud sur", "west w ouest oeste", "northeast ne", "southeast se", "southwest sw", "northwest nw",
	} {
		if as, is := among(word, forms); is {
			return i, as
		}
	}
	return -1, word
}

// among finds a word among forms of it, apart by spaces, of which the first is that which
// is kept.
func among(word, forms string) (as string, is bool) {
	first, rest, _ := strings.Cut(forms, " ")
	if word == first {
		return first, true
	}
	for form := range strings.FieldsSeq(rest) {
		if word == form {
			return first, true
		}
	}
	return word, false
}

// isSmall reports whether a word tells no streets apart.
func isSmall(word string) bool {
	switch word {
	case "the", "of", "de", "du", "des", "del", "la", "le", "les", "los", "las", "el", "l", "d":
		return true
	}
	return false
}

// plainWord has numbers as digits, and words that many write short as all do.
func plainWord(t string) string {
	numbers := [...]string{
		"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth",
		"sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
	}
	for i, n := range numbers {
		if t == n {
			return strings.TrimLeft(string([]byte{'0' + byte((i+1)/10), '0' + byte((i+1)%10)}), "0")
		}
	}
	letters := strings.TrimLeft(t, "0123456789")
	switch letters {
	case "st", "nd", "rd", "th":
		if letters != t {
			return t[:len(t)-2]
		}
	}
	switch t {
	case "mt":
		return "mount"
	case "ft":
		return "fort"
	case "saint", "sainte", "ste":
		return "st"
	case "dr":
		return "doctor"
	case "jr":
		return "junior"
	case "mlk":
		return "martin luther king"
	case "gral":
		return "general"
	}
	if n := strings.TrimLeft(t, "abcdefghijklmnopqrstuvwxyz"); n != "" && len(t)-len(n) > 0 && len(t)-len(n) <= 3 && strings.Trim(n, "0123456789") == "" {
		return t[:len(t)-len(n)] + " " + n // I95
	}
	return t
}

// wordsOf reads a name.
func wordsOf(text string) (w words) {
	all := strings.Fields(folded(text))
	var core, small, plain []string
	first := "" // direction
	for i, t := range all {
		kind, as := kindOf(t)
		way, wayAs := wayOf(t)
		switch {
		case kind >= 0 && isKind(t, i, all):
			w.kinds |= 1 << kind
			plain = append(plain, as)
		case way >= 0 && len(all) > 1 && (i == 0 || i >= len(all)-2):
			if w.ways |= 1 << way; first == "" {
				first = wayAs
			}
			plain = append(plain, wayAs)
		case isSmall(t):
			small = append(small, t)
		default:
			core = append(core, strings.Fields(plainWord(t))...)
		}
	}
	switch {
	case len(core) > 0:
	case len(small) > 0: // Avenue D
		core = small
	case first != "": // North Street, E Street NW
		core = []string{first}
		way, _ := wayOf(first)
		w.ways &^= 1 << way
	default: // Avenue Road
		core, w.kinds = plain, 0
	}
	w.parts, w.core = core, strings.Join(core, " ")
	for _, r := range w.core {
		w.letters++
		w.marks |= 1 << (uint32(r) % 64)
	}
	return w
}

// isKind tells a kind of street from the same letters that mean something else: St Andrew,
// Dr King, C Street.
func isKind(t string, i int, all []string) bool {
	last := len(all) - 1
	switch t {
	case "st", "dr":
		way, _ := wayOf(all[last])
		return i > 0 && (i == last || i == last-1 && way >= 0)
	case "c", "r", "d", "ch", "all":
		other, _ := kindOf(all[last])
		return i == 0 && last > 0 && other < 0
	}
	return last > 0
}

// folded is a text in small letters without accents, other signs as spaces.
func folded(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch r = unicode.ToLower(r); {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), strings.ContainsRune("'’‘ʻ.", r):
		case r == 'đ':
			b.WriteByte('d')
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ł':
			b.WriteByte('l')
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// numbers are the words of a core that have digits: 12th is not nearly 13th.
func (w words) numbers() (all []string) {
	for _, p := range w.parts {
		if strings.ContainsAny(p, "0123456789") {
			all = append(all, p)
		}
	}
	return all
}

// unlike reports whether two cores differ in more than so many letters, without a look at
// their order.
func unlike(a, b words, most int) bool {
	return bits.OnesCount64(a.marks&^b.marks) > most || bits.OnesCount64(b.marks&^a.marks) > most
}
