// Package picture keeps pictures that took time to draw, in a folder within a bound, so
// that many phones that look at the same map cost one drawing, and a restart none. Few
// are drawn at once: a small computer has memory for one or two.
package picture

import (
	"bytes"
	"container/list"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/lamppost-hub/lamppost/hub"
)

// Key names a picture: no two that differ may have the same.
type Key [32]byte

func (k Key) file() string { return hex.EncodeToString(k[:]) + suffix }

const (
	suffix  = ".png"
	partial = ".part"
	// maxWaiting is how many different pictures may be drawn or wait for that.
	maxWaiting = 64
)

// Bounds are what a store may use.
type Bounds struct {
	Bytes int64 // of the folder's files together
	Draws int   // pictures that are drawn at once, at least 1
}

// Store keeps pictures. It is safe for concurrent use; one store has a folder for itself.
type Store struct {
	dir    string
	bounds Bounds
	report func(error)
	turns  chan struct{}

	mu    sync.Mutex
	known map[Key]*list.Element // of *file
	use   *list.List            // the least recently used first
	bytes int64
	under map[Key]*drawing
}

type file struct {
	key  Key
	size int64
}

// drawing is a picture that somebody waits for.
type drawing struct {
	done    chan struct{} // closed when data and err are there
	data    []byte
	err     error
	waiting int
	cancel  context.CancelFunc
}

// Open opens the store in a folder, which is made if need be, with the pictures that it
// kept before; what does not fit the bounds any more is removed. What goes wrong later
// with the folder is handed to report, for the log: pictures are drawn all the same.
func Open(dir string, bounds Bounds, report func(error)) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("pictures of maps: %w", err)
	}
	s := &Store{dir: dir, bounds: bounds, report: report, turns: make(chan struct{}, max(1, bounds.Draws)),
		known: make(map[Key]*list.Element), use: list.New(), under: make(map[Key]*drawing)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("pictures of maps: %w", err)
	}
	type found struct {
		file
		when int64
	}
	var all []found
	for _, e := range entries {
		key, ok := keyOf(e.Name())
		info, err := e.Info()
		switch {
		case err != nil || !info.Mode().IsRegular():
			continue
		case ok:
			all = append(all, found{file{key, info.Size()}, info.ModTime().UnixNano()})
		case strings.HasSuffix(e.Name(), partial): // a writing that a power cut ended
			s.tell(os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	slices.SortFunc(all, func(a, b found) int { return int(max(-1, min(1, a.when-b.when))) })
	for _, f := range all {
		s.note(f.key, f.size)
	}
	s.shrink()
	return s, nil
}

func keyOf(name string) (k Key, ok bool) {
	raw, ok := strings.CutSuffix(name, suffix)
	b, err := hex.DecodeString(raw)
	if !ok || err != nil || len(b) != len(k) || raw != strings.ToLower(raw) {
		return k, false
	}
	return Key(b), true
}

// Get is a picture: that which was kept, or else that which draw draws. All who ask for
// it meanwhile get the same. draw's context ends when nobody waits for the picture any
// more. The error is that of draw, of the caller's own context, or a hub.Unavailable
// where too many different pictures are waited for.
func (s *Store) Get(ctx context.Context, key Key, draw func(context.Context) ([]byte, error)) ([]byte, error) {
	if data, ok := s.read(key); ok {
		return data, nil
	}
	d, err := s.join(ctx, key, draw)
	if err != nil {
		return nil, err
	}
	select {
	case <-d.done:
		return d.data, d.err
	case <-ctx.Done():
		s.leave(key, d)
		return nil, ctx.Err()
	}
}

// Kept is a picture that was kept; false if it would have to be drawn.
func (s *Store) Kept(key Key) ([]byte, bool) { return s.read(key) }

// join waits with others for a drawing, or begins it.
func (s *Store) join(ctx context.Context, key Key, draw func(context.Context) ([]byte, error)) (*drawing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.under[key]; d != nil {
		d.waiting++
		return d, nil
	}
	if len(s.under) >= maxWaiting {
		return nil, hub.Errorf(hub.Unavailable, "", "Many people look at many parts of the map just now. Wait a minute, then load the page again.")
	}
	d := &drawing{done: make(chan struct{}), waiting: 1}
	// Others may wait for it when the first no longer does.
	ctx, d.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.under[key] = d
	go s.work(ctx, key, d, draw)
	return d, nil
}

// leave waits no longer. What nobody waits for is not drawn to its end.
func (s *Store) leave(key Key, d *drawing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.waiting--; d.waiting == 0 {
		d.cancel()
		if s.under[key] == d {
			delete(s.under, key) // who comes now must not get the end of this one
		}
	}
}

// work draws a picture when it is its turn, and keeps it.
func (s *Store) work(ctx context.Context, key Key, d *drawing, draw func(context.Context) ([]byte, error)) {
	defer d.cancel()
	select {
	case s.turns <- struct{}{}:
		d.data, d.err = guarded(ctx, draw)
		if d.err == nil {
			s.keep(key, d.data)
		}
		<-s.turns
	case <-ctx.Done():
		d.err = ctx.Err()
	}
	s.mu.Lock()
	if s.under[key] == d {
		delete(s.under, key)
	}
	s.mu.Unlock()
	close(d.done)
}

// guarded draws; a panic, which would end the hub from here, is an error.
func guarded(ctx context.Context, draw func(context.Context) ([]byte, error)) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("drawing a map: %v\n%s", r, debug.Stack())
		}
	}()
	return draw(ctx)
}

