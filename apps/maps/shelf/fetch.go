package shelf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/lamppost-hub/lamppost/hub"
)

// partial begins the name of a file of which a part has come; its hash and its size follow.
const partial = ".part-"

// syncEvery is after how many bytes of a part what has come is made to last a loss of
// power. What came after the last of these is fetched again when a hub has crashed.
const syncEvery = 4 << 20

// maxParts is how many files may be on their way.
const maxParts = 4

// Source gives the bytes of a file from an offset on, as another place has them.
type Source func(ctx context.Context, at int64) (io.ReadCloser, error)

// Part is a file of which a part is here.
type Part struct {
	Sum  [sha256.Size]byte
	Size int64 // bytes of the whole
	Have int64 // bytes that are here
}

func (p Part) name() string {
	return partial + hex.EncodeToString(p.Sum[:]) + "-" + strconv.FormatInt(p.Size, 10)
}

// Fetch takes in a file that another place has, of which u says name, size and hash. It
// goes on where an earlier Fetch of the same file stopped, also one before a restart. What
// has come is kept when the source breaks off, which is the error then; it is thrown away
// when it is whole and has another hash. Else it is as Add.
func (s *Shelf) Fetch(ctx context.Context, u Upload, from Source) (Extract, error) {
	if u.Size <= 0 || u.Sum == ([sha256.Size]byte{}) {
		return Extract{}, errors.New("a map file is fetched by its size and hash")
	}
	if !s.fetching.TryLock() {
		return Extract{}, hub.Errorf(hub.TooMany, "", "Another map file is being taken in just now. Wait until it is there, then send yours again.")
	}
	defer s.fetching.Unlock()
	p := Part{Sum: u.Sum, Size: u.Size}
	name := FileName(u.Name)
	if err := s.mayFetch(p, name, u.Replace); err != nil {
		return Extract{}, err
	}
	path := filepath.Join(s.dir, p.name())
	err := s.goOn(ctx, path, p, from)
	if err != nil {
		return Extract{}, full(err)
	}
	select {
	case s.adding <- struct{}{}:
	case <-ctx.Done():
		return Extract{}, ctx.Err()
	}
	defer s.added()
	sum, err := hashed(ctx, path)
	if err == nil {
		err = s.admit(ctx, path, name, sum, u)
	}
	if _, refused := errors.AsType[*hub.Error](err); refused { // more of it would not help
		err = errors.Join(err, removed(path))
	}
	if err != nil {
		return Extract{}, err
	}
	return s.shelved(sum)
}

// mayFetch reports why a file is not to be fetched.
func (s *Shelf) mayFetch(p Part, name string, replace bool) error {
	if err := s.mayAdd(name, replace); err != nil {
		return err
	}
	for _, b := range s.current.Load().books {
		if b.State == Ready && b.Sum == p.Sum && b.Name != name {
			return hub.Errorf(hub.Conflict, "", "This map is here already, as %s.", b.Name)
		}
	}
	parts, err := s.Parts()
	if err != nil {
		return err
	}
	others := 0
	for _, o := range parts {
		switch {
		case o.Sum != p.Sum || o.Size != p.Size:
			others++
		default:
			p.Have = o.Have
		}
	}
	if others >= maxParts {
		return hub.Errorf(hub.Conflict, "", "Parts of %d map files are here already, and no more are begun. Fetch these to their end, or give one up.", others)
	}
	room, err := s.left(name, p.name())
	if err != nil {
		return err
	}
	if p.Size-p.Have > room {
		return noRoom(p.Size, room+p.Have)
	}
	return nil
}

// goOn writes what is missing of a part.
func (s *Shelf) goOn(ctx context.Context, path string, p Part, from Source) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	at := s.fetching.sure(p, info.Size())
	if err := f.Truncate(at); err != nil {
		return err
	}
	if at == p.Size {
		return nil
	}
	src, err := from(ctx, at)
	if err != nil {
		return err
	}
	defer src.Close()
	w := &steps{f: f, at: at}
	n, err := pour(ctx, w, io.LimitReader(src, p.Size-at), p.Size-at)
	lasts := f.Sync()
	if lasts == nil {
		s.fetching.name, s.fetching.have = p.name(), w.at
	}
	switch err = errors.Join(err, lasts); {
	case err != nil:
		return err
	case n < p.Size-at:
		return fmt.Errorf("a map file broke off after %d of %d bytes: %w", at+n, p.Size, io.ErrUnexpectedEOF)
	}
	return nil
}

// fetching is held by whoever fetches. It knows how much of the last part was synced when
// it broke off, so that a link that breaks often does not begin some way back each time.
type fetching struct {
	sync.Mutex

	name string
	have int64
}

// sure is from where on a part is fetched. What is written from then on is not synced.
func (f *fetching) sure(p Part, have int64) int64 {
	at := sure(have, p.Size)
	if f.name == p.name() && f.have <= have {
		at = f.have
	}
	f.name = ""
	return at
}

// sure is how much of a part is sure to have been synced. What is as long as the whole is
// left to its hash.
func sure(have, size int64) int64 {
	if have == size {
		return have
	}
	return max(0, (min(have, size)-1)/syncEvery*syncEvery)
}

// steps writes behind what is there, and syncs now and then.
type steps struct {
	f  *os.File
	at int64
}

func (w *steps) Write(b []byte) (int, error) {
	n, err := w.f.WriteAt(b, w.at)
	before := w.at / syncEvery
	if w.at += int64(n); err == nil && w.at/syncEvery > before {
		err = w.f.Sync()
	}
	return n, err
}

// hashed is the hash of a file.
func hashed(ctx context.Context, path string) (sum [sha256.Size]byte, _ error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if err := copyAll(ctx, h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// Parts are the files of which a part is here.
func (s *Shelf) Parts() ([]Part, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the folder of maps: %w", err)
	}
	var parts []Part
	for _, entry := range entries {
		p, ok := partOf(entry.Name())
		if !ok {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			p.Have = min(info.Size(), p.Size)
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// partOf is the part that a file of that name holds.
func partOf(name string) (p Part, ok bool) {
	rest, ok := strings.CutPrefix(name, partial)
	sum, size, dash := strings.Cut(rest, "-")
	raw, err := hex.DecodeString(sum)
	if !ok || !dash || err != nil || len(raw) != len(p.Sum) {
		return p, false
	}
	p.Sum = [sha256.Size]byte(raw)
	p.Size, err = strconv.ParseInt(size, 10, 64)
	return p, err == nil && p.Size > 0 && p.name() == name
}

// GiveUp throws away what has come of a file.
func (s *Shelf) GiveUp(sum [sha256.Size]byte) error {
	if !s.fetching.TryLock() {
		return hub.Errorf(hub.TooMany, "", "A map file is being fetched just now. Stop that first.")
	}
	defer s.fetching.Unlock()
	parts, err := s.Parts()
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Sum == sum {
			err = errors.Join(err, removed(filepath.Join(s.dir, p.name())))
		}
	}
	return err
}
