package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
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
			file.Close() // db.Close may wait for ever after a panic; closing the file ends the lock
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

// inspect reads every entry and then lets the database compare its list of free
// pages with the ones in use. Reading comes first, here, where a fault is caught.
func inspect(db *bbolt.DB, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return db.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%d bytes are missing at its end", tx.Size()-info.Size())
		}
		sum := byte(0)
		if err := tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				for _, c := range v {
					sum ^= c
				}
				return nil
			})
		}); err != nil {
			return err
		}
		var first error
		for err := range tx.Check() {
			if first == nil {
				first = err
			}
		}
		return first
	})
}
