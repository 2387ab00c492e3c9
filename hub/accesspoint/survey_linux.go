package accesspoint

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

const (
	asking     = 5 * time.Second // for the one program that is asked
	maxSockets = 65536           // lines read of one of the kernel's tables
	maxTold    = 1 << 20         // bytes that iw may say
)

// survey looks around on this machine.
func survey(ctx context.Context, p Plan, folder string) (surroundings, error) {
	all, err := kernel{}.interfaces()
	if err != nil {
		return surroundings{}, fmt.Errorf("look at this machine's interfaces: %w", err)
	}
	old, err := read(folder)
	if err != nil {
		return surroundings{}, err
	}
	if old != nil {
		all = without(all, old.Steps)
	}
	s := surroundings{Privileged: privileged()}
	if err := p.check(all); err != nil {
		s.Wrong = strings.Split(err.Error(), "\n")
	}
	disk := root("/")
	phones, there := find(all, p.Interface)
	s.Missing = !there
	s.Ports = disk.listeners(p)
	s.Managers = disk.managers(phones)
	s.Radio = disk.radio(ctx, p.Interface)
	s.Walls = walls()
	s.OldRules = slices.Contains(strings.Fields(disk.text("proc/thread-self/net/ip_tables_names")), "filter")
	_, err = exec.LookPath("hostapd")
	s.Hostapd = err == nil
	s.Beaconing = disk.has("run/hostapd", p.Interface) // ours has no such socket
	return s, nil
}

// privileged reports whether the kernel lets this process change its network
// (CAP_NET_ADMIN).
func privileged() bool {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&head, &data[0]) == nil && data[0].Effective&(1<<unix.CAP_NET_ADMIN) != 0
}

// root is where the files of a machine begin.
type root string

func (r root) path(parts ...string) string {
	return filepath.Join(append([]string{string(r)}, parts...)...)
}

func (r root) has(parts ...string) bool {
	_, err := os.Stat(r.path(parts...))
	return err == nil
}

// text is what a small file says; "" if it is not there.
func (r root) text(parts ...string) string {
	f, err := os.Open(r.path(parts...))
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// listeners are the programs that listen where the hub would.
func (r root) listeners(p Plan) []listener {
	byInode := map[string]listener{}
	for _, t := range []struct {
		file  string
		tcp   bool
		ports []uint16
	}{
		{"udp", false, []uint16{p.DNS, portDHCP}}, {"udp6", false, []uint16{p.DNS}},
		{"tcp", true, []uint16{p.DNS, p.HTTP}}, {"tcp6", true, []uint16{p.DNS, p.HTTP}},
	} {
		f, err := os.Open(r.path("proc/thread-self/net", t.file))
		if err != nil {
			continue // a kernel without IPv6 has none
		}
		for inode, at := range sockets(f, t.tcp) {
			a := at.Addr().Unmap()
			if slices.Contains(t.ports, at.Port()) && (a.IsUnspecified() || a.IsLoopback() || a == p.Address.Addr() || a == p.Virtual) {
				byInode[inode] = listener{Port: at.Port(), Addr: netip.AddrPortFrom(a, at.Port()).String(), Loopback: a.IsLoopback()}
			}
		}
		f.Close()
	}
	programs := r.programs(byInode)
	var out []listener
	for inode, l := range byInode {
		l.Program = programs[inode]
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b listener) int { return strings.Compare(a.Addr+a.Program, b.Addr+b.Program) })
	return out
}

// sockets reads a table such as /proc/net/tcp (proc_net_tcp.txt of the kernel's
// documentation): the sockets that listen, by inode.
func sockets(table io.Reader, tcp bool) map[string]netip.AddrPort {
	const listens = "0A"
	out := map[string]netip.AddrPort{}
	lines := bufio.NewScanner(table)
	lines.Scan() // the head
	for n := 0; lines.Scan() && n < maxSockets; n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || tcp && fields[3] != listens {
			continue
		}
		if at, ok := socketAddr(fields[1]); ok {
			out[fields[9]] = at
		}
	}
	return out
}

// socketAddr reads 0100007F:0035: words of 4 bytes in the machine's order.
func socketAddr(s string) (netip.AddrPort, bool) {
	where, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(where)
	if err != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for word := range slices.Chunk(b, 4) {
		binary.NativeEndian.PutUint32(word, binary.BigEndian.Uint32(word))
	}
	at, ok := netip.AddrFromSlice(b)
	n, err := strconv.ParseUint(port, 16, 16)
	return netip.AddrPortFrom(at, uint16(n)), ok && err == nil
}

// programs names the programs that have sockets, as far as they can be seen.
func (r root) programs(sockets map[string]listener) map[string]string {
	out := map[string]string{}
	if len(sockets) == 0 {
		return out
	}
	files, err := filepath.Glob(r.path("proc/[0-9]*/fd/*"))
	if err != nil {
		return out
	}
	for _, f := range files {
		target, err := os.Readlink(f)
		if err != nil {
			continue // it has ended
		}
		inode, ok := strings.CutPrefix(target, "socket:[")
		inode = strings.TrimSuffix(inode, "]")
		if _, wanted := sockets[inode]; ok && wanted {
			b, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(f)), "comm"))
			if err == nil {
				out[inode] = string(bytes.TrimSpace(b))
			}
		}
	}
	return out
}

