package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// checkedFor is how long a blob is believed to be what it was.
const checkedFor = time.Hour

// Open reads a blob, after its hash was checked if that is an hour ago. Errors wrap
// ErrMissing or ErrDamaged, or are the disk's.
func (s *Store) Open(ctx context.Context, sum Sum) (io.ReadSeekCloser, error) {
	if err := s.Check(ctx, sum); err != nil {
		return nil, err
	}
	f, err := s.disk.Open(wholeName(sum), false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	return f, err
}

// Check finds out whether a blob is here and what it should be, by reading it whole
// unless that was done within the hour.
func (s *Store) Check(ctx context.Context, sum Sum) error {
	s.mu.Lock()
	w := s.whole[sum]
	sound := w != nil && !w.checked.IsZero() && s.conf.Now().Sub(w.checked) < checkedFor
	s.mu.Unlock()
	switch {
	case w == nil:
		return ErrMissing
	case sound:
		return nil
	}
	got, size, err := s.sum(ctx, wholeName(sum))
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing && !errors.Is(err, syscall.EIO) {
		return err // nothing is said of the blob by that
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.whole[sum] != w {
		return ErrMissing // it went, or came anew, meanwhile
	}
	if err == nil && got == sum && size == w.size {
		w.checked = s.conf.Now()
		return nil
	}
	if missing {
		err = nil
	}
	return errors.Join(fmt.Errorf("%w: %x", ErrDamaged, sum[:4]), err, s.remove(sum))
}

// remove takes a blob away. Hold mu.
func (s *Store) remove(sum Sum) error {
	w := s.whole[sum]
	if w == nil {
		return nil
	}
	if err := s.disk.Remove(wholeName(sum)); err != nil {
		return fmt.Errorf("remove a file: %w", err)
	}
	s.used -= w.size
	delete(s.whole, sum)
	return nil
}

// ReadAt reads from a blob that was found sound by Check: all of p, or up to the
// blob's end.
func (s *Store) ReadAt(b record.Blob, p []byte, at int64) (int, error) {
	if !s.Has(b) {
		return 0, ErrMissing
	}
	f, err := s.disk.Open(wholeName(b.Sum), false)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, ErrMissing
	}
	if err != nil {
		return 0, err
	}
	n, err := f.ReadAt(p, at)
	if errors.Is(err, io.EOF) && at+int64(n) == int64(b.Size) {
		err = nil
	}
	return n, errors.Join(err, f.Close())
}

// sum is a file's hash and size.
func (s *Store) sum(ctx context.Context, name string) (sum Sum, size int64, err error) {
	f, err := s.disk.Open(name, false)
	if err != nil {
		return sum, 0, err
	}
	h := sha256.New()
	buf := make([]byte, 64<<10)
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		var n int
		n, err = f.Read(buf)
		_, _ = h.Write(buf[:n]) // never fails (package hash)
		size += int64(n)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return sum, size, fmt.Errorf("read a file: %w", err)
	}
	return Sum(h.Sum(nil)), size, nil
}
