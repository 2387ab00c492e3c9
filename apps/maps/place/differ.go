package place

import (
	"slices"

	"github.com/lamppost-hub/lamppost/hub"
)

// What a field says that was left open.
const (
	nothingSaid hub.Phrase = "Nothing said"
	notKnown    hub.Phrase = "Not known"
)

// Diff is one field that differs.
type Diff struct {
	Title hub.Phrase   `json:"field"`
	Text  string       `json:"text,omitempty"`
	Words []hub.Phrase `json:"words,omitempty"` // of the program's own
}

// Differences are the fields in which o is not what d is.
func (d Details) Differences(o Details) (all []Diff) {
	text := func(title hub.Phrase, a, b string) {
		if a != b {
			all = append(all, Diff{Title: title, Text: b})
		}
	}
	words := func(title hub.Phrase, same bool, b ...hub.Phrase) {
		if !same {
			all = append(all, Diff{Title: title, Words: b})
		}
	}
	switch {
	case o.Gone && !d.Gone:
		words("Is it there?", false, "It is no more")
	case d.Gone && !o.Gone:
		words("Is it there?", false, "It is there")
	}
	words("What is it?", d.Kind == o.Kind, o.Kind.Words())
	text("Name", d.Name, o.Name)
	if d.Shape.String() != o.Shape.String() {
		all = append(all, Diff{Title: "Where is it?", Text: o.Shape.short()})
	}
	text("Description", d.About, o.About)
	text("Whom to ask", d.Contact, o.Contact)
	text("Hours", d.Hours, o.Hours)
	words("Step-free", d.StepFree == o.StepFree, o.StepFree.Known())
	words("Takes pets", d.Pets == o.Pets, o.Pets.Known())
	text("Languages spoken", TongueNames(d.Langs), TongueNames(o.Langs))
	text("How many for a longer time?", Number(d.Everyday), Number(o.Everyday))
	text("How many people have room in an evacuation?", Number(d.Most), Number(o.Most))
	return all
}

// Differences are the fields in which o is not what s is.
func (s State) Differences(o State) (all []Diff) {
	if s.Status != o.Status {
		all = append(all, Diff{Title: "How it stands", Words: []hub.Phrase{o.Status.Words()}})
	}
	for _, f := range []struct {
		title  hub.Phrase
		a, b   Things
		at, bt string
	}{{"What is there", s.Offers, o.Offers, s.Offer, o.Offer}, {"What is needed", s.Needs, o.Needs, s.Need, o.Need}} {
		if f.a != f.b || f.at != f.bt {
			d := Diff{Title: f.title, Text: f.bt, Words: f.b.Words()}
			if d.Text == "" && len(d.Words) == 0 {
				d.Words = []hub.Phrase{nothingSaid}
			}
			all = append(all, d)
		}
	}
	return all
}

// Stated is those that say something: what was left open is no report, unless nothing else
// differs.
func Stated(all []Diff) []Diff {
	stated := slices.DeleteFunc(slices.Clone(all), func(d Diff) bool {
		return d.Text == "" && (len(d.Words) == 0 || d.Words[0] == nothingSaid || d.Words[0] == notKnown)
	})
	if len(stated) == 0 {
		return all
	}
	return stated
}

// Known is what people read, also where nothing is known.
func (a Answer) Known() hub.Phrase {
	if a == 0 {
		return notKnown
	}
	return a.Words()
}
