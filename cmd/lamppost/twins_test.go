package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/local"
)

// copied is a second box with the card of a hub that is down.
func (h *hubProc) copied(t *testing.T) *hubProc {
	t.Helper()
	dir := t.TempDir()
	c := &hubProc{
		label: h.label + ", the copy", folder: filepath.Join(dir, "data"), log: filepath.Join(dir, "log"),
		http: freeAddr(t), sync: freeAddr(t), peers: h.peers, self: h.self,
	}
	if err := os.CopyFS(c.folder, os.DirFS(h.folder)); err != nil {
		t.Fatal(err)
	}
	c.console = control.NewClient(c.folder)
	t.Cleanup(func() { c.stop(t) })
	return c
}

// warned waits until a hub warns of something, in its status and in its log.
func (h *hubProc) warned(t *testing.T, code, logged string) {
	t.Helper()
	h.until(t, "warns of "+code, func() bool {
		b, err := os.ReadFile(h.log)
		return err == nil && strings.Contains(string(b), logged) &&
			slices.ContainsFunc(h.status(t).Warnings, func(f doctor.Finding) bool { return f.Code == code && f.Todo != "" })
	})
}

// TestTwoLiveHubsWithOneIdentity: a card is copied, as it is or with a backup of
// its records, and both boxes run, written at and linked with the same hub. All
// warn, nobody stops, and everything arrives everywhere.
func TestTwoLiveHubsWithOneIdentity(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	for name, backup := range map[string]bool{"a cloned card": false, "a restored backup": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			hubs := line(t, 3)
			first := hubs[0]
			all := &journal{texts: map[string]string{}}
			few(t, first, all, "before", 10)
			agree(t, hubs, all.all())
			first.stop(t)
			kept := filepath.Join(t.TempDir(), "backup")
			first.keep(t, kept)
			if backup { // the newer hub goes on for a while
				first.start(t)
				few(t, first, all, "since", 10)
				agree(t, hubs, all.all())
				first.stop(t)
			}
			twin := first.copied(t)
			if backup {
				twin.putBack(t, kept)
			}
			first.start(t)
			twin.start(t)
			everywhere := append(slices.Clone(hubs), twin)
			procs := map[*hubProc]any{}
			for _, h := range everywhere {
				procs[h] = h.cmd
			}
			for i, h := range everywhere {
				few(t, h, all, fmt.Sprintf("both-%d", i), 5)
			}
			agree(t, everywhere, all.all())
			hubs[1].warned(t, "copies", "two machines show the key of one hub")
			first.warned(t, "identity", "another machine uses this hub's key")
			twin.warned(t, "identity", "another machine uses this hub's key")
			for _, h := range everywhere {
				if procs[h] != any(h.cmd) {
					t.Errorf("%s was started again", h.label)
				}
			}
			few(t, twin, all, "late", 3)
			agree(t, everywhere, all.all())
		})
	}
}

// crowd gives all places of a hub that does not run to people who were there just
// now: whoever comes next is a guest.
func (h *hubProc) crowd(t *testing.T) {
	t.Helper()
	const perPerson = 490 // posts for which the town has one resident
	made := &fieldtest.Hub{Label: h.label, Folder: h.folder}
	town, err := fieldtest.NewTown(made, (local.Places-1)*perPerson)
	if err != nil {
		t.Fatal(err)
	}
	vouches, err := town.Vouches()
	if err != nil {
		t.Fatal(err)
	}
	if err := fieldtest.Fill(t.Context(), made, vouches...); err != nil {
		t.Fatal(err)
	}
}

// TestGuestsAtTwoLiveHubsWithOneIdentity: a card is copied before it had a guest.
// Both machines take guests in, apart from each other, and once they are linked
// what the guests of either wrote is everywhere and stays.
func TestGuestsAtTwoLiveHubsWithOneIdentity(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 2)
	first, other := hubs[0], hubs[1]
	other.stop(t)
	first.stop(t)
	first.crowd(t)
	twin := first.copied(t)
	all := &journal{texts: map[string]string{}}
	for who, h := range map[string]*hubProc{"Ana": first, "Ben": twin} {
		h.start(t)
		few(t, h, all, who, 3)
		p, ok, err := newNeighbor(h.http).find("Post " + who + "-2")
		if !ok || err != nil || p.name != "Guest" {
			t.Fatalf("%s is not a guest of %s: %+v, %v", who, h.label, p, err)
		}
	}
	other.start(t)
	everywhere := []*hubProc{first, twin, other}
	agree(t, everywhere, all.all())
	few(t, first, all, "Cem", 2)
	few(t, twin, all, "Dora", 2)
	agree(t, everywhere, all.all())
}
