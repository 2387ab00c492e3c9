// Package netnstest makes networks out of the kernel's own parts: a namespace
// for each machine and each switch, veth pairs as cables, nftables rules and
// traffic control for what goes wrong on them. Nothing is changed outside the
// namespaces it makes, and none of them has a default route.
//
// It calls ip, bridge, tc and nft with what an operator would type, and needs to
// be root. What a process that was killed has left is removed by the next.
package netnstest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrUnable means that this process cannot make networks: it is not root, or a
// program is missing.
var ErrUnable = errors.New("networks cannot be made here")

// folder is where ip keeps the names of namespaces.
const folder = "/run/netns"

// closing bounds what Close does.
const closing = 20 * time.Second

// Net is a set of namespaces that end together.
type Net struct {
	prefix string

	mu    sync.Mutex
	names []string
}

// New begins a network with nothing in it. It fails with ErrUnable where none
// can be made.
func New(ctx context.Context) (*Net, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("%w: it takes root", ErrUnable)
	}
	for _, program := range []string{"ip", "bridge", "tc", "nft"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("%w: %w (Debian's packages are iproute2 and nftables)", ErrUnable, err)
		}
	}
	if err := sweep(ctx); err != nil {
		return nil, err
	}
	var salt [2]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return nil, err
	}
	return &Net{prefix: fmt.Sprintf("lp%d-%s-", os.Getpid(), hex.EncodeToString(salt[:]))}, nil
}

// Close removes the namespaces and all that is in them; what runs there loses
// its network.
func (n *Net) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	n.mu.Lock()
	defer n.mu.Unlock()
	var errs []error
	for _, name := range n.names {
		errs = append(errs, ip(ctx, "netns", "delete", name))
	}
	n.names = nil
	return errors.Join(errs...)
}

// sweep removes the namespaces of processes that are no more.
func sweep(ctx context.Context) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	ours := regexp.MustCompile(`^lp([0-9]+)-[0-9a-f]{4}-`)
	for _, e := range entries {
		m := ours.FindStringSubmatch(e.Name())
		if len(m) < 2 || alive(m[1]) {
			continue
		}
		err := ip(ctx, "netns", "delete", e.Name())
		if _, gone := os.Lstat(folder + "/" + e.Name()); err != nil && gone == nil {
			return fmt.Errorf("remove what an earlier run left: %w", err)
		}
	}
	return nil
}

func alive(pid string) bool {
	_, err := os.Stat("/proc/" + pid)
	return err == nil
}

// Space is one namespace.
type Space struct {
	Name string // as ip knows it
}

// space makes a namespace; name is unique in the network.
func (n *Net) space(ctx context.Context, name string) (Space, error) {
	s := Space{n.prefix + name}
	if err := ip(ctx, "netns", "add", s.Name); err != nil {
		return s, err
	}
	n.mu.Lock()
	n.names = append(n.names, s.Name)
	n.mu.Unlock()
	return s, s.ip(ctx, "link", "set", "lo", "up")
}

// Command is a program to be run in the namespace. Its process is the program's
// own: ip becomes it.
func (s Space) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", s.Name, program}, args...)...)
}

// CommandResolving is Command with another /etc/resolv.conf, that the program alone
// sees: its machine's own.
func (s Space) CommandResolving(ctx context.Context, resolvConf, program string, args ...string) *exec.Cmd {
	const script = `mount --bind "$0" /etc/resolv.conf && exec "$@"` // ip has made it mounts of its own
	return s.Command(ctx, "sh", append([]string{"-c", script, resolvConf, program}, args...)...)
}

// ip runs the ip command on the namespace.
func (s Space) ip(ctx context.Context, args ...string) error {
	return ip(ctx, append([]string{"-n", s.Name}, args...)...)
}

// in runs a program in the namespace to its end.
func (s Space) in(ctx context.Context, program string, args ...string) error {
	return ran(s.Command(ctx, program, args...))
}

// ip runs the ip command.
func ip(ctx context.Context, args ...string) error {
	return ran(exec.CommandContext(ctx, "ip", args...))
}

// ran runs a command; its error has the command line and what it said.
func ran(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

// device is a name for a network device: at most 15 bytes.
func device(name string, i int) string {
	suffix := strconv.Itoa(i)
	return name[:min(len(name), 15-len(suffix))] + suffix
}
