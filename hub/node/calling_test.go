package node_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
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

func TestANameLikeACoordinatorsIsNotShown(t *testing.T) {
	root, paths := folders(t, 1)
	n, _ := start(t, paths[0])
	called := func(who string) (p hub.Person) {
		t.Helper()
		ok(t, n.Read(t.Context(), "notes", func(s hub.Snapshot) error { p = s.Person(record.AuthorOf(key(who))); return nil }))
		return p
	}
	for _, c := range [][2]string{{"maria", "Maria Ortiz"}, {"other", "María 0rtiz"}, {"lee", "Maria Ortiz Lee"}} {
		ok(t, n.Enroll(t.Context(), key(c[0]), c[1]))
	}
	if got := called("other").Name; got != "María 0rtiz" {
		t.Errorf("while nobody is a coordinator: %q", got)
	}
	says(t, n, root, roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(key("maria")), Label: "Maria Ortiz", Roles: roster.Notices})
	for who, want := range map[string]string{"maria": "Maria Ortiz", "other": "", "lee": "Maria Ortiz Lee"} {
		if got := called(who).Name; got != want {
			t.Errorf("%s is shown as %q instead of %q", who, got, want)
		}
	}
	says(t, n, root, roster.Revocation{Subject: record.AuthorOf(key("maria")), Retired: true})
	if got := called("other").Name; got != "María 0rtiz" {
		t.Errorf("after the coordinator has left: %q", got)
	}
}
