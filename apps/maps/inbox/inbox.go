// Package inbox keeps files that people have sent and nobody has decided upon yet, in a
// folder: few, for a short time. It does not look into them.
package inbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Bounds of what waits.
const (
	MaxItems = 8         // files
	MaxBytes = 256 << 20 // of all together
	Life     = 48 * time.Hour
	maxName  = 120 // characters of a name
	maxMeta  = 64 << 10
	idBytes  = 8
)

// Item is one file that waits.
type Item struct {
	ID   string // 16 hex digits
	Name string // as whoever sent it calls it, in one line, without its folder
	By   string // who sent it, as the caller names people
	Size int64
	At   time.Time
	// Settings are the caller's own, of at most 60 kB of JSON.
	Settings json.RawMessage
}

// Box is the folder. Its methods may be called at the same time. A nil one holds nothing.
type Box struct {
	folder string
	now    func() time.Time
	mu     sync.Mutex // of what is in the folder
}

// New keeps files in a folder, which is made when the first comes. now is the time; nil is
// that of the machine, right or not: an item's age is by the same clock at both ends.
func New(folder string, now func() time.Time) *Box {
	if now == nil {
		now = time.Now
	}
	return &Box{folder: folder, now: now}
}

// Ends of the names of files.
const (
	dataEnd = ".file"
	metaEnd = ".json"
	tempEnd = ".part"
)

func (b *Box) path(id, end string) string { return filepath.Join(b.folder, id+end) }

func validID(id string) bool {
	_, err := hex.DecodeString(id)
	return err == nil && len(id) == 2*idBytes && strings.ToLower(id) == id
}

func gone() error {
	return hub.Errorf(hub.NotFound, "", "This file is not here any more. Files wait for two days. Choose it again.")
}

