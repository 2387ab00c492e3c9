package fieldtest_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// standIn takes hostapd's place, which takes a radio: with -B it leaves a process behind
// that has hostapd's name and its file on the command line.
const standIn = `#!/bin/bash
[ "$1" = -B ] && [ -r "$2" ] || exit 1
(exec -a hostapd bash -c 'trap "exit 0" TERM; for i in {1..60}; do read -t 1 <> <(:); done' - "$2") </dev/null >/dev/null 2>&1 &
`

// TestPortalUpMakesTheWiFi of what was typed, and portal down ends it: whoever started
// it is not there any more.
func TestPortalUpMakesTheWiFi(t *testing.T) {
	t.Parallel()
	f := open(t)
	h := f.hub("School")
	wifi := f.plug(h, f.bridge("air"))
	f.found(h)
	machine := f.machine(h.Host)
	bin, secret, conf := filepath.Join(f.dir, "bin"), filepath.Join(f.dir, "secret"), filepath.Join(h.Folder, "hostapd.conf")
	f.ok(os.Mkdir(bin, 0o700), os.WriteFile(filepath.Join(bin, "hostapd"), []byte(standIn), 0o700))
	f.ok(os.WriteFile(secret, []byte("come as you are\r\nand more\n"), 0o600))
	does := func(args ...string) string {
		t.Helper()
		return machine.does("env", append([]string{"PATH=" + bin + ":" + os.Getenv("PATH"), h.Program, "portal"}, args...)...)
	}
	makers := func() (all int) {
		t.Helper()
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		f.ok(err)
		for _, file := range lines {
			if b, err := os.ReadFile(file); err == nil && strings.HasPrefix(string(b), "hostapd\x00") && strings.Contains(string(b), conf) {
				all++
			}
		}
		return all
	}

	up := []string{"up", "--data", h.Folder, "--interface", wifi.Dev, "--wifi-name", "Straße 7", "--country", "de", "--wifi-passphrase-file", secret}
	if said := does(up...); !strings.Contains(said, "hostapd makes the Wi-Fi “Straße 7”, with the passphrase from "+secret) {
		t.Errorf("portal up: %s", said)
	}
	b, err := os.ReadFile(conf)
	f.ok(err)
	for _, line := range []string{"interface=" + wifi.Dev, "ssid2=53747261c39f652037", "country_code=DE", "channel=6", "wpa_passphrase=come as you are", "wpa_key_mgmt=WPA-PSK SAE"} {
		if !strings.Contains("\n"+string(b), "\n"+line+"\n") {
			t.Errorf("no line %q in %s", line, b)
		}
	}
	if n := makers(); n != 1 {
		t.Errorf("%d make it", n)
	}
	if said := does(up...); !strings.Contains(said, "already") {
		t.Errorf("again: %s", said)
	}
	does("down", "--data", h.Folder)
	if n := makers(); n != 0 {
		t.Errorf("portal down leaves %d who make it", n)
	}
	if _, err := os.Stat(conf); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its file: %v", err)
	}
}
