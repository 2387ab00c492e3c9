// Package footprint keeps small what a long-running program has of its own file in
// memory. A start runs through most of a program once; what it touched then stays part
// of the process, though it is never needed again, and on a small computer that is
// counted against it.
package footprint

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// span is a part of this process's addresses.
type span struct{ from, to uintptr }

// errMaps is what is wrong with a list of mappings that cannot be read.
var errMaps = errors.New("the list of what is mapped does not read as proc(5) says")

// unchanging are the mappings of a file that cannot be written to: a program's
// instructions and constants, which can be read again from there. maps is as
// /proc/self/maps has it (proc(5)).
func unchanging(maps io.Reader, file string) (out []span, _ error) {
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		// from-to perms offset dev inode path
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[5] != file || len(fields[1]) != 4 || fields[1][1] == 'w' || fields[1][0] != 'r' {
			continue
		}
		from, to, ok := strings.Cut(fields[0], "-")
		if !ok {
			return nil, errMaps
		}
		a, err := strconv.ParseUint(from, 16, 64)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errMaps, err)
		}
		b, err := strconv.ParseUint(to, 16, 64)
		if err != nil || b <= a {
			return nil, errMaps
		}
		out = append(out, span{uintptr(a), uintptr(b)})
	}
	return out, lines.Err()
}
