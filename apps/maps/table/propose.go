package table

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

// Propose says how a table might be read, from its beginning: the more of it the better,
// and all of it if whole. It is an error if it is no table, or malformed within the first
// rows.
func Propose(sample []byte, whole bool) (Proposal, error) {
	if err := foreign(sample[:min(len(sample), 512)]); err != nil {
		return Proposal{}, err
	}
	e := encodingOf(sample)
	if !whole { // its last row is cut
		if end := bytes.LastIndexByte(sample, '\n'); end > 0 && e != UTF16 {
			sample = sample[:end+1]
		}
	}
	comma, all, err := separator(sample, e)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Mapping: Mapping{Comma: comma, Encoding: e}}
	p.heads(all)
	if len(p.Columns) > MaxColumns {
		return Proposal{}, feature.Broken(feature.Line(1), "it has %[1]d columns, and at most %[2]d are read. Leave out what is not needed.", len(p.Columns), MaxColumns)
	}
	data := all[max(p.Head, p.Tags):]
	p.roles(data)
	p.Rows = data[:min(len(data), shownRows)]
	p.remark()
	return p, nil
}

func (p *Proposal) remark() {
	say := func(phrase hub.Phrase, args ...any) {
		p.Remarks = append(p.Remarks, hub.Said{Phrase: phrase, Args: args})
	}
	if p.Encoding == Windows1252 {
		say("The text is not UTF-8. It is read as Windows-1252 (Latin-1). See whether all letters are right.")
	}
	if p.Head == 0 && p.Tags == 0 {
		say("There seems to be no row of headings.")
	}
	if p.Tags > 0 {
		say("Row %d has HXL hashtags. The columns are taken by them.", p.Tags)
	}
	has := func(r Role) bool { return slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Role == r }) }
	switch {
	case has(Latitude) != has(Longitude):
		say("Latitude and longitude belong together, and only one of them was found.")
	case !has(Latitude) && !has(WKT) && !has(Place):
		say("No column was found that says where each place is.")
	}
	if !has(Name) {
		say("No column was found with the names of the places.")
	}
}

// separator is by which most rows have equally many cells, and the rows it makes.
func separator(sample []byte, e Encoding) (rune, [][]string, error) {
	var best rune
	var bestRows [][]string
	var firstWrong error
	bestScore := -1.0
	for _, comma := range []rune{'\t', ';', '|', ','} {
		all, err := head(sample, comma, e)
		if err != nil && firstWrong == nil {
			firstWrong = err
		}
		if len(all) == 0 {
			continue
		}
		width, times := usual(all)
		score := float64(times) / float64(len(all)) * float64(min(width-1, 20))
		if err != nil {
			score /= 4
		}
		if score > bestScore {
			best, bestRows, bestScore = comma, all, score
			if err == nil {
				firstWrong = nil
			}
		}
	}
	if len(bestRows) == 0 || firstWrong != nil && bestScore <= 0 {
		if firstWrong == nil {
			firstWrong = feature.Broken(feature.Line(1), "it is empty.")
		}
		return 0, nil, firstWrong
	}
	return best, bestRows, nil
}

// usual is how many cells most rows have, and how many have so many.
func usual(all [][]string) (width, times int) {
	counts := map[int]int{}
	for _, cells := range all {
		counts[len(cells)]++
	}
	for w, n := range counts {
		if n > times || n == times && w > width {
			width, times = w, n
		}
	}
	return width, times
}

// heads finds the rows of headings and of hashtags.
func (p *Proposal) heads(all [][]string) {
	for i, cells := range all[:min(len(all), tagRows)] {
		if tagged(cells) {
			p.Tags = i + 1
			break
		}
	}
	var headings []string
	width, _ := usual(all)
	switch {
	case p.Tags > 0:
		width = len(all[p.Tags-1])
		if p.Tags > 1 {
			p.Head = p.Tags - 1
			headings = all[p.Head-1]
		}
	default:
		for i, cells := range all {
			if len(cells) == width && filled(cells)*2 > width { // above it stand titles
				if !slices.ContainsFunc(cells, isNumber) {
					p.Head, headings = i+1, cells
				}
				break
			}
		}
	}
	if p.Tags > 0 && len(trimmed(headings)) > width {
		width = len(trimmed(headings))
	}
	p.Columns = make([]Column, width)
	for i := range p.Columns {
		if i < len(headings) {
			p.Columns[i].Heading = headings[i]
		}
		if p.Tags > 0 && i < len(all[p.Tags-1]) {
			p.Columns[i].Tag = strings.TrimSpace(all[p.Tags-1][i])
		}
	}
}

