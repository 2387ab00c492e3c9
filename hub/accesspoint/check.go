package accesspoint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// Check says what is in the way of a plan on this machine, and how to mend it. It
// changes nothing. The folder is the data folder, whose own changes are not in the way.
func Check(ctx context.Context, p Plan, folder string) ([]doctor.Finding, error) {
	s, err := survey(ctx, p, folder)
	if err != nil {
		return nil, err
	}
	return s.findings(p), nil
}

// surroundings is what was seen of a machine.
type surroundings struct {
	Privileged bool
	Missing    bool       // there is no interface for the phones
	Wrong      []string   // what keeps the plan from being carried out
	Ports      []listener // programs that listen where the hub would
	Managers   []string   // programs that set the phones' interface: the keys of cures
	Radio      radioFacts
	Walls      []wall // firewalls that drop what they do not know
	OldRules   bool   // iptables-legacy has rules, which are not seen
	Hostapd    bool   // it is installed
	Beaconing  bool   // one that is not ours serves the phones' interface
}

// listener is a program that listens at a port.
type listener struct {
	Port     uint16
	Addr     string
	Loopback bool   // only this machine's own programs reach it
	Program  string // "" if not known
}

// radioFacts is what is known of a Wi-Fi adapter.
type radioFacts struct {
	Wireless   bool
	Driver     string
	SoftBlock  bool // switched off by software
	HardBlock  bool // by a switch
	Known      bool // what follows was found out
	AP         bool // it can be an access point
	MaxClients int  // 0 = not told
	SAE        bool // it knows WPA3
}

// wall is a firewall.
type wall struct {
	Name    string // "docker", "ufw", "firewalld", or a table and chain
	Input   bool   // it keeps phones from the hub
	Forward bool   // and from the internet
}

func fine(code, text string) []doctor.Finding {
	return []doctor.Finding{{Code: code, Level: doctor.OK, Text: text}}
}

// findings judges what was seen.
func (s surroundings) findings(p Plan) []doctor.Finding {
	all := slices.Concat(s.rights(), s.plan(), s.ports(p), s.walls(p))
	if s.Missing {
		return all
	}
	return slices.Concat(all, s.managers(p), s.radio(p), s.hostapd(p))
}

func (s surroundings) rights() []doctor.Finding {
	if s.Privileged {
		return fine("root", "This program may change the machine's network.")
	}
	return []doctor.Finding{{Code: "root", Level: doctor.Bad, Text: "It takes root to change the machine's network, and to see all of what is in the way.",
		Todo: "Start it with sudo."}}
}

func (s surroundings) plan() (out []doctor.Finding) {
	if len(s.Wrong) == 0 {
		return fine("plan", "The interfaces and addresses fit.")
	}
	for _, w := range s.Wrong {
		text, todo, _ := strings.Cut(w, "; ")
		out = append(out, doctor.Finding{Code: "plan", Level: doctor.Bad, Text: sentence(text), Todo: sentence(todo)})
	}
	return out
}

