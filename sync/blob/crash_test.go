package blob

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

var errPower = errors.New("the power is gone")

// mortal is a disk that fails for good after so many changes to it.
type mortal struct {
	*memory
	left int
}

func (d *mortal) spend() error {
	if d.left--; d.left < 0 {
		return errPower
	}
	return nil
}

func (d *mortal) Open(name string, write bool) (file, error) {
	f, err := d.memory.Open(name, write)
	if err != nil {
		return nil, err
	}
	return &mortalFile{f, d}, nil
}

func (d *mortal) Rename(from, to string) error {
	return errors.Join(d.spend(), d.when(func() error { return d.memory.Rename(from, to) }))
}

func (d *mortal) Remove(name string) error {
	return errors.Join(d.spend(), d.when(func() error { return d.memory.Remove(name) }))
}

func (d *mortal) Sync() error {
	return errors.Join(d.spend(), d.when(d.memory.Sync))
}

// when does what is still possible.
func (d *mortal) when(f func() error) error {
	if d.left < 0 {
		return nil
	}
	return f()
}

type mortalFile struct {
	file
	disk *mortal
}

func (f *mortalFile) Write(b []byte) (int, error) {
	if err := f.disk.spend(); err != nil {
		n, _ := f.file.Write(b[:len(b)/2]) // torn
		return n, err
	}
	return f.file.Write(b)
}

func (f *mortalFile) Sync() error {
	return errors.Join(f.disk.spend(), f.disk.when(f.file.Sync))
}

func (f *mortalFile) Truncate(n int64) error {
	return errors.Join(f.disk.spend(), f.disk.when(func() error { return f.file.Truncate(n) }))
}

// after is what a disk may be found to hold after a power cut: what was synced, and
// of the rest anything.
func (d *memory) after(r *rand.Rand) *memory {
	left := newMemory()
	all := maps.Clone(d.synced)
	maps.Copy(all, d.names)
	for name := range all {
		c := d.names[name]
		if old := d.synced[name]; old != c && r.IntN(2) == 0 {
			c = old
		}
		if c == nil {
			continue
		}
		data := bytes.Clone(c.data[:c.synced+r.IntN(len(c.data)-c.synced+1)])
		if r.IntN(2) == 0 {
			clear(data[c.synced:]) // its length was written, and nothing else
		}
		left.names[name] = &content{data: data, synced: len(data)}
	}
	return left
}

// Wherever the power goes: what was acknowledged is there whole, what is there is
// what it should be, and what was under way can be gone on with.
func TestPowerCutAnywhere(t *testing.T) {
	first, second, third := some(1, 100_000), some(2, 2*syncEvery+77), some(3, 50)
	for left := 0; ; left++ {
		d := &mortal{memory: newMemory(), left: left}
		acked := map[record.Blob][]byte{}
		err := func() error {
			s, err := open(d, Config{})
			if err != nil {
				return err
			}
			for _, data := range [][]byte{first, third} {
				b, err := s.Put(t.Context(), bytes.NewReader(data), 1<<20)
				if err != nil {
					return err
				}
				acked[b] = data
			}
			s.SetNames(map[record.Blob]Name{blobOf(second): {}})
			if err := arriveBy(s, second, 50_000); err != nil {
				return err
			}
			acked[blobOf(second)] = second
			return nil
		}()
		if err != nil && !errors.Is(err, errPower) {
			t.Fatal(err)
		}
		for seed := range uint64(8) {
			found := d.after(rand.New(rand.NewPCG(seed, uint64(left)))) //nolint:gosec // a test
			s := opened(t)(open(found, Config{}))
			for b, data := range acked {
				if !s.Has(b) || !bytes.Equal(contents(t, s, b), data) {
					t.Fatalf("cut %d, seed %d: what was acknowledged is not there", left, seed)
				}
			}
			s.SetNames(map[record.Blob]Name{blobOf(second): {}})
			if err := s.Check(t.Context(), blobOf(second).Sum); err == nil {
				continue
			}
			if err := arriveBy(s, second, 200_000); err != nil {
				t.Fatalf("cut %d, seed %d: %v", left, seed, err)
			}
			if !bytes.Equal(contents(t, s, blobOf(second)), second) {
				t.Fatal("something else came out")
			}
			if files, _ := found.List(); len(files) != s.Status().Blobs {
				t.Fatalf("cut %d, seed %d: there is more than what is known: %v", left, seed, files)
			}
		}
		if err == nil {
			if left < 30 {
				t.Fatalf("the power went at %d places only", left)
			}
			return
		}
	}
}

