package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// hub founds a community of one hub that lies on a disk, and starts it.
func (d *disk) hub(t *testing.T) *hubProc {
	t.Helper()
	h := &hubProc{
		label: "Full place", folder: filepath.Join(d.dir, "hub"), log: filepath.Join(t.TempDir(), "hub.log"),
		http: freeAddr(t), sync: freeAddr(t),
	}
	if _, err := node.Found("Millbrook", time.Now(), node.Place{Folder: h.folder, Label: h.label}); err != nil {
		t.Fatal(err)
	}
	f, err := node.ReadFolder(h.folder)
	if err != nil {
		t.Fatal(err)
	}
	h.self, h.console = record.AuthorOf(f.Key), control.NewClient(h.folder)
	h.start(t)
	t.Cleanup(func() { h.stop(t) })
	return h
}

// leaveAbout fills the disk until about so many blocks are free: a hub that runs
// there takes some meanwhile.
func (d *disk) leaveAbout(t *testing.T, blocks int) {
	t.Helper()
	d.makeRoom(t)
	f, err := os.Create(d.ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, step := int64(0), d.free(t)
	for {
		if step = min(step, d.free(t)-int64(blocks)); step <= 0 {
			return
		}
		switch err := syscall.Fallocate(int(f.Fd()), 0, size*block, step*block); {
		case err == nil:
			size += step
		case errors.Is(err, syscall.ENOSPC):
			step /= 2
		default:
			t.Fatal(err)
		}
	}
}

// TestAJoiningAtAHubWhoseDiskFillsUp makes codes and takes hubs in on a disk with
// next to no room. What is not possible is told to who asked, and done again with
// room it comes about, with the same code.
func TestAJoiningAtAHubWhoseDiskFillsUp(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	d := newDisk(t, 16)
	h := d.hub(t)
	proc, dir := h.cmd, t.TempDir()
	failed := map[string]int{}
	// try does it on the full disk, and if that is not possible again with room.
	try := func(what string, blocks int, command func() *exec.Cmd, not func()) string {
		t.Helper()
		d.leaveAbout(t, blocks)
		defer d.makeRoom(t)
		out, err := command().CombinedOutput()
		if err == nil {
			return string(out)
		}
		failed[what]++
		if !strings.Contains(string(out), "disk may be full") {
			t.Errorf("with %d blocks %s ends with %v\n%s", blocks, what, err, out)
		}
		not()
		d.makeRoom(t)
		if out, err = command().CombinedOutput(); err != nil {
			t.Errorf("%d blocks were too few, and with room %s ends with %v\n%s", blocks, what, err, out)
		}
		return string(out)
	}
	joined := max(10, count(100))
	for i := range joined {
		place := fmt.Sprintf("Barn %d", i)
		folder, blocks := filepath.Join(dir, place), i%2
		code := strings.TrimSpace(try("invite", blocks, func() *exec.Cmd {
			return exec.Command("lamppost", "invite", "--quiet", "--place", place, "--data", h.folder)
		}, func() {}))
		try("join", blocks, func() *exec.Cmd { return joining(folder, code) }, func() {
			if _, err := node.ReadFolder(folder); !errors.Is(err, node.ErrNoCommunity) {
				t.Errorf("half a community: %v", err)
			}
			tidy(t, folder)
		})
		if t.Failed() {
			return
		}
		certified(t, folder, place)
	}
	if h.cmd != proc {
		t.Error("it was started again")
	}
	h.kill(t)
	h.start(t)
	if n := len(h.status(t).Hubs); n != joined {
		t.Errorf("%d hubs have joined, and %d are known", joined, n)
	}
	t.Logf("of %d each not possible: %v", joined, failed)
	if len(failed) == 0 {
		t.Error("there was always room")
	}
}
