package roster

import (
	"iter"
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Coordinators is every coordinator with a standing certificate, by key. Those who
// are retired are among them.
func (s *State) Coordinators() iter.Seq2[record.Author, Certificate] {
	return func(yield func(record.Author, Certificate) bool) {
		for _, a := range slices.SortedFunc(maps.Keys(s.certs), compareAuthors) {
			if c, ok := s.Coordinator(a); ok && !yield(a, c) {
				return
			}
		}
	}
}

// Acts reports whether these keys together make an act of the roots, by a list that
// counts: as many of one list as it takes.
func (s *State) Acts(by ...record.Author) bool {
	return slices.ContainsFunc(s.generations, func(g generation) bool {
		n := 0
		for _, root := range g.roots {
			if slices.Contains(by, root) {
				n++
			}
		}
		return n >= g.threshold
	})
}

// Lists is how many root lists there have been, the founding's and those that
// followed it.
func (s *State) Lists() int { return len(s.generations) }

// Rivals is how many different lists the roots have signed to follow the newest that
// counts; 0 where there is none. No list follows where there are several, and then
// none ever will.
func (s *State) Rivals() int { return s.rivals }
