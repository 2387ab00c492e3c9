package notices

import (
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Shown is a notice as one reader is shown it: each part in the reader's language, or else
// in the author's, which is named then.
type Shown struct {
	Notice
	Head       string `json:"headline"`              // in the reader's language where there is one
	Text       string `json:"description,omitempty"` // the sentence
	Advice     string `json:"instruction,omitempty"`
	HeadLang   string `json:"headline_language,omitempty"`    // of the headline, where it is not the reader's
	Lang       string `json:"language,omitempty"`             // of the sentence, likewise
	AdviceLang string `json:"instruction_language,omitempty"` // of the advice, likewise

	Other *Shown `json:"-"` // what it updates or cancels, or what ended it
	Mine  bool   `json:"own"`
	draft bool   // nobody has released it: it ends nothing yet
}

// show is a notice for a reader. A template speaks only where the author has written
// nothing in any language: its words could be the opposite of theirs.
func show(q hub.Request, n Notice) Shown {
	head, text, advice := partFor(n.Words, headline, q.Lang), partFor(n.Words, sentence, q.Lang), partFor(n.Words, instruction, q.Lang)
	t, known := template(n.Template)
	if known && head.Text == "" {
		head.Text = q.T(t.Head)
		if n.Kind == Cancel { // else the alarm itself is what one reads
			head.Text = q.T("Cancelled: %s", head.Text)
		}
	}
	if known && advice.Text == "" && n.Kind != Cancel { // which does not ask for what it takes back
		advice.Text = q.T(t.Advice)
	}
	if (Shown{Notice: n}).Over() { // others' word of what is over still says what was to be done
		advice = Part{}
	}
	if head.Text == "" {
		head, text = text, Part{}
	}
	if head.Text == "" {
		head.Text = q.T("Notice")
	}
	s := Shown{
		Notice: n, Head: head.Text, Text: text.Text, Advice: advice.Text, HeadLang: head.Lang, Lang: text.Lang, AdviceLang: advice.Lang,
		Mine: strings.HasPrefix(n.Identity, q.Author.String()+"/"),
	}
	if n.End != nil && n.End.by != nil {
		other := show(q, *n.End.by)
		s.Other = &other
	}
	return s
}

func showAll(q hub.Request, all []Notice, most int) (out []Shown) {
	out = make([]Shown, 0, min(len(all), most))
	for _, n := range all[:min(len(all), most)] {
		out = append(out, show(q, n))
	}
	return out
}

// Loud reports whether it is to be seen before all else.
func (s Shown) Loud() bool { return s.Kind != Cancel && !s.claim() && s.Grade.Loud() && s.End == nil }

// Over reports whether it says that another does not hold any more, and counts: then it
// warns of nothing, and asks nobody to do anything.
func (s Shown) Over() bool { return s.Kind == Cancel && !s.claim() }

// claim reports whether nobody has let whoever passes it on speak for its sender, or at
// least not end what it says is over.
func (s Shown) claim() bool { return s.Relay != nil && (s.Relay.Claim || s.Relay.Idle) }

// Called is what it is and its number, in words: "Notice", "Update", "Cancelled".
func (s Shown) Called() hub.Phrase { return at(kinds[:], s.Kind).Words }

// State is what is to be said of it before all else; empty where it simply holds.
func (s Shown) State() hub.Phrase {
	switch {
	case s.Relay != nil && s.Relay.Refuted:
		return "The signature of this does not hold. Do not act on it without asking."
	case s.Relay != nil && s.Relay.Idle:
		return "Not confirmed: it says that a warning is over which still holds here."
	case s.End != nil && s.End.How == Cancelled:
		return "Cancelled: this does not hold any more."
	case s.End != nil && s.End.How == Replaced:
		return "Replaced: there is a newer one."
	case s.End != nil:
		return "Over: this does not hold any more."
	case s.claim():
		return "Not confirmed: nobody has let this place speak for that sender."
	case s.Over() && !s.draft:
		return "Cancelled: this does not hold any more."
	case s.Signed.Waiting:
		return "Not released: this waits for a second signature. Only coordinators see it."
	case s.Span.Ahead:
		return "Time uncertain: this was written where the clock was wrong."
	}
	return ""
}

// Open reports whether it has no end: it was written where the time was not known.
func (s Shown) Open() bool { return s.Span.Until.Sub(s.Span.At) > longest-2*24*time.Hour }

// Anchor is its place in a list.
func (s Shown) Anchor() string { return "n-" + strings.NewReplacer("/", "-").Replace(s.Identity) }

// Signers is the names of the others who signed, together.
func (s Shown) Signers() string { return strings.Join(s.Signed.By, ", ") }

// Where is the area in words.
func (s Shown) Where() string {
	var all []string
	for _, a := range s.Areas {
		if a.Words != "" {
			all = append(all, a.Words)
		}
	}
	return strings.Join(all, "; ")
}

// Shapes is the area on a map, in numbers; empty if there is none.
func (s Shown) Shapes() (all []hub.Said) {
	for _, a := range s.Areas {
		for _, c := range a.Circles {
			if c.Meters == 0 {
				all = append(all, hub.Said{Phrase: "At the point %s", Args: []any{c.Center.String()}})
			} else {
				all = append(all, hub.Said{Phrase: "Within %[1]s km of the point %[2]s", Args: []any{trimmed(c.Km()), c.Center.String()}})
			}
		}
		for _, p := range a.Polygons {
			corners := make([]string, 0, len(p))
			for _, at := range p[:len(p)-1] {
				corners = append(corners, at.String())
			}
			all = append(all, hub.Said{Phrase: "Within the corners %s", Args: []any{strings.Join(corners, " ")}})
		}
	}
	return all
}

// MayLone reports whether its author may release it alone by now.
func (s Shown) MayLone(now time.Time) bool { return s.Mine && !now.Before(s.Signed.Lone) }

// Class is how its frame looks: nothing that a neighbor writes has one.
func (s Shown) Class() string {
	if s.claim() {
		return "claim" // no frame of what is official, nor a part of one
	}
	class := "word"
	if s.Loud() {
		class += " loud"
	}
	if s.Grade.Practice() {
		class += " practice"
	}
	if s.End != nil {
		class += " past"
	}
	return class
}
