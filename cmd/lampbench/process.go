package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// errNoProgram means that there is no lamppost to be run.
var errNoProgram = errors.New("there is no lamppost beside lampbench; `make build` makes both, --lamppost names another")

// lamppost is the path of the program that is measured as a process.
func (b *bench) lamppost() (string, error) {
	path := b.program
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", err
		}
		path = filepath.Join(filepath.Dir(self), "lamppost")
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w: %w", errNoProgram, err)
	}
	return path, nil
}

// process is a hub that runs by itself, alone.
type process struct {
	cmd  *exec.Cmd
	said bytes.Buffer
	http string

	pages http.Client
}

// launch runs the program on a folder and returns when its first page is there,
// and how long that took.
func launch(ctx context.Context, program string, f node.Folder) (*process, time.Duration, error) {
	ports, err := freePorts(3)
	if err != nil {
		return nil, 0, err
	}
	p := &process{http: ports[0], pages: http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}}
	p.cmd = exec.CommandContext(ctx, program, "run", "--data", f.Path, "--http", ports[0], "--sync", ports[1],
		"--membership", ports[2], "--trust-clock")
	p.cmd.Stderr = &p.said
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	err = await(ctx, 5*time.Millisecond, func() (bool, error) { return p.answers(ctx), nil })
	took := time.Since(began)
	if err != nil {
		err = errors.Join(err, p.stop())
	}
	return p, took, err
}

// answers reports whether the first page comes, whole.
func (p *process) answers(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.http+"/messages/town", nil)
	if err != nil {
		return false
	}
	res, err := p.pages.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.StatusCode == http.StatusOK
}

// idle is what the process takes over a time in which nothing happens.
func (p *process) idle(ctx context.Context, lasting time.Duration) (rss int64, cpu float64, err error) {
	return takes(ctx, p.cmd.Process.Pid, lasting)
}

// takes is what a process takes over a time: bytes of memory at its end, and of one
// core.
func takes(ctx context.Context, pid int, lasting time.Duration) (rss int64, cpu float64, err error) {
	before, err := fieldtest.UsageOf(pid)
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := pause(ctx, lasting); err != nil {
		return 0, 0, err
	}
	after, err := fieldtest.UsageOf(pid)
	return after.RSS, float64(after.CPU-before.CPU) / float64(time.Since(began)), err
}

// stop ends the process as systemd would.
func (p *process) stop() error {
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	if ended := p.cmd.Wait(); ended != nil {
		err = errors.Join(err, fmt.Errorf("lamppost: %w: %s", ended, p.said.Bytes()))
	}
	return err
}

// freePorts are addresses on loopback that nobody listens at.
func freePorts(n int) (addrs []string, err error) {
	var all []net.Listener // closed when all are drawn, so that they differ
	for range n {
		var ln net.Listener
		if ln, err = net.Listen("tcp", loopback); err != nil {
			break
		}
		all, addrs = append(all, ln), append(addrs, ln.Addr().String())
	}
	for _, ln := range all {
		err = errors.Join(err, ln.Close())
	}
	return addrs, err
}
