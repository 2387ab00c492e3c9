package leftover_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/leftover"
)

func TestWhatBeginsSoGoesAndTheRestStays(t *testing.T) {
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, ".new-2", "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".new-1", ".new-2/in/hub.key", "hub.key", ".newer", "a.new-1"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := leftover.Clear(folder, ".new-"); err != nil {
		t.Error(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if want := []string{".newer", "a.new-1", "hub.key"}; !slices.Equal(names, want) {
		t.Errorf("%q is there, not %q", names, want)
	}
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	if err := leftover.Clear(filepath.Join(t.TempDir(), "none"), ".new-"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
