package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// invited is a join code that a running hub has made for a place.
func invited(t *testing.T, h *hubProc, place string) string {
	t.Helper()
	var made control.Invited
	if err := h.console.Call(t.Context(), "invite", control.Invite{Label: place, Seconds: 3600}, &made); err != nil {
		t.Fatal(err)
	}
	return made.Code
}

// joining is the command that joins by a code and fetches nothing.
func joining(folder, code string) *exec.Cmd {
	return exec.Command("lamppost", "join", code, "--data", folder, "--wait", "0")
}

// certified checks that a folder is that of the place that its hub's community
// knows by the name.
func certified(t *testing.T, folder, place string) record.Author {
	t.Helper()
	f, err := node.ReadFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.New(node.Config{Folder: f})
	if err != nil {
		t.Fatal(err)
	}
	if about := n.About(); about.Place != place {
		t.Errorf("certified as %q, not %q", about.Place, place)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	return record.AuthorOf(f.Key)
}

// A plug pulled at either machine during a joining costs nothing: the same again
// finishes it, with the key that the code was bound to.
func TestAJoiningIsFinishedWhereverItWasKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hub := line(t, 1)[0]
	dir := t.TempDir()
	begun := time.Now()
	if out, err := joining(filepath.Join(dir, "measure"), invited(t, hub, "Measure")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	takes := time.Since(begun) / 2 // half of it was the inviting
	outcomes := map[string]int{}
	for i := range max(2, count(100)) {
		place := fmt.Sprintf("Barn %d", i)
		folder, code := filepath.Join(dir, place), invited(t, hub, place)
		cmd := joining(folder, code)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.NewTimer(takes/2 + rand.N(takes))
		<-timer.C
		if i%2 == 0 {
			_ = cmd.Process.Kill() // it may have ended
			_ = cmd.Wait()
		} else {
			hub.kill(t)
			_ = cmd.Wait()
			hub.start(t)
		}
		_, err := node.ReadFolder(folder)
		switch {
		case errors.Is(err, node.ErrNoCommunity):
			outcomes["before"]++
		case err == nil:
			outcomes["after"]++
		default:
			t.Fatal(err)
		}
		if out, err := joining(folder, code).CombinedOutput(); err != nil {
			t.Fatalf("the same again: %v\n%s", err, out)
		}
		certified(t, folder, place)
		tidy(t, folder)
	}
	var all control.Invitations
	if err := hub.console.Call(t.Context(), "invitations", control.Nothing{}, &all); err != nil {
		t.Fatal(err)
	}
	for _, in := range all.Invitations {
		if in.State != "used" || in.By != in.Label {
			t.Errorf("%+v", in)
		}
	}
	t.Logf("interrupted %v", outcomes)
}

// Who waits for what has been posted is told that the hub to fetch it from is gone.
func TestAJoiningSaysThatTheOtherHubIsGone(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hub := line(t, 1)[0]
	folder, code := filepath.Join(t.TempDir(), "new"), invited(t, hub, "Barn")
	if out, err := joining(folder, code).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	hub.kill(t)
	out, err := exec.Command("lamppost", "join", code, "--data", folder, "--wait", "4s").CombinedOutput()
	if said := string(out); err != nil || strings.Count(said, "does not answer now") != 1 || !strings.Contains(said, hub.sync) || !strings.Contains(said, "Start the hub with") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestAJoiningOnADiskThatFillsUp joins with every amount of room that a joining may
// run out of. The code stays good for the folder.
func TestAJoiningOnADiskThatFillsUp(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	d := newDisk(t, 16)
	hub := line(t, 1)[0]
	folder := filepath.Join(d.dir, "new")
	failed, fits := 0, 0
	for blocks := 0; fits < 2; blocks += max(1, 10/count(10)) {
		d.clear(t)
		place := fmt.Sprintf("Barn %d", blocks)
		code := invited(t, hub, place)
		d.leave(t, blocks)
		out, err := joining(folder, code).CombinedOutput()
		if err == nil {
			fits++
			continue
		}
		failed, fits = failed+1, 0
		if !strings.Contains(string(out), "is full; make room on it and start again") {
			t.Errorf("with %d blocks it ends with %v\n%s", blocks, err, out)
		}
		tidy(t, folder)
		d.makeRoom(t)
		if out, err := joining(folder, code).CombinedOutput(); err != nil {
			t.Errorf("%d blocks were too few, and with room it ends with %v\n%s", blocks, err, out)
		}
		certified(t, folder, place)
	}
	t.Logf("%d amounts of room were too little", failed)
	if failed == 0 {
		t.Error("there was always room")
	}
}
