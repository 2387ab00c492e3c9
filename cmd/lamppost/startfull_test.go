package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// TestAHubStartsOnAFullDisk starts a hub that has run before with no room at all:
// people read what it has, whoever writes is told, and with room it goes on by itself.
func TestAHubStartsOnAFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	d := newDisk(t, 16)
	h := &hubProc{label: "Full place", folder: filepath.Join(d.dir, "hub"), log: filepath.Join(t.TempDir(), "hub.log"), http: freeAddr(t), sync: freeAddr(t)}
	if _, err := node.Found("Millbrook", time.Now(), node.Place{Folder: h.folder, Label: h.label}); err != nil {
		t.Fatal(err)
	}
	h.console = control.NewClient(h.folder)
	t.Cleanup(func() {
		select {
		case <-h.ended: //nolint:errcheck // it has been told
		default:
			h.stop(t)
		}
		if b, err := os.ReadFile(h.log); t.Failed() && err == nil {
			t.Logf("%s says:\n%s", h.label, b[max(0, len(b)-20_000):])
		}
	})
	h.start(t)
	all := &journal{texts: map[string]string{}}
	few(t, h, all, "before", 20)
	h.term(t)
	d.leave(t, 0)
	h.start(t)
	ana, newest := newNeighbor(h.http), "Post before-19"
	for i := range 2000 { // what room there is in the files is used up
		if _, _, err := ana.get(town); err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("filling-%d", i)
		if _, err := ana.send(town, "client_id", id, "text", "Post "+id, "name", "Ana"); err != nil {
			break
		}
		newest = "Post " + id
		all.add(id, newest)
	}
	h.term(t)

	h.start(t)
	proc := h.cmd
	if gone := missing(t, h, all.all()); len(gone) > 0 {
		t.Errorf("it does not have %q", gone)
	}
	ben := newNeighbor(h.http)
	const told = "The memory of this place is full"
	if _, body, err := ben.get(town); err != nil || !strings.Contains(body, newest) || !strings.Contains(body, told) {
		t.Errorf("the page does not show what there is, or not that there is no room for more: %v", err)
	}
	text := "Written on a full disk"
	if _, err := ben.send(town, "client_id", "late", "text", text, "name", "Ben"); err == nil || !strings.Contains(err.Error(), ": 503\n") ||
		!strings.Contains(err.Error(), "full") || !strings.Contains(err.Error(), text) {
		t.Errorf("a post is answered with %v", err)
	}
	found := false
	for _, f := range h.status(t).Warnings {
		found = found || f.Code == "disk" && strings.HasPrefix(f.Text, "The disk is full: ")
	}
	if !found {
		t.Errorf("status tells %v", h.status(t).Warnings)
	}

	d.makeRoom(t)
	few(t, h, all, "after", 5)
	if _, body, err := ben.get(town); err != nil || strings.Contains(body, told) {
		t.Errorf("with room the page still says that there is none: %v", err)
	}
	if h.cmd != proc {
		t.Error("it was started again")
	}
	h.kill(t)
	h.start(t)
	if gone := missing(t, h, all.all()); len(gone) > 0 {
		t.Errorf("%q are gone", gone)
	}
}
