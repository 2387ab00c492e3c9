package blob

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// How long what nothing names is kept: grace in any case where there is room, and
// young, so that what was just put here comes to be named, where there is none.
const (
	grace = 24 * time.Hour
	young = time.Hour
)

// spare is the part of the disk that is never used: one of so many.
const spare = 10

// SetNames says which blobs the records of the set name now, all of them.
func (s *Store) SetNames(named map[record.Blob]Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.conf.Now()
	stays := func(b record.Blob) bool { _, ok := named[b]; return ok }
	for b := range s.named {
		if stays(b) {
			continue
		}
		if w := s.whole[b.Sum]; w != nil && uint64(w.size) == b.Size {
			w.unnamed = now
		}
		if p := s.parts[b]; p != nil {
			p.unnamed = now
		}
	}
	s.named = maps.Clone(named)
}

// Collect removes what nothing has named for a day.
func (s *Store) Collect() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, c := range s.candidates() {
		if c.since >= grace {
			errs = append(errs, s.evict(c))
		}
	}
	return errors.Join(errs...)
}

// candidate is what may go to make room.
type candidate struct {
	blob  record.Blob
	part  bool
	size  int64
	named bool
	name  Name
	since time.Duration // for how long nothing has named it
}

// less orders candidates by who goes first: what nothing names, the longest first;
// then the lowest class and soonest expiry.
func (c candidate) less(o candidate) bool {
	switch {
	case c.named != o.named:
		return !c.named
	case !c.named && c.since != o.since:
		return c.since > o.since
	case c.named && c.name != o.name:
		return c.name.less(o.name)
	}
	return slices.Compare(c.blob.Sum[:], o.blob.Sum[:]) < 0
}

// candidates is all that is here and can be let go of. Hold mu.
func (s *Store) candidates() []candidate {
	now := s.conf.Now()
	out := make([]candidate, 0, len(s.whole)+len(s.parts))
	add := func(b record.Blob, part bool, size int64, unnamed time.Time) {
		c := candidate{blob: b, part: part, size: size}
		if c.name, c.named = s.named[b]; !c.named {
			c.since = now.Sub(unnamed)
		}
		out = append(out, c)
	}
	for sum, w := range s.whole {
		add(record.Blob{Sum: sum, Size: uint64(w.size)}, false, w.size, w.unnamed)
	}
	for b, p := range s.parts {
		if !p.busy {
			add(b, true, int64(b.Size), p.unnamed)
		}
	}
	return out
}

// Room reports whether there is, or can be made, room for a blob.
func (s *Store) Room(b record.Blob, name Name) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts[b] != nil {
		return true // it was set aside
	}
	_, err := s.toGo(int64(b.Size), name, b)
	return err == nil
}

// room makes room for n more bytes of a blob so named, by letting go of what is less
// urgent; of nothing if that is not enough. Hold mu.
func (s *Store) room(n int64, name Name, of record.Blob) error {
	going, err := s.toGo(n, name, of)
	if err != nil {
		return err
	}
	for _, c := range going {
		if err := s.evict(c); err != nil {
			return err
		}
	}
	return nil
}

// toGo is what has to go so that n more bytes have room. Hold mu.
func (s *Store) toGo(n int64, name Name, of record.Blob) (going []candidate, err error) {
	over := s.used + n - s.conf.Most
	why := fmt.Sprintf("files take %d of %d bytes here, and what is here is as urgent", s.used, s.conf.Most)
	if s.conf.Disk != nil {
		free, total, err := s.conf.Disk()
		if err != nil {
			return nil, fmt.Errorf("ask how full the disk is: %w", err)
		}
		if beyond := n - (int64(free) - int64(total/spare)); beyond > over && beyond > 0 {
			over = beyond
			why = fmt.Sprintf("the disk is nearly full, %d of %d bytes are free, and the last tenth is kept", free, total)
		}
	}
	if over <= 0 {
		return nil, nil
	}
	if n <= s.conf.Most {
		all := s.candidates()
		slices.SortFunc(all, func(a, b candidate) int {
			if a.less(b) {
				return -1
			}
			return 1
		})
		for _, c := range all {
			if c.blob == of || !c.named && c.since < young || c.named && !c.name.less(name) {
				continue
			}
			going = append(going, c)
			if over -= c.size; over <= 0 {
				return going, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrFull, why)
}

// evict removes a candidate. Hold mu.
func (s *Store) evict(c candidate) error {
	if !c.part {
		return s.remove(c.blob.Sum)
	}
	s.forget(c.blob)
	return s.disk.Remove(partName(c.blob))
}
