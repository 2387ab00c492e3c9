package iface_test

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/iface"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inNamespace runs a test again in a network namespace of its own, as root.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("LAMPPOST_TEST_NETNS") == "yes" {
		return true
	}
	if os.Geteuid() != 0 && os.Getenv("CI") != "true" {
		t.Skip("needs root")
	}
	cmd := exec.Command("unshare", "--net", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "LAMPPOST_TEST_NETNS=yes")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	return false
}

func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", args, err, out)
	}
}

func TestInterfacesAreFollowed(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	lists := make(chan []iface.Interface, 64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		iface.Watch(ctx, func(is []iface.Interface) { lists <- is })
	}()
	defer func() { cancel(); <-done }()
	within := func(what string, ok func(is []iface.Interface) bool) {
		t.Helper()
		late := time.After(3 * time.Second) // the poll is a minute
		for {
			select {
			case is := <-lists:
				if ok(is) {
					return
				}
			case <-late:
				t.Fatalf("never: %s", what)
			}
		}
	}
	has := func(name, addr string) func([]iface.Interface) bool {
		return func(is []iface.Interface) bool {
			return slices.ContainsFunc(is, func(i iface.Interface) bool {
				return i.Name == name && (addr == "" || slices.Contains(i.Addrs, netip.MustParsePrefix(addr)))
			})
		}
	}
	within("nothing is up", func(is []iface.Interface) bool { return len(is) == 0 })
	ip(t, "link add a0 type veth peer name a1")
	ip(t, "link set a0 up")
	within("a0 is up", has("a0", ""))
	ip(t, "addr add 10.9.0.1/24 dev a0")
	within("it has an address", has("a0", "10.9.0.1/24"))
	ip(t, "addr del 10.9.0.1/24 dev a0")
	within("it has none", func(is []iface.Interface) bool { return !has("a0", "10.9.0.1/24")(is) })
	ip(t, "link del a0")
	within("it is gone", func(is []iface.Interface) bool { return len(is) == 0 })
}

func TestLoopbackIsKnownAsSuch(t *testing.T) {
	is, err := iface.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range is {
		if i.Loopback != slices.Contains(i.Addrs, netip.MustParsePrefix("127.0.0.1/8")) {
			t.Errorf("%+v", i)
		}
	}
}
