package notices

import (
	"slices"
	"strings"
)

type (
	// Tongues is the part of a form in which what was written is said in other languages.
	Tongues struct {
		Now     string // the language of what was written
		Changed bool   // it is an update: what is said anew has no translation yet
		Others  []InTongue
	}
	// InTongue is the fields of one of them. They are empty at first: what a template has in
	// that language is taken where the writer leaves the template's words as they are.
	InTongue struct {
		Lang   string // BCP 47
		Name   string // in itself
		Inputs []Input
	}
)

// tonguesOf are the fields for all languages but one.
func tonguesOf(now string, inputs ...Input) (t Tongues) {
	t.Now = now
	for lang, name := range tongues {
		if lang == now {
			continue
		}
		o := InTongue{Lang: lang, Name: name}
		for _, in := range inputs {
			in.Name, in.In = in.Name+"_"+lang, name
			o.Inputs = append(o.Inputs, in)
		}
		t.Others = append(t.Others, o)
	}
	slices.SortFunc(t.Others, func(a, b InTongue) int { return strings.Compare(a.Lang, b.Lang) })
	return t
}

// Tongues are the fields for the other languages.
func (m ComposeView) Tongues() Tongues {
	inputs := []Input{{Name: "text", Title: "The sentence", Long: true}, {Name: "advice", Title: "What to do, in your words", Long: true}}
	if m.Free() {
		inputs = append([]Input{{Name: "head", Title: "Headline"}}, inputs...)
	}
	t := tonguesOf(m.Start.Lang, inputs...)
	t.Changed = m.Updates != nil
	return t
}

// Tongues are the fields for the other languages.
func (m PatternsView) Tongues() Tongues {
	return tonguesOf(m.Lang, Input{Name: "head", Title: "Headline"}, Input{Name: "advice", Title: "What to do, in your words", Long: true})
}
