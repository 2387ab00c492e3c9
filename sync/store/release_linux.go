package store

import (
	"fmt"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// Release lets go of what of the file has become part of this process's memory by
// being read. The system keeps it as long as it has room, so that reading it again
// costs little.
func (s *Store) Release() error {
	b, ok := s.engine.(*bolt)
	if !ok {
		return nil
	}
	// Within a transaction the map stays where it is.
	return b.db.View(func(t *bbolt.Tx) error {
		_, _, code := unix.Syscall(unix.SYS_MADVISE, t.DB().Info().Data, uintptr(t.Size()), unix.MADV_DONTNEED)
		if code != 0 {
			return fmt.Errorf("let go of the database's memory: %w", code)
		}
		return nil
	})
}
