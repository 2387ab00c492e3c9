// Package fieldtest runs communities of real lamppost processes on networks made
// by netnstest, for scenarios (the tests of this package) and for measurements.
package fieldtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
	"github.com/lamppost-hub/lamppost/hub/control"
)

// Where a hub's pages and its sync port are, within its namespace.
const (
	pages    = "127.0.0.1:8080"
	SyncPort = "4680"
)

// stopWithin is how soon a hub has to end when it is told to.
const stopWithin = 5 * time.Second

// answerWithin is how soon a hub that was started has to answer.
const answerWithin = 30 * time.Second

// Hub is a lamppost process on a machine of its own, or what it left when it does
// not run.
type Hub struct {
	Label   string
	Program string // path of lamppost
	Folder  string // its data
	Log     string // path of what it says on standard error
	Host    *netnstest.Host
	Flags   []string // of run, besides those that every hub gets
	Resolv  string   // path of its machine's resolv.conf; "" = that of this machine

	proc *process
}

// process is one run of the program.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer // the hub ends when this closes, as at the end of our process
	ended chan struct{}
	err   error // of its end
}

// Console asks the hub.
func (h *Hub) Console() *control.Client { return control.NewClient(h.Folder) }

// Start runs the hub and returns when it answers.
func (h *Hub) Start(ctx context.Context) error {
	args := slices.Concat([]string{
		"run", "--data", h.Folder, "--http", ":8080", "--sync", ":" + SyncPort,
		"--trust-clock", "--until-stdin-closes", "--newcomers", "10000",
	}, h.Flags)
	log, err := os.OpenFile(h.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	ctxOfRun := context.WithoutCancel(ctx) // Stop and Kill end it
	cmd := h.Host.Command(ctxOfRun, h.Program, args...)
	if h.Resolv != "" {
		cmd = h.Host.CommandResolving(ctxOfRun, h.Resolv, h.Program, args...)
	}
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p := &process{cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		p.err = cmd.Wait()
	}()
	h.proc = p
	_, err = Await(ctx, answerWithin, 20*time.Millisecond, h.Label+" answers", func(ctx context.Context) (bool, error) {
		if !h.Runs() {
			return false, fmt.Errorf("%s ended: %w\n%s", h.Label, p.err, h.Said())
		}
		_, err := h.Console().Status(ctx)
		return err == nil, nil
	})
	return err
}

// StartAll starts hubs at the same time.
func StartAll(ctx context.Context, hubs ...*Hub) error {
	errs := make([]error, len(hubs))
	var all sync.WaitGroup
	for i, h := range hubs {
		all.Go(func() { errs[i] = h.Start(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// Runs reports whether the hub was started and has not ended.
func (h *Hub) Runs() bool {
	if h.proc == nil {
		return false
	}
	select {
	case <-h.proc.ended:
		return false
	default:
		return true
	}
}

// PID is the process's, while it runs.
func (h *Hub) PID() int { return h.proc.cmd.Process.Pid }

// Stop ends the hub as systemd would. It is an error if that takes long, or if
// the hub has ended by itself.
func (h *Hub) Stop() error {
	p := h.proc
	if p == nil {
		return nil
	}
	h.proc = nil
	begun := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(4 * stopWithin)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // the log then holds what each goroutine does
		<-p.ended
	}
	if p.err != nil {
		return fmt.Errorf("%s ends with %w", h.Label, p.err)
	}
	if took := time.Since(begun); took > stopWithin {
		return fmt.Errorf("%s took %v to stop", h.Label, took)
	}
	return nil
}

// Kill ends the hub as a pulled plug would.
func (h *Hub) Kill() error {
	p := h.proc
	h.proc = nil
	err := p.cmd.Process.Kill()
	<-p.ended
	return err
}

// Run runs another command of the program on the hub's machine, to its end, and
// returns what it prints.
func (h *Hub) Run(ctx context.Context, args ...string) (string, error) {
	cmd := h.Host.Command(ctx, h.Program, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("lamppost %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return out.String(), nil
}

// Said is the end of the log.
func (h *Hub) Said() string {
	b, err := os.ReadFile(h.Log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-20_000):])
}
