// Package keep keeps the indexes of layers in one folder: it makes those that are wanted as
// soon as the layer itself is here, and lets go of the others. An index that is damaged, or
// was made by another version, is made anew.
package keep

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/hub"
)

// Sum is SHA-256 of a layer.
type Sum = [32]byte

// Source is where layers come from, such as hub.Blobs.
type Source interface {
	// Open reads one that is here; a hub.NotFound where it is not, or not yet.
	Open(ctx context.Context, sum [32]byte) (io.ReadSeekCloser, error)
}

// State is how a layer stands here.
type State int

// The states.
const (
	Waiting State = iota // it has not come yet, or is about to be read
	Reading
	Ready
	Broken // it is no layer
	NoRoom // the disk is full, but for the tenth that is left alone
)

// How the files are named: the sum in hex, and one of these.
const (
	suffix = ".index"
	fresh  = ".new" // on its way
)

// Most is how many layers are kept.
const Most = 64

// Disk is how many bytes of a disk are free, and how many it has.
type Disk func() (free, total uint64, err error)

// Keeper is safe for concurrent use; one has a folder for itself.
type Keeper struct {
	dir    string
	disk   Disk                                // nil: not asked
	create func(path string) (*os.File, error) // tests have others

	working sync.Mutex // held while layers are read

	mu    sync.Mutex // guards what follows
	books map[Sum]*book
}

// book is a layer that is wanted.
type book struct {
	state State
	file  *os.File // of a Ready one
	index *layer.Index
}

// Open opens the indexes in a folder, which is made if it is not there. What a crash left
// half made is cleared away. The last tenth of the disk is left alone; with a nil Disk it is
// not asked.
func Open(dir string, disk Disk) (*Keeper, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the folder of map layers: %w", err)
	}
	k := &Keeper{dir: dir, disk: disk, create: os.Create, books: map[Sum]*book{}}
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of map layers: %w", err)
	}
	for _, n := range names {
		sum, ok := sumOf(n.Name())
		switch {
		case ok:
			if b, err := k.open(sum); err == nil {
				k.books[sum] = b
				continue
			}
			err = os.Remove(k.path(sum)) // it is made anew
		case strings.HasSuffix(n.Name(), fresh):
			err = os.Remove(filepath.Join(dir, n.Name()))
		}
		if err != nil {
			return nil, fmt.Errorf("clear away what is left of a map layer: %w", err)
		}
	}
	return k, nil
}

func (k *Keeper) path(sum Sum) string { return filepath.Join(k.dir, hex.EncodeToString(sum[:])+suffix) }

func sumOf(name string) (sum Sum, ok bool) {
	raw, ok := strings.CutSuffix(name, suffix)
	b, err := hex.DecodeString(raw)
	if !ok || err != nil || len(b) != len(sum) {
		return sum, false
	}
	return Sum(b), true
}

// open opens an index that is there.
func (k *Keeper) open(sum Sum) (*book, error) {
	f, err := os.Open(k.path(sum))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var x *layer.Index
		if x, err = layer.Open(f, info.Size()); err == nil && x.Sum() != sum {
			err = fmt.Errorf("%w: it is of another layer", layer.ErrDamaged)
		}
		if err == nil {
			return &book{Ready, f, x}, nil
		}
	}
	f.Close()
	return nil, err
}

// Get is the index of a layer that is Ready, and else how it stands. The index may be
// closed meanwhile, as it is wanted no more: then what it answers is an os.ErrClosed.
func (k *Keeper) Get(sum Sum) (*layer.Index, State) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if b := k.books[sum]; b != nil {
		return b.index, b.state
	}
	return nil, Waiting
}

// Failed tells of an error of an index: one that is damaged is made anew by the next Follow.
func (k *Keeper) Failed(sum Sum, err error) {
	if errors.Is(err, os.ErrClosed) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if b := k.books[sum]; b != nil && b.state == Ready {
		k.drop(sum)
	}
}

