package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/lamppost-hub/lamppost/hub/footprint"
)

const (
	// maxMapped is how much of files may be part of the hub's memory, in bytes: the
	// program's own text, of some 20 MB, and what of its records was read lately.
	maxMapped = 48 << 20
	// Between two looks at that: a search reads a hundred megabytes a second, and a hub
	// at rest is to rest.
	releaseBusy = 100 * time.Millisecond
	releaseIdle = time.Second
	// A start is over by then, with other hubs found; what else touches much of the
	// program, such as a break that heals, comes now and then. What a hub at rest needs
	// is back within milliseconds.
	trimFirst = time.Minute
	trimAgain = 2 * time.Minute
)

// boundMemory keeps a large database from becoming part of the hub's memory as it is
// read, and what of the program only its start needed from staying there: a small
// computer has little, and who looks after it sees what a program has.
func (n *Node) boundMemory(ctx context.Context) error {
	statm, err := os.Open(statmPath)
	if err != nil {
		return nil // where that cannot be known nothing is done about it
	}
	defer statm.Close()
	next, trim := time.NewTimer(releaseIdle), time.NewTimer(trimFirst)
	defer next.Stop()
	defer trim.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-trim.C:
			if err := footprint.Trim(); err != nil {
				n.log.Warn("the memory of the program's start could not be let go", "err", err)
				continue // and is not tried again
			}
			trim.Reset(trimAgain)
			continue
		case <-next.C:
		}
		has := mapped(statm)
		if has > maxMapped {
			if err := n.store.Release(); err != nil {
				n.log.Warn("the memory of what was read could not be let go", "err", err)
				return nil
			}
		}
		if has > maxMapped*3/4 {
			next.Reset(releaseBusy)
		} else {
			next.Reset(releaseIdle)
		}
	}
}

const statmPath = "/proc/self/statm"

// mapped is how much of files is part of this process's memory by statm, in bytes
// (proc(5)); 0 where that cannot be known.
func mapped(statm *os.File) int64 {
	var b [128]byte
	n, err := statm.ReadAt(b[:], 0) // one file stays open: to open it takes longer than to read it
	if n == 0 || err != nil && !errors.Is(err, io.EOF) {
		return 0
	}
	fields := bytes.Fields(b[:n])
	if len(fields) < 3 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[2]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