// read is a picture that was kept, if all of it is still there.
func (s *Store) read(key Key) ([]byte, bool) {
	s.mu.Lock()
	at, ok := s.known[key]
	if ok {
		s.use.MoveToBack(at)
	}
	s.mu.Unlock()
	if !ok {
		return nil, false
	}
	data, err := os.ReadFile(filepath.Join(s.dir, key.file()))
	if err == nil && whole(data) {
		return data, true
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.tell(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[key] == at {
		s.forget(at)
	}
	return nil, false
}

// whole reports whether a file is a PNG to its end (PNG, §5.2 and §11.2.5): a power cut
// may leave the first part of what was written.
func whole(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) && bytes.HasSuffix(data, []byte("\x00\x00\x00\x00IEND\xaeB\x60\x82"))
}

// keep writes a picture to the folder, if it is one that fits there.
func (s *Store) keep(key Key, data []byte) {
	size := int64(len(data))
	if size > s.bounds.Bytes || !whole(data) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.known[key]; ok {
		s.forget(at)
	}
	s.bytes += size // there must be room before it is written
	s.shrink()
	s.bytes -= size
	name := filepath.Join(s.dir, key.file())
	err := os.WriteFile(name+partial, data, 0o600)
	if err == nil {
		err = os.Rename(name+partial, name)
	}
	if err != nil {
		s.tell(errors.Join(err, missing(os.Remove(name+partial))))
		return
	}
	s.note(key, size)
}

func missing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// note takes a file in as the latest one used.
func (s *Store) note(key Key, size int64) {
	s.known[key] = s.use.PushBack(&file{key, size})
	s.bytes += size
}

// forget takes a file out, which may still be there.
func (s *Store) forget(at *list.Element) {
	f, ok := s.use.Remove(at).(*file)
	if ok {
		delete(s.known, f.key)
		s.bytes -= f.size
	}
}

// shrink removes what was not used for longest until the rest fits.
func (s *Store) shrink() {
	for s.bytes > s.bounds.Bytes && s.use.Len() > 0 {
		at := s.use.Front()
		if f, ok := at.Value.(*file); ok {
			s.tell(missing(os.Remove(filepath.Join(s.dir, f.key.file()))))
		}
		s.forget(at)
	}
}

func (s *Store) tell(err error) {
	if err != nil && s.report != nil {
		s.report(fmt.Errorf("pictures of maps: %w", err))
	}
}
