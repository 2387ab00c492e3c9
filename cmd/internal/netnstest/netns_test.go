package netnstest

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func ok(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// open makes a network that ends with the test.
func open(t *testing.T) *Net {
	t.Helper()
	if testing.Short() {
		t.Skip("makes network namespaces")
	}
	n, err := New(t.Context())
	if errors.Is(err, ErrUnable) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	ok(t, err)
	t.Cleanup(func() { ok(t, n.Close()) })
	return n
}

// hears makes a machine take and end connections at port 7 until the test ends.
func hears(t *testing.T, h *Host) {
	t.Helper()
	listening := make(chan net.Listener)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this
		if err := h.enter(); err != nil {
			t.Error(err)
		}
		ln, err := net.Listen("tcp", ":7")
		if err != nil {
			t.Error(err)
		}
		listening <- ln
	}()
	ln := <-listening
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
}

// comes waits until connections come about: the kernel tells a carrier's coming
// up to a second late.
func comes(t *testing.T, from *Host, to string) bool {
	t.Helper()
	for range 10 {
		if reaches(t, from, to) {
			return true
		}
	}
	return false
}

// reaches reports whether a connection comes about at once.
func reaches(t *testing.T, from *Host, to string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	c, err := from.Dial(ctx, "tcp", to)
	if err == nil {
		c.Close()
	}
	return err == nil
}

func TestTwoMachinesOnASwitch(t *testing.T) {
	t.Parallel()
	n, ctx := open(t), t.Context()
	sw, err := n.Bridge(ctx, "sw")
	ok(t, err)
	a, err := n.Host(ctx, "a")
	ok(t, err)
	b, err := n.Host(ctx, "averylongname")
	ok(t, err)
	pa, err := a.Plug(ctx, sw, "10.1.0.1/24", "fd00:1::1/64")
	ok(t, err)
	pb, err := b.Plug(ctx, sw, "10.1.0.2/24", "fd00:1::2/64")
	ok(t, err)
	hears(t, a)
	hears(t, b)
	expect := func(what string, there bool) {
		t.Helper()
		try := reaches
		if there {
			try = comes
		}
		if try(t, a, "10.1.0.2:7") != there || try(t, b, "10.1.0.1:7") != there {
			t.Errorf("%s: that a and b reach each other is not %t", what, there)
		}
	}
	expect("plugged in", true)
	if !comes(t, a, "[fd00:1::2]:7") {
		t.Error("IPv6 cannot be used at once")
	}
	if reaches(t, a, "10.9.0.1:7") {
		t.Error("there is a way out")
	}
	if _, err := a.Dial(ctx, "tcp", "localhost:7"); err == nil {
		t.Error("a name was looked up")
	}
	for _, step := range []struct {
		what     string
		broken   func() error
		mend     func() error
		stillNow bool // connections come about all the same
	}{
		{"the cable pulled", func() error { return pa.Cut(ctx) }, func() error { return pa.Mend(ctx) }, false},
		{"one way", func() error { return sw.Rules(ctx, "one-way", "from="+pa.Place, "to="+pb.Place) }, func() error { return sw.NoRules(ctx) }, false},
		{"no multicast", func() error { return b.Rules(ctx, "no-multicast") }, func() error { return b.NoRules(ctx) }, true},
		{"the interface gone", func() error { return pb.Vanish(ctx) }, func() error { return pb.Return(ctx) }, false},
		{"moved", func() error { return pb.Renumber(ctx, "10.1.0.3/24") }, func() error { return pb.Renumber(ctx, "10.1.0.2/24") }, false},
	} {
		ok(t, step.broken())
		if got := reaches(t, a, "10.1.0.2:7"); got != step.stillNow {
			t.Errorf("%s: a reaches b: %t", step.what, got)
		}
		ok(t, step.mend())
		expect(step.what+", mended", true)
	}
	ok(t, pa.Isolate(ctx))
	expect("one isolated", true)
	ok(t, pb.Isolate(ctx))
	expect("both isolated", false)
}

