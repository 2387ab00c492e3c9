package node_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// plan is a community of one place with a root that is quick to make.
func plan(folder string) node.Plan {
	return node.Plan{
		Name: "Millbrook", Now: time.Now(), Roots: []ed25519.PrivateKey{key("a"), key("b"), key("c")}, Threshold: 2,
		Places: []node.Place{{Folder: folder, Label: "Fire Station"}}, Sheets: []byte("the sheets"),
	}
}

// whole checks that a folder is that of a hub which its community has certified.
func whole(t *testing.T, path string) {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	self := record.AuthorOf(f.Key)
	s, err := store.Open(filepath.Join(path, "records.db"), store.Config{Founding: f.Founding})
	ok(t, err)
	defer s.Close()
	if c, certified := s.Roster().Hub(self); !certified || c.Label != "Fire Station" || !c.Roles.Has(roster.Admit) {
		t.Errorf("certified as %+v", c)
	}
	if len(f.Trust) != 2 || len(f.Network) != 32 {
		t.Errorf("%d records of trust, a network key of %d bytes", len(f.Trust), len(f.Network))
	}
	if kept, err := os.ReadFile(filepath.Join(path, node.SheetsFile)); err != nil || string(kept) != "the sheets" {
		t.Errorf("sheets %q %v", kept, err)
	}
	files, err := os.ReadDir(path)
	ok(t, err)
	for _, file := range files {
		info, err := file.Info()
		ok(t, err)
		if file.Name()[0] == '.' || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file.Name(), info.Mode())
		}
	}
}

func TestAFoundingIsWholeWhereverItIsInterrupted(t *testing.T) {
	made := filepath.Join(t.TempDir(), "made")
	ok(t, plan(made).Found())
	whole(t, made)
	files, err := os.ReadDir(made)
	ok(t, err)
	for moved := range len(files) {
		path := filepath.Join(t.TempDir(), "[hub]")
		ok(t, os.MkdirAll(filepath.Join(path, ".founded"), 0o700))
		for i, at := 0, 0; i < len(files); i++ {
			to := filepath.Join(path, ".founded")
			if files[i].Name() != "community.cbor" { // moved last
				if at++; at <= moved {
					to = path
				}
			}
			b, err := os.ReadFile(filepath.Join(made, files[i].Name()))
			ok(t, err)
			ok(t, os.WriteFile(filepath.Join(to, files[i].Name()), b, 0o600))
		}
		whole(t, path)
	}
}

func TestAnUnfinishedFoundingIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "[hub]")
	left := filepath.Join(path, ".founding-123")
	ok(t, os.MkdirAll(left, 0o700))
	ok(t, os.WriteFile(filepath.Join(left, "community.cbor"), []byte("half"), 0o600))
	halfKey := filepath.Join(path, ".new-456")
	ok(t, os.WriteFile(halfKey, []byte("0a"), 0o600))
	if _, err := node.ReadFolder(path); !errors.Is(err, node.ErrNoCommunity) {
		t.Fatal(err)
	}
	ok(t, plan(path).Found())
	whole(t, path)
	ok(t, os.WriteFile(halfKey, []byte("0a"), 0o600)) // and of a later stop
	f, err := node.ReadFolder(path)
	ok(t, err)
	n, err := node.New(node.Config{Folder: f})
	ok(t, err)
	ok(t, n.Close())
	whole(t, path)
	if err := plan(path).Found(); !errors.Is(err, node.ErrFounded) {
		t.Errorf("founded again: %v", err)
	}
	whole(t, path)
}

func TestRecordsOfAnotherCommunityAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub")
	ok(t, plan(path).Found())
	lost := filepath.Join(path, "community.cbor")
	founding, err := os.ReadFile(lost)
	ok(t, err)
	ok(t, os.Remove(lost))
	if err := plan(path).Found(); !errors.Is(err, store.ErrOther) {
		t.Fatal(err)
	}
	ok(t, os.WriteFile(lost, founding, 0o600)) // as copied from another hub
	whole(t, path)
}

func TestAnActTakesAsManyRootsAsItSays(t *testing.T) {
	p := plan(filepath.Join(t.TempDir(), "hub"))
	for _, threshold := range []int{0, 4} {
		if p.Threshold = threshold; p.Found() == nil {
			t.Errorf("a threshold of %d of 3", threshold)
		}
	}
	sheets, keys := rootsheet.Draw("Millbrook", 2, 2)
	p.Roots, p.Threshold = keys, 2
	ok(t, p.Found())
	whole(t, p.Places[0].Folder)
	f, err := node.ReadFolder(p.Places[0].Folder)
	ok(t, err)
	hand := rootsheet.NewHand(f.Founding.Roots, f.Founding.Threshold)
	for i, s := range sheets { // numbered as the community orders them
		which, err := hand.Take(s.Secret.Text())
		ok(t, err)
		if want := []string{"sheet 1 of 2", "sheet 2 of 2"}[i]; which[:len(want)] != want {
			t.Errorf("%s, want %s", which, want)
		}
	}
}