// Whatever is done to a store in whatever order: it has what it says, counts what it
// has, stays within its space, and lets nothing more urgent go for something less.
func TestStoreHoldsItsLaws(t *testing.T) {
	const most = 100_000
	type known struct {
		data []byte
		blob record.Blob
		name Name
	}
	var all []known
	for i := range uint64(12) {
		data := some(i, int(3000+i*3500))
		all = append(all, known{data, blobOf(data), Name{record.Class(i % 7), record.Day(i / 3)}})
	}
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		d := newMemory()
		open1 := func() *Store {
			s, err := open(d, Config{Most: most, Now: c.Now})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		s := open1()
		named := map[record.Blob]Name{}
		one := func(t *rapid.T) known { return all[rapid.IntRange(0, len(all)-1).Draw(t, "blob")] }
		has := func() map[record.Blob]bool {
			out := map[record.Blob]bool{}
			for _, k := range all {
				out[k.blob] = s.Has(k.blob)
			}
			return out
		}
		t.Repeat(map[string]func(*rapid.T){
			"name": func(t *rapid.T) {
				k := one(t)
				named[k.blob] = k.name
				s.SetNames(named)
			},
			"unname": func(t *rapid.T) {
				delete(named, one(t).blob)
				s.SetNames(named)
			},
			"put": func(t *rapid.T) {
				k, before := one(t), has()
				_, err := s.Put(t.Context(), bytes.NewReader(k.data), int64(len(k.data)))
				if err != nil && !errors.Is(err, ErrFull) {
					t.Fatal(err)
				}
				if (err == nil || before[k.blob]) != s.Has(k.blob) {
					t.Fatal("put, and not there:", err)
				}
				for b, was := range before {
					if n, ok := named[b]; was && !s.Has(b) && ok && n.Class <= record.Notice {
						t.Fatal("a notice went for what nothing names")
					}
				}
			},
			"arrive": func(t *rapid.T) {
				k, before := one(t), has()
				if before[k.blob] {
					return
				}
				err := arrive(s, k.data)
				if (err == nil) != s.Has(k.blob) {
					t.Fatal("come, and not there:", err)
				}
				for b, was := range before {
					if n, ok := named[b]; was && !s.Has(b) && ok && !n.less(named[k.blob]) {
						t.Fatal("what is as urgent went")
					}
				}
			},
			"some comes": func(t *rapid.T) {
				k := one(t)
				at := int(s.Held(k.blob))
				n := min(rapid.IntRange(1, 5000).Draw(t, "n"), len(k.data)-at)
				if n > 0 {
					_ = s.Add(k.blob, int64(at), k.data[at:at+n]) // refused where nothing names it
				}
			},
			"time": func(t *rapid.T) {
				c.now = c.now.Add(young * 2)
				if err := s.Collect(); err != nil {
					t.Fatal(err)
				}
			},
			"restart": func(*rapid.T) {
				s = open1()
				s.SetNames(named)
			},
			"": func(t *rapid.T) {
				st := s.Status()
				files, _ := d.List()
				var bytes int64
				for _, k := range all {
					if s.Has(k.blob) || s.Held(k.blob) > 0 {
						bytes += int64(len(k.data))
					}
				}
				if st.Bytes != bytes || st.Blobs+st.Parts != len(files) || st.Bytes > most {
					t.Fatalf("%+v, of %d files with %d bytes", st, len(files), bytes)
				}
				for _, k := range all {
					if s.Has(k.blob) && s.Check(t.Context(), k.blob.Sum) != nil {
						t.Fatal("it has what it cannot give")
					}
				}
			},
		})
	})
}
