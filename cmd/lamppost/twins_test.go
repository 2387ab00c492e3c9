package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
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
			hubs[1].warned(t, "copies", "two machines use the key of one hub")
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
