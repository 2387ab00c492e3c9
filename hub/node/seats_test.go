package node_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// copyFolder is a copy of a hub's data, as a backup or a card reader makes it.
func copyFolder(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	ok(t, os.CopyFS(to, os.DirFS(from)))
	ok(t, os.Chmod(to, 0o700))
	files, err := os.ReadDir(to)
	ok(t, err)
	for _, f := range files {
		ok(t, os.Chmod(filepath.Join(to, f.Name()), 0o600))
	}
	return to
}

// vouched is a view in which all of them are vouched for.
func vouched(t *testing.T, who ...record.Author) func(*store.View) bool {
	return func(v *store.View) bool {
		for _, one := range who {
			known := false
			for _, err := range v.Vouches(one) {
				ok(t, err)
				known = true
			}
			if !known {
				return false
			}
		}
		return true
	}
}

// enroll has people come to a hub.
func enroll(t *testing.T, n *node.Node, names ...string) (who []record.Author) {
	t.Helper()
	for _, name := range names {
		k := key(name)
		ok(t, n.Enroll(t.Context(), k, name))
		who = append(who, record.AuthorOf(k))
	}
	return who
}

// TestABackupThatComesBackDisplacesNobody: people came to a hub after a backup of all
// its data was made. Put back and linked, it takes in others, and all of them stay.
func TestABackupThatComesBackDisplacesNobody(t *testing.T) {
	_, paths := folders(t, 2)
	other, _ := start(t, paths[1])
	_, stop := start(t, paths[0])
	stop()
	backup := copyFolder(t, paths[0])

	first, stop := start(t, paths[0], other.SyncAddrs()...)
	node.GivePlacesFrom(first, 7)
	before := enroll(t, first, "ana", "bo", "cem")
	until(t, other, "the other hub knows them", vouched(t, before...))
	stop()

	restored, _ := start(t, backup, other.SyncAddrs()...)
	node.GivePlacesFrom(restored, 7) // as if the same number were drawn
	until(t, restored, "they have come back", vouched(t, before...))
	after := enroll(t, restored, "dan", "eve", "fay")
	until(t, other, "the other hub knows the newcomers", vouched(t, after...))
	until(t, other, "and those who were there before", vouched(t, before...))
	until(t, restored, "as the first does", vouched(t, before...))
}

// TestWhoeverIsSeenToLoseAPlaceGetsAnother: a copy of a hub gives the same place to
// somebody else, later. The hub finds another one for whom it had there.
func TestWhoeverIsSeenToLoseAPlaceGetsAnother(t *testing.T) {
	_, paths := folders(t, 2)
	other, _ := start(t, paths[1])
	path := copyFolder(t, paths[0])

	first, stop := start(t, paths[0], other.SyncAddrs()...)
	node.GivePlacesFrom(first, 7)
	ana := enroll(t, first, "ana")
	until(t, other, "the other hub knows Ana", vouched(t, ana...))
	stop()

	twin, stopTwin := start(t, path)
	node.GivePlacesFrom(twin, 7)
	bo := enroll(t, twin, "bo")
	stopTwin()
	_, stopTwin = start(t, path, other.SyncAddrs()...)
	until(t, other, "the other hub knows Bo", vouched(t, bo...))
	stopTwin()

	start(t, paths[0], other.SyncAddrs()...)
	until(t, other, "both have a place", vouched(t, append(ana, bo...)...))
}
