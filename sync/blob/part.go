package blob

import (
	"context"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// syncEvery is after how many bytes of a part it is synced. A crash costs that much.
const syncEvery = 256 << 10

// Held is how much of a blob has come.
func (s *Store) Held(b record.Blob) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.parts[b]; p != nil {
		return p.have
	}
	return 0
}

// Add appends to a part what follows the bytes that are Held: from others it is
// refused. Room for the whole is set aside with the first. One caller at a time.
func (s *Store) Add(b record.Blob, at int64, data []byte) error {
	have, err := s.begin(b, at, int64(len(data)))
	if err != nil {
		return err
	}
	err = s.extend(b, have, data)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil { // how much of it is there is not known any more
		s.forget(b)
		return fmt.Errorf("keep part of a file: %w", errors.Join(err, s.disk.Remove(partName(b))))
	}
	s.parts[b].busy = false
	return nil
}

// begin takes more of a part on the books. The part is busy then.
func (s *Store) begin(b record.Blob, at, n int64) (have int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.parts[b]
	if p != nil {
		have = p.have
	}
	if w := s.whole[b.Sum]; w != nil && uint64(w.size) == b.Size {
		return have, errors.New("all of it is here")
	}
	if at != have || have+n > int64(b.Size) || n == 0 {
		return have, fmt.Errorf("%d bytes of a file of %d at %d, where %d have come", n, b.Size, at, have)
	}
	name, ok := s.named[b]
	if !ok {
		return have, fmt.Errorf("%w: nothing names it", ErrMissing)
	}
	if p == nil {
		if err := s.room(int64(b.Size), name, b); err != nil {
			return have, err
		}
		p = &part{unnamed: s.conf.Now()}
		s.parts[b] = p
		s.used += int64(b.Size)
	}
	p.have += n
	p.busy = true
	return have, nil
}

func (s *Store) extend(b record.Blob, have int64, data []byte) error {
	f, err := s.disk.Open(partName(b), true)
	if err != nil {
		return err
	}
	return errors.Join(s.append(b, f, have, data), f.Close())
}

// append writes to a part, and syncs it before it goes beyond a multiple of syncEvery.
func (s *Store) append(b record.Blob, f file, have int64, data []byte) error {
	for len(data) > 0 {
		n := min(int64(len(data)), syncEvery-have%syncEvery)
		if _, err := f.Write(data[:n]); err != nil {
			return err
		}
		if data, have = data[n:], have+n; have%syncEvery != 0 && have != int64(b.Size) {
			continue
		}
		if err := f.Sync(); err != nil {
			return err
		}
		if have == syncEvery { // the file itself is to be found again
			if err := s.disk.Sync(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Finish checks a part of which all has come, and makes it a blob. ErrDamaged if it
// is not what the hash says: it is gone then.
func (s *Store) Finish(ctx context.Context, b record.Blob) error {
	if s.Has(b) {
		return s.Drop(b) // it was put here meanwhile
	}
	if err := s.claim(b); err != nil {
		return err
	}
	name := partName(b)
	sum, size, err := s.sum(ctx, name)
	sound := err == nil && sum == b.Sum && uint64(size) == b.Size
	if sound {
		err = s.enter(name, b)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case sound && err == nil:
		return nil
	case err != nil:
		if p := s.parts[b]; p != nil {
			p.busy = false
		}
		return fmt.Errorf("keep a file: %w", err)
	}
	s.forget(b)
	return errors.Join(fmt.Errorf("%w: what came is not %x", ErrDamaged, b.Sum[:4]), s.disk.Remove(name))
}

// claim makes a part of which all has come busy.
func (s *Store) claim(b record.Blob) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.parts[b]
	if p == nil && b.Size == 0 {
		f, err := s.disk.Open(partName(b), true)
		if err != nil {
			return fmt.Errorf("keep a file: %w", err)
		}
		p = &part{}
		s.parts[b] = p
		if err := f.Close(); err != nil {
			return err
		}
	}
	if p == nil || p.have != int64(b.Size) {
		return fmt.Errorf("%w: not all of it has come", ErrMissing)
	}
	p.busy = true
	return nil
}

// Drop lets go of what has come of a blob.
func (s *Store) Drop(b record.Blob) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(b)
	return s.disk.Remove(partName(b))
}

// forget takes a part off the books. Hold mu.
func (s *Store) forget(b record.Blob) {
	if p := s.parts[b]; p != nil {
		s.used -= int64(b.Size)
		delete(s.parts, b)
	}
}
