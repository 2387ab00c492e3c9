package store_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// damage flips a bit in every copy of a record's text in the file.
func damage(t testing.TB, path string, r record.Record) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], r.Encoding())
		if i < 0 {
			break
		}
		at += i
		b[at+len(r.Encoding())-70] ^= 4 // in the signature, which nobody else looks at
		found = true
	}
	if !found {
		t.Fatal("the record is not in the file")
	}
	write(t, path, b)
}

func TestADamagedRecordIsFetchedAgain(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 3, 5)
	for name, r := range map[string]record.Record{"post": c.posts[7], "vouch": c.vouches[1], "certificate": c.Trust[0]} {
		t.Run(name, func(t *testing.T) {
			path := filled(t, c)
			s := opened(t)(store.Open(path, c.config()))
			before := moment(t, s)
			at, err := s.Find(r.ID())
			if err != nil || at[0] == 0 {
				t.Fatal(at, err)
			}
			shut(t, s)
			damage(t, path, r)
			s = opened(t)(store.Open(path, c.config()))
			encs, err := s.Load(at...)
			if err != nil || encs[0] != nil {
				t.Fatal("a damaged record is given out", err)
			}
			if again, err := s.Find(r.ID()); err != nil || again[0] != 0 {
				t.Fatal(again, err)
			}
			if m := moment(t, s); m.Digests[r.Class] == before.Digests[r.Class] {
				t.Fatal("the digests do not say that it is missing")
			}
			audit(t, s)
			if v := apply(t, s, r)[0]; v.Outcome != store.Added || v.Arrival <= before.Arrival {
				t.Fatal(v)
			}
			apply(t, s, c.all()...)
			if m := moment(t, s); m.Digests != before.Digests {
				t.Fatal("the set is not whole again")
			}
			audit(t, s)
		})
	}
}

// A damaged record is in nobody's way: not of a view, an edit, the quota, or of
// those whose write shares the commit.
func TestADamagedRecordIsInNobodysWay(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 2, 5)
	bad := c.posts[2]
	edited, err := c.Post(simnet.Key("resident 0"), bad.Via, bad.Key, bad.Time+1<<16, bad.TTL, "edited")
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := c.Vouch(simnet.Key("h0"), 0, bad.Time+1<<30, simnet.Author("somebody"), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func(*store.Store) error{
		"view": func(s *store.Store) error {
			n := 0
			err := s.Read(func(v *store.View) error {
				for _, err := range v.Slots("messages", bad.Key) {
					if err != nil {
						return err
					}
					n++
				}
				_, ok, err := v.InSlot(bad.Slot())
				if ok {
					n = 9
				}
				return err
			})
			if n != 1 {
				return fmt.Errorf("%d records in view", n)
			}
			return err
		},
		"edit": func(s *store.Store) error {
			v := apply(t, s, edited)[0]
			if v.Outcome != store.Added {
				return fmt.Errorf("%v", v)
			}
			return nil
		},
		"ruling": func(s *store.Store) error {
			apply(t, s, revoked)
			return nil
		},
		"collecting": func(s *store.Store) error { return s.Collect(bad.Expires() + 10) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t, c)
			damage(t, path, bad)
			s := opened(t)(store.Open(path, c.config()))
			if err := do(s); err != nil {
				t.Fatal(err)
			}
			audit(t, s)
			if at, err := s.Find(bad.ID()); err != nil || at[0] != 0 {
				t.Fatal(at, err)
			}
		})
	}
}

// An app's own panic is not taken for damage.
func TestAnAppsPanicPasses(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1, 1)
	s := opened(t)(store.Open(filepath.Join(t.TempDir(), "db"), c.config()))
	apply(t, s, c.all()...)
	for name, f := range map[string]func(*store.View) error{
		"at once": func(*store.View) error { panic("the app's") },
		"while listing": func(v *store.View) error {
			for _, err := range v.Slots("messages", "k/0") {
				panic(cmp.Or[any](err, "the app's"))
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p != "the app's" {
					t.Error(p)
				}
			}()
			t.Error("no panic:", s.Read(f))
		})
	}
	apply(t, s, slices.Clone(c.posts)...) // the store goes on
}
