package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// How long a demo's hub may take.
const (
	launchWithin = 20 * time.Second
	stopWithin   = 6 * time.Second
	askEvery     = 20 * time.Millisecond
)

// place is one place of the demo. Its hub is a process of this program.
type place struct {
	number     int
	label      string
	folder     string
	http, sync string
	self       record.Author
	peers      []*place
	console    *control.Client
	log        io.Writer // nil = none
	proc       *process  // nil while the hub does not run
}

// process is a hub that was started.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer // the hub stops when it closes
	said  *tail
	done  chan struct{} // closed when it has ended
}

// identify reads who the place's hub is.
func (p *place) identify() error {
	f, err := node.ReadFolder(p.folder)
	if err != nil {
		return err
	}
	p.self, p.console = record.AuthorOf(f.Key), control.NewClient(p.folder)
	return nil
}

func (p *place) verbose(yes bool, w io.Writer) {
	if yes {
		p.log = &prefixed{w: w, prefix: fmt.Sprintf("%d: ", p.number)}
	}
}

// launch starts the hub and waits until it answers. If it ends later, ended
// receives it.
func (p *place) launch(ctx context.Context, ended chan<- *process) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{
		"run", "--data", p.folder, "--http", p.http, "--sync", p.sync,
		"--membership", off, "--no-multicast", // the links are those that are commanded
		"--trust-clock", "--until-stdin-closes", "--newcomers", "1000",
	}
	for _, other := range p.peers {
		args = append(args, "--peer", other.sync)
	}
	proc := &process{cmd: exec.Command(self, args...), said: &tail{also: p.log}, done: make(chan struct{})}
	proc.cmd.Stderr = proc.said
	// Its own group: Ctrl-C goes to the demo alone, which stops the hubs. Should
	// the demo be killed, the system ends them.
	proc.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if proc.stdin, err = proc.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := proc.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.label, err)
	}
	go func() {
		_ = proc.cmd.Wait() // what it has said tells more
		close(proc.done)
	}()
	p.proc = proc
	err = waitFor(ctx, launchWithin, func() (bool, error) {
		select {
		case <-proc.done:
			p.proc = nil
			return false, fmt.Errorf("%s does not start:\n%s", p.label, proc.said.last())
		default:
		}
		_, err := p.console.Status(ctx)
		return err == nil, nil
	})
	if err != nil {
		return err
	}
	go func() {
		<-proc.done
		select {
		case ended <- proc:
		case <-ctx.Done():
		}
	}()
	return nil
}

// kill ends the hub at once.
func (p *place) kill() error {
	proc := p.proc
	p.proc = nil
	err := proc.cmd.Process.Kill()
	<-proc.done
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// ask asks the hub to stop.
func (p *place) ask() {
	if p.proc != nil {
		_ = p.proc.cmd.Process.Signal(syscall.SIGTERM) // it has ended already
	}
}

// stop waits for a hub that was asked to stop.
func (p *place) stop() {
	if p.proc == nil {
		return
	}
	late := time.NewTimer(stopWithin)
	defer late.Stop()
	select {
	case <-p.proc.done:
	case <-late.C:
		_ = p.kill() // nothing else is left to try
	}
	p.proc = nil
}

// errLate is what was waited for in vain.
var errLate = errors.New("it takes too long")

// waitFor asks again and again until ok or an error, for so long.
func waitFor(ctx context.Context, within time.Duration, ok func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, errLate)
	defer cancel()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		if yes, err := ok(); yes || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// tail keeps the end of what a hub logs.
type tail struct {
	also io.Writer
	mu   sync.Mutex
	b    []byte
}

const maxTail = 2000

// Write keeps b. It never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if over := len(t.b) - maxTail; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	if t.also != nil {
		_, _ = t.also.Write(b) // the hub goes on without readers
	}
	return len(b), nil
}

func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return "  " + strings.ReplaceAll(strings.TrimSpace(string(t.b)), "\n", "\n  ")
}

// prefixed says which hub a line comes from. A hub's logger writes whole lines.
type prefixed struct {
	w      io.Writer
	prefix string
}

// Write writes one line.
func (p *prefixed) Write(b []byte) (int, error) {
	if _, err := p.w.Write(append([]byte(p.prefix), b...)); err != nil {
		return 0, err
	}
	return len(b), nil
}