// managers are the programs that manage an interface, by the files they keep in /run.
func (r root) managers(i Interface) (out []string) {
	number := strconv.Itoa(i.Index)
	if i.Index == 0 {
		return nil
	}
	if nm := r.text("run/NetworkManager/devices", number); strings.Contains(nm, "managed=true") || strings.Contains(nm, "managed=1") {
		out = append(out, "NetworkManager")
	}
	if nd := r.text("run/systemd/netif/links", number); nd != "" && !strings.Contains(nd, "ADMIN_STATE=unmanaged") {
		out = append(out, "systemd-networkd")
	}
	if r.has("run/wpa_supplicant", i.Name) {
		out = append(out, "wpa_supplicant")
	}
	denied := slices.ContainsFunc(strings.Split(r.text("etc/dhcpcd.conf"), "\n"), func(line string) bool {
		words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' || c == ',' })
		return len(words) > 1 && words[0] == "denyinterfaces" && slices.Contains(words[1:], i.Name)
	})
	if !denied && (r.has("run/dhcpcd/pid") || r.has("run/dhcpcd.pid") || r.has("run/dhcpcd", i.Name+".pid")) {
		out = append(out, "dhcpcd")
	}
	return out
}

// radio is what is known of an adapter.
func (r root) radio(ctx context.Context, iface string) radioFacts {
	phy := r.text("sys/class/net", iface, "phy80211/name")
	if phy == "" {
		return radioFacts{}
	}
	f := radioFacts{Wireless: true}
	if driver, err := os.Readlink(r.path("sys/class/net", iface, "device/driver")); err == nil {
		f.Driver = filepath.Base(driver)
	}
	if switches, err := filepath.Glob(r.path("sys/class/net", iface, "phy80211/rfkill*")); err == nil {
		for _, s := range switches {
			at := strings.TrimPrefix(s, string(r))
			f.SoftBlock = f.SoftBlock || r.text(at, "soft") == "1"
			f.HardBlock = f.HardBlock || r.text(at, "hard") == "1"
		}
	}
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	told, err := exec.CommandContext(ctx, "iw", "phy", phy, "info").Output()
	if err != nil || len(told) > maxTold {
		return f
	}
	f.capabilities(string(told))
	return f
}

// capabilities reads what “iw phy NAME info” says.
func (f *radioFacts) capabilities(told string) {
	f.Known = true
	modes := false
	for line := range strings.Lines(told) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "*") {
			modes = strings.HasPrefix(line, "Supported interface modes")
		}
		f.AP = f.AP || modes && line == "* AP"
		f.SAE = f.SAE || strings.HasPrefix(line, "Device supports SAE") || strings.HasPrefix(line, "* [ SAE_OFFLOAD_AP ]")
		if n, ok := strings.CutPrefix(line, "Maximum associated stations in AP mode: "); ok {
			f.MaxClients, _ = strconv.Atoi(n) // 0 = not told
		}
	}
}

// walls are the firewalls of others that drop what they do not know. Who may not look
// sees none, and is told so by the check of rights.
func walls() []wall {
	c, err := nftables.New()
	if err != nil {
		return nil
	}
	chains, err := c.ListChains()
	if err != nil {
		return nil
	}
	return wallsOf(chains)
}

func wallsOf(chains []*nftables.Chain) []wall {
	tables := map[string]*wall{}
	var order []string
	marks := map[string]string{"DOCKER-USER": "docker", "ufw-before-input": "ufw"}
	named := map[string]string{}
	for _, c := range chains {
		if c.Table == nil || c.Table.Name == tableName {
			continue
		}
		key := fmt.Sprint(c.Table.Family, c.Table.Name)
		if tables[key] == nil {
			tables[key] = &wall{Name: "the table “" + c.Table.Name + "”"}
			order = append(order, key)
		}
		if name, ok := marks[c.Name]; ok && named[key] != "ufw" { // who has both mends ufw's first
			named[key] = name
		}
		if c.Table.Name == "firewalld" {
			named[key] = "firewalld" // drops by its last rules
			tables[key].Input, tables[key].Forward = true, true
		}
		if c.Hooknum == nil || c.Policy == nil || *c.Policy != nftables.ChainPolicyDrop || c.Type != nftables.ChainTypeFilter {
			continue
		}
		w := tables[key]
		w.Input = w.Input || *c.Hooknum == *nftables.ChainHookInput
		w.Forward = w.Forward || *c.Hooknum == *nftables.ChainHookForward
	}
	var out []wall
	for _, key := range order {
		w := *tables[key]
		if name := named[key]; name != "" {
			w.Name = name
		}
		same := func(x wall) bool { return x == w } // of IPv4 and of IPv6
		if (w.Input || w.Forward) && !slices.ContainsFunc(out, same) {
			out = append(out, w)
		}
	}
	return out
}
