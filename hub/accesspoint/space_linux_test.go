package accesspoint

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// space is a network namespace: a machine with interfaces of its own. It ends with
// the test.
type space struct {
	t    *testing.T
	file *os.File
}

// newSpace makes one with nothing but loopback. The kernel's own network is never
// touched; who is not root is told that the test did not run.
func newSpace(t *testing.T) space {
	t.Helper()
	if os.Geteuid() != 0 && os.Getenv("CI") != "true" {
		t.Skip("did not run: it takes root to make a network namespace")
	}
	for _, program := range []string{"ip", "nft", "bridge"} {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") != "true" {
			t.Skipf("did not run: %v (Debian's packages are iproute2 and nftables)", err)
		}
	}
	var f *os.File
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			f, err = os.Open("/proc/thread-self/ns/net")
		}
		made <- err
	}()
	err := <-made
	if errors.Is(err, unix.EPERM) && os.Getenv("CI") != "true" {
		t.Skipf("did not run: %v (a container lets its root do less)", err)
	}
	ok(t, err)
	t.Cleanup(func() { f.Close() })
	s := space{t, f}
	s.run("ip", "link", "set", "lo", "up")
	return s
}

// do runs something on a thread that is in the namespace.
func (s space) do(what func()) {
	s.t.Helper()
	var err error
	whole, done := false, make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = unix.Setns(int(s.file.Fd()), unix.CLONE_NEWNET); err == nil {
			what()
		}
		whole = err == nil
	}()
	if <-done; err != nil {
		s.t.Fatal(err)
	}
	if !whole { // it gave up
		s.t.FailNow()
	}
}

// start runs a program to its end and returns what it said.
func (s space) start(cmd *exec.Cmd) (said string, err error) {
	s.do(func() {
		var b []byte
		b, err = cmd.CombinedOutput()
		said = string(b)
	})
	return said, err
}

// run runs a program that has to succeed.
func (s space) run(program string, args ...string) string {
	s.t.Helper()
	said, err := s.start(exec.CommandContext(s.t.Context(), program, args...))
	if err != nil {
		s.t.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, said)
	}
	return said
}

// cable joins an interface here with one there.
func (s space) cable(here string, other space, there string) {
	s.t.Helper()
	s.run("ip", "link", "add", here, "type", "veth", "peer", "name", there,
		"netns", fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), other.file.Fd()))
	other.run("ip", "link", "set", there, "up")
}

// state is all of the namespace that Up might change, as an operator would list it.
// What comes late, with the carrier, is left out.
func (s space) state() string {
	s.t.Helper()
	out := s.run("sh", "-ec", "nft list ruleset; ip -o addr; ip rule; ip route show table all; ip -6 rule; ip -o link; "+
		"grep . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv6/conf/all/forwarding "+
		"/proc/sys/net/ipv4/conf/*/accept_redirects /proc/sys/net/ipv6/conf/*/accept_ra /proc/sys/net/ipv6/conf/*/accept_redirects /proc/sys/net/ipv6/conf/*/mtu")
	// What ip says while a network namespace of others comes or goes is not the machine's.
	late := regexp.MustCompile(`(?m)^.*\b(fe80|ff00)::.*\n|^Error: Peer netns reference is invalid\.\n| (state|qdisc) \S+|,?(LOWER_UP|NO-CARRIER|M-DOWN),?| linkdown`)
	return late.ReplaceAllString(out, "")
}
