package accesspoint

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func testWifi() *Wifi {
	w := radio().Wifi
	return &w
}

// fakeHostapd stands in for hostapd, which takes a radio: with -B it goes on as a
// process of its own, as hostapd does, until it is told to end.
func fakeHostapd() int {
	conf := os.Args[len(os.Args)-1]
	if b, err := os.ReadFile(conf); err != nil || !strings.Contains(string(b), "driver=nl80211") {
		fmt.Fprintln(os.Stdout, "no configuration:", err)
		return 1
	}
	if os.Args[1] != "-B" {
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGTERM)
		fmt.Fprintln(os.Stdout, "ready")
		<-told
		return 0
	}
	cmd := exec.Command(os.Args[0], conf) //nolint:noctx // it outlives this process
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return 1
	}
	_, err = out.Read(make([]byte, 1))
	return either(err == nil, 0, 1)
}

// withHostapd puts one on the path: the fake, or a script.
func withHostapd(t *testing.T, script string) {
	t.Helper()
	bin := t.TempDir()
	path := filepath.Join(bin, hostapdProgram)
	if script == "" {
		self, err := os.Executable()
		ok(t, err)
		ok(t, os.Symlink(self, path))
	} else {
		ok(t, os.WriteFile(path, []byte(script), 0o755)) //nolint:gosec // a program
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
}

// wifis is how many processes make the Wi-Fi of a folder.
func wifis(t *testing.T, folder string) int {
	t.Helper()
	all, err := serving(filepath.Join(folder, hostapdFile))
	ok(t, err)
	return len(all)
}

func TestTheWiFiIsMadeAndGoes(t *testing.T) {
	hub, _, _ := box(t)
	withHostapd(t, "")
	before, folder := hub.state(), t.TempDir()
	t.Cleanup(func() { ok(t, stopHostapd(filepath.Join(folder, hostapdFile))) })
	p := testPlan()
	p.Wifi = testWifi()
	ok(t, hub.up(p, folder))
	if n := wifis(t, folder); n != 1 {
		t.Fatalf("up: %d of hostapd", n)
	}
	if err := hub.up(p, folder); err == nil || wifis(t, folder) != 1 {
		t.Errorf("the same again: %v, %d of hostapd", err, wifis(t, folder))
	}
	ok(t, stopHostapd(filepath.Join(folder, hostapdFile)))
	ok(t, hub.up(p, folder))
	if n := wifis(t, folder); n != 1 {
		t.Errorf("up again after hostapd had ended: %d of it", n)
	}
	p.Wifi.SSID = "Another"
	ok(t, hub.up(p, folder))
	b, err := os.ReadFile(filepath.Join(folder, hostapdFile))
	ok(t, err)
	if !strings.Contains(string(b), fmt.Sprintf("ssid2=%x\n", "Another")) || wifis(t, folder) != 1 {
		t.Errorf("another name: %d of hostapd with %s", wifis(t, folder), b)
	}
	ok(t, hub.down(folder))
	if n := wifis(t, folder); n != 0 {
		t.Errorf("down leaves %d of hostapd", n)
	}
	hub.same(before, "down")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v %v", left, err)
	}
}

func TestTheWiFiGoesAfterSIGKILLAtAnyMoment(t *testing.T) {
	hub, _, _ := box(t)
	withHostapd(t, "")
	self, err := os.Executable()
	ok(t, err)
	before, made := hub.state(), false
	for moment := 0; ; moment++ {
		folder := t.TempDir()
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=wifi-up %d %s", dieAt, moment, folder))
		said, err := hub.start(cmd)
		if err != nil && cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("%v: %s", err, said)
		}
		made = made || err != nil && wifis(t, folder) == 1
		ok(t, hub.down(folder))
		if n := wifis(t, folder); n != 0 {
			t.Fatalf("killed at moment %d: down leaves %d of hostapd", moment, n)
		}
		hub.same(before, fmt.Sprintf("killed at moment %d", moment))
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("left in the folder: %v %v", left, err)
		}
		if err == nil {
			break
		}
	}
	if !made {
		t.Error("it was never killed while hostapd ran")
	}
}

