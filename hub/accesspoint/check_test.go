package accesspoint

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// sound is a machine on which nothing is in the way.
func sound() surroundings {
	return surroundings{
		Privileged: true, Hostapd: true,
		Radio: radioFacts{Wireless: true, Driver: "mt76x2u", Known: true, AP: true, SAE: true},
	}
}

func TestWhatIsInTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*surroundings)
		code   string
		level  doctor.Level
		text   string
		todo   string
	}{
		"not root":           {func(s *surroundings) { s.Privileged = false }, "root", doctor.Bad, "takes root", "sudo"},
		"a wrong plan":       {func(s *surroundings) { s.Wrong = []string{"the network overlaps; take another"} }, "plan", doctor.Bad, "The network overlaps.", "Take another."},
		"systemd-resolved":   {func(s *surroundings) { s.Ports = []listener{{53, "127.0.0.53:53", true, "systemd-resolve"}} }, "ports", doctor.Warn, "not of one that listens at 10.44.0.1 alone", "DNSStubListener=no"},
		"dnsmasq":            {func(s *surroundings) { s.Ports = []listener{{53, "0.0.0.0:53", false, "dnsmasq"}} }, "ports", doctor.Bad, "dnsmasq listens at 0.0.0.0:53, which the hub needs for names", "disable --now dnsmasq"},
		"a web server":       {func(s *surroundings) { s.Ports = []listener{{80, "[::]:80", false, "nginx"}} }, "ports", doctor.Bad, "needs for pages", "disable --now nginx"},
		"a DHCP server":      {func(s *surroundings) { s.Ports = []listener{{67, "0.0.0.0:67", false, "dhcpd"}} }, "ports", doctor.Warn, "other interfaces alone", "dhcpd"},
		"nobody knows who":   {func(s *surroundings) { s.Ports = []listener{{53, "0.0.0.0:53", false, ""}} }, "ports", doctor.Bad, "Another program", "ss -lptun"},
		"the hub itself":     {func(s *surroundings) { s.Ports = []listener{{53, "0.0.0.0:53", false, "lamppost"}} }, "ports", doctor.OK, "No other program", ""},
		"NetworkManager":     {func(s *surroundings) { s.Managers = []string{"NetworkManager"} }, "manager", doctor.Bad, "NetworkManager manages wlan0", "nmcli device set wlan0 managed no"},
		"systemd-networkd":   {func(s *surroundings) { s.Managers = []string{"systemd-networkd"} }, "manager", doctor.Bad, "manages wlan0", "Unmanaged=yes"},
		"wpa_supplicant":     {func(s *surroundings) { s.Managers = []string{"wpa_supplicant"} }, "manager", doctor.Bad, "manages wlan0", "wpa_supplicant@wlan0"},
		"dhcpcd":             {func(s *surroundings) { s.Managers = []string{"dhcpcd"} }, "manager", doctor.Bad, "manages wlan0", "denyinterfaces wlan0"},
		"no Wi-Fi":           {func(s *surroundings) { s.Radio = radioFacts{}; s.Hostapd = false }, "radio", doctor.OK, "an access point at its other end", ""},
		"airplane mode":      {func(s *surroundings) { s.Radio.SoftBlock = true }, "radio", doctor.Bad, "airplane", "rfkill unblock wlan"},
		"a switch":           {func(s *surroundings) { s.Radio.HardBlock = true }, "radio", doctor.Bad, "A switch", "aeroplane"},
		"no iw":              {func(s *surroundings) { s.Radio.Known = false }, "radio", doctor.Warn, "not known", "apt install iw"},
		"no AP mode":         {func(s *surroundings) { s.Radio.AP = false }, "radio", doctor.Bad, "cannot be an access point", "another adapter"},
		"few phones":         {func(s *surroundings) { s.Radio.MaxClients = 8 }, "radio", doctor.Warn, "only 8 phones", "by cable"},
		"a Raspberry Pi":     {func(s *surroundings) { s.Radio.Driver, s.Radio.SAE = piDriver, false }, "radio", doctor.Warn, "Raspberry Pi", "Use WPA2"},
		"no WPA3":            {func(s *surroundings) { s.Radio.SAE = false }, "radio", doctor.Warn, "WPA3", "Use WPA2"},
		"no hostapd":         {func(s *surroundings) { s.Hostapd = false }, "hostapd", doctor.Bad, "not installed", "apt install hostapd"},
		"another hostapd":    {func(s *surroundings) { s.Beaconing = true }, "hostapd", doctor.OK, "is installed", ""},
		"docker":             {func(s *surroundings) { s.Walls = []wall{{"docker", false, true}} }, "firewall", doctor.Bad, "from the internet", "DOCKER-USER -i wlan0 -o eth0"},
		"ufw":                {func(s *surroundings) { s.Walls = []wall{{"ufw", true, true}} }, "firewall", doctor.Bad, "from the hub and the internet", "ufw allow in on wlan0"},
		"firewalld":          {func(s *surroundings) { s.Walls = []wall{{"firewalld", true, false}} }, "firewall", doctor.Bad, "from the hub.", "firewall-cmd"},
		"somebody's own":     {func(s *surroundings) { s.Walls = []wall{{"the table “x”", true, false}} }, "firewall", doctor.Bad, "the table “x”", "comes from wlan0"},
		"the older iptables": {func(s *surroundings) { s.OldRules = true }, "firewall", doctor.Warn, "older iptables", "iptables-legacy -S"},
		"all well, firewall": {func(*surroundings) {}, "firewall", doctor.OK, "No other firewall", ""},
	} {
		s := sound()
		c.change(&s)
		var said []doctor.Finding
		for _, f := range s.findings(NewPlan("wlan0", "eth0")) {
			if f.Code == c.code {
				said = append(said, f)
			} else if f.Level != doctor.OK {
				t.Errorf("%s: %v", name, f)
			}
		}
		if len(said) != 1 || said[0].Level != c.level || !strings.Contains(said[0].Text, c.text) || !strings.Contains(said[0].Todo, c.todo) {
			t.Errorf("%s: %v", name, said)
		}
	}
	named := NewPlan("wlan0", "eth0")
	named.Wifi = &Wifi{SSID: "Lamppost"}
	for name, c := range map[string]struct {
		change func(*surroundings)
		says   string // "" = nothing is in the way
	}{
		"all well":        {func(*surroundings) {}, ""},
		"no Wi-Fi":        {func(s *surroundings) { s.Radio = radioFacts{} }, "no Wi-Fi “Lamppost” can be made"},
		"no hostapd":      {func(s *surroundings) { s.Radio, s.Hostapd = radioFacts{}, false }, "hostapd, which makes a Wi-Fi of an adapter, is not installed"},
		"another hostapd": {func(s *surroundings) { s.Beaconing = true }, "Another hostapd"},
	} {
		s := sound()
		c.change(&s)
		var bad string
		for _, f := range s.findings(named) {
			if f.Level == doctor.Bad {
				bad += f.Text
			}
		}
		if (bad == "") != (c.says == "") || !strings.Contains(bad, c.says) {
			t.Errorf("with a name, %s: %q", name, bad)
		}
	}
	s := sound()
	s.Walls = []wall{{"docker", false, true}}
	if got := s.findings(NewPlan("wlan0", "")); doctor.Worst(got) != doctor.OK {
		t.Errorf("what does not pass anyway is missed: %v", got)
	}
	s.Missing, s.Radio.AP, s.Managers = true, false, []string{"dhcpcd"}
	if got := s.findings(NewPlan("wlan9", "")); doctor.Worst(got) != doctor.OK {
		t.Errorf("an interface that is not there is judged: %v", got)
	}
}
