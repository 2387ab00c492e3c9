package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// hubProc is one hub: a data folder, its addresses, and the process if it runs.
type hubProc struct {
	label, folder string
	http, sync    string
	peers         []*hubProc
	flags         []string // of run, besides those that every hub gets
	self          record.Author
	console       *control.Client
	cmd           *exec.Cmd
	ended         chan error
	log           string
}

// line founds a community with n hubs, each linked with the next, and starts them.
func line(t *testing.T, n int) []*hubProc {
	t.Helper()
	hubs, _ := rootedLine(t, n)
	return hubs
}

// rootedLine is a line, and the key of the root that decides there.
func rootedLine(t *testing.T, n int) ([]*hubProc, ed25519.PrivateKey) {
	t.Helper()
	dir := t.TempDir()
	var hubs []*hubProc
	var places []node.Place
	for i := range n {
		name := fmt.Sprintf("Place %d", i+1)
		h := &hubProc{
			label: name, folder: filepath.Join(dir, fmt.Sprint(i+1)), log: filepath.Join(dir, fmt.Sprintf("%d.log", i+1)),
			http: freeAddr(t), sync: freeAddr(t),
		}
		if i > 0 {
			h.peers = append(h.peers, hubs[i-1])
			hubs[i-1].peers = append(hubs[i-1].peers, h)
		}
		hubs, places = append(hubs, h), append(places, node.Place{Folder: h.folder, Label: name})
	}
	root, err := node.Found("Millbrook", time.Now(), places...)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hubs {
		f, err := node.ReadFolder(h.folder)
		if err != nil {
			t.Fatal(err)
		}
		h.self, h.console = record.AuthorOf(f.Key), control.NewClient(h.folder)
		h.start(t)
	}
	t.Cleanup(func() {
		for _, h := range hubs {
			h.stop(t)
			if t.Failed() {
				if b, err := os.ReadFile(h.log); err == nil {
					t.Logf("%s says:\n%s", h.label, b[max(0, len(b)-100_000):])
				}
			}
		}
	})
	for _, h := range hubs {
		h.awaitLinks(t)
	}
	return hubs, root
}

// freeAddr is an address nobody listens on now.
func freeAddr(t *testing.T) string {
	t.Helper()
	port, err := freePorts(1, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// start starts the hub and waits until it answers.
func (h *hubProc) start(t *testing.T) {
	t.Helper()
	h.launch(t)
	h.until(t, "answers", func() bool {
		_, err := h.console.Status(t.Context())
		return err == nil
	})
}

// launch starts the hub and does not wait for it.
func (h *hubProc) launch(t *testing.T) {
	t.Helper()
	args := []string{"run", "--data", h.folder, "--http", h.http, "--sync", h.sync, "--membership", "off", "--no-multicast", "--trust-clock", "--until-stdin-closes", "--newcomers", "1000"}
	for _, p := range h.peers {
		args = append(args, "--peer", p.sync)
	}
	args = append(args, h.flags...)
	log, err := os.OpenFile(h.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	h.cmd = exec.Command("lamppost", args...)
	h.cmd.Stderr = log
	if _, err := h.cmd.StdinPipe(); err != nil { // closes when this process ends
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended, cmd := make(chan error, 1), h.cmd
	h.ended = ended
	go func() { ended <- cmd.Wait() }()
}

// kill ends the hub as a pulled plug would.
func (h *hubProc) kill(t *testing.T) {
	t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-h.ended; err == nil {
		t.Errorf("%s was killed and ended well", h.label)
	}
	h.cmd = nil
}

// stop ends the hub as systemd would.
func (h *hubProc) stop(t *testing.T) {
	t.Helper()
	if h.cmd == nil {
		return
	}
	begun := time.Now()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	if err := <-h.ended; err != nil {
		t.Errorf("%s ends with %v", h.label, err)
	}
	if d := time.Since(begun); d > 5*time.Second {
		t.Errorf("%s took %v to stop", h.label, d)
	}
	h.cmd = nil
}

// until waits for what becomes true of a hub.
func (h *hubProc) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	if err := waitFor(t.Context(), patience, func() (bool, error) {
		select {
		case err := <-h.ended:
			return false, fmt.Errorf("it ended: %w", err)
		default:
			return ok(), nil
		}
	}); err != nil {
		if errors.Is(err, errLate) { // the log then holds what each goroutine does
			_ = h.cmd.Process.Signal(syscall.SIGQUIT)
			h.cmd, _ = nil, <-h.ended
		}
		t.Fatalf("%s: waiting until it %s: %v", h.label, what, err)
	}
}

func (h *hubProc) status(t *testing.T) control.Status {
	t.Helper()
	s, err := h.console.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *hubProc) awaitLinks(t *testing.T) {
	t.Helper()
	h.until(t, "has all its links", func() bool {
		s, n := h.status(t), 0
		for _, l := range s.Links {
			if l.Up() {
				n++
			}
		}
		return n == len(h.peers)
	})
}

// cut cuts the link of two hubs; mend mends it.
func cut(t *testing.T, a, b *hubProc) {
	t.Helper()
	ctx := t.Context()
	if err := errors.Join(a.console.Block(ctx, b.self), b.console.Block(ctx, a.self)); err != nil {
		t.Fatal(err)
	}
}

func mend(t *testing.T, a, b *hubProc) {
	t.Helper()
	ctx := t.Context()
	if err := errors.Join(a.console.Unblock(ctx, b.self), b.console.Unblock(ctx, a.self)); err != nil {
		t.Fatal(err)
	}
}
