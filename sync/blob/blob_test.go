package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// clock is one that a test moves.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Unix(1e9, 0)} }

func (c *clock) Now() time.Time { return c.now }

// each runs a test over a folder and over memory; again opens the same once more.
func each(t *testing.T, test func(t *testing.T, again func(Config) *Store)) {
	t.Run("folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "blobs")
		test(t, func(c Config) *Store { return opened(t)(Open(dir, c)) })
	})
	t.Run("memory", func(t *testing.T) {
		d := newMemory()
		test(t, func(c Config) *Store { return opened(t)(open(d, c)) })
	})
}

func opened(t *testing.T) func(*Store, error) *Store {
	return func(s *Store, err error) *Store {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// some makes bytes that are told apart by a seed.
func some(seed uint64, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(b)
	return b
}

func blobOf(data []byte) record.Blob {
	return record.Blob{Sum: sha256.Sum256(data), Size: uint64(len(data))}
}

func put(t *testing.T, s *Store, data []byte) record.Blob {
	t.Helper()
	b, err := s.Put(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if b != blobOf(data) {
		t.Fatalf("it is named %v", b)
	}
	return b
}

func contents(t *testing.T, s *Store, b record.Blob) []byte {
	t.Helper()
	f, err := s.Open(t.Context(), b.Sum)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return data
}

// arrive adds all of a blob as a peer would bring it.
func arrive(s *Store, data []byte) error { return arriveBy(s, data, 4000) }

func arriveBy(s *Store, data []byte, step int) error {
	b := blobOf(data)
	for at := int(s.Held(b)); at < len(data); {
		n := min(step, len(data)-at)
		if err := s.Add(b, int64(at), data[at:at+n]); err != nil {
			return err
		}
		at += n
	}
	return s.Finish(context.Background(), b)
}

func name(s *Store, n Name, bs ...record.Blob) {
	named := map[record.Blob]Name{}
	for _, b := range bs {
		named[b] = n
	}
	s.SetNames(named)
}

func TestPutAndOpen(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		s := again(Config{})
		for _, n := range []int{0, 1, 4096, 300_000} {
			data := some(uint64(n), n)
			b := put(t, s, data)
			for _, s := range []*Store{s, again(Config{})} {
				if !s.Has(b) || !bytes.Equal(contents(t, s, b), data) {
					t.Fatalf("%d bytes are not there", n)
				}
				p := make([]byte, 100)
				at := max(0, int64(n)-50)
				k, err := s.ReadAt(b, p, at)
				if err != nil || !bytes.Equal(p[:k], data[at:]) {
					t.Fatal(k, err)
				}
			}
			if s.Has(record.Blob{Sum: b.Sum, Size: b.Size + 1}) {
				t.Fatal("it has what nobody could give")
			}
		}
		if st := s.Status(); st.Blobs != 4 || st.Bytes != 304_097 {
			t.Fatalf("%+v", st)
		}
		if _, err := s.Open(t.Context(), [32]byte{1}); !errors.Is(err, ErrMissing) {
			t.Fatal(err)
		}
	})
}

// What goes on too long, or breaks off, leaves nothing.
func TestPutRefused(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		s := again(Config{Most: 100_000})
		if _, err := s.Put(t.Context(), bytes.NewReader(some(1, 101)), 100); !errors.Is(err, ErrTooLarge) {
			t.Fatal(err)
		}
		if _, err := s.Put(t.Context(), bytes.NewReader(some(1, 100_001)), 1<<20); !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
		broken := errors.New("the phone went away")
		r := io.MultiReader(bytes.NewReader(some(1, 5000)), failing{broken})
		if _, err := s.Put(t.Context(), r, 50_000); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := s.Put(ended, bytes.NewReader(some(1, 100)), 100); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if st := s.Status(); st.Blobs != 0 || st.Bytes != 0 {
			t.Fatalf("%+v", st)
		}
		if files, err := s.disk.List(); err != nil || len(files) != 0 {
			t.Fatal(files, err)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestArrivesInParts(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		s := again(Config{})
		data := some(3, 700_000)
		b := blobOf(data)
		if err := s.Add(b, 0, data[:10]); !errors.Is(err, ErrMissing) {
			t.Fatal("what nothing names was taken:", err)
		}
		name(s, Name{Class: record.Notice}, b)
		for at := 0; at < 600_000; at += 4000 {
			if err := s.Add(b, int64(at), data[at:at+4000]); err != nil {
				t.Fatal(err)
			}
		}
		for _, at := range []int64{0, 599_999, 600_001} {
			if err := s.Add(b, at, data[at:at+10]); err == nil {
				t.Fatal("a part out of its place was taken at", at)
			}
		}
		if err := s.Add(b, 600_000, make([]byte, 100_001)); err == nil {
			t.Fatal("more than all of it was taken")
		}
		if s.Has(b) || s.Finish(t.Context(), b) == nil {
			t.Fatal("half a file counts")
		}
		// The process ends and begins again: what was synced is gone on with.
		s = again(Config{})
		if have := s.Held(b); have != 2*syncEvery {
			t.Fatal("it goes on from", have)
		}
		name(s, Name{Class: record.Notice}, b)
		if err := arrive(s, data); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(contents(t, s, b), data) {
			t.Fatal("something else came out")
		}
		if st := s.Status(); st.Bytes != 700_000 || st.Parts != 0 {
			t.Fatalf("%+v", st)
		}
	})
}

// A part that turns out to be something else is let go of whole.
// watched is a disk that tells when it is synced.
type watched struct {
	*memory
	synced func()
}

func (d watched) Sync() error {
	d.synced()
	return d.memory.Sync()
}

func TestWhatHasComeCountsOnceAtEachMoment(t *testing.T) {
	data := some(1, 10_000)
	d := watched{memory: newMemory()}
	var s *Store
	looks := 0
	d.synced = func() {
		if s == nil {
			return
		}
		if at := s.Status(); at.Blobs == 1 {
			if looks++; at.Bytes != int64(len(data)) || at.Parts != 0 {
				t.Errorf("%+v", at)
			}
		}
	}
	s = opened(t)(open(&d, Config{}))
	b := blobOf(data)
	name(s, Name{}, b)
	if err := arrive(s, data); err != nil {
		t.Fatal(err)
	}
	if looks == 0 {
		t.Error("nobody looked")
	}
}

func TestLies(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		s := again(Config{})
		data := some(4, 300_000)
		b := blobOf(data)
		name(s, Name{Class: record.Notice}, b)
		lie := bytes.Clone(data)
		lie[299_999] ^= 1
		if err := s.Add(b, 0, lie); err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(t.Context(), b); !errors.Is(err, ErrDamaged) {
			t.Fatal(err)
		}
		if s.Has(b) || s.Held(b) != 0 || s.Status().Bytes != 0 {
			t.Fatal("something is left of it")
		}
		if err := arrive(s, data); err != nil {
			t.Fatal(err)
		}
	})
}

