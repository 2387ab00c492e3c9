package exchange_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"pgregory.net/rapid"
)

const list = "shelters"

// stands is a shelter as an import of the list has put it here.
func stands() exchange.Standing {
	people := uint32(12)
	return exchange.Standing{
		ID: "x", Version: "00000000000000aa", By: "Maria", List: exchange.FormOf(list), ListState: exchange.FormOf(list),
		Sheet: place.Sheet{
			Details: place.Details{Kind: place.Shelter, Name: "Hill School", About: "Gym", Shape: place.Shape{Kind: place.Spot, Parts: []place.Part{{{place.PointAt(44, -73)}}}}, Most: 80, Pets: place.Yes},
			State:   &place.State{Status: place.Open, Offers: 1}, People: &people,
		},
	}
}

// entry is what a file says of it: the same, unless it is changed.
func entry(change func(*place.Sheet)) exchange.Entry {
	s := stands().Sheet
	st, n := *s.State, *s.People
	s.State, s.People = &st, &n
	if change != nil {
		change(&s)
	}
	return exchange.Entry{ID: "x", Sheet: s}
}

func renamed(s *place.Sheet) { s.Details.Name = "Hill School, gym" }
func closed(s *place.Sheet)  { s.State.Status = place.Closed }
func fuller(s *place.Sheet)  { *s.People = 20 }

func TestWhatAnImportDoes(t *testing.T) {
	byHand := func(s *exchange.Standing) { s.List, s.ListState = place.Prefix{1}, place.Prefix{1} }
	for name, c := range map[string]struct {
		file func(*place.Sheet)
		here func(*exchange.Standing)
		tune func(*exchange.Entry)
		want exchange.Verdict
		says string
	}{
		"as it is":                         {want: exchange.Same},
		"as it is, also by hand":           {here: byHand, want: exchange.Same},
		"another name":                     {file: renamed, want: exchange.Changed, says: "Name"},
		"another status":                   {file: closed, want: exchange.Changed, says: "How it stands"},
		"more people":                      {file: fuller, here: byHand, want: exchange.Changed, says: "People there"},
		"more people, where people count":  {file: fuller, here: func(s *exchange.Standing) { s.Counted = true }, want: exchange.Same},
		"a name, where somebody changed":   {file: renamed, here: byHand, want: exchange.Conflict, says: "by Maria, and not by this list"},
		"a status, where somebody changed": {file: closed, here: byHand, want: exchange.Conflict, says: "How it stands was said here, and not by this list"},
		"of a file that was made from what stands": {
			file: renamed, here: byHand, tune: func(e *exchange.Entry) { e.Version = "00000000000000aa" }, want: exchange.Changed, says: "Name",
		},
		"a status of before": {
			file: func(s *place.Sheet) { closed(s); s.State.AsOf = 1_700_000_000 },
			here: func(s *exchange.Standing) { byHand(s); s.Sheet.State.AsOf = 1_700_000_001 }, tune: func(e *exchange.Entry) { e.Version = "00000000000000aa" }, want: exchange.Conflict, says: "How it stands here is as of later than in this file",
		},
		"a status of later": {
			file: func(s *place.Sheet) { closed(s); s.State.AsOf = 1_700_000_002 },
			here: func(s *exchange.Standing) { s.Sheet.State.AsOf = 1_700_000_001 }, want: exchange.Changed, says: "How it stands",
		},
		"of a file that was made before": {
			file: renamed, tune: func(e *exchange.Entry) { e.Version = "00000000000000bb" }, want: exchange.Conflict, says: "after this file was made, by Maria",
		},
		"where several disagree":          {file: renamed, here: func(s *exchange.Standing) { s.Contested = true }, want: exchange.Conflict, says: "Several have changed it here"},
		"where several disagree, unasked": {file: closed, here: func(s *exchange.Standing) { s.Contested = true }, want: exchange.Changed, says: "How it stands"},
		"off the map":                     {here: func(s *exchange.Standing) { byHand(s); s.Sheet.Details.Gone = true }, want: exchange.Conflict, says: "taken off the map here, by Maria"},
		"taken back with its list":        {here: func(s *exchange.Standing) { s.Sheet.Details.Gone = true }, want: exchange.New},
		"without a place": {
			file: func(s *place.Sheet) { s.Details.Shape = place.Shape{} }, tune: func(e *exchange.Entry) { e.Nowhere = true }, want: exchange.Same,
		},
		"without all else": {
			file: func(s *place.Sheet) {
				*s = place.Sheet{Details: place.Details{Kind: s.Details.Kind, Name: s.Details.Name, Shape: s.Details.Shape}}
			}, want: exchange.Same,
		},
	} {
		e, here := entry(c.file), stands()
		if c.here != nil {
			c.here(&here)
		}
		if c.tune != nil {
			c.tune(&e)
		}
		s := exchange.Judge(list, e, &here)
		says := s.Why.String()
		for _, d := range s.Diffs {
			says += string(d.Title)
		}
		if s.Verdict != c.want || !strings.Contains(says, c.says) {
			t.Errorf("%s: %d, %s", name, s.Verdict, says)
		}
	}
	if s := exchange.Judge(list, entry(nil), nil); s.Verdict != exchange.New {
		t.Errorf("%+v", s)
	}
	nowhere := entry(func(s *place.Sheet) { s.Details.Shape = place.Shape{} })
	nowhere.Nowhere = true
	if s := exchange.Judge(list, nowhere, nil); s.Verdict != exchange.Refused || s.Why.String() != "It does not say where it is." {
		t.Errorf("%+v", s)
	}
}

// What was imported once is the same when the file comes again.
func TestAnImportIsTheSameWhenItComesAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		here := exchange.Standing{ID: "x", Sheet: sheet(t, place.Spot, place.Line, place.Area), List: exchange.FormOf(list), ListState: exchange.FormOf(list)}
		e := exchange.Entry{ID: "x", Sheet: sheet(t, place.Spot, place.Line, place.Area)}
		once := exchange.Judge(list, e, &here)
		if once.Verdict != exchange.Changed && once.Verdict != exchange.Same {
			t.Fatalf("%d: %s", once.Verdict, once.Why)
		}
		here.Sheet = once.Sheet
		if again := exchange.Judge(list, e, &here); again.Verdict != exchange.Same || !reflect.DeepEqual(again.Sheet, here.Sheet) {
			t.Fatalf("%d: %+v", again.Verdict, again.Diffs)
		}
		if err := once.Sheet.Check(); err != nil {
			t.Fatal(err)
		}
	})
}
