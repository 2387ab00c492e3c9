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
		shut(t, s)
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
	shut(t, s)
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
			shut(t, s)
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
	err = db.View(func(tx *bbolt.Tx) error {
		end = int(tx.Size())
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
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
