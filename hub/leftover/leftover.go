// Package leftover removes what a process that was killed midway has left in a data
// folder.
package leftover

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Clear removes what in a folder has a name that begins so, folders with all that is in
// them. The caller has to hold the folder: what another process has under way would go as
// well. An error of one does not keep the others; all are joined.
func Clear(folder, prefix string) error {
	files, err := os.ReadDir(folder)
	for _, f := range files {
		if strings.HasPrefix(f.Name(), prefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, f.Name())))
		}
	}
	return err
}