// What the disk has changed is found at the first use after a start, and an hour
// after that, and can come again.
func TestDamage(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		c := newClock()
		s := again(Config{Now: c.Now})
		data := some(5, 10_000)
		b := put(t, s, data)
		spoil := func() {
			f, err := s.disk.Open(wholeName(b.Sum), true)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Truncate(9_999); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write([]byte{data[9_999] ^ 4}); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		spoil()
		c.now = c.now.Add(checkedFor)
		if _, err := s.Open(t.Context(), b.Sum); !errors.Is(err, ErrDamaged) || s.Has(b) {
			t.Fatal("after an hour:", err)
		}
		name(s, Name{Class: record.Talk}, b)
		if err := arrive(s, data); err != nil {
			t.Fatal(err)
		}
		spoil()
		s = again(Config{Now: c.Now})
		if err := s.Check(t.Context(), b.Sum); !errors.Is(err, ErrDamaged) || s.Has(b) {
			t.Fatal("after a start:", err)
		}
		if err := s.Check(t.Context(), b.Sum); !errors.Is(err, ErrMissing) {
			t.Fatal(err)
		}
	})
}

// Without room the lowest class goes first, then what expires soonest; what is as
// urgent stays, whose ever it is.
func TestRoom(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		s := again(Config{Most: 100_000})
		names := map[record.Blob]Name{}
		in := func(seed uint64, c record.Class, day record.Day) ([]byte, record.Blob) {
			data := some(seed, 30_000)
			names[blobOf(data)] = Name{Class: c, Expires: day}
			s.SetNames(names)
			return data, blobOf(data)
		}
		own, talk := in(1, record.Talk, 50)
		put(t, s, own)
		late, maps2 := in(2, record.Place, 60)
		soon, maps1 := in(3, record.Place, 50)
		notice, first := in(4, record.Notice, 10)
		other, same := in(5, record.Place, 50)
		for _, data := range [][]byte{late, soon} {
			if err := arrive(s, data); err != nil {
				t.Fatal(err)
			}
		}
		if err := arrive(s, notice); err != nil {
			t.Fatal(err)
		}
		if s.Has(talk) || !s.Has(maps1) || !s.Has(maps2) || !s.Has(first) {
			t.Fatal("own talk is still there")
		}
		if err := arrive(s, other); !errors.Is(err, ErrFull) {
			t.Fatal("as urgent as what is here:", err)
		}
		if s.Room(same, names[same]) || !s.Room(same, Name{Class: record.Notice}) {
			t.Fatal("room is not what it is")
		}
		if put(t, s, some(6, 40_000)); s.Has(maps1) || !s.Has(maps2) || !s.Has(first) {
			t.Fatal("what expires soonest has not gone first")
		}
		if _, err := s.Put(t.Context(), bytes.NewReader(some(7, 80_000)), 80_000); !errors.Is(err, ErrFull) || !s.Has(first) {
			t.Fatal("a notice was pushed out:", err)
		}
	})
}

