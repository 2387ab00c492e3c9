package roster_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestRootsActTogether(t *testing.T) {
	w := found(t, 2, "root1", "root2", "root3")
	cert := hubCert("station", roster.Admit|roster.Notices)
	w.say(cert, "root1")
	w.say(cert, "root1")
	if isHub(w.state(), "station") {
		t.Fatal("one root of two, twice, certified a hub")
	}
	other := cert
	other.Label = "Station"
	w.say(other, "root2")
	if isHub(w.state(), "station") {
		t.Fatal("two roots who say different things certified a hub")
	}
	w.say(cert, "stranger")
	if isHub(w.state(), "station") {
		t.Fatal("a root and a stranger certified a hub")
	}
	w.say(cert, "root3")
	s := w.state()
	got, ok := s.Hub(author("station"))
	if !ok || got.Label != "station" || !s.Has(author("station"), roster.Admit) || s.Has(author("station"), roster.Admit|roster.Maps) {
		t.Fatalf("two roots certified %+v, %v", got, ok)
	}
	if _, ok := s.Coordinator(author("station")); ok {
		t.Fatal("a hub is not a coordinator")
	}
}

func TestNobodyTakesASignatureBack(t *testing.T) {
	w := station(t)
	before := w.state()
	for _, r := range keep(w.seen, func(r record.Record) bool { return r.Author == author("root1") }) {
		for _, body := range [][]byte{nil, {0xa0}, append(slices.Clone(r.Body), 0)} {
			over := w.write("root1", record.Record{App: record.Roster, Class: record.Trust, Key: r.Key, Body: body})
			if err := before.Admits(over, false); !errors.Is(err, roster.ErrForm) {
				t.Fatalf("a statement with another body under its key: %v", err)
			}
		}
	}
	if !w.state().Equal(before) {
		t.Fatal("a root alone undid an act")
	}
}

func TestALostSheetAndASuccession(t *testing.T) {
	w := station(t)
	list, roots, k := w.state().Roots()
	if list != roster.ListID(w.f.Community()) || len(roots) != 3 || k != 2 {
		t.Fatalf("founding roots: %x %v %d", list, roots, k)
	}
	// root3's sheet is lost; whoever found it tries what it can.
	before := w.state()
	w.say(revoke("root1"), "root3")
	w.say(hubCert("spy", roster.Admit), "root3")
	w.say(roster.Succession{Follows: list, Roots: authors("root3"), Threshold: 1}, "root3")
	if !w.state().Equal(before) {
		t.Fatal("one sheet acted alone")
	}
	next := roster.Succession{Follows: list, Roots: authors("root1", "root2", "new1", "new2"), Threshold: 3}
	w.say(next, "root1", "root2")
	s := w.state()
	if list, roots, k = s.Roots(); len(roots) != 4 || k != 3 || !s.Root(author("new1")) {
		t.Fatalf("after the succession: %v, %d of them", roots, k)
	}
	if !isHub(s, "station") || !isHub(s, "school") || !s.Has(author("nurse"), roster.Maps) {
		t.Fatal("certificates did not survive the succession")
	}
	w.say(hubCert("church", roster.Admit), "new1", "new2")
	if isHub(w.state(), "church") {
		t.Fatal("two of the new roots acted where it takes three")
	}
	w.say(hubCert("church", roster.Admit), "root1")
	w.say(hubCert("chapel", 0), "church")
	if s = w.state(); !isHub(s, "church") || !isHub(s, "chapel") {
		t.Fatal("three new roots could not certify")
	}
	if got := len(s.Chain(author("chapel"))); got != 2+3+1 {
		t.Fatalf("chain of %d records: the succession's 2, the church's 3, the chapel's 1", got)
	}
	// A second succession, and a list that follows itself again is another list.
	w.say(roster.Succession{Follows: list, Roots: authors("root1", "root2", "root3"), Threshold: 2}, "root1", "new1", "new2")
	if again, _, k := w.state().Roots(); k != 2 || again == roster.ListID(w.f.Community()) {
		t.Fatal("no succession back to the old names")
	}
}

func TestEveryGenerationsActsCount(t *testing.T) {
	w := station(t)
	list, _, _ := w.state().Roots()
	w.say(roster.Succession{Follows: list, Roots: authors("root1", "new1"), Threshold: 2}, "root1", "root2")
	a, b := hubCert("clinic", roster.Admit), hubCert("clinic", roster.Maps)
	w.say(a, "root1", "new1")
	w.say(b, "root1", "root2")
	if !w.state().Has(author("clinic"), roster.Maps) {
		t.Fatal("an act of the old roots does not count after the succession")
	}
	w.say(b, "new1") // b is the new roots' act too, since their first signature
	w.say(a, "root2")
	w.say(a, "root1") // and a the old roots', newer
	if !w.state().Has(author("clinic"), roster.Admit) {
		t.Fatal("an act's time is the newest at which a generation holds it")
	}
	w.say(b, "root2")
	if !w.state().Has(author("clinic"), roster.Admit) {
		t.Fatal("one root made an act newer")
	}
	// The old roots have named their successors; they do not name these ones'.
	list, _, _ = w.state().Roots()
	w.say(roster.Succession{Follows: list, Roots: authors("spy"), Threshold: 1}, "root1", "root2", "root3")
	if w.state().Root(author("spy")) {
		t.Fatal("the old roots named a successor to the new")
	}
}

func TestTheChainOfSuccessionsIsBounded(t *testing.T) {
	w := found(t, 1, "root")
	seen := make(map[roster.ListID]bool)
	for range roster.MaxGenerations + 3 {
		list, _, _ := w.state().Roots()
		seen[list] = true
		w.say(roster.Succession{Follows: list, Roots: authors("root"), Threshold: 1}, "root")
	}
	if len(seen) != roster.MaxGenerations {
		t.Fatalf("%d generations", len(seen))
	}
}

func TestARevokedRootKeepsWhatItSigned(t *testing.T) {
	w := station(t)
	w.say(revoke("root1"), "root1")
	s := w.state()
	if !isHub(s, "station") || !s.Root(author("root1")) {
		t.Fatal("a stolen sheet voided what it had co-signed by revoking itself")
	}
	w.say(hubCert("clinic", 0), "root1", "root3")
	if !isHub(w.state(), "clinic") {
		t.Fatal("roots are changed by succession, not by revocation")
	}
}

func TestRivalSuccessorsLeaveTheOldListStanding(t *testing.T) {
	w := station(t)
	list, _, _ := w.state().Roots()
	w.say(roster.Succession{Follows: list, Roots: authors("new1"), Threshold: 1}, "root1", "root2")
	w.say(hubCert("church", 0), "new1")
	if !isHub(w.state(), "church") {
		t.Fatal("the successor could not act")
	}
	w.say(roster.Succession{Follows: list, Roots: authors("new2"), Threshold: 1}, "root2", "root3")
	s := w.state()
	if isHub(s, "church") || s.Root(author("new1")) || s.Root(author("new2")) {
		t.Fatal("one of two rival lists stands")
	}
	if now, _, _ := s.Roots(); now != list || !isHub(s, "station") {
		t.Fatal("the old list does not stand")
	}
}

func TestUnderABrokenFoundingNobodyActs(t *testing.T) {
	f := roster.Founding{Name: "x", Roots: authors("root1"), Threshold: 0}
	w := found(t, 1, "root1")
	rs := w.say(hubCert("station", 0), "root1")
	if s := roster.Compute(f, rs); s.Certified(author("station")) || s.Root(author("root1")) {
		t.Fatal("a threshold of 0 made everything an act")
	}
}
