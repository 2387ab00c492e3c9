package accesspoint

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// dieAt names the moment at which a child of the test kills itself, and doing what.
const dieAt = "LAMPPOST_ACCESSPOINT_DIE_AT"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == hostapdProgram {
		os.Exit(fakeHostapd())
	}
	if what, ok := os.LookupEnv(dieAt); ok {
		os.Exit(child(what))
	}
	os.Exit(m.Run())
}

// child brings up or undoes a network in the namespace it was started in, and dies by
// SIGKILL at a moment: "up 3 FOLDER", or "wifi-up 3 FOLDER" where a Wi-Fi is made as well.
func child(what string) int {
	words := strings.Fields(what)
	left, err := strconv.Atoi(words[1])
	p, folder := testPlan(), words[2]
	act, made := strings.CutPrefix(words[0], "wifi-")
	if made {
		p.Wifi = testWifi()
	}
	m := &mortal{newKernel(p), left}
	if err == nil && act == "up" {
		err = bring(m, p, folder)
	} else if err == nil {
		var r *record
		if r, err = read(folder); err == nil {
			err = undo(m, r, folder)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// mortal dies at one of the moments before a look and before and after a change.
type mortal struct {
	machine
	left int
}

func (m *mortal) moment() {
	if m.left--; m.left < 0 {
		_ = unix.Kill(os.Getpid(), unix.SIGKILL)
		select {}
	}
}

func (m *mortal) look(k knob) (string, error) {
	m.moment()
	return m.machine.look(k)
}

func (m *mortal) set(k knob, to string) error {
	m.moment()
	defer m.moment()
	return m.machine.set(k, to)
}

func testPlan() Plan {
	p := NewPlan("wlan0", "eth0")
	p.HTTP, p.DNS = 8080, 5353
	return p
}

// box is a machine with a Wi-Fi adapter, wlan0, and a way to the internet, eth0, and
// what is at the other ends.
func box(t *testing.T) (hub, air, isp space) {
	t.Helper()
	hub, air, isp = newSpace(t), newSpace(t), newSpace(t)
	hub.cable("wlan0", air, "hub")
	hub.cable("eth0", isp, "customer")
	hub.run("ip", "addr", "add", "192.168.7.2/24", "dev", "eth0")
	hub.run("ip", "link", "set", "eth0", "up")
	hub.run("ip", "route", "add", "default", "via", "192.168.7.1")
	return hub, air, isp
}

func (s space) up(p Plan, folder string) (err error) {
	s.do(func() { err = Up(p, folder) })
	return err
}

func (s space) down(folder string) (err error) {
	s.do(func() { _, err = Down(folder) })
	return err
}

// same holds the state to what it was.
func (s space) same(before string, when string) {
	s.t.Helper()
	if now := s.state(); now != before {
		s.t.Fatalf("%s: the machine is not as it was. Before:\n%s\nNow:\n%s", when, before, now)
	}
}

// situations are machines as Up may find them.
func situations() map[string][]string {
	return map[string][]string{
		"untouched": nil,
		"with settings of its own": {
			"ip link set wlan0 up", "ip addr add 172.20.0.1/24 dev wlan0", "ip route add 172.21.0.0/16 via 172.20.0.9",
			"sysctl -qw net.ipv4.conf.eth0.forwarding=1", "nft add table inet mine",
			"nft add chain inet mine forward { type filter hook forward priority 0 ; }", "ip rule add fwmark 7 table 70",
		},
		"with the virtual address on it": {"ip addr add 192.0.2.1/32 dev wlan0", "sysctl -qw net.ipv4.ip_forward=1"},
	}
}

func TestDownLeavesTheMachineAsItWas(t *testing.T) {
	for name, settings := range situations() {
		t.Run(name, func(t *testing.T) {
			hub, _, _ := box(t)
			for _, s := range settings {
				words := strings.Fields(s)
				hub.run(words[0], words[1:]...)
			}
			before, folder := hub.state(), t.TempDir()
			ok(t, hub.up(testPlan(), folder))
			if hub.state() == before {
				t.Fatal("Up changed nothing")
			}
			ok(t, hub.down(folder))
			hub.same(before, "down")
			ok(t, hub.down(folder))
			hub.same(before, "down again")
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
				t.Errorf("left in the folder: %v %v", left, err)
			}
		})
	}
}

func TestUpTwice(t *testing.T) {
	hub, _, _ := box(t)
	before, folder := hub.state(), t.TempDir()
	p := testPlan()
	ok(t, hub.up(p, folder))
	once := hub.state()
	if err := hub.up(p, folder); !errors.Is(err, ErrAlreadyUp) {
		t.Errorf("the same again: %v", err)
	}
	hub.same(once, "the same again")

	hub.run("nft", "flush", "ruleset")
	hub.run("ip", "addr", "del", "10.44.0.1/20", "dev", "wlan0")
	ok(t, hub.up(p, folder))
	hub.same(once, "what somebody else removed is there again")

	hub.run("sh", "-ec", "nft delete table inet lamppost; nft add table inet lamppost")
	ok(t, hub.up(p, folder))
	hub.same(once, "rules of another version are made anew")

	p.Passes, p.Interface = "all", "wlan7"
	if err := hub.up(p, folder); err == nil || !strings.Contains(err.Error(), `no interface "wlan7"`) {
		t.Errorf("a plan that cannot be: %v", err)
	}
	hub.same(once, "what is up stays so where the next plan cannot be")

	p = testPlan()
	p.Uplink, p.Isolate = "", false
	ok(t, hub.up(p, folder))
	if hub.state() == once {
		t.Error("another plan changed nothing")
	}
	ok(t, hub.down(folder))
	hub.same(before, "down")
}

func TestDownAfterSIGKILLAtAnyMoment(t *testing.T) {
	hub, _, _ := box(t)
	before := hub.state()
	for _, act := range []string{"up", "down"} {
		whole := false
		for moment := 0; !whole; moment++ {
			folder := t.TempDir()
			if act == "down" {
				ok(t, hub.up(testPlan(), folder))
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", dieAt, act, moment, folder))
			said, err := hub.start(cmd)
			if whole = err == nil; !whole && cmd.ProcessState.ExitCode() != -1 {
				t.Fatalf("%s: %v: %s", act, err, said)
			}
			ok(t, hub.down(folder))
			hub.same(before, fmt.Sprintf("killed at moment %d of %s", moment, act))
			if moment > 100 {
				t.Fatal("never whole")
			}
			if whole {
				t.Logf("%s has %d moments", act, moment)
			}
		}
	}
}

func TestUpAfterSIGKILL(t *testing.T) {
	hub, _, _ := box(t)
	before, folder := hub.state(), t.TempDir()
	ok(t, hub.up(testPlan(), folder))
	once := hub.state()
	ok(t, hub.down(folder))
	for _, moment := range []int{5, 10} {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=up %d %s", dieAt, moment, folder))
		if said, err := hub.start(cmd); err == nil {
			t.Fatalf("it lives: %s", said)
		}
		ok(t, hub.up(testPlan(), folder))
		hub.same(once, "up after it was killed")
		ok(t, hub.down(folder))
		hub.same(before, "down")
	}
}

func TestAnInterfaceThatDisappearsAndReturns(t *testing.T) {
	hub, air, _ := box(t)
	folder := t.TempDir()
	p := testPlan()
	ok(t, hub.up(p, folder))
	hub.run("ip", "link", "del", "wlan0")
	ok(t, hub.down(folder))
	if now := hub.state(); strings.Contains(now, "lamppost") || strings.Contains(now, "wlan0") {
		t.Errorf("left: %s", now)
	}

	hub.cable("wlan0", air, "hub")
	ok(t, hub.up(p, folder))
	hub.run("ip", "link", "del", "wlan0")
	if err := hub.up(p, folder); err == nil || !strings.Contains(err.Error(), "Plug its adapter in") {
		t.Errorf("up without the interface: %v", err)
	}
	hub.cable("wlan0", air, "hub")
	ok(t, hub.up(p, folder))
	if now := hub.state(); !strings.Contains(now, "inet 10.44.0.1/20") {
		t.Errorf("up again after the adapter was plugged in again: %s", now)
	}
	ok(t, hub.down(folder))
	if now := hub.state(); strings.Contains(now, "lamppost") || strings.Contains(now, "10.44.0.1") {
		t.Errorf("left: %s", now)
	}
}

func TestAnotherAdapterOfTheSameNameIsLeftAlone(t *testing.T) {
	hub, air, _ := box(t)
	folder := t.TempDir()
	ok(t, hub.up(testPlan(), folder))
	hub.run("ip", "link", "del", "wlan0")
	hub.cable("wlan0", air, "hub")
	hub.run("ip", "addr", "add", "10.44.0.1/20", "dev", "wlan0")
	hub.run("ip", "link", "set", "wlan0", "up")
	ok(t, hub.down(folder))
	if now := hub.state(); !strings.Contains(now, "inet 10.44.0.1/20") || !strings.Contains(now, "10.44.0.0/20 dev wlan0") {
		t.Errorf("what somebody set on another adapter was undone: %s", now)
	}
}

func TestForeignRulesOfOurNameAreLeftAlone(t *testing.T) {
	hub, _, _ := box(t)
	hub.run("nft", "add", "table", "inet", "lamppost")
	before, folder := hub.state(), t.TempDir()
	if err := hub.up(testPlan(), folder); err == nil || !strings.Contains(err.Error(), "nft delete table inet lamppost") {
		t.Errorf("%v", err)
	}
	hub.same(before, "refused")
}

func TestADamagedRecordIsReported(t *testing.T) {
	folder := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(folder, recordFile), []byte(`{"boot":`), 0o600))
	if _, err := Down(folder); err == nil || !strings.Contains(err.Error(), "Restart the machine") {
		t.Errorf("%v", err)
	}
}

func TestOnlyOneAtATime(t *testing.T) {
	folder := t.TempDir()
	unlock, err := lock(folder)
	ok(t, err)
	if _, err := Down(folder); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	unlock()
	_, err = Down(folder)
	ok(t, err)
}

func TestDownSaysWhetherThereWasAnything(t *testing.T) {
	hub, _, _ := box(t)
	before, folder := hub.state(), t.TempDir()
	down := func(want bool, when string) {
		t.Helper()
		hub.do(func() {
			if undone, err := Down(folder); err != nil || undone != want {
				t.Errorf("%s: %v %v", when, undone, err)
			}
		})
		hub.same(before, when)
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: left in the folder: %v %v", when, left, err)
		}
	}
	down(false, "nothing")
	ok(t, hub.up(testPlan(), folder))
	down(true, "up")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=up 8 %s", dieAt, folder))
	if said, err := hub.start(cmd); err == nil {
		t.Fatalf("it lives: %s", said)
	}
	down(true, "up that was killed")
	ok(t, os.WriteFile(filepath.Join(folder, recordFile+".new"), []byte("{"), 0o600))
	down(false, "up that was killed before it changed anything")
}
