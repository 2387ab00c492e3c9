package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// step is how much room is set aside at a time for what is being put here, in bytes.
const step = 1 << 20

// Put keeps what r gives, at most so many bytes, and says how a record names it. It
// is on disk on return; a record has to name it within an hour. Errors wrap
// ErrTooLarge, ErrFull, or are r's.
func (s *Store) Put(ctx context.Context, r io.Reader, most int64) (record.Blob, error) {
	s.mu.Lock()
	s.puts++
	name := fresh + strconv.Itoa(s.puts)
	s.mu.Unlock()
	p := &putting{store: s, hash: sha256.New(), most: most}
	err := p.write(ctx, r, name)
	s.mu.Lock()
	s.used -= p.reserved
	s.mu.Unlock()
	b := record.Blob{Sum: Sum(p.hash.Sum(nil)), Size: uint64(p.size)}
	if err == nil {
		err = s.enter(name, b)
	}
	if err != nil {
		return record.Blob{}, fmt.Errorf("keep a file: %w", errors.Join(err, s.disk.Remove(name)))
	}
	return b, nil
}

// enter gives a file that is whole and checked its name.
func (s *Store) enter(name string, b record.Blob) error {
	s.mu.Lock()
	err := s.disk.Rename(name, wholeName(b.Sum))
	if err == nil {
		now := s.conf.Now()
		if old := s.whole[b.Sum]; old != nil {
			s.used -= old.size
		}
		s.whole[b.Sum] = &whole{size: int64(b.Size), checked: now, unnamed: now}
		s.used += int64(b.Size)
		switch p := s.parts[b]; {
		case name == partName(b): // it is the blob from now on, and counts once
			s.forget(b)
		case p != nil && !p.busy:
			s.forget(b)
			err = s.disk.Remove(partName(b))
		}
	}
	s.mu.Unlock()
	if err == nil {
		err = s.disk.Sync()
	}
	return err
}

// putting is a blob on its way in from this hub.
type putting struct {
	store    *Store
	hash     hash.Hash
	most     int64
	size     int64
	reserved int64
}

func (p *putting) write(ctx context.Context, r io.Reader, name string) error {
	f, err := p.store.disk.Open(name, true)
	if err != nil {
		return err
	}
	err = p.copy(ctx, f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (p *putting) copy(ctx context.Context, f file, r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		if p.size += int64(n); p.size > p.most {
			return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, p.most)
		}
		if p.size > p.reserved {
			if err := p.reserve(); err != nil {
				return err
			}
		}
		if n > 0 {
			_, _ = p.hash.Write(buf[:n]) // never fails (package hash)
			if _, err := f.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// reserve sets more room aside. What nothing names yet may push out all but notices.
func (p *putting) reserve() error {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	n := min(step, p.most-p.reserved)
	if err := p.store.room(n, Name{Class: record.Notice}, record.Blob{}); err != nil {
		return err
	}
	p.store.used += n
	p.reserved += n
	return nil
}
