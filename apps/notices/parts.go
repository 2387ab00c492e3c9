package notices

import (
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
)

// Part is the headline, the sentence or the advice of a notice, as one reader gets it.
type Part struct {
	Text string
	Lang string // BCP 47; empty where it is the reader's
	Mark bool   // its language is to be told: what stands before it is in another one
}

// Tongue is what those who speak it call the language of a part; empty where it is the
// reader's.
func (p Part) Tongue() string {
	if name, ok := tongues[p.Lang]; ok {
		return name
	}
	return or(tongues[primary(p.Lang)], p.Lang)
}

// Told is the part with the name of its language before it, where nothing else says it.
func (p Part) Told() string {
	if p.Lang == "" || p.Text == "" {
		return p.Text
	}
	return "(" + p.Tongue() + ") " + p.Text
}

// tongues are the languages of the pages, as those call them who speak them.
var tongues = map[string]string{
	"en": "English", "es": "Español", "fr": "Français", "ht": "Kreyòl ayisyen", "vi": "Tiếng Việt", "zh-Hans": "简体中文", "ar": "العربية",
}

// The parts of what is said in a language.
const (
	headline = iota
	sentence
	instruction
	parts
)

func (w *Words) part(which int) *string {
	return [parts]*string{&w.Head, &w.Text, &w.Advice}[which]
}

// inherit takes over headline and advice from a template where the writer has left them
// out, and reports which parts stand as they do in the template: only of these its other
// languages are translations.
func (w *Words) inherit(pattern []Words) (same [parts]bool) {
	there, has := wordsFor(pattern, w.Lang)
	if !has {
		there = Words{}
	}
	w.Head, w.Advice = or(w.Head, there.Head), or(w.Advice, there.Advice)
	for i := range same {
		same[i] = *w.part(i) == *there.part(i)
	}
	return same
}

// filled is what is said with one part of it taken over from others where a language has
// none. The first language stays the first.
func filled(all, from []Words, part int) []Words {
	for _, f := range from {
		i := slices.IndexFunc(all, func(w Words) bool { return strings.EqualFold(w.Lang, f.Lang) })
		if i < 0 && *f.part(part) != "" && len(all) < maxWords {
			i, all = len(all), append(all, Words{Lang: f.Lang})
		}
		if i >= 0 && *all[i].part(part) == "" {
			*all[i].part(part) = *f.part(part)
		}
	}
	sortWords(all[1:])
	return all
}

// partFor is what is said as one part: in a language, or else in the first in which
// anything is.
func partFor(all []Words, part int, lang string) (p Part) {
	for _, w := range all {
		said := *w.part(part)
		switch {
		case hub.Blank(said):
		case strings.EqualFold(w.Lang, lang):
			return Part{Text: said}
		case primary(w.Lang) == primary(lang) && (p.Text == "" || p.Lang != ""):
			p = Part{Text: said}
		case p.Text == "":
			p = Part{Text: said, Lang: w.Lang}
		}
	}
	return p
}

// wordsFor is what is said in a language, or else in the first; false if that is another.
func wordsFor(all []Words, lang string) (Words, bool) {
	for _, w := range all {
		if strings.EqualFold(w.Lang, lang) {
			return w, true
		}
	}
	for _, w := range all {
		if primary(w.Lang) == primary(lang) {
			return w, true
		}
	}
	if len(all) == 0 {
		return Words{}, true
	}
	return all[0], false
}

// primary is a language without its script and its country (RFC 5646 §2.2.1).
func primary(code string) string {
	first, _, _ := strings.Cut(strings.ToLower(code), "-")
	return first
}

// Title is the headline as a part.
func (s Shown) Title() Part { return Part{Text: s.Head, Lang: s.HeadLang, Mark: s.HeadLang != ""} }

// Parts are what stands below the headline: the sentence and the advice. A language is told
// once where several in a row are in it.
func (s Shown) Parts() (all []Part) {
	before := s.HeadLang
	for _, p := range []Part{{Text: s.Text, Lang: s.Lang}, {Text: s.Advice, Lang: s.AdviceLang}} {
		if p.Text == "" {
			continue
		}
		p.Mark = p.Lang != "" && p.Lang != before
		before = p.Lang
		all = append(all, p)
	}
	return all
}

// Brief is what a notice says where there is little room: the sentence, or else the advice;
// both where the author's advice stands in place of the template's, as the headline alone
// has people do what that says.
func (s Shown) Brief() (brief Part) {
	for i, p := range s.Parts() {
		switch {
		case i == 0:
			brief = p
		case !s.OwnAdvice():
		case p.Lang != brief.Lang:
			brief.Text += " " + p.Told()
		default:
			brief.Text += " " + p.Text
		}
	}
	return brief
}

// hasToTell reports whether its headline alone misleads: it says nothing of what the author
// advises instead, of what is over, or of who says so where that is not one of us.
func (s Shown) hasToTell() bool {
	return s.OwnAdvice() || s.Ends() != "" || s.clears() || s.Relay != nil
}

// OwnAdvice reports whether the author gives another advice than the template.
func (s Shown) OwnAdvice() bool {
	return s.Template != "" && slices.ContainsFunc(s.Words, func(w Words) bool { return !hub.Blank(w.Advice) })
}

// wholly is the language in which headline and Brief both are, where it is not the reader's.
func (s Shown) wholly() string {
	if b := s.Brief(); b.Text == "" || b.Lang == s.HeadLang {
		return s.HeadLang
	}
	return ""
}
