package blob

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"sync"
)

// memory is a disk in memory. It knows what was synced, so that a test can take
// away the rest.
type memory struct {
	mu     sync.Mutex
	names  map[string]*content // as they are
	synced map[string]*content // as they would be found after a power cut
}

// content is a file's, which several names and handles may share.
type content struct {
	data   []byte
	synced int // bytes of it
}

func newMemory() *memory {
	return &memory{names: map[string]*content{}, synced: map[string]*content{}}
}

func (d *memory) List() (map[string]int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sizes := map[string]int64{}
	for name, c := range d.names {
		sizes[name] = int64(len(c.data))
	}
	return sizes, nil
}

func (d *memory) Open(name string, write bool) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.names[name]
	if c == nil && !write {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if c == nil {
		c = &content{}
		d.names[name] = c
	}
	return &memoryFile{disk: d, content: c}, nil
}

func (d *memory) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.names[from]
	if c == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	delete(d.names, from)
	d.names[to] = c
	return nil
}

func (d *memory) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.names, name)
	return nil
}

func (d *memory) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.synced = maps.Clone(d.names)
	return nil
}

type memoryFile struct {
	disk    *memory
	content *content
	at      int64
}

func (f *memoryFile) Write(b []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.content.data = append(f.content.data, b...)
	return len(b), nil
}

func (f *memoryFile) ReadAt(b []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if at < 0 {
		return 0, errors.New("a negative offset")
	}
	if at >= int64(len(f.content.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.content.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memoryFile) Read(b []byte) (int, error) {
	n, err := f.ReadAt(b, f.at)
	f.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *memoryFile) Seek(by int64, whence int) (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		by += f.at
	case io.SeekEnd:
		by += int64(len(f.content.data))
	}
	if by < 0 {
		return 0, errors.New("a negative offset")
	}
	f.at = by
	return by, nil
}

func (f *memoryFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.content.synced = len(f.content.data)
	return nil
}

func (f *memoryFile) Truncate(n int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.content.data = f.content.data[:min(n, int64(len(f.content.data)))]
	f.content.synced = min(f.content.synced, len(f.content.data))
	return nil
}

func (f *memoryFile) Close() error { return nil }
