package shelf

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/size"
	"github.com/lamppost-hub/lamppost/hub"
)

// fresh begins the name of a file that is being taken in.
const fresh = ".new-"

// ErrOther is in the error of a file that is another one than its hash says.
var ErrOther = errors.New("it has another hash")

// Upload is a file to be taken in.
type Upload struct {
	Name    string // as its sender names it; it is made fit for a file
	Size    int64  // bytes to come; 0 if that is not known
	Replace bool   // it may take the place of a file of the same name
	// Sum is what its SHA-256 must be; zero if that is not known.
	Sum [sha256.Size]byte
}

// Add takes a file in: it is written aside, synced and checked whole, and only then has
// its name. Whatever goes wrong leaves nothing behind and nothing changed. The error is a
// hub.Error where a person can do something about it, else r's, the disk's or the
// context's.
func (s *Shelf) Add(ctx context.Context, u Upload, r io.Reader) (Extract, error) {
	select {
	case s.adding <- struct{}{}:
	default:
		return Extract{}, hub.Errorf(hub.TooMany, "", "Another map file is being taken in just now. Wait until it is there, then send yours again.")
	}
	defer s.added()
	name := FileName(u.Name)
	if err := s.mayAdd(name, u.Replace); err != nil {
		return Extract{}, err
	}
	room, err := s.left(name, "")
	if err != nil {
		return Extract{}, err
	}
	if u.Size > room {
		return Extract{}, noRoom(u.Size, room)
	}
	temp := filepath.Join(s.dir, fresh+name)
	_ = os.Remove(temp) // what an earlier one left that failed to go
	sum, err := s.receive(ctx, u, r, temp, room)
	if err == nil {
		err = s.admit(ctx, temp, name, sum, u)
	}
	if err != nil {
		return Extract{}, errors.Join(err, removed(temp))
	}
	return s.shelved(sum)
}

// added lets the next one be taken in.
func (s *Shelf) added() { <-s.adding }

// mayAdd reports why there can be no new file of that name.
func (s *Shelf) mayAdd(name string, replace bool) error {
	if err := errors.Join(os.MkdirAll(s.dir, 0o755), s.look()); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(s.dir, name)); err == nil && !replace {
		return hub.Errorf(hub.Conflict, "", "There is a map file %s here already. Take it away first, or choose to replace it.", name)
	}
	if others := s.others(name); others >= MaxFiles {
		return hub.Errorf(hub.Conflict, "", "There are %d map files here already, and more are not used. Take one away first.", others)
	}
	return nil
}

// FileName makes a map file's name of what somebody called it: letters, digits, dots,
// dashes and underscores of ASCII, at most 64 bytes, ending in .pmtiles.
func FileName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.TrimSuffix(s, Suffix)
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := b.String()
	name = strings.Trim(name[:min(len(name), 56)], "-.")
	if name == "" {
		name = "map"
	}
	return name + Suffix
}

// others is how many files there are but that name.
func (s *Shelf) others(name string) (n int) {
	for _, b := range s.current.Load().books {
		if b.Name != name {
			n++
		}
	}
	return n
}

// Room is for how many bytes there is room; if a file of that name goes, where it has one.
func (s *Shelf) Room(name string) (int64, error) {
	if name != "" {
		name = FileName(name)
	}
	return s.left(name, "")
}

// Fits reports why so many bytes of a file, or more, cannot be taken in, before they come.
func (s *Shelf) Fits(u Upload, least int64) error {
	if err := s.mayAdd(FileName(u.Name), u.Replace); err != nil {
		return err
	}
	room, err := s.Room(u.Name)
	if err == nil && least > room {
		err = noRoom(u.Size, room)
	}
	return err
}

// left is for how many bytes there is room, if a file of that name goes, and that part is
// not counted.
func (s *Shelf) left(name, part string) (int64, error) {
	parts, err := s.Parts()
	if err != nil {
		return 0, err
	}
	used := int64(0)
	for _, p := range parts {
		if p.name() == part {
			used += p.Have
		} else {
			used += p.Size
		}
	}
	for _, b := range s.current.Load().books {
		if b.Name != name {
			used += b.Size
		}
	}
	room := max(0, s.conf.Most-used)
	if s.conf.Disk == nil {
		return room, nil
	}
	free, total, err := s.conf.Disk()
	if err != nil {
		return 0, fmt.Errorf("how much room the disk has: %w", err)
	}
	spare := total / 10
	if free < spare {
		return 0, nil
	}
	return int64(min(uint64(room), free-spare)), nil
}

