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

// Inspect looks at a database file from end to end and changes nothing. It fails
// with ErrDamaged, and with ErrInUse while a hub runs on it. A file that is not
// there is fine.
func Inspect(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := openFile(path, bbolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		return err
	}
	return db.Close()
}

// openFile opens a database and reads all of it once, so that damage shows now
// and not in the middle of somebody's request.
func openFile(path string, o bbolt.Options) (_ *bbolt.DB, err error) {
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
	o.Timeout, o.NoStatistics, o.FreelistType = lockWait, true, bbolt.FreelistMapType
	o.OpenFile = func(name string, flag int, perm os.FileMode) (f *os.File, err error) {
		f, err = os.OpenFile(name, flag, perm)
		file = f
		return f, err
	}
	db, err = bbolt.Open(path, 0o600, &o)
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
	if err := keepToOwner(file, o.ReadOnly); err != nil {
		return nil, fmt.Errorf("the hub's own data cannot be kept to its owner: %w", err)
	}
	if err := inspect(db, file); err != nil {
		return nil, fmt.Errorf("%s is %w (%w)", path, ErrDamaged, err)
	}
	return db, nil
}

func keepToOwner(file *os.File, readOnly bool) error {
	if readOnly {
		return nil
	}
	return file.Chmod(0o600)
}

// isSystem reports whether an error came from the system rather than from
// reading the file.
func isSystem(err error) bool {
	var pathErr *fs.PathError
	var sysErr *os.SyscallError
	return errors.As(err, &pathErr) || errors.As(err, &sysErr)
}
