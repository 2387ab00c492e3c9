// Package blob keeps what exceeds a record, such as the original of a forwarded
// warning or a layer of a map, under its SHA-256: whole and checked or not at all,
// within bounded space.
//
// A blob is here because a record of the set names it, or because it was put here
// a short while ago and is about to be named. When there is no room, those of the
// lowest class and soonest expiry go first, wherever they came from; when nothing
// names one any more it goes after a day. What of one has come so far is kept and
// gone on with, also after a crash.
//
// The same code runs over a folder and over memory, and one suite holds for both.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// DefaultMost is the space that blobs may take, in bytes.
const DefaultMost = 256 << 20

// What a person has to know. Match with errors.Is.
var (
	// ErrMissing: it is not here, or not yet.
	ErrMissing = errors.New("the file is not here")
	// ErrFull: what is here already is as urgent, or the disk is nearly full.
	ErrFull = errors.New("there is no room for this file")
	// ErrTooLarge: what is being put here goes on beyond what was allowed.
	ErrTooLarge = errors.New("the file is too large")
	// ErrDamaged: what is here does not have the hash that it should. It is gone by
	// the time this is returned, to be fetched again.
	ErrDamaged = errors.New("the file is damaged")
)

// Config is how much there may be. The zero one is the default.
type Config struct {
	Most int64 // bytes of all blobs, those on their way included; 0 = DefaultMost
	// Disk is how many bytes of the disk are free, and how many it has. The last tenth
	// is never used. Nil: not asked.
	Disk func() (free, total uint64, err error)
	// Now is a clock that nobody sets; nil = time.Now.
	Now func() time.Time
}

// Name is what the records that name a blob make of it: the most urgent class and
// the latest expiry among them.
type Name struct {
	Class   record.Class
	Expires record.Day
}

// less reports whether a blob so named goes before one named o when there is no room.
func (n Name) less(o Name) bool {
	if n.Class != o.Class {
		return n.Class > o.Class
	}
	return n.Expires < o.Expires
}

// Sum is a blob's SHA-256.
type Sum = [sha256.Size]byte

// Store is safe for concurrent use.
type Store struct {
	disk disk
	conf Config

	mu    sync.Mutex // guards what follows
	whole map[Sum]*whole
	parts map[record.Blob]*part
	used  int64 // by both, parts counted whole, and by what is being put here
	named map[record.Blob]Name
	puts  int // ever begun: names their files
}

// whole is a blob that is here.
type whole struct {
	size    int64
	checked time.Time // when its hash was last found right; zero if not since Open
	unnamed time.Time // since when no record names it
}

// part is what has come of a blob that is on its way.
type part struct {
	have    int64
	busy    bool // it is being written or read, and does not go now
	unnamed time.Time
}

// Open opens the store in a folder, which is made when it is needed. What a crash left
// behind of what was being put here is cleared away.
func Open(path string, c Config) (*Store, error) { return open(folder(path), c) }

// Memory is a store that ends with the process.
func Memory(c Config) (*Store, error) { return open(newMemory(), c) }

func open(d disk, c Config) (*Store, error) {
	if c.Most == 0 {
		c.Most = DefaultMost
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Store{disk: d, conf: c, whole: map[Sum]*whole{}, parts: map[record.Blob]*part{}}
	files, err := d.List()
	if err != nil {
		return nil, fmt.Errorf("read the folder of files: %w", err)
	}
	now := c.Now()
	for name, size := range files {
		if sum, ok := sumOf(name); ok {
			s.whole[sum] = &whole{size: size, unnamed: now}
			s.used += size
		} else if b, ok := partOf(name); ok {
			have, err := s.resume(name, b, size)
			if err != nil {
				return nil, err
			}
			if have > 0 {
				s.parts[b] = &part{have: have, unnamed: now}
				s.used += int64(b.Size)
			}
		} else if strings.HasPrefix(name, fresh) {
			if err := d.Remove(name); err != nil {
				return nil, fmt.Errorf("clear away %s: %w", name, err)
			}
		}
	}
	return s, nil
}

// resume cuts a part down to what is sure to have been synced, and says how much
// that is. A part of which nothing is sure is removed.
func (s *Store) resume(name string, b record.Blob, size int64) (int64, error) {
	size = min(size, int64(b.Size))
	have := max(0, (size-1)/syncEvery*syncEvery)
	if have == 0 {
		return 0, s.disk.Remove(name)
	}
	f, err := s.disk.Open(name, true)
	if err != nil {
		return 0, fmt.Errorf("go on with a file: %w", err)
	}
	if err := errors.Join(f.Truncate(have), f.Close()); err != nil {
		return 0, fmt.Errorf("go on with a file: %w", err)
	}
	return have, nil
}

// Files in the folder: whole blobs by their hash, parts by hash and size, and what
// is being put here under a number.
const (
	partial = ".part"
	fresh   = "new-"
)

func wholeName(s Sum) string { return hex.EncodeToString(s[:]) }

func partName(b record.Blob) string {
	return wholeName(b.Sum) + "." + strconv.FormatUint(b.Size, 10) + partial
}

func sumOf(name string) (s Sum, ok bool) {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) != len(s) || name != hex.EncodeToString(raw) {
		return s, false
	}
	return Sum(raw), true
}

func partOf(name string) (b record.Blob, ok bool) {
	name, ok = strings.CutSuffix(name, partial)
	sum, size, dot := strings.Cut(name, ".")
	if !ok || !dot {
		return b, false
	}
	n, err := strconv.ParseUint(size, 10, 63)
	if b.Sum, ok = sumOf(sum); !ok || err != nil {
		return b, false
	}
	b.Size = n
	return b, true
}

// Has reports whether a blob of that hash and size is here.
func (s *Store) Has(b record.Blob) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.whole[b.Sum]
	return w != nil && uint64(w.size) == b.Size
}

// Status is how a store stands.
type Status struct {
	Blobs int
	Bytes int64 // of these, and set aside for others
	Parts int   // of which a part has come
	Most  int64 // bytes there may be
}

// Status is how the store stands.
func (s *Store) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Status{Blobs: len(s.whole), Bytes: s.used, Parts: len(s.parts), Most: s.conf.Most}
}
