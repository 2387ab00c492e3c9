package footprint

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Trim lets go of what of the program's own file is part of this process's memory:
// what is needed comes back by itself, from the system's cache as long as it has room.
// Where the file has been replaced since the start it does nothing.
func Trim() error {
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("which file the program is: %w", err)
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("what of the program is mapped: %w", err)
	}
	defer maps.Close()
	spans, err := unchanging(maps, file)
	if err != nil {
		return err
	}
	for _, s := range spans {
		_, _, code := unix.Syscall(unix.SYS_MADVISE, s.from, s.to-s.from, unix.MADV_DONTNEED)
		if code != 0 {
			return fmt.Errorf("let go of the program's memory: %w", code)
		}
	}
	return nil
}
