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
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
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
	longest   = 5 * time.Minute  // until a file that could not be read is tried again, at the most
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
	// Under lies beneath all files; nil: nothing does.
	Under *Under
	Log   *slog.Logger // nil: nothing is logged
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
	Credit           string            // whom to thank; see pmtiles.Metadata
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
	under *book // nil if nothing lies beneath all

	current atomic.Pointer[moment]
	looked  atomic.Int64 // when, by the clock, in nanoseconds
	nudge   chan struct{}
	spare   spare

	create func(path string) (*os.File, error) // tests have others
	open   func(path string) (*os.File, error)

	working  sync.Mutex    // held while files are checked
	adding   chan struct{} // filled while one is taken in
	fetching fetching      // held while one is fetched

	mu    sync.Mutex // guards the change of books, and what follows
	known known
}

// moment is the files at one moment. It is replaced whole, never changed.
type moment struct {
	books   []*book       // by name
	version string        // of what is served
	over    chan struct{} // closed once that is something else
}

// book is a file and what is open of it. It is not changed once it is among the books.
type book struct {
	Extract

	file    *os.File // of a Ready one
	archive *pmtiles.Archive
	area    area
	tag     string
	crowded bool // it is Broken because there are too many
	passing bool // it is Broken for what may pass without a change of the file

	// Of one that is passing: how long it waits until it is tried again, and when that is.
	wait time.Duration
	due  time.Time

	bare bare
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
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder of maps: %w", err)
	}
	s := &Shelf{dir: dir, conf: c, cache: pmtiles.NewCache(0), nudge: make(chan struct{}, 1), adding: make(chan struct{}, 1), create: createNew, open: os.Open}
	if c.Under != nil {
		var err error
		if s.under, err = c.Under.book(); err != nil {
			return nil, fmt.Errorf("the map beneath all: %w", err)
		}
	}
	s.current.Store(&moment{version: s.version(nil), over: make(chan struct{})})
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

// Changed is closed once what is served is something else.
func (s *Shelf) Changed() <-chan struct{} { return s.current.Load().over }

func (s *Shelf) version(books []*book) string {
	h := sha256.New()
	if s.under != nil {
		h.Write([]byte(s.under.tag))
	}
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
			f, err := s.open(filepath.Join(s.dir, b.Name))
			return f, b.Extract, err
		}
	}
	return nil, Extract{}, hub.Errorf(hub.NotFound, "", "This map file is not here.")
}

// publish makes these the books, and closes those that are no longer among them. s.mu is
// held.
func (s *Shelf) publish(books []*book) {
	was := s.current.Load()
	old := was.books
	next := &moment{books, s.version(books), was.over}
	if next.version != was.version {
		next.over = make(chan struct{})
		defer close(was.over)
	}
	s.current.Store(next)
	for _, b := range old {
		if !slices.Contains(books, b) {
			b.close()
		}
	}
}

func (b *book) close() {
	if b.file != nil {
		b.file.Close()
		b.archive.Forget() // nothing more can be read of it by now
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
