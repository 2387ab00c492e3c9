// Package doctor judges how a hub stands. It is handed what is known and returns
// findings: what is well, what is not, and how to mend it. It looks at nothing
// itself; each of its checks is a function of the facts alone.
package doctor

import (
	"cmp"
	"slices"
)

// Level is how bad something is.
type Level string

// The levels.
const (
	OK   Level = "ok"
	Warn Level = "warn" // it works, but not as it should, or not for long
	Bad  Level = "bad"  // something does not work
)

// Finding is what one check has come to.
type Finding struct {
	Code  string `json:"code"` // of the check; does not change between versions
	Level Level  `json:"level"`
	Text  string `json:"text"`           // what is so, in a sentence
	Todo  string `json:"todo,omitempty"` // how to mend it; empty where nothing has to be done
}

// Examine makes all checks of a hub that runs, in the order of what they need.
func Examine(f Facts) []Finding {
	var out []Finding
	for _, check := range []func(Facts) []Finding{standing, roots, identity, copies, disk, blobs, clock, interfaces, leftAlone, links, reach, membership, portal, official, addresses} {
		out = append(out, check(f)...)
	}
	return out
}

// Troubles are the findings that are not well, the worst first.
func Troubles(all []Finding) []Finding {
	out := slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return f.Level == OK })
	slices.SortStableFunc(out, func(a, b Finding) int { return cmp.Compare(b.Level.rank(), a.Level.rank()) })
	return out
}

// Worst is the worst level among findings; OK if there are none.
func Worst(all []Finding) Level {
	worst := OK
	for _, f := range all {
		if f.Level.rank() > worst.rank() {
			worst = f.Level
		}
	}
	return worst
}

func (l Level) rank() int { return slices.Index([]Level{OK, Warn, Bad}, l) }

func fine(code, text string) []Finding { return []Finding{{Code: code, Level: OK, Text: text}} }
