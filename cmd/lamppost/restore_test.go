package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// recordsDB is the file that a backup is of.
const recordsDB = "records.db"

// keep copies a stopped hub's records.
func (h *hubProc) keep(t *testing.T, backup string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(h.folder, recordsDB))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(backup, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// putBack puts such a copy in the place of the records of a hub that is down.
func (h *hubProc) putBack(t *testing.T, backup string) {
	t.Helper()
	b, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.folder, recordsDB), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// few has somebody new write so many posts at a hub.
func few(t *testing.T, h *hubProc, j *journal, who string, posts int) {
	t.Helper()
	n := newNeighbor(h.http)
	if err := n.begin(who+" is here", who); err != nil {
		t.Fatal(err)
	}
	for i := range posts {
		id := fmt.Sprintf("%s-%d", who, i)
		if _, err := n.send(town, "client_id", id, "text", "Post "+id); err != nil {
			t.Fatal(err)
		}
		j.add(id, "Post "+id)
	}
}

// TestARestoredBackupGetsAllBack: a hub's records are put back to an older copy,
// with all that others took over from it since, while the others are written at.
// The numbers that its log gives from then on have been given before: peers that
// remember them must not take what it writes now for what they have.
func TestARestoredBackupGetsAllBack(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 3)
	backups, kept := t.TempDir(), map[int]bool{}
	watching, stopWatching := context.WithCancel(t.Context())
	defer stopWatching()
	books, watched := watchLedgers(watching, t, hubs)
	all := &journal{texts: map[string]string{}}
	for round := range count(20) {
		i := rand.IntN(len(hubs))
		victim := hubs[i]
		backup := filepath.Join(backups, victim.label)
		if !kept[i] || rand.IntN(2) == 0 { // else a copy that was put back once comes back again
			victim.stop(t)
			books[i].ended(false)
			victim.keep(t, backup)
			victim.start(t)
			victim.awaitLinks(t)
			kept[i] = true
		}
		ctx, cancel := context.WithCancel(t.Context())
		journals, written := writeEverywhere(ctx, t, hubs, fmt.Sprintf("round%d", round))
		victim.until(t, "is written at", func() bool { return journals[i].size() > 30 })
		cancel()
		written()
		for id, text := range together(journals) {
			all.add(id, text)
		}
		agree(t, hubs, all.all())

		others := append(append([]*hubProc{}, hubs[:i]...), hubs[i+1:]...)
		for _, o := range others {
			if err := o.console.Block(t.Context(), victim.self); err != nil {
				t.Fatal(err)
			}
		}
		victim.kill(t)
		victim.putBack(t, backup)
		books[i].ended(true)
		victim.start(t)
		if gone := missing(t, victim, all.all()); len(gone) == 0 {
			t.Fatal("the older copy lacks nothing")
		}
		// Few, and so many that the log ends beyond where it did.
		few(t, victim, all, fmt.Sprintf("back-%d", round), 1+rand.IntN(200))
		for k, o := range others {
			few(t, o, all, fmt.Sprintf("meanwhile-%d-%d", round, k), 3)
		}
		for _, o := range others {
			if err := o.console.Unblock(t.Context(), victim.self); err != nil {
				t.Fatal(err)
			}
		}
		agree(t, hubs, all.all())
	}
	stopWatching()
	watched()
	for i, l := range books {
		l.check(t, hubs[i].label)
	}
	readBack(t, hubs[0], all.all())
}
