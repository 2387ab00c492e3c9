package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// disk is a small file system of its own.
type disk struct{ dir, ballast string }

// newDisk makes a disk of so many MiB until the test ends: ext4 in a file, as an SD
// card has it, or in memory where files cannot be mounted. It takes root; without,
// the test is skipped, but not in continuous integration.
func newDisk(t *testing.T, mib int64) *disk {
	t.Helper()
	dir := t.TempDir()
	if fileErr := mountFile(t, mib, dir); fileErr != nil {
		if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=700", mib)); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(fileErr, err)
			}
			t.Skip("a file system of its own takes root:", fileErr, err)
		}
		t.Log("in memory:", fileErr)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return &disk{dir: dir, ballast: filepath.Join(dir, "ballast")}
}

func mountFile(t *testing.T, mib int64, dir string) error {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	f, err := os.Create(image)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(mib<<20), f.Close()); err != nil {
		return err
	}
	for _, c := range []*exec.Cmd{
		exec.Command("mkfs.ext4", "-q", "-b", "4096", "-m", "0", image), // nothing set aside for root
		exec.Command("mount", "-o", "loop", image, dir),
	} {
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", c.Args[0], err, out)
		}
	}
	return nil
}

// block is how much of the disk is given out at a time, in bytes.
const block = 4096

// leave fills the disk until so many blocks are free.
func (d *disk) leave(t *testing.T, blocks int) {
	t.Helper()
	d.makeRoom(t)
	f, err := os.Create(d.ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size, tries := int64(0), 0; tries < 10; tries++ { // the list of its blocks takes blocks as well
		more := d.free(t) - int64(blocks)
		if more == 0 {
			return
		}
		size = max(0, size+more)
		if err := f.Truncate(size * block); err != nil {
			t.Fatal(err)
		}
		// Where the list has no room the file gets less, and the next look counts that.
		if err := syscall.Fallocate(int(f.Fd()), 0, 0, size*block); err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	t.Fatalf("%d blocks are free, not %d", d.free(t), blocks)
}

// makeRoom takes out what leave filled in.
func (d *disk) makeRoom(t *testing.T) {
	t.Helper()
	if err := os.Remove(d.ballast); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// clear removes all that lies on the disk.
func (d *disk) clear(t *testing.T) {
	t.Helper()
	files, err := os.ReadDir(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.RemoveAll(filepath.Join(d.dir, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// free is how many blocks are.
func (d *disk) free(t *testing.T) int64 {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Bavail)
}
