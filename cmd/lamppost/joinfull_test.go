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
	try := func(what string, blocks int, command func() ([]byte, error), not func()) string {
		t.Helper()
		d.leaveAbout(t, blocks)
		defer d.makeRoom(t)
		out, err := command()
		if err == nil {
			return string(out)
		}
		failed[what]++
		if !strings.Contains(string(out), "disk may be full") {
			t.Errorf("with %d blocks %s ends with %v\n%s", blocks, what, err, out)
		}
		not()
		d.makeRoom(t)
		if out, err = command(); err != nil {
			t.Errorf("%d blocks were too few, and with room %s ends with %v\n%s", blocks, what, err, out)
		}
		return string(out)
	}
	joined := max(10, count(100))
	for i := range joined {
		place := fmt.Sprintf("Barn %d", i)
		folder, blocks := filepath.Join(dir, place), i%2
		code := strings.TrimSpace(try("invite", blocks, func() ([]byte, error) {
			return exec.Command("lamppost", "invite", "--quiet", "--place", place, "--data", h.folder).CombinedOutput()
		}, func() {}))
		try("join", blocks, func() ([]byte, error) { return joiningInTurn(folder, code) }, func() {
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

// joiningInTurn is a joining that comes again when it is told to: all are from one
// address, and a hub lets one address ask once in two seconds.
func joiningInTurn(folder, code string) (out []byte, err error) {
	pause := time.NewTicker(2 * time.Second)
	defer pause.Stop()
	for range 30 {
		if out, err = joining(folder, code).CombinedOutput(); err == nil || !strings.Contains(string(out), "too many hubs want to join") {
			return out, err
		}
		<-pause.C
	}
	return out, err
}

// TestAJoiningFetchesOntoADiskThatFillsUp: a hub that has joined fetches what has
// been posted so far with every amount of room that this may run out of. It says
// so, and the same again with room fetches the rest.
func TestAJoiningFetchesOntoADiskThatFillsUp(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	d := newDisk(t, 16)
	hub := line(t, 1)[0]
	few(t, hub, &journal{texts: map[string]string{}}, "Ana", 400)
	failed := 0
	for i, blocks := range steps(40) {
		d.clear(t)
		place := fmt.Sprintf("Barn %d", i)
		folder, code := filepath.Join(d.dir, "new"), invited(t, hub, place)
		if out, err := joining(folder, code).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		d.leaveAbout(t, blocks)
		again := func() string {
			t.Helper()
			out, err := exec.Command("lamppost", "join", code, "--data", folder, "--wait", "1m").CombinedOutput()
			if err != nil {
				t.Errorf("with %d blocks: %v\n%s", blocks, err, out)
			}
			return string(out)
		}
		const all = "All that has been posted so far is here"
		begun := time.Now()
		if out := again(); !strings.Contains(out, all) {
			failed++
			if !strings.Contains(out, "is full; make room on it") || time.Since(begun) > 20*time.Second {
				t.Errorf("with %d blocks, after %v: %s", blocks, time.Since(begun), out)
			}
		}
		tidy(t, folder)
		d.makeRoom(t)
		if out := again(); !strings.Contains(out, all) {
			t.Errorf("with room: %s", out)
		}
	}
	t.Logf("%d amounts of room were too little", failed)
	if failed == 0 {
		t.Error("there was always room")
	}
}
