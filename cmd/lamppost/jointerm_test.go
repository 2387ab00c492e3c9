package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// order is one run of a command, and what it said.
type order struct {
	*exec.Cmd
	out, said strings.Builder
}

// begin runs a command and does not wait for it.
func begin(t *testing.T, args ...string) *order {
	t.Helper()
	c := &order{Cmd: exec.Command("lamppost", args...)}
	c.Stdout, c.Stderr = &c.out, &c.said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// term tells the command to stop, if it still runs, and waits for its end: it is
// through already, or it died of the signal before its first line, or it says why, or it
// has just found that nobody answers, as the other hub was told first.
func (c *order) term(t *testing.T) (took time.Duration) {
	t.Helper()
	begun := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	err := c.Wait()
	if took = time.Since(begun); took > stopsWithin {
		t.Errorf("%q took %v to stop\n%s", c.Args, took, &c.said)
	}
	said := c.said.String()
	if err != nil && !died(err) && !strings.Contains(said, "told to stop") && !strings.Contains(said, "nothing answers at that address") {
		t.Errorf("%q told to stop ends with %v: %s", c.Args, err, &c.said)
	}
	return took
}

// TestAJoiningStopsAtAnyMoment tells a joining, or the hub that it asks, to stop,
// at any moment from its start to the fetching of what has been posted; sometimes
// while the other stands still. The same again finishes it.
func TestAJoiningStopsAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hub := line(t, 1)[0]
	few(t, hub, &journal{texts: map[string]string{}}, "Ana", 200)
	dir := t.TempDir()
	begun := time.Now()
	if out, err := exec.Command("lamppost", "join", invited(t, hub, "Measure"), "--data", filepath.Join(dir, "measure")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	takes := time.Since(begun)
	outcomes := map[string]int{}
	var slowest, slowestHub time.Duration
	for i := range max(6, count(100)) {
		place := fmt.Sprintf("Barn %d", i)
		folder, code := filepath.Join(dir, place), invited(t, hub, place)
		cmd := begin(t, "join", code, "--data", folder)
		goOn := func() {}
		if i%3 == 0 {
			pause(rand.N(takes / 2))
			goOn = hub.freeze(t)
		}
		pause(rand.N(takes))
		if i%3 == 1 {
			took, _ := hub.term(t)
			slowestHub = max(slowestHub, took)
		}
		slowest = max(slowest, cmd.term(t))
		goOn()
		if hub.cmd == nil {
			hub.start(t)
		}
		switch _, err := node.ReadFolder(folder); {
		case errors.Is(err, node.ErrNoCommunity):
			outcomes["before"]++
		case err == nil:
			outcomes["after"]++
		default:
			t.Fatal(err)
		}
		tidy(t, folder)
		if out, err := joining(folder, code).CombinedOutput(); err != nil {
			t.Fatalf("the same again: %v\n%s", err, out)
		}
		certified(t, folder, place)
		if t.Failed() {
			return
		}
	}
	t.Logf("stopped %v, the slowest joining after %v and hub after %v", outcomes, slowest.Round(time.Millisecond), slowestHub.Round(time.Millisecond))
}

// TestAnInvitingStopsAtAnyMoment tells the command, or the hub that makes the
// code, to stop. A code that was shown is good, also after the hub's next start.
func TestAnInvitingStopsAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hub := line(t, 1)[0]
	begun := time.Now()
	invited(t, hub, "Measure")
	takes := time.Since(begun) + startTime
	var shown []string
	var slowest time.Duration
	tries := max(6, count(60))
	for i := range tries {
		cmd := begin(t, "invite", "--quiet", "--place", fmt.Sprintf("Barn %d", i), "--data", hub.folder)
		pause(rand.N(takes))
		if i%2 == 0 {
			took, _ := hub.term(t)
			slowest = max(slowest, took)
			_ = cmd.Wait() // without its hub it may fail
			hub.start(t)
		} else {
			slowest = max(slowest, cmd.term(t))
		}
		if code := strings.TrimSpace(cmd.out.String()); code != "" {
			shown = append(shown, code)
		}
		if t.Failed() {
			return
		}
	}
	for i, code := range shown {
		folder := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if out, err := joining(folder, code).CombinedOutput(); err != nil {
			t.Errorf("a code that was shown is not good: %v\n%s", err, out)
		}
	}
	var all control.Invitations
	if err := hub.console.Call(t.Context(), "invitations", control.Nothing{}, &all); err != nil {
		t.Fatal(err)
	}
	t.Logf("of %d invitings %d showed a code and %d made one, the slowest stop after %v", tries, len(shown), len(all.Invitations)-1, slowest.Round(time.Millisecond))
}
