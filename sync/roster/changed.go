package roster

import (
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Equal reports whether both states answer every question alike, Chain included.
func (s *State) Equal(o *State) bool {
	return s.founding.Community() == o.founding.Community() && s.rivals == o.rivals &&
		slices.EqualFunc(s.generations, o.generations, func(a, b generation) bool {
			return a.id == b.id && slices.Equal(a.proof, b.proof)
		}) &&
		maps.EqualFunc(s.certs, o.certs, func(a, b standing) bool {
			return a.same(b) && slices.Equal(a.proof, b.proof)
		}) &&
		maps.Equal(s.known, o.known) && maps.Equal(s.revoked, o.revoked) && maps.Equal(s.retired, o.retired) &&
		maps.EqualFunc(s.stays, o.stays, maps.Equal[stays, stays]) && maps.Equal(s.bars, o.bars)
}

// same reports whether two certificates say the same, however they are proved.
func (st standing) same(o standing) bool { return st.sum == o.sum && st.issuer == o.issuer }

// Changed is the keys, ascending, for which old and next may answer differently
// (Chain aside): whatever is by other authors is ruled as before. A key is
// listed when its certificate, revocation, retirement, staying vouches or being
// a root differ, or a bar on a slot of its. Both states are of one community.
func Changed(old, next *State) []record.Author {
	keys := make(map[record.Author]bool)
	diff(keys, old.certs, next.certs, standing.same)
	diff(keys, old.known, next.known, same[Kind])
	diff(keys, old.revoked, next.revoked, same[bool])
	diff(keys, old.retired, next.retired, same[bool])
	diff(keys, old.stays, next.stays, maps.Equal[stays, stays])
	slots := make(map[record.Slot]bool)
	diff(slots, old.bars, next.bars, same[record.Time])
	for slot := range slots {
		keys[slot.Author] = true
	}
	diff(keys, old.rootSet(), next.rootSet(), same[bool])
	return slices.SortedFunc(maps.Keys(keys), compareAuthors)
}

func (s *State) rootSet() map[record.Author]bool {
	set := make(map[record.Author]bool)
	for _, g := range s.generations {
		for _, r := range g.roots {
			set[r] = true
		}
	}
	return set
}

func same[V comparable](a, b V) bool { return a == b }

// diff adds to keys those under which a and b differ.
func diff[K comparable, V any](keys map[K]bool, a, b map[K]V, eq func(V, V) bool) {
	for k, v := range a {
		if w, ok := b[k]; !ok || !eq(v, w) {
			keys[k] = true
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys[k] = true
		}
	}
}
