package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a test waits for what must happen: long enough for a
// machine that is busy with other things.
const patience = 2 * time.Minute

// TestCommandLine runs testdata/script/*.txtar. Beside testscript's own commands
// a script has those below.
func TestCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv(noInternet, "false")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await, "page": pageHolds, "post": postAt, "occupy": occupy, "spoil": spoil, "gone": gone, "freeport": freePort,
			"exits": exits, "same": same, "awaitdemo": awaitDemo, "comeback": comeBack,
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}

// await DIR: waits until the hub of a data folder answers, and sets $HTTP to the
// address of its pages.
func await(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, neg, args, 1)
	c := control.NewClient(ts.MkAbs(args[0]))
	ts.Check(waitFor(context.Background(), patience, func() (bool, error) {
		s, err := c.Status(context.Background())
		ts.Setenv("HTTP", s.HTTP)
		return err == nil, nil
	}))
}

// page PATH TEXT: asks the hub at $HTTP for a page that must hold the text, or
// with ! must not.
func pageHolds(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, false, args, 2) // ! means: must not hold it
	n := newNeighbor(ts.Getenv("HTTP"))
	_, body, err := n.get(args[0])
	ts.Check(err)
	if strings.Contains(body, args[1]) == neg {
		ts.Fatalf("%q on %s: %v\n%s", args[1], args[0], !neg, body)
	}
}

// post TEXT [NAME]: a new neighbor, Ana if nothing else is said, posts in town at the hub at $HTTP.
func postAt(ts *testscript.TestScript, neg bool, args []string) {
	name := "Ana"
	if len(args) == 2 {
		name, args = args[1], args[:1]
	}
	takes(ts, neg, args, 1)
	n := newNeighbor(ts.Getenv("HTTP"))
	ts.Check(n.begin(args[0], name))
}

// comeback FILE N TEXT: somebody enters the six words of the Nth card in a printed page at
// the hub at $HTTP, and the page "You" must show the text then. With ! they must not come
// in, and be told the text.
func comeBack(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, false, args, 3)
	page, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	cards := rootsheet.Find(string(page))
	if at < 1 || at > len(cards) {
		ts.Fatalf("%d cards in %s", len(cards), args[0])
	}
	n := newNeighbor(ts.Getenv("HTTP"))
	_, _, err = n.get("/return")
	ts.Check(err)
	to, err := n.send("/return", "code", cards[at-1])
	if neg {
		if err == nil || !strings.Contains(err.Error(), args[2]) {
			ts.Fatalf("they come in, or are not told %q: %v", args[2], err)
		}
		return
	}
	ts.Check(err)
	_, _, err = n.get(to) // from there on the cookie counts
	ts.Check(err)
	_, body, err := n.get("/you")
	ts.Check(err)
	if !strings.Contains(body, args[2]) {
		ts.Fatalf("%q is not on /you:\n%s", args[2], body)
	}
}

// occupy ENV: listens on a free port until the script's end and sets ENV to its
// address.
func occupy(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, neg, args, 1)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ts.Check(ln.Close()) })
	ts.Setenv(args[0], ln.Addr().String())
	_, port, err := net.SplitHostPort(ln.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0]+"PORT", port)
}

// exits CODE PROGRAM ARGS...: runs a program that must exit so.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program args...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d (%v)", code, err)
	}
}

// same A B: two files must hold the same bytes.
func same(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, neg, args, 2)
	a, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if !bytes.Equal(a, b) {
		ts.Fatalf("%s and %s differ", args[0], args[1])
	}
}

// awaitdemo DIR: waits until the three hubs of a demo whose temporary folder is
// in DIR answer.
func awaitDemo(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, neg, args, 1)
	ts.Check(waitFor(context.Background(), patience, func() (bool, error) {
		sockets, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*", "*", control.File))
		return len(sockets) == 3, err
	}))
}

// freeport ENV: sets ENV to a number so that ports ENV and ENV+1 are free at
// 127.0.0.1, .2 and .3.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, neg, args, 1)
	port, err := freePorts(2, "127.0.0.1", "127.0.0.2", "127.0.0.3")
	ts.Check(err)
	ts.Setenv(args[0], fmt.Sprint(port))
}

// spoil FILE: overwrites the file's beginning, as a dying SD card would.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, neg, args, 1)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	defer f.Close()
	junk := make([]byte, 64<<10)
	_, _ = rand.Read(junk) // it never fails
	_, err = f.WriteAt(junk, 0)
	ts.Check(err)
}

// gone TEXT: waits until no process has TEXT on its command line.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	takes(ts, neg, args, 1)
	ts.Check(waitFor(context.Background(), patience, func() (bool, error) {
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range lines {
			b, err := os.ReadFile(file)
			if err == nil && bytes.Contains(b, []byte(args[0])) {
				return false, nil
			}
		}
		return true, err
	}))
}

func takes(ts *testscript.TestScript, neg bool, args []string, n int) {
	if neg || len(args) != n {
		ts.Fatalf("this command takes %d arguments", n)
	}
}
