package street

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Suggest is what somebody may be about to write: names that begin so, or that have a
// word which does; after a first street those that cross it. At most so many, the
// likeliest first.
func (x *Index) Suggest(text string, most int) []string {
	if len(text) > MaxText || !utf8.ValidString(text) {
		return nil
	}
	text = strings.TrimLeft(text, " ")
	for _, mark := range []string{"&", "/", "@", " and ", " y ", " et ", " và ", " ak ", " و "} {
		if first, second, is := strings.Cut(text, mark); is && strings.TrimSpace(first) != "" {
			if all := x.across(first, strings.TrimLeft(second, " "), most); len(all) > 0 {
				return all
			}
		}
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var all []alike
	q := wordsOf(text)
	for i := range x.names {
		if cost, ok := begins(q, text, x.names[i]); ok {
			all = append(all, alike{int32(i), cost}) //nolint:gosec // at most MaxNames
		}
	}
	return x.texts(all, most)
}

// across are the streets that cross those like first, as far as they begin like second.
func (x *Index) across(first, second string, most int) (all []string) {
	q := wordsOf(second)
	for _, m := range x.alike(wordsOf(first)) {
		if m.cost > exact && len(all) > 0 {
			break
		}
		var here []alike
		for _, c := range x.crossingsOf(m.name) {
			cost, ok := begins(q, second, x.names[c.b])
			if ok && !slices.ContainsFunc(here, func(h alike) bool { return h.name == c.b }) {
				here = append(here, alike{c.b, cost})
			}
		}
		for _, text := range x.texts(here, most-len(all)) {
			all = append(all, x.names[m.name].text+" & "+text)
		}
	}
	return all
}

// begins reports whether a name begins with what was written so far, and how little.
func begins(q words, text string, n name) (cost int, ok bool) {
	if len(n.text) >= len(text) && strings.EqualFold(n.text[:len(text)], text) {
		return 0, true
	}
	last := len(q.parts) - 1
	if last < 0 {
		return 0, false
	}
	for i := 0; i+last < len(n.word.parts); i++ {
		if slices.Equal(q.parts[:last], n.word.parts[i:i+last]) && strings.HasPrefix(n.word.parts[i+last], q.parts[last]) {
			return 1 + min(i, 3), true
		}
	}
	return 0, false
}

// texts are the first names by cost, then by text.
func (x *Index) texts(all []alike, most int) (out []string) {
	slices.SortFunc(all, func(a, b alike) int { return cmp.Or(a.cost-b.cost, int(a.name-b.name)) })
	for _, a := range all[:min(len(all), max(0, most))] {
		out = append(out, x.names[a.name].text)
	}
	return out
}
