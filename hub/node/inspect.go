package node

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/store"
	"golang.org/x/sys/unix"
)

// Inspect looks through the databases of a data folder on which no hub runs, and
// changes nothing. What it returns is about a file each.
func Inspect(folder string) (wrong []error) {
	return slices.DeleteFunc([]error{
		store.Inspect(filepath.Join(folder, recordsFile)), local.Inspect(filepath.Join(folder, localFile)),
	}, func(err error) bool { return err == nil })
}

// Exposed are the files of a data folder that are secret and that others than its
// owner may read or write, and whether this user cannot write in the folder. What
// lies in a folder that others may not enter is not exposed.
func Exposed(folder string) (files []string, readOnly bool) {
	const others fs.FileMode = 0o077
	readOnly = unix.Access(folder, unix.W_OK|unix.X_OK) != nil
	if info, err := os.Stat(folder); err == nil && info.Mode().Perm()&others == 0 {
		return nil, readOnly
	}
	for _, name := range []string{keyFile, networkFile, recordsFile, localFile, trustFile, SheetsFile} {
		info, err := os.Lstat(filepath.Join(folder, name))
		if err == nil && info.Mode().Perm()&others != 0 {
			files = append(files, name)
		}
	}
	return files, readOnly
}