// noRoom is that a file of so many bytes does not fit; 0 if its size is not known.
func noRoom(bytes, room int64) error {
	if bytes > 0 {
		return hub.Errorf(hub.Unavailable, "", "There is no room here for a map file of %[1]s: it may have %[2]s. Take another one away first, or make this one smaller with a smaller --bbox or --maxzoom.", size.Say(bytes), size.SayDown(room))
	}
	return hub.Errorf(hub.Unavailable, "", "There is no room here for this map file: it may have %s. Take another one away first, or make this one smaller with a smaller --bbox or --maxzoom.", size.SayDown(room))
}

// receive writes what comes to a file of its own, and is its hash.
func (s *Shelf) receive(ctx context.Context, u Upload, r io.Reader, temp string, room int64) (sum [sha256.Size]byte, _ error) {
	f, err := s.create(temp)
	if err != nil {
		return sum, full(err)
	}
	h := sha256.New()
	n, err := pour(ctx, io.MultiWriter(f, h), r, room)
	switch {
	case err != nil:
	case n > room:
		err = noRoom(u.Size, room)
	case u.Size > 0 && n != u.Size:
		err = hub.Errorf(hub.Invalid, "", "Only %[1]d of %[2]d bytes of the map file have come. Send it again.", n, u.Size)
	default:
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return sum, full(err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// pour copies until the end, until the context's, or until there is more than room.
func pour(ctx context.Context, w io.Writer, r io.Reader, room int64) (n int64, err error) {
	buf := make([]byte, 256<<10)
	for n <= room {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, err := r.Read(buf)
		n += int64(k)
		if n > room {
			return n, nil
		}
		if _, wrong := w.Write(buf[:k]); wrong != nil {
			return n, wrong
		}
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
	}
	return n, nil
}

// full is an error in words if the disk has no more room.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return errors.Join(hub.Errorf(hub.Unavailable, "", "The disk became full while the map file came in, so it was not kept. Make room on the disk, or make the file smaller with a smaller --bbox or --maxzoom."), err)
	}
	return err
}

// admit checks a file that was received, and gives it its name.
func (s *Shelf) admit(ctx context.Context, temp, name string, sum [sha256.Size]byte, u Upload) error {
	if u.Sum != ([sha256.Size]byte{}) && u.Sum != sum {
		return errors.Join(hub.Errorf(hub.Invalid, "", "The map file did not come as it was sent: its SHA-256 is another one. Send it again."), ErrOther)
	}
	for _, b := range s.current.Load().books {
		if b.State == Ready && b.Sum == sum && b.Name != name {
			return hub.Errorf(hub.Conflict, "", "This map is here already, as %s.", b.Name)
		}
	}
	_, report, err := s.check(ctx, temp)
	if told, ok := errors.AsType[*pmtiles.Refused](err); ok {
		return &hub.Error{Code: hub.Invalid, Phrase: told.Phrase, Args: told.Args}
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.Rename(temp, filepath.Join(s.dir, name)); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(s.dir, name))
	if err != nil {
		return err
	}
	s.known.add(Extract{Name: name, Size: info.Size(), Changed: info.ModTime(), Sum: sum, MinZoom: report.MinZoom, MaxZoom: report.MaxZoom, Tiles: report.Tiles})
	return synced(s.dir)
}

// shelved is the file that was just taken in.
func (s *Shelf) shelved(sum [sha256.Size]byte) (Extract, error) {
	if err := s.look(); err != nil {
		return Extract{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known.write(s.dir, s.current.Load().books)
	for _, b := range s.current.Load().books {
		if b.State == Ready && b.Sum == sum {
			return b.Extract, nil
		}
	}
	return Extract{}, hub.Errorf(hub.Conflict, "", "The map file was changed or taken away just after it came. Look at the list of maps, then send it again.")
}

// Remove takes a file away. One that is no map file is not touched.
func (s *Shelf) Remove(name string) error {
	if err := s.look(); err != nil {
		return err
	}
	for _, b := range s.current.Load().books {
		if b.Name != name {
			continue
		}
		if err := removed(filepath.Join(s.dir, name)); err != nil {
			return err
		}
		return errors.Join(synced(s.dir), s.look())
	}
	return hub.Errorf(hub.NotFound, "", "This map file is not here.")
}

// removed removes a file that may not be there.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// synced has the names in a folder last through a loss of power.
func synced(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func createNew(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
}