func TestAWiFiThatCannotBeMade(t *testing.T) {
	hub, _, _ := box(t)
	before := hub.state()
	for says, script := range map[string]string{
		"nl80211 not found":   "#!/bin/sh\necho \"Failed to initialize driver: nl80211 not found\"\nexit 1\n",
		"is no Wi-Fi adapter": "#!/bin/sh\nexit 1\n",
	} {
		withHostapd(t, script)
		p, folder := testPlan(), t.TempDir()
		p.Wifi = testWifi()
		if err := hub.up(p, folder); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		hub.same(before, says)
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("left in the folder: %v %v", left, err)
		}
	}
	p, folder := testPlan(), t.TempDir()
	p.Wifi = testWifi()
	p.Wifi.Passphrase = "short"
	if err := hub.up(p, folder); err == nil || !strings.Contains(err.Error(), "has 5 characters") {
		t.Errorf("%v", err)
	}
	hub.same(before, "a passphrase that is too short")
}

func TestAWiFiThatCannotBeMadeLeavesWhatWasUp(t *testing.T) {
	hub, _, _ := box(t)
	self, err := os.Executable()
	ok(t, err)
	fake := filepath.Join(t.TempDir(), hostapdProgram)
	ok(t, os.Symlink(self, fake))
	withHostapd(t, fmt.Sprintf("#!/bin/sh\nif grep -q ssid2=%x \"$2\"; then exit 1; fi\nexec %s \"$@\"\n", "Another", fake))
	folder := t.TempDir()
	t.Cleanup(func() { ok(t, stopHostapd(filepath.Join(folder, hostapdFile))) })
	before, plain, wanted := hub.state(), testPlan(), testPlan()
	wanted.Wifi = testWifi()
	wanted.Wifi.SSID = "Another"
	made := testPlan()
	made.Wifi = testWifi()
	for name, p := range map[string]Plan{"without a Wi-Fi": plain, "with another": made} {
		ok(t, hub.up(p, folder))
		once, n := hub.state(), wifis(t, folder)
		if err := hub.up(wanted, folder); err == nil || !strings.Contains(err.Error(), "is up as it was before") {
			t.Errorf("%s: %v", name, err)
		}
		hub.same(once, name)
		if now, stands, err := Standing(folder); err != nil || !stands || !equal(now, p) || wifis(t, folder) != n {
			t.Errorf("%s: %v %v stands, with %d of hostapd instead of %d: %v", name, now, stands, wifis(t, folder), n, err)
		}
		ok(t, hub.down(folder))
		hub.same(before, "down")
	}
}

// TestHostapdReadsItsFile has the real one read each kind of file, which says of a line
// that it does not know which it is. There is no radio, so it comes no further; with
// the driver “none” it goes on, and is found and ended.
func TestHostapdReadsItsFile(t *testing.T) {
	program, err := exec.LookPath(hostapdProgram)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("did not run: hostapd is not installed")
	}
	ok(t, err)
	hub, _, _ := box(t)
	open, old, far := radio(), radio(), radio()
	open.Passphrase, old.WPA2, far.Channel = "", true, 36
	read := func(r Radio, more string) string {
		folder := t.TempDir()
		path, err := r.WriteHostapd(folder)
		ok(t, err)
		b, err := os.ReadFile(path)
		ok(t, err)
		ok(t, os.WriteFile(path, append(b, more...), 0o600))
		said, err := hub.start(exec.CommandContext(t.Context(), "timeout", "5", program, path))
		if err == nil {
			t.Errorf("it has found a radio: %s", said)
		}
		return said
	}
	for name, r := range map[string]Radio{"WPA3": radio(), "open": open, "WPA2": old, "5 GHz": far} {
		if said := read(r, ""); strings.Contains(said, "Line ") || strings.Contains(said, "errors found") {
			t.Errorf("%s: %s", name, said)
		}
	}
	if said := read(radio(), "lamp=post\n"); !strings.Contains(said, "unknown configuration item 'lamp'") {
		t.Errorf("a line that is none: %s", said)
	}

	withHostapd(t, "#!/bin/bash\nsed -i s/^driver=.*/driver=none/ \"$2\"\nexec -a hostapd "+program+" \"$@\"\n")
	p, folder := testPlan(), t.TempDir()
	p.Wifi = testWifi()
	ok(t, hub.up(p, folder))
	if n := wifis(t, folder); n != 1 {
		t.Errorf("%d of hostapd", n)
	}
	ok(t, hub.down(folder))
	if n := wifis(t, folder); n != 0 {
		t.Errorf("down leaves %d of hostapd", n)
	}
}
