package blob

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// disk is one flat folder.
type disk interface {
	// List is the size of each file by its name.
	List() (map[string]int64, error)
	// Open opens a file to be read or, made if it is missing, to be written at its end.
	Open(name string, write bool) (file, error)
	// Rename and Remove last once Sync has returned. What is not there is removed
	// without an error.
	Rename(from, to string) error
	Remove(name string) error
	Sync() error
}

type file interface {
	io.ReadSeekCloser
	io.ReaderAt
	io.Writer
	// Sync makes what was written last.
	Sync() error
	Truncate(int64) error
}

// folder is a disk in a directory of the operating system. It is made when something
// is first kept: a hub starts on a full disk as well.
type folder string

func (d folder) List() (map[string]int64, error) {
	all, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sizes := make(map[string]int64, len(all))
	for _, e := range all {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			sizes[e.Name()] = info.Size()
		}
	}
	return sizes, nil
}

func (d folder) Open(name string, write bool) (file, error) {
	flags := os.O_RDONLY
	if write {
		flags = os.O_RDWR | os.O_CREATE | os.O_APPEND
	}
	f, err := os.OpenFile(filepath.Join(string(d), name), flags, 0o600)
	if write && errors.Is(err, fs.ErrNotExist) {
		if err := d.make(); err != nil {
			return nil, full(err)
		}
		f, err = os.OpenFile(filepath.Join(string(d), name), flags, 0o600)
	}
	if err != nil {
		return nil, full(err)
	}
	return osFile{f}, nil
}

func (d folder) make() error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	return folder(filepath.Dir(string(d))).Sync()
}

func (d folder) Rename(from, to string) error {
	return full(os.Rename(filepath.Join(string(d), from), filepath.Join(string(d), to)))
}

func (d folder) Remove(name string) error {
	err := os.Remove(filepath.Join(string(d), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (d folder) Sync() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	return full(errors.Join(f.Sync(), f.Close()))
}

type osFile struct{ *os.File }

func (f osFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	return n, full(err)
}

func (f osFile) Sync() error { return full(f.File.Sync()) }

// full makes a disk without room ErrFull.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errors.Join(ErrFull, err)
	}
	return err
}
