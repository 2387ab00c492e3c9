package local

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// Why Open may fail. Match with errors.Is.
var (
	ErrInUse   = errors.New("in use by another process: is this hub running already? Stop it first, or choose another data folder")
	ErrDamaged = errors.New("damaged; it has been left untouched. To go on without it, rename it and start again: " +
		"nothing that was posted is lost, and people come back with their six words")
)

// lockWait is how long to wait for another process to let go of the file.
const lockWait = time.Second

// openFile opens a database and reads all of it once, so that damage shows now
// and not in the middle of somebody's request.
func openFile(path string, noSync bool) (_ *bbolt.DB, err error) {
	// A file cut short is mapped beyond its end, where reading is a fault.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))

	var file *os.File
	var db *bbolt.DB
	defer func() {
		if p := recover(); p != nil { // the database panics on pages that make no sense
			err = fmt.Errorf("%s is %w (%v)", path, ErrDamaged, p)
		}
		if err != nil && file != nil {
			// The mapping stays until the program ends, as somebody may be reading in
			// it still, and would keep the lock.
			_ = unix.Flock(int(file.Fd()), unix.LOCK_UN)
			file.Close()
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait, NoSync: noSync, NoStatistics: true, FreelistType: bbolt.FreelistMapType,
		OpenFile: func(name string, flag int, perm os.FileMode) (f *os.File, err error) {
			f, err = os.OpenFile(name, flag, perm)
			file = f
			return f, err
		},
	})
	switch {
	case err == nil:
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s is %w", path, ErrInUse)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch), !isSystem(err):
		return nil, fmt.Errorf("%s is %w (%w)", path, ErrDamaged, err)
	default:
		return nil, fmt.Errorf("the hub's own data cannot be opened: %w", err)
	}
	if err := file.Chmod(0o600); err != nil {
		return nil, fmt.Errorf("the hub's own data cannot be kept to its owner: %w", err)
	}
	if err := inspect(db, file); err != nil {
		return nil, fmt.Errorf("%s is %w (%w)", path, ErrDamaged, err)
	}
	return db, nil
}

// isSystem reports whether an error came from the system rather than from
// reading the file.
func isSystem(err error) bool {
	var pathErr *fs.PathError
	var sysErr *os.SyscallError
	return errors.As(err, &pathErr) || errors.As(err, &sysErr)
}

// inspect reads every entry and finds it by its key, and then lets the database
// compare its list of free pages with those in use. What reads comes first, here,
// where a fault is caught: the database's check runs in a goroutine of its own.
func inspect(db *bbolt.DB, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%d bytes are missing at its end", tx.Size()-info.Size())
		}
		if err := pagesEnd(tx, int(tx.Size())/db.Info().PageSize); err != nil {
			return err
		}
		sum := uint32(0)
		if err := tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				sum = crc32.Update(sum, crc32.IEEETable, v) // reads all of it
				if !bytes.Equal(b.Get(k), v) {
					return fmt.Errorf("an entry in %q is not found by its key", name)
				}
				return nil
			})
		}); err != nil {
			return err
		}
		var first error
		findings := 0
		for err := range tx.Check(bbolt.WithKVStringer(unprinted{})) {
			if first == nil {
				first = err
			}
			if findings++; findings == maxFindings {
				break
			}
		}
		return first
	})
}

// unprinted keeps the check from printing a key, whose length may be damaged.
type unprinted struct{}

func (unprinted) KeyToString([]byte) string   { return "a key" }
func (unprinted) ValueToString([]byte) string { return "a value" }

// maxFindings ends a check that may have no end. It then waits for ever to tell
// the next, in a program that is about to end for this.
const maxFindings = 1000

// pagesEnd checks that no page in use says it goes on beyond the last one, which
// would keep the database's own check busy for ever.
func pagesEnd(tx *bbolt.Tx, pages int) error {
	for id := 2; id < pages; id++ { // after the two headers
		p, err := tx.Page(id)
		if err != nil {
			return err
		}
		if p.Type == "free" {
			continue
		}
		if id += p.OverflowCount; id >= pages {
			return fmt.Errorf("page %d has no end", p.ID)
		}
	}
	return nil
}
