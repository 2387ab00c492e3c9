package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// mount makes a small file system of its own; it takes root.
func mount(t *testing.T, flags uintptr, options string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", flags, options); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("mounting takes root:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestReadOnlyFolder(t *testing.T) {
	c := newCrowd(t, 1, 1)
	dir := mount(t, 0, "size=64m")
	path := filepath.Join(dir, "db")
	copyFile(t, filled(t, c), path)
	if err := syscall.Mount("none", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	refused(t, path, c.config(), syscall.EROFS)
	if s, err := store.Open(filepath.Join(dir, "new"), c.config()); !errors.Is(err, syscall.EROFS) {
		t.Fatal(s, err)
	}
}

// On a full disk reading goes on, writing says so and leaves nothing behind,
// and goes on once there is room.
func TestDiskFull(t *testing.T) {
	c := newCrowd(t, 20, 100)
	dir := mount(t, 0, "size=1800k")
	ballast := filepath.Join(dir, "ballast")
	write(t, ballast, make([]byte, 300<<10))
	s := opened(t)(store.Open(filepath.Join(dir, "db"), c.config()))
	apply(t, s, c.Trust...)
	apply(t, s, c.vouches...)
	var in []record.Record
	var full error
	for part := range slices.Chunk(c.posts, 50) {
		before := moment(t, s)
		if _, full = s.Apply(t.Context(), part...); full != nil {
			if moment(t, s) != before {
				t.Fatal("a failed write has left a trace")
			}
			break
		}
		in = append(in, part...)
	}
	if !errors.Is(full, store.ErrFull) || len(in) < 100 {
		t.Fatalf("%v after %d records", full, len(in))
	}
	for range 20 { // it goes on failing in the same way
		if _, err := s.Apply(t.Context(), c.posts[len(in):]...); !errors.Is(err, store.ErrFull) {
			t.Fatal(err)
		}
	}
	audit(t, s)
	at, err := s.Find(ids(in)...)
	if err != nil || slices.Contains(at, 0) {
		t.Fatal("reading has ended", err)
	}
	if encs, err := s.Load(at...); err != nil || len(encs) != len(in) {
		t.Fatal(err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	apply(t, s, c.posts[len(in):len(in)+20]...)
	in = append(in, c.posts[len(in):len(in)+20]...)
	audit(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = opened(t)(store.Open(filepath.Join(dir, "db"), c.config()))
	if at, err := s.Find(ids(in)...); err != nil || slices.Contains(at, 0) {
		t.Fatal("what was written is not there", err)
	}
	audit(t, s)
}

func ids(rs []record.Record) (ids []record.ID) {
	for i := range rs {
		ids = append(ids, rs[i].ID())
	}
	return ids
}
