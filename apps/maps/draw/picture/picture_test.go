package picture_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/picture"
	"github.com/lamppost-hub/lamppost/hub"
)

func key(n int) (k picture.Key) {
	k[0], k[1] = byte(n), byte(n>>8)
	return k
}

// png is something whose beginning and end are those of a PNG, of a size.
func png(n, size int) []byte {
	const head, tail = "\x89PNG\r\n\x1a\n", "\x00\x00\x00\x00IEND\xaeB\x60\x82"
	return []byte(head + fmt.Sprintf("%0*d", size-len(head)-len(tail), n) + tail)
}

func open(t interface{ Fatal(...any) }, dir string, bounds picture.Bounds) *picture.Store {
	s, err := picture.Open(dir, bounds, func(err error) { t.Fatal(err) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What was drawn once is not drawn again, by the next who asks or after a restart.
func TestWhatWasDrawnIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "maps", "pictures")
	draws := 0
	for range 2 {
		s := open(t, dir, picture.Bounds{Bytes: 1 << 20})
		for range 3 {
			got, err := s.Get(t.Context(), key(1), func(context.Context) ([]byte, error) {
				draws++
				return png(1, 100), nil
			})
			if err != nil || string(got) != string(png(1, 100)) {
				t.Errorf("%q, %v", got, err)
			}
		}
	}
	if draws != 1 {
		t.Errorf("drawn %d times", draws)
	}
}

// Fifty phones that ask for the same picture at once cost one drawing.
func TestOneDrawingForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir(), picture.Bounds{Bytes: 1 << 20, Draws: 2})
		var draws atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				got, err := s.Get(t.Context(), key(1), func(context.Context) ([]byte, error) {
					draws.Add(1)
					time.Sleep(time.Second)
					return png(1, 100), nil
				})
				if err != nil || len(got) != 100 {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			})
		}
		all.Wait()
		if n := draws.Load(); n != 1 {
			t.Errorf("drawn %d times", n)
		}
	})
}