// sentence makes one of an error's text.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// ports is whether other programs are where the hub would listen.
func (s surroundings) ports(p Plan) (out []doctor.Finding) {
	const code = "ports"
	uses := map[uint16]string{p.DNS: "names", p.HTTP: "pages", portDHCP: "addresses of phones"}
	for _, l := range s.Ports {
		if l.Program == "lamppost" {
			continue
		}
		f := doctor.Finding{Code: code, Level: doctor.Bad, Todo: closing(l.Program),
			Text: fmt.Sprintf("%s listens at %s, which the hub needs for %s.", program(l.Program), l.Addr, uses[l.Port])}
		switch {
		case l.Port == portDHCP:
			f.Level = doctor.Warn
			f.Text += " If it does so for other interfaces alone, it is not in the way."
		case l.Loopback:
			f.Level = doctor.Warn
			f.Text = fmt.Sprintf("%s listens at %s. That is in the way of a hub that listens at all addresses, not of one that listens at %s alone.", program(l.Program), l.Addr, p.Address.Addr())
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return fine(code, "No other program listens where the hub would.")
	}
	return out
}

func program(name string) string {
	if name == "" {
		return "Another program"
	}
	return name
}

// closing says how a program is made to let go of its port.
func closing(name string) string {
	switch {
	case strings.HasPrefix(name, "systemd-resolve"): // the kernel keeps 15 letters
		return "Put “DNSStubListener=no” below “[Resolve]” in /etc/systemd/resolved.conf and do “systemctl restart systemd-resolved”."
	case name == "dnsmasq":
		return "“systemctl disable --now dnsmasq”; or, if it serves another network, give it “bind-interfaces” and that interface alone. One that libvirt or NetworkManager started goes with its shared network."
	case name == "":
		return "“ss -lptun” as root shows which. Stop it, or give the hub another port."
	}
	return "“systemctl disable --now " + name + "”, or give the hub another port."
}

// managers is whether another program gives the phones' interface other settings.
func (s surroundings) managers(p Plan) (out []doctor.Finding) {
	const code = "manager"
	i := p.Interface
	cures := map[string]string{
		"NetworkManager":   fmt.Sprintf("“nmcli device set %s managed no”; to keep it so, write “[keyfile]” and “unmanaged-devices=interface-name:%s” into /etc/NetworkManager/conf.d/lamppost.conf.", i, i),
		"systemd-networkd": fmt.Sprintf("Write “[Match]”, “Name=%s”, “[Link]” and “Unmanaged=yes” into /etc/systemd/network/05-lamppost.network and do “networkctl reload”.", i),
		"wpa_supplicant":   fmt.Sprintf("“systemctl disable --now wpa_supplicant@%s”: an adapter is either a guest in a Wi-Fi or makes one.", i),
		"dhcpcd":           fmt.Sprintf("Put “denyinterfaces %s” at the end of /etc/dhcpcd.conf and do “systemctl restart dhcpcd”.", i),
	}
	for _, m := range s.Managers {
		out = append(out, doctor.Finding{Code: code, Level: doctor.Bad, Text: fmt.Sprintf("%s manages %s, and will undo what the hub sets there.", m, i), Todo: cures[m]})
	}
	if len(out) == 0 {
		return fine(code, "No other program manages "+i+".")
	}
	return out
}

const (
	// fewClients is how many phones a Wi-Fi must admit at least to be of use.
	fewClients = 20
	// piDriver is of the adapter that is built into Raspberry Pis.
	piDriver = "brcmfmac"
)

// radio is whether the adapter can make a Wi-Fi.
func (s surroundings) radio(p Plan) (out []doctor.Finding) {
	const code = "radio"
	r, i := s.Radio, p.Interface
	add := func(level doctor.Level, text, todo string) {
		out = append(out, doctor.Finding{Code: code, Level: level, Text: text, Todo: todo})
	}
	if !r.Wireless && p.Wifi != nil {
		add(doctor.Bad, i+" is no Wi-Fi adapter: no Wi-Fi “"+p.Wifi.SSID+"” can be made of it.", "Name the adapter with --interface, or leave out --wifi-name where an access point makes the Wi-Fi.")
		return out
	}
	if !r.Wireless {
		return fine(code, i+" is no Wi-Fi adapter: an access point at its other end has to make the Wi-Fi. Let that one neither give out addresses nor route, and let it keep its phones apart (“client isolation”).")
	}
	if r.HardBlock {
		add(doctor.Bad, "A switch on the machine turns "+i+" off.", "Look for a switch or key with an aerial or an aeroplane.")
	}
	if r.SoftBlock {
		add(doctor.Bad, i+" is switched off (airplane mode).", "“rfkill unblock wlan”. On a Raspberry Pi say first in which country it is: “raspi-config nonint do_wifi_country DE”.")
	}
	switch {
	case !r.Known:
		add(doctor.Warn, "What "+i+" can do is not known: the program “iw” is missing or failed.", "“apt install iw”, and check again.")
	case !r.AP:
		add(doctor.Bad, i+" cannot be an access point.", "Take another adapter, one for which “iw list” has “* AP” under “Supported interface modes”.")
	case r.MaxClients > 0 && r.MaxClients < fewClients:
		add(doctor.Warn, fmt.Sprintf("%s admits only %d phones at a time.", i, r.MaxClients), "For more, connect an access point by cable or take another adapter.")
	}
	if r.Driver == piDriver {
		add(doctor.Warn, i+" is the adapter of a Raspberry Pi, which admits few phones at a time, 8 with some of its firmware, and knows no WPA3 as an access point.",
			"Use WPA2 (--wifi-wpa2). For more phones, connect an access point by cable or a USB adapter.")
	} else if r.Known && r.AP && !r.SAE {
		add(doctor.Warn, i+" does not say that it knows WPA3.", "Use WPA2 (--wifi-wpa2), or an open Wi-Fi.")
	}
	if len(out) == 0 {
		return fine(code, i+" can make a Wi-Fi.")
	}
	return out
}

// hostapd is whether the program is there that makes a Wi-Fi, where one is to be made.
func (s surroundings) hostapd(p Plan) []doctor.Finding {
	const code = "hostapd"
	switch {
	case p.Wifi == nil && !s.Radio.Wireless:
		return nil
	case !s.Hostapd:
		return []doctor.Finding{{Code: code, Level: doctor.Bad, Text: "hostapd, which makes a Wi-Fi of an adapter, is not installed.", Todo: "“apt install hostapd”."}}
	case p.Wifi != nil && s.Beaconing:
		return []doctor.Finding{{Code: code, Level: doctor.Bad, Text: "Another hostapd makes a Wi-Fi of " + p.Interface + " already.", Todo: "“systemctl disable --now hostapd”, or leave out --wifi-name."}}
	}
	return fine(code, "hostapd is installed.")
}

// walls is whether firewalls keep phones from the hub, or from the internet.
func (s surroundings) walls(p Plan) (out []doctor.Finding) {
	const code = "firewall"
	i := p.Interface
	for _, w := range s.Walls {
		forward := w.Forward && p.passes()
		if !w.Input && !forward {
			continue
		}
		from := "the internet"
		switch {
		case w.Input && forward:
			from = "the hub and the internet"
		case w.Input:
			from = "the hub"
		}
		out = append(out, doctor.Finding{Code: code, Level: doctor.Bad,
			Text: fmt.Sprintf("The firewall of %s drops what it does not know, and so keeps phones from %s. What one firewall lets pass another may still drop.", w.Name, from),
			Todo: opening(w.Name, i, p.Uplink)})
	}
	if s.OldRules {
		out = append(out, doctor.Finding{Code: code, Level: doctor.Warn, Text: "There are rules of the older iptables, into which cannot be looked here.",
			Todo: fmt.Sprintf("See with “iptables-legacy -S” whether they drop what comes from %s or goes there.", i)})
	}
	if len(out) == 0 {
		return fine(code, "No other firewall drops what phones send.")
	}
	return out
}

// opening says how a firewall lets phones pass; Lamppost's own rules then decide.
func opening(name, phones, uplink string) string {
	switch name {
	case "docker":
		return fmt.Sprintf("“iptables -I DOCKER-USER -i %s -o %s -j ACCEPT” and “iptables -I DOCKER-USER -i %s -o %s -j ACCEPT”, at each start of the machine.", phones, uplink, uplink, phones)
	case "ufw":
		return fmt.Sprintf("“ufw allow in on %s” and “ufw route allow in on %s”; Lamppost's own rules then say what phones get.", phones, phones)
	case "firewalld":
		return fmt.Sprintf("“firewall-cmd --permanent --zone=trusted --add-interface=%s” and “firewall-cmd --reload”; Lamppost's own rules then say what phones get.", phones)
	}
	return fmt.Sprintf("Let it accept what comes from %s and what goes there; Lamppost's own rules then say what phones get.", phones)
}
