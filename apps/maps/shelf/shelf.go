// Package shelf keeps the street maps of a hub: the PMTiles files in one folder. It
// follows what is dropped in there or taken away, takes uploads, checks each file whole
// before it serves a tile of it, and lists one that cannot be used with the reason.
//
// A file is known again by name, size and time of change, so that it is checked once, not
// at every start. No read of a tile waits for a check.
package shelf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/hub"
)

// Suffix is how the names of map files end.
const Suffix = ".pmtiles"

// Bounds of a shelf.
const (
	DefaultMost = 4 << 30 // bytes of all files that uploads may make
	MaxFiles    = 32      // map files that are looked at

	lookEvery = 5 * time.Second  // how often a request has the folder looked at, at the most
	settling  = 10 * time.Second // a file that has changed so lately may still be on its way
)

// Config is what there is to set. The zero one is the default.
type Config struct {
	Most int64 // bytes of all files that uploads may make; 0 = DefaultMost
	// Disk is how many bytes of the disk are free, and how many it has. Uploads leave the
	// last tenth alone. Nil: not asked.
	Disk func() (free, total uint64, err error)
	// Now is the hub's clock; nil = time.Now.
	Now func() time.Time
}

// State is how a file stands.
type State int

// The states.
const (
	Checking State = iota + 1 // it is, or is about to be; nothing is served of it
	Ready
	Broken
)

// Extract is one map file, as it stands.
type Extract struct {
	Name    string // of the file
	Size    int64
	Changed time.Time
	State   State
	Why     hub.Said // of a Broken one: what is wrong, and what to do

	// Of a Ready one:
	Sum              [sha256.Size]byte // of the whole file
	Title            string            // as the file calls itself; may be empty
	Credit           string            // whom to thank, OpenStreetMap among them
	Schema           pmtiles.Schema
	Bounds           orb.Bound // degrees, WGS 84
	Center           orb.Point
	MinZoom, MaxZoom uint8 // of the tiles that are there
	Tiles            uint64
}

// Shelf is safe for concurrent use.
type Shelf struct {
	dir   string
	conf  Config
	cache *pmtiles.Cache

	current atomic.Pointer[moment]
	looked  atomic.Int64 // when, by the clock, in nanoseconds
	nudge   chan struct{}
	room    sync.Pool // *[]byte, for tiles on their way

	mu      sync.Mutex // guards the change of books, and what follows
	known   known
	create  func(name string) (*os.File, error) // tests have another
	working sync.Mutex                          // held while files are checked
	adding  sync.Mutex                          // held while one is taken in
}

// moment is the files at one moment. It is replaced whole, never changed.
type moment struct {
	books   []*book // by name
	version string  // of what is served
}

// book is a file and what is open of it. It is not changed once it is among the books.
type book struct {
	Extract

	file    *os.File // of a Ready one
	archive *pmtiles.Archive
	area    area
	tag     string
}

// Open opens the shelf in a folder, which is made if it is not there, and looks at it
// without checking what is new. What a crash left of an upload is cleared away.
func Open(dir string, c Config) (*Shelf, error) {
	if c.Most == 0 {
		c.Most = DefaultMost
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder of maps: %w", err)
	}
	s := &Shelf{dir: dir, conf: c, cache: pmtiles.NewCache(0), nudge: make(chan struct{}, 1), create: createNew}
	s.current.Store(&moment{version: version(nil)})
	left, err := filepath.Glob(filepath.Join(dir, fresh+"*"))
	if err != nil {
		return nil, err
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return nil, fmt.Errorf("clear away what is left of an upload: %w", err)
		}
	}
	s.known = readKnown(dir)
	if err := s.look(); err != nil {
		return nil, err
	}
	return s, nil
}

// Close lets go of all files. Reads that have begun end well. It is called after Run.
func (s *Shelf) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publish(nil)
}

// Run checks files as they come, until its context ends.
func (s *Shelf) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		var due <-chan time.Time // never
		if again, err := s.Refresh(ctx); again || err != nil {
			due = time.After(lookEvery)
		}
		select {
		case <-ctx.Done():
		case <-s.nudge:
		case <-due:
		}
	}
	return nil
}

