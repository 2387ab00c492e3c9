package portal

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// maxNeighbors bounds what is read of the kernel's table, which holds about a
// thousand unless somebody has set it to more.
const maxNeighbors = 8192

// KernelNeighbors reads the kernel's table of IPv4 neighbors (arp(7)). The phones'
// network hands out IPv4 addresses only.
func KernelNeighbors() (map[netip.Addr]net.HardwareAddr, error) {
	f, err := os.Open("/proc/net/arp")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseNeighbors(f)
}

// complete is the flag of an entry whose hardware address is known (ATF_COM).
const complete = 0x2

// parseNeighbors reads lines such as
//
//	10.1.0.7  0x1  0x2  02:00:00:00:00:07  *  wlan0
func parseNeighbors(r io.Reader) (map[netip.Addr]net.HardwareAddr, error) {
	all := map[netip.Addr]net.HardwareAddr{}
	lines := bufio.NewScanner(r)
	lines.Scan() // the head
	for lines.Scan() && len(all) < maxNeighbors {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 {
			continue
		}
		at, err := netip.ParseAddr(fields[0])
		if err != nil {
			continue
		}
		flags, err := strconv.ParseUint(fields[2], 0, 32)
		if err != nil || flags&complete == 0 {
			continue
		}
		if hw, err := net.ParseMAC(fields[3]); err == nil {
			all[at] = hw
		}
	}
	return all, lines.Err()
}
