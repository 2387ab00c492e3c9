package exchange

import (
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

// Verdict is what an import would do with one place of a file.
type Verdict uint8

// The verdicts.
const (
	New      Verdict = 1 + iota // it is not here
	Changed                     // it is here, and the file says something else
	Same                        // it is here as the file says
	Conflict                    // somebody here said something else, which stays unless it is to be taken over
	Refused                     // it cannot be taken
)

// Standing is what stands here of a place, as far as an import is to know.
type Standing struct {
	ID    string
	Sheet place.Sheet // Details.Gone says that it was taken off the map
	// Version is the one that stands of what it is, 16 hex digits; By is who said so.
	Version, By string
	// List is by which import what stands was written, as FormOf names it; zero or another
	// one where somebody has said it since. ListState is the same of how it stands.
	List, ListState place.Prefix
	Contested       bool // others report otherwise of what it is
	ContestedState  bool // and of how it stands
	Counted         bool // people here count who is there: a file knows it less well
	// Orphan says that nobody says any more what it is, only how it stands or how many are
	// there. Sheet.Details are then no more than a sketch.
	Orphan bool
}

// Step is one place of a file with what is to become of it.
type Step struct {
	Verdict Verdict
	Entry   Entry
	Here    *Standing // nil: it is not here
	// Sheet is what is to stand here: what the file says, and what it leaves out as it is.
	Sheet place.Sheet
	Diffs []Turn   // in which that is not what is here
	Why   hub.Said // of Conflict and Refused
}

// Judge says what is to become of an entry of a list. here is what stands of that place; nil
// if it is not here.
func Judge(source string, e Entry, here *Standing) Step {
	s := Step{Verdict: New, Entry: e, Here: here, Sheet: e.Sheet}
	refuse := func(p hub.Phrase, args ...any) Step {
		s.Verdict, s.Why = Refused, hub.Said{Phrase: p, Args: args}
		return s
	}
	if here == nil {
		if e.Nowhere {
			return refuse("It does not say where it is.")
		}
		return s
	}
	list := FormOf(source)
	if back := here.Sheet.Details.Gone && here.List == list; here.Orphan || back && !here.Contested && !here.ContestedState { // a file of it was taken back
		return adopt(list, s)
	}
	e.Restore(here.Sheet.Details.Shape)
	s.Sheet = merged(here.Sheet, e.Sheet, here.Counted)
	s.Sheet.Details.Gone = false
	if e.Version != "" && e.Version == here.Version { // the file was made from what stands
		s.Sheet = edited(here.Sheet, s.Sheet)
	}
	what, how := here.Sheet.Details.Differences(s.Sheet.Details), stateDiffs(here.Sheet, s.Sheet)
	s.Diffs = Turns(here.Sheet, s.Sheet)
	if len(s.Sheet.Details.Shape.Parts) == 0 {
		return refuse("It does not say where it is.")
	}
	if len(s.Diffs) == 0 {
		if s.Verdict = Same; here.ListState == list && stoodLater(here.Sheet, s.Sheet) || !here.Counted && countedLater(here.Sheet, s.Sheet) {
			s.Verdict, s.Why = Changed, AsOfLater()
		}
		return s
	}
	s.Verdict = Changed
	if why := disputed(list, e, here, s.Sheet, len(what) > 0, len(how) > 0); why.Phrase != "" {
		s.Verdict, s.Why = Conflict, why
	}
	return s
}

// disputed is why what an entry would change of what a place is, or of how it stands, is for a
// person to decide; nothing where it is not.
func disputed(list place.Prefix, e Entry, here *Standing, sheet place.Sheet, what, how bool) (why hub.Said) {
	made := e.Version != "" && e.Version == here.Version
	switch was := here.Sheet.State; {
	case here.Sheet.Details.Gone:
		return hub.Said{Phrase: "It was taken off the map here, by %s.", Args: []any{here.By}}
	case what && here.Contested, how && here.ContestedState:
		return hub.Said{Phrase: "Several have changed it here, and nobody has settled yet what stands."}
	case what && e.Version != "" && !made:
		return hub.Said{Phrase: "It was changed here after this file was made, by %s.", Args: []any{here.By}}
	case what && e.Version == "" && here.List != list:
		return hub.Said{Phrase: "It was said here, by %s, and not by this list.", Args: []any{here.By}}
	case how && was != nil && sheet.State.AsOf > 0 && sheet.State.AsOf < was.AsOf:
		return hub.Said{Phrase: "How it stands here is as of later than in this file."}
	case how && !made && was != nil && here.ListState != list:
		return hub.Said{Phrase: "How it stands was said here, and not by this list."}
	}
	return why
}

// merged is what a file says of a place, and what it leaves out, or knows less well, as it is
// here.
func merged(here, file place.Sheet, counted bool) place.Sheet {
	d := file.Details.Or(here.Details)
	if len(d.Shape.Parts) == 0 {
		d.Shape = here.Details.Shape
	}
	out := place.Sheet{Details: d, State: file.State, People: file.People, AsOf: file.AsOf}
	switch {
	case file.State == nil:
		out.State = here.State
	case here.State != nil:
		st := file.State.Or(*here.State)
		out.State = &st
	}
	if out.People == nil || counted || file.AsOf > 0 && file.AsOf < here.AsOf {
		out.People, out.AsOf = here.People, here.AsOf
	}
	return out
}

// edited is what a file says that was made from what is here: what it says otherwise, and not
// as of before, somebody has changed in it since, so it is not as old as the rest.
func edited(here, file place.Sheet) place.Sheet {
	if d := &file.Details; d.AsOf >= here.Details.AsOf && len(here.Details.Differences(*d)) > 0 {
		d.AsOf = 0
	}
	if a, b := here.State, file.State; a != nil && b != nil && b.AsOf >= a.AsOf && len(a.Differences(*b)) > 0 {
		st := *b
		st.AsOf, file.State = 0, &st
	}
	if a, b := here.People, file.People; a != nil && b != nil && file.AsOf >= here.AsOf && *a != *b {
		file.AsOf = 0
	}
	return file
}

// adopt is what is to become of an entry of a list whose place nobody says to be here any more:
// it is new, and what people here have said of it stays.
func adopt(list place.Prefix, s Step) Step {
	here := s.Here.Sheet
	if s.Entry.Nowhere {
		if s.Here.Orphan { // where it was is known too little
			s.Verdict, s.Why = Refused, hub.Said{Phrase: "It does not say where it is."}
			return s
		}
		s.Sheet.Details.Shape = here.Details.Shape
	}
	if here.State != nil && s.Here.ListState != list {
		if file := s.Sheet.State; file != nil && len(here.State.Differences(*file)) > 0 {
			s.Entry.note("How it stands was said here, and not by this list.")
		}
		s.Sheet.State = here.State
	}
	if s.Here.Counted || s.Sheet.People == nil {
		s.Sheet.People, s.Sheet.AsOf = here.People, here.AsOf
	}
	return s
}

// Younger reports whether a file says of a place what is here already, and as of later: how it
// stands, or how many are there.
func Younger(here, file place.Sheet) bool { return stoodLater(here, file) || countedLater(here, file) }

func stoodLater(here, file place.Sheet) bool {
	return here.State != nil && file.State != nil && later(here.State.AsOf, file.State.AsOf)
}

func countedLater(here, file place.Sheet) bool {
	return here.People != nil && file.People != nil && later(here.AsOf, file.AsOf)
}

// later reports whether a moment is later than another one by a minute or more.
func later(a, b place.Moment) bool { return a > 0 && b >= a+60 }

// AsOfLater is what people are told of that.
func AsOfLater() hub.Said { return hub.Said{Phrase: "The same, as of later."} }