// Add keeps what r gives, at most so many bytes. It is on disk on return. It is an Invalid if
// it is larger, TooMany where too much waits, Unavailable where the folder takes nothing.
func (b *Box) Add(name, by string, r io.Reader, most int64) (Item, error) {
	if err := b.room(0); err != nil {
		return Item{}, err
	}
	var raw [idBytes]byte
	_, _ = rand.Read(raw[:]) // it does not fail
	it := Item{ID: hex.EncodeToString(raw[:]), Name: cleanName(name), By: by, At: b.now().UTC()}
	temp := b.path(it.ID, tempEnd)
	defer func() { _ = os.Remove(temp) }() // gone, if all went well
	var err error
	if it.Size, err = b.fill(temp, r, most); err != nil {
		return Item{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.roomed(it.Size); err != nil {
		return Item{}, err
	}
	if err := os.Rename(temp, b.path(it.ID, dataEnd)); err != nil {
		return Item{}, unkept(err)
	}
	if err := b.note(it); err != nil {
		return Item{}, errors.Join(err, os.Remove(b.path(it.ID, dataEnd)))
	}
	return it, nil
}

// fill writes a file and says how large it is.
func (b *Box) fill(path string, r io.Reader, most int64) (n int64, err error) {
	if err := os.MkdirAll(b.folder, 0o700); err != nil {
		return 0, unkept(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, unkept(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := &writer{w: f}
	n, err = io.Copy(w, io.LimitReader(r, most+1))
	switch {
	case w.err != nil:
		return 0, unkept(w.err)
	case err != nil:
		return 0, err // of whoever sends it
	case n > most:
		return 0, hub.Errorf(hub.Invalid, "file", "This file is larger than %d MB. Split it into smaller files.", most>>20)
	case n == 0:
		return 0, hub.Errorf(hub.Invalid, "file", "This file is empty. Choose another one.")
	}
	if err := f.Sync(); err != nil {
		return 0, unkept(err)
	}
	return n, nil
}

// writer remembers its own error, to be told from that of what is read.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) Write(p []byte) (n int, err error) {
	n, err = w.w.Write(p)
	w.err = err
	return n, err
}

func unkept(err error) error {
	return errors.Join(hub.Errorf(hub.Unavailable, "", "Nothing can be saved here now. Please tell whoever looks after this place."), err)
}

// note writes down what is known of an item.
func (b *Box) note(it Item) error {
	raw, err := json.Marshal(it)
	if err != nil {
		return err
	}
	if len(raw) > maxMeta {
		return fmt.Errorf("settings of %d bytes are too many", len(raw))
	}
	temp := b.path(it.ID, metaEnd+tempEnd)
	if err := os.WriteFile(temp, raw, 0o600); err != nil {
		return unkept(err)
	}
	if err := os.Rename(temp, b.path(it.ID, metaEnd)); err != nil {
		return errors.Join(unkept(err), os.Remove(temp))
	}
	return nil
}

// room takes out what has waited too long, and is an error if no more fits.
func (b *Box) room(size int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.roomed(size)
}

func (b *Box) roomed(size int64) error {
	all, err := b.all()
	if err != nil {
		return err
	}
	for _, it := range all {
		size += it.Size
	}
	if len(all) >= MaxItems || size > MaxBytes {
		return hub.Errorf(hub.TooMany, "file", "Too many files wait here already. Take one over, or throw one away, first.")
	}
	return nil
}

// All are the items, the newest first.
func (b *Box) All() ([]Item, error) {
	if b == nil {
		return nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all()
}

// all are the items that may stay. What is too old, or was left by an end in the middle of
// something, is taken out.
func (b *Box) all() (items []Item, _ error) {
	found, err := os.ReadDir(b.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unkept(err)
	}
	for _, f := range found {
		id, is := strings.CutSuffix(f.Name(), dataEnd)
		if !is || !validID(id) {
			b.sweep(f)
			continue
		}
		it, err := b.read(id)
		if age := b.now().Sub(it.At); err != nil || age > Life || age < -Life {
			_ = b.remove(id) // it is looked at again
			continue
		}
		items = append(items, it)
	}
	slices.SortFunc(items, func(x, y Item) int { return y.At.Compare(x.At) })
	return items, nil
}

// sweep takes out a file that was being written long ago.
func (b *Box) sweep(f fs.DirEntry) {
	if !strings.HasSuffix(f.Name(), tempEnd) {
		return
	}
	if info, err := f.Info(); err == nil && time.Since(info.ModTime()).Abs() > time.Hour {
		_ = os.Remove(filepath.Join(b.folder, f.Name())) // it is looked at again
	}
}

func (b *Box) read(id string) (it Item, _ error) {
	if !validID(id) {
		return it, gone()
	}
	f, err := os.Open(b.path(id, metaEnd))
	if err != nil {
		return it, gone()
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxMeta)).Decode(&it); err != nil || it.ID != id {
		return Item{}, gone()
	}
	return it, nil
}

// Get is one item; a NotFound if it does not wait here.
func (b *Box) Get(id string) (Item, error) {
	if b == nil {
		return Item{}, gone()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	it, err := b.read(id)
	if err == nil && b.now().Sub(it.At).Abs() > Life {
		return Item{}, gone()
	}
	return it, err
}

// Open is an item's file, for the caller to close. It can be read to its end also once it is
// taken out.
func (b *Box) Open(id string) (*os.File, error) {
	if b == nil || !validID(id) {
		return nil, gone()
	}
	f, err := os.Open(b.path(id, dataEnd))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone()
	}
	return f, err
}

// Set keeps the caller's settings of an item.
func (b *Box) Set(id string, settings any) error {
	raw, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	it, err := b.read(id)
	if err != nil {
		return err
	}
	it.Settings = raw
	return b.note(it)
}

// Drop takes an item out. It is no error if it is not there.
func (b *Box) Drop(id string) error {
	if b == nil || !validID(id) {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.remove(id)
}

func (b *Box) remove(id string) error {
	err := errors.Join(os.Remove(b.path(id, dataEnd)), os.Remove(b.path(id, metaEnd)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// cleanName is a file's name as people are shown it.
func cleanName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.ToValidUTF8(s[:min(len(s), 4*maxName)], "")
	clean, err := hub.CleanLine("", s, 4*maxName, 4*maxName)
	if err != nil || hub.Blank(clean) {
		return "file"
	}
	if r := []rune(clean); len(r) > maxName {
		clean = string(r[:maxName])
	}
	return clean
}
