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
	"runtime/debug"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/hub"
)

// Refresh looks at the folder and checks all that is new, one after the other. again says
// that some file is still on its way in.
func (s *Shelf) Refresh(ctx context.Context) (again bool, _ error) {
	s.working.Lock()
	defer s.working.Unlock()
	if err := s.look(); err != nil {
		return false, err
	}
	for _, b := range s.current.Load().books {
		if b.State != Checking && (!b.passing || s.conf.Now().Before(b.due)) {
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
	sum, report, err := s.check(ctx, filepath.Join(s.dir, b.Name))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil {
		err = s.load(out, fact{Sum: hex.EncodeToString(sum[:]), MinZoom: report.MinZoom, MaxZoom: report.MaxZoom, Tiles: report.Tiles})
	}
	if err != nil {
		out.spoil(err)
		out.wait = min(max(lookEvery, 2*b.wait), longest)
		out.due = s.conf.Now().Add(out.wait)
	}
	return out, nil
}

// survive is deferred where a file is read that may be anybody's: what the reader did not
// foresee is a file that is refused, and no more. What a library or the reader says of it is
// in the log.
func (s *Shelf) survive(path string, err *error) {
	if what := recover(); what != nil {
		s.conf.Log.Error("a map file was too much for its reader", "file", filepath.Base(path), "panic", fmt.Sprint(what), "stack", string(debug.Stack()))
		*err = &pmtiles.Refused{Said: hub.Said{Phrase: "This map file is damaged: %s. Copy it here again, or make it anew.", Args: []any{"it cannot be read to its end"}}}
		return
	}
	if told, ok := errors.AsType[*pmtiles.Refused](*err); ok {
		s.conf.Log.Warn("a map file is refused", "file", filepath.Base(path), "reason", told.String(), "error", told.Unwrap())
	}
}

// check reads a file from its beginning to its end.
func (s *Shelf) check(ctx context.Context, path string) (sum [sha256.Size]byte, r pmtiles.Report, err error) {
	defer s.survive(path, &err)
	f, err := s.open(path)
	if err != nil {
		return sum, r, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sum, r, err
	}
	a, err := pmtiles.Open(f, info.Size(), s.cache)
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
func (s *Shelf) load(b *book, f fact) (err error) {
	defer s.survive(b.Name, &err)
	sum, err := hex.DecodeString(f.Sum)
	if err != nil || len(sum) != len(b.Sum) {
		return errors.New("its hash is not known")
	}
	file, err := s.open(filepath.Join(s.dir, b.Name))
	if err != nil {
		return err
	}
	a, err := pmtiles.Open(file, b.Size, s.cache)
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
	b.passing = true
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
		b := &book{Extract: e}
		if len(books) >= MaxFiles {
			b.State, b.crowded = Broken, true
			b.Why = hub.Said{Phrase: "There are more than %d map files here, so this one is not used. Take some away.", Args: []any{MaxFiles}}
		} else if at := slices.IndexFunc(old, func(b *book) bool { return b.same(e) }); at >= 0 {
			b = old[at]
		} else if f, ok := s.known.of(e); ok {
			if err := s.load(b, f); err != nil {
				b.State = Checking
			}
		}
		books = append(books, b)
	}
	s.publish(books)
	return nil
}

// same reports whether a book is of a file as it was found, and may stay.
func (b *book) same(e Extract) bool {
	return !b.crowded && b.Name == e.Name && b.Size == e.Size && b.Changed.Equal(e.Changed)
}

// scan lists the map files in the folder, by name; none if somebody took the folder away.
func (s *Shelf) scan() ([]Extract, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
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