// The last tenth of a disk is never used.
func TestDiskNearlyFull(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		free := uint64(150_000)
		s := again(Config{Disk: func() (uint64, uint64, error) { return free, 1_000_000, nil }})
		b := put(t, s, some(1, 40_000))
		free = 110_000
		if _, err := s.Put(t.Context(), bytes.NewReader(some(2, 20_000)), 20_000); !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
		if !s.Has(b) {
			t.Fatal("what is about to be named has gone")
		}
	})
}

func TestGarbage(t *testing.T) {
	each(t, func(t *testing.T, again func(Config) *Store) {
		c := newClock()
		s := again(Config{Now: c.Now})
		loose, kept := put(t, s, some(1, 1000)), put(t, s, some(2, 1000))
		half := some(3, 10_000)
		name(s, Name{Class: record.Notice}, kept, blobOf(half))
		if err := s.Add(blobOf(half), 0, half[:5000]); err != nil {
			t.Fatal(err)
		}
		c.now = c.now.Add(grace - time.Second)
		if err := s.Collect(); err != nil || !s.Has(loose) {
			t.Fatal("it has gone too soon", err)
		}
		name(s, Name{Class: record.Notice}, kept)
		c.now = c.now.Add(time.Second)
		if err := s.Collect(); err != nil || s.Has(loose) || !s.Has(kept) || s.Held(blobOf(half)) == 0 {
			t.Fatal("not what nothing names has gone", err)
		}
		c.now = c.now.Add(grace)
		if err := s.Collect(); err != nil || s.Held(blobOf(half)) != 0 {
			t.Fatal("half a file stays for ever", err)
		}
		if files, err := s.disk.List(); err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
	})
}

// A folder has files of nobody's: they are left alone. What was being put here when
// the process ended is cleared away.
func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"notes.txt", "new-7", "ABCD", fmt.Sprintf("%064X", 171), "x.12.part"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := opened(t)(Open(dir, Config{}))
	if st := s.Status(); st.Blobs != 0 || st.Bytes != 0 || st.Parts != 0 {
		t.Fatalf("%+v", st)
	}
	if files, err := s.disk.List(); err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
}
