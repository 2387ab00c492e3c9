package accesspoint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

func TestProgramsThatManageAnInterface(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"nobody":                      {nil, nil},
		"NetworkManager":              {map[string]string{"run/NetworkManager/devices/3": "[device]\nmanaged=true\n"}, []string{"NetworkManager"}},
		"NetworkManager leaves it":    {map[string]string{"run/NetworkManager/devices/3": "[device]\nmanaged=false\n"}, nil},
		"NetworkManager has another":  {map[string]string{"run/NetworkManager/devices/4": "[device]\nmanaged=true\n"}, nil},
		"networkd":                    {map[string]string{"run/systemd/netif/links/3": "ADMIN_STATE=configuring\n"}, []string{"systemd-networkd"}},
		"networkd leaves it":          {map[string]string{"run/systemd/netif/links/3": "ADMIN_STATE=unmanaged\n"}, nil},
		"wpa_supplicant":              {map[string]string{"run/wpa_supplicant/wlan0": ""}, []string{"wpa_supplicant"}},
		"dhcpcd":                      {map[string]string{"run/dhcpcd/pid": "7"}, []string{"dhcpcd"}},
		"dhcpcd is told to leave it":  {map[string]string{"run/dhcpcd/pid": "7", "etc/dhcpcd.conf": "hostname\ndenyinterfaces eth1 wlan0\n"}, nil},
		"dhcpcd is told of another":   {map[string]string{"run/dhcpcd/pid": "7", "etc/dhcpcd.conf": "denyinterfaces wlan1\n#denyinterfaces wlan0\n"}, []string{"dhcpcd"}},
		"two that quarrel already":    {map[string]string{"run/dhcpcd.pid": "7", "run/wpa_supplicant/wlan0": ""}, []string{"wpa_supplicant", "dhcpcd"}},
		"NetworkManager, as a number": {map[string]string{"run/NetworkManager/devices/3": "[device]\nmanaged=1\n"}, []string{"NetworkManager"}},
	} {
		disk := root(t.TempDir())
		put(t, disk, c.files)
		if got := disk.managers(Interface{Name: "wlan0", Index: 3}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func put(t *testing.T, disk root, files map[string]string) {
	t.Helper()
	for name, text := range files {
		ok(t, os.MkdirAll(filepath.Dir(disk.path(name)), 0o755))
		ok(t, os.WriteFile(disk.path(name), []byte(text), 0o644))
	}
}

func TestAnAdapter(t *testing.T) {
	disk := root(t.TempDir())
	put(t, disk, map[string]string{
		"sys/devices/phy7/name": "phy-not-there\n", "sys/devices/phy7/rfkill3/soft": "1\n", "sys/devices/phy7/rfkill3/hard": "0\n",
		"sys/drivers/brcmfmac/x": "", "sys/class/net/wlan0/device/x": "", "sys/class/net/eth0/x": "",
	})
	ok(t, os.Symlink(disk.path("sys/devices/phy7"), disk.path("sys/class/net/wlan0/phy80211")))
	ok(t, os.Symlink(disk.path("sys/drivers/brcmfmac"), disk.path("sys/class/net/wlan0/device/driver")))
	want := radioFacts{Wireless: true, Driver: "brcmfmac", SoftBlock: true}
	if got := disk.radio(t.Context(), "wlan0"); got != want {
		t.Errorf("%+v", got)
	}
	if got := disk.radio(t.Context(), "eth0"); got != (radioFacts{}) {
		t.Errorf("%+v", got)
	}
}

// asToldByIw is the form of what “iw phy phy0 info” says, shortened.
const asToldByIw = `Wiphy phy0
	wiphy index: 0
	max # scan SSIDs: 10
	Supported Ciphers:
		* WEP40 (00-0f-ac:1)
	Supported interface modes:
		 * IBSS
		 * managed
		 * AP
		 * monitor
	Band 1:
		Capabilities: 0x1020
	software interface modes (can always be added):
		 * AP/VLAN
		 * monitor
	Device supports SAE with AUTHENTICATE command
	Maximum associated stations in AP mode: 8
`

func TestWhatAnAdapterCanDo(t *testing.T) {
	for name, c := range map[string]struct {
		told string
		want radioFacts
	}{
		"all":       {asToldByIw, radioFacts{Known: true, AP: true, SAE: true, MaxClients: 8}},
		"no AP":     {strings.Replace(asToldByIw, "* AP\n", "* mesh point\n", 1), radioFacts{Known: true, SAE: true, MaxClients: 8}},
		"AP later":  {"software interface modes (can always be added):\n\t\t * AP\n", radioFacts{Known: true}},
		"not a lot": {"", radioFacts{Known: true}},
	} {
		var got radioFacts
		if got.capabilities(c.told); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestProgramsThatListenWhereTheHubWould(t *testing.T) {
	hub, _, _ := box(t)
	me, err := os.ReadFile("/proc/self/comm")
	ok(t, err)
	hub.run("ip", "addr", "add", "127.0.0.53/32", "dev", "lo")
	hub.serves("resolver", "127.0.0.53", 53) // and TCP at all addresses
	hub.serves("other", "192.168.7.2", 67)
	p := NewPlan("wlan0", "eth0")
	want := []listener{
		{53, "0.0.0.0:53", false, strings.TrimSpace(string(me))},
		{53, "127.0.0.53:53", true, strings.TrimSpace(string(me))},
	}
	hub.do(func() {
		if got := root("/").listeners(p); !slices.Equal(got, want) {
			t.Errorf("%+v", got)
		}
	})
}

func TestFirewallsOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		rules string
		want  []wall
	}{
		"none":           {"", nil},
		"one that looks": {"table inet a { chain b { type filter hook forward priority 0; policy accept; } }", nil},
		"docker":         {"table ip filter { chain DOCKER-USER { }; chain FORWARD { type filter hook forward priority 0; policy drop; }; chain INPUT { type filter hook input priority 0; policy accept; } }", []wall{{"docker", false, true}}},
		"ufw": {"table ip filter { chain ufw-before-input { }; chain DOCKER-USER { }; chain INPUT { type filter hook input priority 0; policy drop; }; chain FORWARD { type filter hook forward priority 0; policy drop; } }; " +
			"table ip6 filter { chain ufw-before-input { }; chain INPUT { type filter hook input priority 0; policy drop; }; chain FORWARD { type filter hook forward priority 0; policy drop; } }", []wall{{"ufw", true, true}}},
		"firewalld": {"table inet firewalld { chain filter_FORWARD { type filter hook forward priority 10; policy accept; } }", []wall{{"firewalld", true, true}}},
		"own":       {"table inet mine { chain x { type filter hook input priority 5; policy drop; } }", []wall{{"the table “mine”", true, false}}},
	} {
		hub := newSpace(t)
		if c.rules != "" {
			hub.run("nft", strings.NewReplacer("{ ", "{\n", " }", "\n}", "; ", ";\n").Replace(c.rules))
		}
		hub.do(func() {
			if got := walls(); !slices.Equal(got, c.want) {
				t.Errorf("%s: %+v", name, got)
			}
		})
	}
}

func TestACheckBeforeAndAfterUp(t *testing.T) {
	hub, _, _ := box(t)
	folder := t.TempDir()
	p := testPlan()
	check := func(p Plan) (all []doctor.Finding) {
		hub.do(func() {
			var err error
			if all, err = Check(t.Context(), p, folder); err != nil {
				t.Error(err)
			}
		})
		return all
	}
	before := check(p)
	if w := doctor.Worst(before); w != doctor.OK {
		t.Errorf("%v", before)
	}
	ok(t, hub.up(p, folder))
	if after := check(p); !slices.Equal(before, after) {
		t.Errorf("what is up is in its own way: %v", after)
	}
	p.Interface = "wlan9"
	if all := doctor.Troubles(check(p)); len(all) != 1 || all[0].Code != "plan" {
		t.Errorf("%v", all)
	}
	ok(t, hub.down(folder))
}