// Extracts are the files as they stand, by name. The folder is looked at for it.
func (s *Shelf) Extracts() ([]Extract, error) {
	err := s.look()
	var all []Extract
	for _, b := range s.current.Load().books {
		all = append(all, b.Extract)
	}
	s.wake()
	return all, err
}

// Version changes with what is served: tiles that were fetched under one are good for as
// long as it stands.
func (s *Shelf) Version() string {
	s.glance()
	return s.current.Load().version
}

func version(books []*book) string {
	h := sha256.New()
	for _, b := range books {
		if b.State == Ready {
			h.Write(b.Sum[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// File opens a Ready file by its hash, as for another place that asks for it.
func (s *Shelf) File(sum [sha256.Size]byte) (*os.File, Extract, error) {
	for _, b := range s.current.Load().books {
		if b.State == Ready && b.Sum == sum {
			f, err := os.Open(filepath.Join(s.dir, b.Name))
			return f, b.Extract, err
		}
	}
	return nil, Extract{}, hub.Errorf(hub.NotFound, "", "This map file is not here.")
}

// Refresh looks at the folder and checks all that is new, one after the other. again says
// that some file is still on its way in.
func (s *Shelf) Refresh(ctx context.Context) (again bool, _ error) {
	s.working.Lock()
	defer s.working.Unlock()
	if err := s.look(); err != nil {
		return false, err
	}
	for _, b := range s.current.Load().books {
		if b.State != Checking {
			continue
		}
		checked, err := s.examine(ctx, b)
		if err != nil {
			return true, err
		}
		if !s.replace(b, checked) {
			again = true
		}
	}
	return again, nil
}

// examine checks a file whole. The error is only that of the context.
func (s *Shelf) examine(ctx context.Context, b *book) (*book, error) {
	out := &book{Extract: b.Extract}
	sum, report, err := check(ctx, filepath.Join(s.dir, b.Name), s.cache)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil {
		err = out.load(s.dir, s.cache, fact{Sum: hex.EncodeToString(sum[:]), MinZoom: report.MinZoom, MaxZoom: report.MaxZoom, Tiles: report.Tiles})
	}
	if err != nil {
		out.spoil(err)
	}
	return out, nil
}

// check reads a file from its beginning to its end.
func check(ctx context.Context, path string, cache *pmtiles.Cache) (sum [sha256.Size]byte, r pmtiles.Report, _ error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, r, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sum, r, err
	}
	a, err := pmtiles.Open(f, info.Size(), cache)
	if err != nil {
		return sum, r, err
	}
	defer a.Forget()
	if _, err := a.Schema(); err != nil {
		return sum, r, err
	}
	if r, err = a.Check(ctx); err != nil {
		return sum, r, err
	}
	h := sha256.New()
	if err := copyAll(ctx, h, f); err != nil {
		return sum, r, err
	}
	return [sha256.Size]byte(h.Sum(nil)), r, nil
}

// copyAll hashes a file, and stops with its context.
func copyAll(ctx context.Context, h hash.Hash, f io.Reader) error {
	for {
		if _, err := io.CopyN(h, f, 4<<20); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// load opens a file that was checked before.
func (b *book) load(dir string, cache *pmtiles.Cache, f fact) error {
	sum, err := hex.DecodeString(f.Sum)
	if err != nil || len(sum) != len(b.Sum) {
		return errors.New("its hash is not known")
	}
	file, err := os.Open(filepath.Join(dir, b.Name))
	if err != nil {
		return err
	}
	a, err := pmtiles.Open(file, b.Size, cache)
	if err == nil {
		b.Schema, err = a.Schema()
	}
	if err != nil {
		file.Close()
		return err
	}
	h, m := a.Header(), a.Metadata()
	b.State, b.Why = Ready, hub.Said{}
	b.Sum, b.Tiles, b.MinZoom, b.MaxZoom = [sha256.Size]byte(sum), f.Tiles, f.MinZoom, f.MaxZoom
	b.Bounds, b.Center, b.Credit = h.Bounds, h.Center, m.Credit()
	if b.Title, err = hub.CleanLine("", m.Name, 80, 320); err != nil {
		b.Title = "" // it has no name that can be shown
	}
	b.file, b.archive, b.area, b.tag = file, a, areaOf(h.Bounds), f.Sum[:16]
	return nil
}

// spoil makes a book one that cannot be used.
func (b *book) spoil(err error) {
	b.State = Broken
	if told, ok := errors.AsType[*pmtiles.Refused](err); ok {
		b.Why = told.Said
		return
	}
	b.Why = hub.Said{Phrase: "This map file cannot be read here (%s). See to its permissions, and to the disk.", Args: []any{cause(err)}}
}

// cause is an error of the file system without the path, which is no business of readers.
func cause(err error) string {
	if told, ok := errors.AsType[*os.PathError](err); ok {
		return told.Err.Error()
	}
	return err.Error()
}

// look brings the books up to what is in the folder. A file that is new, or has changed,
// is Checking unless it is known.
func (s *Shelf) look() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked.Store(s.conf.Now().UnixNano())
	found, err := s.scan()
	if err != nil {
		return fmt.Errorf("the folder of maps: %w", err)
	}
	old := s.current.Load().books
	var books []*book
	for _, e := range found {
		if at := slices.IndexFunc(old, func(b *book) bool { return b.same(e) }); at >= 0 {
			books = append(books, old[at])
			continue
		}
		b := &book{Extract: e}
		if len(books) >= MaxFiles {
			b.State = Broken
			b.Why = hub.Said{Phrase: "There are more than %d map files here, so this one is not used. Take some away.", Args: []any{MaxFiles}}
		} else if f, ok := s.known.of(e); ok {
			if err := b.load(s.dir, s.cache, f); err != nil {
				b.State = Checking
			}
		}
		books = append(books, b)
	}
	s.publish(books)
	return nil
}

// same reports whether a book is of a file as it was found.
func (b *book) same(e Extract) bool {
	return b.Name == e.Name && b.Size == e.Size && b.Changed.Equal(e.Changed)
}

// scan lists the map files in the folder, by name.
func (s *Shelf) scan() ([]Extract, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var found []Extract
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), Suffix) || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(s.dir, entry.Name())) // a link counts as what it leads to
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		found = append(found, Extract{Name: entry.Name(), Size: info.Size(), Changed: info.ModTime(), State: Checking})
	}
	return found, nil
}

// replace puts a book that was checked in the place of what it was, unless the file has
// changed meanwhile or seems to be on its way still.
func (s *Shelf) replace(old, checked *book) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	books := slices.Clone(s.current.Load().books)
	at := slices.Index(books, old)
	info, err := os.Stat(filepath.Join(s.dir, old.Name))
	age := s.conf.Now().Sub(old.Changed).Abs()
	switch {
	case at < 0 || err != nil || info.Size() != old.Size || !info.ModTime().Equal(old.Changed),
		checked.State == Broken && age < settling:
		checked.close()
		return false
	}
	books[at] = checked
	if checked.State == Ready {
		s.known.add(checked.Extract)
		s.known.write(s.dir, books)
	}
	s.publish(books)
	return true
}

// publish makes these the books, and closes those that are no longer among them. s.mu is
// held.
func (s *Shelf) publish(books []*book) {
	old := s.current.Load().books
	s.current.Store(&moment{books, version(books)})
	for _, b := range old {
		if !slices.Contains(books, b) {
			b.close()
		}
	}
}

func (b *book) close() {
	if b.file != nil {
		b.archive.Forget()
		b.file.Close()
	}
}

// glance has the folder looked at before long, if it was not lately.
func (s *Shelf) glance() {
	if age := s.conf.Now().UnixNano() - s.looked.Load(); age < 0 || age > int64(lookEvery) {
		s.wake()
	}
}

func (s *Shelf) wake() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}
