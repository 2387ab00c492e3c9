package roster_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestThoseWhoActForTheRootsAreThoseWhoseWordHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t)
		some := slices.Concat(rootNames, words("h1 c1 ann"))
		signers := rapid.SliceOfNDistinct(rapid.SampledFrom(some), 0, 5, rapid.ID).Draw(t, "signers")
		acts := w.state().Acts(authors(signers...)...)
		w.say(coordinatorCert("newcomer", roster.Maps), signers...)
		if got := w.state().Has(author("newcomer"), roster.Maps); got != acts {
			t.Fatalf("%v make an act: %v, and what they sign holds: %v", signers, acts, got)
		}
	})
}

func TestCoordinatorsAreThoseWithACertificate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawTown(t).state()
		found := map[record.Author]bool{}
		var last record.Author
		for a, c := range s.Coordinators() {
			if got, ok := s.Coordinator(a); !ok || got.Label != c.Label || s.Revoked(a) || slices.Compare(last[:], a[:]) >= 0 {
				t.Fatalf("%s: %+v, in its turn after %s", a.Tag(), c, last.Tag())
			}
			found[a], last = true, a
		}
		for _, name := range keyNames {
			if _, ok := s.Coordinator(author(name)); ok != found[author(name)] {
				t.Fatalf("%s is one: %v", name, ok)
			}
		}
	})
}

func TestOnlyListsThatHoldAreRivals(t *testing.T) {
	w := station(t)
	list, _, _ := w.state().Roots()
	next := func(names ...string) roster.Succession {
		return roster.Succession{Follows: list, Roots: authors(names...), Threshold: 1}
	}
	w.say(next("new1"), "root1")
	w.say(next("new2"), "root2")
	if s := w.state(); s.Lists() != 1 || s.Rivals() != 0 {
		t.Fatalf("one root each: %d lists, %d rivals", s.Lists(), s.Rivals())
	}
	w.say(next("new1"), "root3")
	if s := w.state(); s.Lists() != 2 || s.Rivals() != 0 {
		t.Fatalf("one list that holds: %d lists, %d rivals", s.Lists(), s.Rivals())
	}
	before := w.state()
	w.say(next("new2"), "root3")
	if s := w.state(); s.Lists() != 1 || s.Rivals() != 2 || s.Equal(before) {
		t.Fatalf("two that hold: %d lists, %d rivals", s.Lists(), s.Rivals())
	}
}