func filled(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// trimmed is a row without empty cells at its end.
func trimmed(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

func isNumber(s string) bool {
	_, err := number(s)
	return err == nil
}

// number reads a decimal, with a point or with a comma.
func number(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	s = strings.Replace(s, "\u2212", "-", 1) // a minus as typographers have it
	if strings.ContainsAny(s, "xXpPiInN_") { // hexadecimal, Inf and NaN are no numbers here
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// roles proposes what each column is: by the hashtags if the table has any, by its
// headings otherwise. A role that only one can have goes to the first.
func (p *Proposal) roles(data [][]string) {
	taken := map[Role]bool{}
	for i := range p.Columns {
		c, cells := &p.Columns[i], filledIn(data, i)
		role := p.named(*c)
		if role == Keep && p.Tags == 0 && maybePlace(c.Heading) && mostly(cells, located.MatchString) {
			role = Place
		}
		if !plausible(role, cells) && !(role == Latitude && p.turned(data, cells)) {
			role = Keep
		}
		if role.Unique() && taken[role] {
			role = Keep
		}
		taken[role] = true
		c.Role = role
	}
}

// named is the role that a column has by what stands above it.
func (p *Proposal) named(c Column) Role {
	if p.Tags > 0 {
		return byTag(c.Tag)
	}
	return ByHeading(c.Heading)
}

// turned reports whether cells that are no latitudes are longitudes by mistake: those of the
// longitude are latitudes. Whoever reads them can say so, and is asked.
func (p *Proposal) turned(data [][]string, cells []string) bool {
	for i, c := range p.Columns {
		if p.named(c) == Longitude {
			return plausible(Longitude, cells) && plausible(Latitude, filledIn(data, i))
		}
	}
	return false
}

// filledIn is what stands in a column, without the cells that are empty.
func filledIn(data [][]string, i int) (cells []string) {
	for _, row := range data {
		if i < len(row) && strings.TrimSpace(row[i]) != "" {
			cells = append(cells, row[i])
		}
	}
	return cells
}

// plausible reports whether most cells are what they should be in a role.
func plausible(r Role, cells []string) bool {
	var fits func(string) bool
	switch r {
	case Latitude:
		fits = func(s string) bool { return degrees(s, 90) }
	case Longitude:
		fits = func(s string) bool { return degrees(s, 180) }
	case WKT:
		fits = looksWKT
	case Place:
		fits = func(s string) bool { return strings.ContainsAny(s, "0123456789") }
	default:
		return true
	}
	return len(cells) == 0 || mostly(cells, fits)
}

// mostly reports whether half of the cells or more fit, and any does.
func mostly(cells []string, fit func(string) bool) bool {
	n := 0
	for _, c := range cells {
		if fit(c) {
			n++
		}
	}
	return n > 0 && 2*n >= len(cells)
}

// maybePlace reports whether a heading may be that of plus codes or grid references, as well
// as of names or addresses.
func maybePlace(heading string) bool {
	return slices.Contains(strings.Split("location|where|loc|site location|ubicacion|donde|localizacion|emplacement|localisation|kote|kote l ye|vi tri", "|"), Plain(heading))
}

// located is a plus code (Open Location Code 1.1), perhaps short, a grid reference (MGRS), or
// a latitude and a longitude, and nothing besides.
var located = regexp.MustCompile(`(?i)^\s*(?:[2-9CFGHJMPQRVWX]{2,8}\+[2-9CFGHJMPQRVWX]{2,7}|[2-9CFGHJMPQRVWX]{8}\+[2-9CFGHJMPQRVWX]{2,7}\s.*|\d{1,2}\s?[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?\d{1,5}\s?\d{1,5}|-?\d{1,2}\.\d+°?\s*[,;\s]\s*-?\d{1,3}\.\d+°?)\s*$`)

// degrees reports whether a cell is a number of degrees, or looks like one that is
// written with minutes or a direction, which a Locate may read.
func degrees(s string, most float64) bool {
	if x, err := number(s); err == nil {
		return -most <= x && x <= most
	}
	return strings.ContainsAny(s, "0123456789") && strings.ContainsAny(s, "°NSEWnsewOo")
}

// Plain is a heading, or another word of a file, as lists of words have it: in lower case,
// without accents and signs, with single spaces.
func Plain(s string) string {
	var b strings.Builder
	space := false
	for _, r := range decompose(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(unicode.ToLower(r))
		default:
			space = true
		}
	}
	return strings.ReplaceAll(b.String(), "đ", "d")
}

// tagged reports whether a row is one of hashtags: at least half of its filled cells are.
func tagged(cells []string) bool {
	n := 0
	for _, c := range cells {
		if _, _, ok := tag(c); ok {
			n++
		}
	}
	return n > 0 && 2*n >= filled(cells)
}

// tag takes a hashtag apart: #geo +lat is "geo" and "lat" (HXL 1.1, hashtags and
// attributes).
func tag(s string) (base string, attributes []string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), "#")
	if !ok {
		return "", nil, false
	}
	parts := strings.Split(strings.ToLower(rest), "+")
	for i, p := range parts {
		if i > 0 {
			p = strings.TrimSpace(p)
		} else {
			p = strings.TrimRight(p, " ")
		}
		if first, _ := utf8.DecodeRuneInString(p); !unicode.IsLetter(first) || strings.ContainsFunc(p, func(r rune) bool {
			return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			return "", nil, false
		}
		parts[i] = p
	}
	return parts[0], parts[1:], true
}
