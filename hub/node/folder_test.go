package node_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/node"
)

func TestPlacesOfOneFoundingShareTheMembershipsKey(t *testing.T) {
	_, paths := folders(t, 2)
	var keys [][]byte
	for _, p := range paths {
		f, err := node.ReadFolder(p)
		ok(t, err)
		info, err := os.Stat(filepath.Join(p, "network.key"))
		ok(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
		keys = append(keys, f.Network)
	}
	if len(keys[0]) != 32 || !bytes.Equal(keys[0], keys[1]) {
		t.Errorf("%x and %x", keys[0], keys[1])
	}
	ok(t, os.Remove(filepath.Join(paths[0], "network.key")))
	if f, err := node.ReadFolder(paths[0]); err != nil || f.Network != nil {
		t.Errorf("without the file: %x, %v", f.Network, err)
	}
	ok(t, os.WriteFile(filepath.Join(paths[0], "network.key"), []byte("00"), 0o600))
	if _, err := node.ReadFolder(paths[0]); err == nil || !strings.Contains(err.Error(), "network.key is damaged") {
		t.Errorf("damaged: %v", err)
	}
}
