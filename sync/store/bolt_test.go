package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// filled is a closed database with a crowd in it.
func filled(t testing.TB, c *crowd) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "db")
	s := opened(t)(store.Open(path, c.config()))
	apply(t, s, c.all()...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func sum(t testing.TB, path string) [32]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b)
}

// refused wants a database not to open, to say why, and to be left as it is.
func refused(t testing.TB, path string, c store.Config, want error) {
	t.Helper()
	before := sum(t, path)
	s, err := store.Open(path, c)
	if err == nil {
		s.Close()
		t.Fatal("it opens")
	}
	if !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
		t.Fatalf("%v, want %v with the path", err, want)
	}
	if sum(t, path) != before {
		t.Fatal("the file was changed")
	}
}

func TestOpenInUse(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1, 1)
	path := filepath.Join(t.TempDir(), "db")
	s := opened(t)(store.Open(path, c.config()))
	refused(t, path, c.config(), store.ErrInUse)
	apply(t, s, c.all()...)
	s.Close()
	opened(t)(store.Open(path, c.config()))
}

func TestOpenAnothers(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1, 1)
	path := filled(t, c)
	other := c.Founding
	other.Name = "Oak Street"
	refused(t, path, store.Config{Founding: other}, store.ErrOther)

	path = filepath.Join(t.TempDir(), "db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("someone's"))
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	refused(t, path, c.config(), store.ErrOther)
}

func TestOpenNowhere(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1, 1)
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "missing", "db"), dir} {
		s, err := store.Open(path, c.config())
		if err == nil {
			s.Close()
			t.Fatal("it opens")
		}
		if !strings.Contains(err.Error(), path) {
			t.Error(err)
		}
	}
}

func TestOpenGarbage(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1, 1)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{1, 15, 4096, 8192, 100_000} {
		path := filepath.Join(t.TempDir(), "db")
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		write(t, path, b)
		refused(t, path, c.config(), store.ErrDamaged)
	}
	empty := filepath.Join(t.TempDir(), "db")
	write(t, empty, nil)
	apply(t, opened(t)(store.Open(empty, c.config())), c.all()...)
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenCutShort(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 4, 100)
	path := filled(t, c)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := lastPage(t, path)
	for _, size := range []int{1, 100, 4096, 8191, 8192, 12288, used / 2, used - 4096, used - 1} {
		write(t, path, whole[:size])
		refused(t, path, c.config(), store.ErrDamaged)
	}
	write(t, path, whole[:used])
	opened(t)(store.Open(path, c.config()))
}

// lastPage is where the pages in use end.
func lastPage(t testing.TB, path string) (end int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		end = int(tx.Size())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// TestFlippedBytes damages a database in one place after the other. It either
// does not open, says so and is left as it is, or it works: what is damaged is
// missing, and nothing panics, hangs or gives out what was not put in.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 4, 60)
	good := map[string]bool{}
	for _, r := range c.all() {
		good[string(r.Encoding())] = true
	}
	path := filled(t, c)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:lastPage(t, path)]
	rng := rand.New(rand.NewPCG(3, 4))
	opens := 0
	tries := simnet.Count(2000)
	for i := range tries {
		b := bytes.Clone(whole)
		at := rng.IntN(len(b))
		if i%2 == 0 { // the heads of pages, where most can go wrong
			at = rng.IntN(len(b)/4096)*4096 + rng.IntN(64)
		}
		what := fmt.Sprintf("bit %d of byte %d", i%8, at)
		b[at] ^= 1 << (i % 8)
		if i%3 == 0 { // or a whole run
			what = fmt.Sprintf("bytes from %d", at)
			for j := at; j < min(at+1+rng.IntN(16), len(b)); j++ {
				b[j] = byte(rng.Uint32())
			}
		}
		write(t, path, b)
		s, err := store.Open(path, c.config())
		if err != nil {
			if !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrOther) {
				t.Fatalf("%s: %v", what, err)
			}
			if sum(t, path) != sha256.Sum256(b) {
				t.Fatalf("%s: the file was changed", what)
			}
			continue
		}
		opens++
		if err := use(s, c, good); err != nil && !errors.Is(err, store.ErrDamaged) {
			t.Fatalf("%s: %v", what, err)
		}
		if err := s.Close(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	if opens == 0 || opens == tries {
		t.Fatalf("%d of %d open: the test is none", opens, tries)
	}
}

// use does a little of everything with a store that may be damaged.
func use(s *store.Store, c *crowd, good map[string]bool) error {
	es, err := s.Since(0, 10_000)
	if err != nil {
		return err
	}
	for _, e := range es {
		encs, err := s.Load(e.Arrival)
		if err != nil {
			return err
		}
		if encs[0] != nil && !good[string(encs[0])] {
			return fmt.Errorf("record %d was never put in", e.Arrival)
		}
	}
	err = s.Read(func(v *store.View) error {
		for r, err := range v.Slots("messages", "k/3") {
			if err != nil {
				return err
			}
			if !good[string(r.Encoding())] {
				return fmt.Errorf("%s/%s was never put in", r.App, r.Key)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := s.Moment(0); err != nil {
		return err
	}
	if _, err := s.Set(record.Talk, 0); err != nil {
		return err
	}
	_, err = s.Apply(context.Background(), c.all()...)
	return err
}

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
			s.Close()
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
			for range v.Slots("messages", "k/0") {
				panic("the app's")
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
			s.Read(f)
			t.Error("no panic")
		})
	}
	apply(t, s, slices.Clone(c.posts)...) // the store goes on
}
