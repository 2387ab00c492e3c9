package node_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// A hub that is less strict, or hostile, writes what names it likes; only the pages
// of others hold them to their rules.
func TestANameThatSeemsSomebodyElsesIsNotShown(t *testing.T) {
	_, paths := folders(t, 1)
	n, _ := start(t, paths[0])
	person := func(who record.Author) (p hub.Person) {
		t.Helper()
		ok(t, n.Read(t.Context(), "notes", func(s hub.Snapshot) error { p = s.Person(who); return nil }))
		return p
	}
	key := func(i int) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), byte(i)))
	}
	for i, c := range []struct{ first, then, shown string }{
		{"Ana", "", "Ana"},
		{"Ana", "Ana Lucía", "Ana Lucía"},
		{"Pоlice", "", ""}, // Cyrillic
		{"OfficialBob", "policía", ""},
		{"Bo", "P0lice", "Bo"},
		{"Place 1", "", ""}, // the hub
		{"рlасе l", "Elm-Street", ""},
		{"Аnna", "", ""},
		{"Guest", "", ""},
	} {
		k := key(i + 1)
		ok(t, n.Enroll(t.Context(), k, c.first))
		if c.then != "" {
			ok(t, n.Rename(t.Context(), k, c.then))
		}
		if p := person(record.AuthorOf(k)); p.Name != c.shown || p.Home != "Place 1" {
			t.Errorf("%q, then %q: %+v", c.first, c.then, p)
		}
	}
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	if p := person(record.AuthorOf(f.Key)); p.Name != "Place 1" {
		t.Errorf("the hub itself: %+v", p)
	}
}