// drop lets go of a layer. Hold mu.
func (k *Keeper) drop(sum Sum) {
	if b := k.books[sum]; b != nil && b.file != nil {
		b.file.Close()
		_ = os.Remove(k.path(sum)) // Open does it, if it is still there
	}
	delete(k.books, sum)
}

// Follow keeps the layers that are wanted, the first of them where those are too many, and no
// others: it reads those that have come. It is how many are still to be read, and what went
// wrong that no State tells.
func (k *Keeper) Follow(ctx context.Context, wanted []Sum, from Source) (missing int, _ error) {
	k.working.Lock()
	defer k.working.Unlock()
	wanted = wanted[:min(len(wanted), Most)]
	k.forget(wanted)
	var errs error
	for _, sum := range wanted {
		if _, state := k.Get(sum); state == Ready || state == Broken {
			continue
		}
		b, err := k.read(ctx, sum, from)
		k.set(sum, b)
		if ctx.Err() != nil {
			return missing, ctx.Err()
		}
		if b.state == Waiting || b.state == NoRoom {
			missing++
		}
		if told, ok := errors.AsType[*hub.Error](err); err != nil && b.state == Waiting && (!ok || told.Code != hub.NotFound) {
			errs = errors.Join(errs, err)
		}
	}
	return missing, errs
}

func (k *Keeper) set(sum Sum, b *book) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.books[sum] = b
}

// forget lets go of all but these.
func (k *Keeper) forget(wanted []Sum) {
	k.mu.Lock()
	defer k.mu.Unlock()
	keep := map[Sum]bool{}
	for _, sum := range wanted {
		keep[sum] = true
	}
	for sum := range k.books {
		if !keep[sum] {
			k.drop(sum)
		}
	}
}

// read makes the index of a layer, if the layer is here.
func (k *Keeper) read(ctx context.Context, sum Sum, from Source) (*book, error) {
	in, err := from.Open(ctx, sum)
	if err != nil {
		return &book{state: Waiting}, err
	}
	defer in.Close()
	k.set(sum, &book{state: Reading})
	err = k.make(ctx, sum, in)
	var b *book
	if err == nil {
		b, err = k.open(sum)
	}
	switch {
	case err == nil:
		return b, nil
	case errors.Is(err, layer.ErrMalformed):
		return &book{state: Broken}, err
	case errors.Is(err, errRoom), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &book{state: NoRoom}, err
	}
	return &book{state: Waiting}, err
}

// make writes an index aside; once it is whole it has its name.
func (k *Keeper) make(ctx context.Context, sum Sum, in io.Reader) error {
	r, err := layer.NewReader(&until{ctx, in})
	if err != nil {
		return err
	}
	defer r.Close()
	temp := k.path(sum) + fresh
	f, err := k.create(temp)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(&roomy{File: f, disk: k.disk}, 128<<10)
	if err = layer.Make(w, r, sum); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(temp, k.path(sum))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

var errRoom = errors.New("the disk is nearly full")

// roomy writes a file as long as the disk has room.
type roomy struct {
	*os.File

	disk Disk
	left int // bytes until the disk is asked again
}

// askEvery is after how many bytes a disk is asked for room.
const askEvery = 1 << 20

func (r *roomy) Write(p []byte) (int, error) {
	if r.left -= len(p); r.left < 0 && r.disk != nil {
		free, total, err := r.disk()
		if err != nil {
			return 0, fmt.Errorf("how much room the disk has: %w", err)
		}
		if free < total/10+askEvery {
			return 0, errRoom
		}
		r.left = askEvery
	}
	return r.File.Write(p)
}

// until reads until its context ends.
type until struct {
	ctx context.Context
	io.Reader
}

func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

// Close lets go of all. What is still asked is an os.ErrClosed.
func (k *Keeper) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for sum, b := range k.books {
		if b.file != nil {
			b.file.Close()
		}
		delete(k.books, sum)
	}
}
