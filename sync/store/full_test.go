package store_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/store"
)

// On a full disk a store opens: what it holds is read, and writing fails. With room
// it goes on, in the epoch that was told meanwhile.
func TestAStoreOpensOnAFullDisk(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 3, 10)
	late := c.posts[25:]
	c.posts = c.posts[:25]
	path := filled(t, c)
	full := true
	hooks := &store.Hooks{Commit: func() error {
		if full {
			return store.ErrFull
		}
		return nil
	}}
	s := opened(t)(store.HookedFile(path, c.config(), hooks))
	told := moment(t, s).Position
	if at, err := s.Find(ids(c.posts)...); err != nil || slices.Contains(at, 0) {
		t.Fatal("it cannot be read:", err)
	}
	if _, certified := s.Roster().Hub(c.vouches[0].Author); !certified || !s.Full() {
		t.Fatalf("full: %v; its hub is certified: %v", s.Full(), certified)
	}
	for range 3 {
		if _, err := s.Apply(t.Context(), late...); !errors.Is(err, store.ErrFull) {
			t.Fatal("on a full disk:", err)
		}
	}
	full = false
	apply(t, s, late[:1]...)
	if s.Full() {
		t.Fatal("there is room")
	}
	full = true
	if _, err := s.Apply(t.Context(), late...); !errors.Is(err, store.ErrFull) || !s.Full() {
		t.Fatalf("filled up while it was open: %v; full: %v", err, s.Full())
	}
	full = false
	apply(t, s, late[1:]...)
	if now := moment(t, s).Position; s.Full() || now.Epoch != told.Epoch || now.Arrival != told.Arrival+uint64(len(late)) {
		t.Fatalf("it told %v, and with room %v", told, now)
	}
	audit(t, s)
	shut(t, s)

	s = opened(t)(store.Open(path, c.config()))
	if ok, err := s.Knows(told); !ok || err != nil {
		t.Fatal("what was told on the full disk is not known any more:", err)
	}
	audit(t, s)
}

// An epoch that was told and never began is not known, so that peers compare.
func TestAnEpochThatNeverBeganIsNotKnown(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 3, 10)
	path := filled(t, c)
	s := opened(t)(store.HookedFile(path, c.config(), &store.Hooks{Commit: func() error { return store.ErrFull }}))
	told := moment(t, s).Position
	shut(t, s)
	s = opened(t)(store.Open(path, c.config()))
	if ok, err := s.Knows(told); ok || err != nil {
		t.Fatal(ok, err)
	}
}

// What has to be written to be right does not open without room.
func TestAStoreThatHasToBeMendedDoesNotOpenOnAFullDisk(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 3, 10)
	hooks := &store.Hooks{Commit: func() error { return store.ErrFull }}
	if _, err := store.HookedFile(filepath.Join(t.TempDir(), "new"), c.config(), hooks); !errors.Is(err, store.ErrFull) {
		t.Errorf("a new store: %v", err)
	}
	path := filled(t, c)
	s := opened(t)(store.Open(path, c.config()))
	if err := store.SpoilSums(s); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	if _, err := store.HookedFile(path, c.config(), hooks); !errors.Is(err, store.ErrFull) {
		t.Errorf("a store with wrong sums: %v", err)
	}
	other := newCrowd(t, 1, 1)
	other.Founding.Nonce[0]++
	if _, err := store.HookedFile(path, other.config(), hooks); !errors.Is(err, store.ErrOther) {
		t.Errorf("another community's: %v", err)
	}
}