// No more are drawn at once than the bounds say, and everybody's turn comes; beyond many
// different ones there is an answer at once.
func TestOthersWaitForTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir(), picture.Bounds{Bytes: 1 << 20, Draws: 2})
		var now, most, refused atomic.Int32
		var all sync.WaitGroup
		for n := range 70 {
			all.Go(func() {
				_, err := s.Get(t.Context(), key(n), func(context.Context) ([]byte, error) {
					if at := now.Add(1); at > most.Load() {
						most.Store(at)
					}
					time.Sleep(time.Second)
					now.Add(-1)
					return png(n, 100), nil
				})
				if told, ok := errors.AsType[*hub.Error](err); ok && told.Code == hub.Unavailable {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		from := time.Now()
		all.Wait()
		if most.Load() != 2 || refused.Load() != 6 || time.Since(from) != 32*time.Second {
			t.Errorf("%d at once, %d refused, in %v", most.Load(), refused.Load(), time.Since(from))
		}
	})
}

// One who goes away gets nothing and stops nobody; when the last goes the drawing ends,
// and who comes then has it drawn anew.
func TestGoingAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir(), picture.Bounds{Bytes: 1 << 20, Draws: 1})
		slowly := func(ctx context.Context) ([]byte, error) {
			select {
			case <-time.After(time.Minute):
				return png(1, 100), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		ask := func(n int, patience time.Duration, want error) func() {
			return func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				from := time.Now()
				data, err := s.Get(ctx, key(n), slowly)
				if !errors.Is(err, want) || (err == nil) != (len(data) == 100) {
					t.Errorf("%d after %v: %d bytes, %v", n, time.Since(from), len(data), err)
				}
			}
		}
		var all sync.WaitGroup
		all.Go(ask(1, time.Second, context.DeadlineExceeded))
		all.Go(ask(1, 2*time.Minute, nil))
		all.Wait()

		from := time.Now()
		all.Go(ask(2, time.Second, context.DeadlineExceeded)) // alone
		all.Wait()
		synctest.Wait()
		all.Go(ask(2, 2*time.Minute, nil))
		synctest.Wait()
		all.Go(ask(3, 10*time.Second, context.DeadlineExceeded)) // its turn does not come in time
		all.Wait()
		if d := time.Since(from); d != 61*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// An error is told to those who wait, and not kept; a panic is an error.
func TestErrorsAreNotKept(t *testing.T) {
	s := open(t, t.TempDir(), picture.Bounds{Bytes: 1 << 20})
	bad := errors.New("no paper")
	if _, err := s.Get(t.Context(), key(1), func(context.Context) ([]byte, error) { return nil, bad }); !errors.Is(err, bad) {
		t.Error(err)
	}
	if _, err := s.Get(t.Context(), key(1), func(context.Context) ([]byte, error) { panic("a hole in the map") }); err == nil || !strings.Contains(err.Error(), "a hole in the map") {
		t.Error(err)
	}
	if got, err := s.Get(t.Context(), key(1), func(context.Context) ([]byte, error) { return png(1, 50), nil }); err != nil || len(got) != 50 {
		t.Error(got, err)
	}
}

// Whatever is asked for, the folder holds no more than its bound, and always those that
// were used last.
func TestTheFolderStaysWithinItsBound(t *testing.T) {
	base, run := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		dir := filepath.Join(base, fmt.Sprint(run))
		const bound = 1000
		s := open(t, dir, picture.Bounds{Bytes: bound})
		sizes := map[int]int{}
		var used []int // the latest last
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			n := rapid.IntRange(0, 12).Draw(t, "picture")
			size, known := sizes[n]
			if !known {
				size = rapid.IntRange(30, 1200).Draw(t, "size")
				sizes[n] = size
			}
			drawn := false
			got, err := s.Get(context.Background(), key(n), func(context.Context) ([]byte, error) {
				drawn = true
				return png(n, size), nil
			})
			if err != nil || string(got) != string(png(n, size)) {
				t.Fatalf("%d: %d bytes, %v", n, len(got), err)
			}
			if kept := slices.Contains(used, n); kept == drawn {
				t.Fatalf("%d was kept: %v; drawn: %v", n, kept, drawn)
			}
			used = slices.DeleteFunc(used, func(o int) bool { return o == n })
			if size <= bound {
				used = append(used, n)
			}
			total := 0
			for _, o := range used {
				total += sizes[o]
			}
			for total > bound {
				total -= sizes[used[0]]
				used = used[1:]
			}
			if got := bytesIn(t, dir); got != total {
				t.Fatalf("%d bytes in the folder, not %d", got, total)
			}
		}
	})
}

func bytesIn(t interface{ Fatal(...any) }, dir string) (sum int) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		sum += int(info.Size())
	}
	return sum
}

// What a power cut left is drawn anew or cleared away; a smaller bound holds from the
// start; files of others stay.
func TestAfterAPowerCut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, picture.Bounds{Bytes: 1 << 20})
	for n := range 5 {
		if _, err := s.Get(t.Context(), key(n), func(context.Context) ([]byte, error) { return png(n, 100), nil }); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Fatal(entries, err)
	}
	cutName := filepath.Join(dir, entries[0].Name()) // that of picture 0
	for name, data := range map[string][]byte{cutName: png(0, 100)[:60], filepath.Join(dir, "ab.png.part"): png(9, 100), filepath.Join(dir, "notes.txt"): []byte("mine")} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, dir, picture.Bounds{Bytes: 1 << 20})
	if got, err := s.Get(t.Context(), key(0), func(context.Context) ([]byte, error) { return png(0, 100), nil }); err != nil || len(got) != 100 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ab.png.part")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half-written file is there: %v", err)
	}
	open(t, dir, picture.Bounds{Bytes: 250})
	if got := bytesIn(t, dir); got != 200+len("mine") {
		t.Errorf("%d bytes are left", got)
	}
}

// Where the folder cannot be written to there are pictures all the same, and the log
// learns why they are slow.
func TestWithoutAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pictures")
	var told []error
	s, err := picture.Open(dir, picture.Bounds{Bytes: 1 << 20}, func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := s.Get(t.Context(), key(1), func(context.Context) ([]byte, error) { return png(1, 100), nil }); err != nil || len(got) != 100 {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	if len(told) == 0 {
		t.Error("nobody was told")
	}
	if _, err := picture.Open(dir, picture.Bounds{}, nil); err == nil {
		t.Error("a file was opened as a folder")
	}
}