func TestACableJoinsTwoSwitches(t *testing.T) {
	t.Parallel()
	n, ctx := open(t), t.Context()
	east, err := n.Bridge(ctx, "east")
	ok(t, err)
	west, err := n.Bridge(ctx, "west")
	ok(t, err)
	cable, err := east.Cable(ctx, west)
	ok(t, err)
	a, err := n.Host(ctx, "a")
	ok(t, err)
	b, err := n.Host(ctx, "b")
	ok(t, err)
	_, err = a.Plug(ctx, east, "10.1.0.1/24")
	ok(t, err)
	port, err := b.Plug(ctx, west, "10.1.0.2/24")
	ok(t, err)
	hears(t, b)
	if !comes(t, a, "10.1.0.2:7") {
		t.Error("the cable does not carry")
	}
	ok(t, cable.Cut(ctx))
	if reaches(t, a, "10.1.0.2:7") {
		t.Error("the cut cable carries")
	}
	ok(t, cable.Mend(ctx), port.Rate(ctx, "64kbit"))
	if !comes(t, a, "10.1.0.2:7") {
		t.Error("the mended cable does not carry")
	}
}

func TestLossIsAboutThirtyPercent(t *testing.T) {
	t.Parallel()
	n, ctx := open(t), t.Context()
	air, err := n.Bridge(ctx, "air")
	ok(t, err)
	a, err := n.Host(ctx, "a")
	ok(t, err)
	b, err := n.Host(ctx, "b")
	ok(t, err)
	_, err = a.Plug(ctx, air, "10.1.0.1/24")
	ok(t, err)
	_, err = b.Plug(ctx, air, "10.1.0.2/24")
	ok(t, err)
	hears(t, b)
	if !comes(t, a, "10.1.0.2:7") { // ARP has been asked
		t.Fatal("not reached")
	}
	ok(t, a.Rules(ctx, "loss", "dev=eth0"), b.Rules(ctx, "loss", "dev=eth0"))
	const tries = 100
	var came atomic.Int32 // a SYN and its answer pass with 0.7 squared; a second SYN goes after a second
	var all sync.WaitGroup
	for range tries {
		all.Go(func() {
			if reaches(t, a, "10.1.0.2:7") {
				came.Add(1)
			}
		})
	}
	all.Wait()
	if n := came.Load(); n < 25 || n > 75 {
		t.Errorf("of %d connections %d came about at once, not about 49", tries, n)
	}
}

func TestWhatAKilledRunLeftIsRemovedAndNothingElse(t *testing.T) {
	ours := open(t)
	mine, err := ours.Bridge(t.Context(), "mine")
	ok(t, err)
	gone := exec.CommandContext(t.Context(), "true")
	ok(t, gone.Run())
	left := Space{device("lp", gone.Process.Pid) + "-0123-left"}
	foreign := Space{device("lpx", os.Getpid())}
	for _, s := range []Space{left, foreign} {
		ok(t, ip(t.Context(), "netns", "add", s.Name))
	}
	defer func() { ok(t, ip(t.Context(), "netns", "delete", foreign.Name)) }()
	ok(t, open(t).Close())
	for name, want := range map[string]bool{left.Name: false, foreign.Name: true, mine.Name: true} {
		if _, err := os.Stat(folder + "/" + name); (err == nil) != want {
			t.Errorf("%s is there: %v", name, err)
		}
	}
}

func TestAnErrorHasTheCommandAndWhatItSaid(t *testing.T) {
	n := open(t)
	h, err := n.Host(t.Context(), "a")
	ok(t, err)
	err = h.ip(t.Context(), "link", "set", "nothing", "up")
	if err == nil || !strings.Contains(err.Error(), "link set nothing up") || !strings.Contains(err.Error(), "Cannot find device") {
		t.Errorf("%v", err)
	}
}
