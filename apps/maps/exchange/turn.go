package exchange

import (
	"slices"
	"strconv"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

// Turn is one field of a place as it is to stand, and as it was.
type Turn struct {
	place.Diff

	Was place.Diff
}

// Turns are the fields in which b is not what a is, of all that stands of a place.
func Turns(a, b place.Sheet) []Turn {
	return turns(differences(a, b), differences(b, a))
}

// turns pairs what differs from one sheet to another with the same the other way round, which
// are the same fields in the same order.
func turns(now, was []place.Diff) (all []Turn) {
	for i := range min(len(now), len(was)) {
		all = append(all, Turn{Diff: now[i], Was: was[i]})
	}
	return all
}

func differences(a, b place.Sheet) []place.Diff {
	return slices.Concat(a.Details.Differences(b.Details), stateDiffs(a, b), peopleDiffs(a, b))
}

// stateDiffs is in which one sheet says something else than another of how a place stands.
func stateDiffs(a, b place.Sheet) []place.Diff {
	var was, now place.State
	if a.State != nil {
		was = *a.State
	}
	if b.State != nil {
		now = *b.State
	}
	all := was.Differences(now)
	for i := range all {
		all[i].Words = slices.DeleteFunc(all[i].Words, func(w hub.Phrase) bool { return w == "" })
	}
	return all
}

// peopleDiffs is the same of how many are there.
func peopleDiffs(a, b place.Sheet) []place.Diff {
	switch {
	case a.People == nil && b.People == nil, a.People != nil && b.People != nil && *a.People == *b.People:
		return nil
	case b.People == nil:
		return []place.Diff{{Title: "People there"}}
	}
	return []place.Diff{{Title: "People there", Text: strconv.FormatUint(uint64(*b.People), 10)}}
}
