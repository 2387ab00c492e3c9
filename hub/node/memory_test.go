package node

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatOfFilesIsInMemoryIsKnown(t *testing.T) {
	statm, err := os.Open(statmPath)
	if err != nil {
		t.Skip(err)
	}
	defer statm.Close()
	const size = 8 << 20
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	before := mapped(statm)
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Munmap(b); err != nil {
			t.Error(err)
		}
	}()
	if more := mapped(statm) - before; more < size/2 {
		t.Errorf("%d bytes were read and %d more are in memory", size, more)
	}
}
