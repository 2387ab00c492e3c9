package maps

import (
	"slices"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

// former is what stood under one key before a file was taken over.
type former[T worded] struct {
	key   string
	here  []Version[T]
	was   *T           // nil: nothing
	after place.Prefix // what the file has said; zero: nothing
	sign  func(T, []place.Prefix) T
	// ends is what is said where there was nothing before and somebody else has brought it,
	// who cannot be made to take it back.
	ends func(T) T
}

// back says again what stood before.
func (f former[T]) back(u *undoing) error {
	top, besides, ok := Merge(f.here)
	if f.after == (place.Prefix{}) || !ok {
		return nil
	}
	if f.was != nil && u.rest.alone {
		if _, form := (*f.was).Replaced(); form == u.list {
			f.was = nil
		}
	}
	stands := slices.Concat(besides, []Version[T]{top})
	own := slices.IndexFunc(stands, func(v Version[T]) bool { return v.Author == u.of })
	var v T
	seen := Replaces(f.here, nil)
	switch {
	case len(besides) > 0 && own >= 0: // another file of the list has it as well
		if !uncovers(f.here, stands[own], stands) {
			u.withdraw(f.key)
			return nil
		}
		v, seen = f.ends(stands[own].Value), Replaces(f.here, []place.Prefix{place.PrefixOf(stands[own].ID)})
	case top.Author == u.by && f.was != nil && f.revives(u, top):
		u.withdraw(f.key)
		return nil
	case f.was != nil:
		v = *f.was
	case top.Author == u.by && !uncovers(f.here, top, stands):
		u.withdraw(f.key)
		return nil
	default:
		v = f.ends(top.Value)
	}
	if top.Author == u.by {
		besides := byPeople(u, f.here, top)
		seen = slices.DeleteFunc(seen, func(p place.Prefix) bool { return slices.Contains(besides, p) })
	}
	err := u.say(f.key, f.sign(v, seen))
	for err != nil && len(seen) > 1 { // there is no room for all that it replaces
		seen = seen[:len(seen)/2]
		err = u.say(f.key, f.sign(v, seen))
	}
	return err
}

// byPeople is what people have said by hand, or by another list that stands, and would stand
// without one's own word: what was also reported before a file came.
func byPeople[T worded](u *undoing, here []Version[T], own Version[T]) (all []place.Prefix) {
	top, besides, ok := beneath(here, own)
	for _, v := range slices.Concat(besides, []Version[T]{top}) {
		if _, form := v.Value.Replaced(); ok && (v.Layer != "" || !u.rest.lists[form]) {
			all = append(all, place.PrefixOf(v.ID))
		}
	}
	return all
}

// revives reports whether what stood before is another's word that stands again, with its own
// age and name and what was reported beside it, once the one on top of it is taken back.
func (f former[T]) revives(u *undoing, top Version[T]) bool {
	under, _, ok := beneath(f.here, top)
	if !ok {
		return false
	}
	_, form := under.Value.Replaced()
	_, was := (*f.was).Replaced()
	return u.l.formOf(under.Layer, form) == was && nameOf(under.Value) == nameOf(*f.was)
}

// uncovers reports whether something would stand again without one's own word that does not
// stand now.
func uncovers[T any](here []Version[T], own Version[T], stands []Version[T]) bool {
	for _, p := range own.Seen { // what has not come would stand once it does
		if !slices.ContainsFunc(here, func(v Version[T]) bool { return place.PrefixOf(v.ID) == p }) {
			return true
		}
	}
	top, besides, ok := beneath(here, own)
	return ok && slices.ContainsFunc(slices.Concat(besides, []Version[T]{top}), func(v Version[T]) bool {
		return !slices.ContainsFunc(stands, func(o Version[T]) bool { return o.ID == v.ID })
	})
}

// beneath is what would stand without one's own word.
func beneath[T any](here []Version[T], own Version[T]) (Version[T], []Version[T], bool) {
	return Merge(slices.DeleteFunc(slices.Clone(here), func(v Version[T]) bool { return v.Author == own.Author && v.Layer == own.Layer }))
}
