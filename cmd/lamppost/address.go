package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/join"
)

// checkListen checks an address to listen on: host:port, where the host may be
// missing and port 0 is any free one.
func checkListen(flag, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%s: %q is not an address; write it like \":8080\" or \"192.168.1.5:8080\"", flag, addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%s: the port in %q is not a number up to 65535", flag, addr)
	}
	return nil
}

// checkPeer checks the address of another hub: host:port, or a multiaddr, which
// is left to the one who dials it.
func checkPeer(addr string) error {
	if strings.HasPrefix(addr, "/") {
		return nil
	}
	host, port, err := net.SplitHostPort(addr)
	if with := net.JoinHostPort(strings.Trim(addr, "[]"), strconv.Itoa(join.DefaultPort)); err != nil && isHost(strings.Trim(addr, "[]")) {
		return fmt.Errorf("--peer: %q says no port; write %q, unless that hub was started with another --sync", addr, with)
	}
	if without := zoneless("--peer", host); err == nil && without != nil {
		return without
	}
	if err != nil || host == "" {
		return fmt.Errorf("--peer: %q is not the address of a hub; write it like \"192.168.1.7:4680\"", addr)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("--peer: the port in %q is not a number from 1 to 65535", addr)
	}
	return nil
}

// inviterAddress is where to ask to be taken in: host:port, where the port is
// normally the one of hubs.
func inviterAddress(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.Trim(addr, "[]"), strconv.Itoa(join.DefaultPort)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("--at: the port in %q is not a number from 1 to 65535; without one it is %d, as at most hubs", addr, join.DefaultPort)
	}
	if err := zoneless("--at", host); err != nil {
		return "", err
	}
	if !isHost(host) {
		return "", fmt.Errorf("--at: %q is not the address of a hub; write it like 192.168.1.7, 192.168.1.7:4680 or [fd00::7]:4680", addr)
	}
	return net.JoinHostPort(host, port), nil
}

// zoneless is an error where a host is a link-local address of IPv6 that does not say
// on which interface it is: every one has that network.
func zoneless(flag, host string) error {
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Is6() || !ip.IsLinkLocalUnicast() || ip.Zone() != "" {
		return nil //nolint:nilerr // what is no address is judged elsewhere
	}
	return fmt.Errorf("%s: %s may be on every network that this machine is in; say by which interface it is reached: %s instead of %s (“ip address” shows their names)", flag, ip, ip.WithZone("eth0"), ip)
}

// isHost reports whether text may be an IP address or the name of a machine.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// maxShown bounds how many addresses are shown to people.
const maxShown = 4

// welcome says where the hub is to be found.
func welcome(out io.Writer, s control.Status) {
	fmt.Fprintf(out, "%s (%s) is open.\n", s.Place, s.Community)
	for _, f := range s.Warnings {
		if f.Code == "certificate" {
			fmt.Fprint(out, folded("! ", "  ", f.Text+" "+f.Todo))
		}
	}
	host, port, err := net.SplitHostPort(s.HTTP)
	if err != nil {
		return
	}
	everywhere := net.ParseIP(host).IsUnspecified()
	if everywhere || host == "127.0.0.1" {
		host = "localhost"
	}
	fmt.Fprintf(out, "Open %s in a browser. There, on this machine, coordinators can sign what is official.\n", page(host, port))
	if others := neighbors(port); everywhere && len(others) > 0 {
		fmt.Fprintf(out, "On other devices of the same network: %s\n", strings.Join(others, " or "))
	}
	for _, addr := range s.Sync {
		if host, port, err := net.SplitHostPort(addr); err == nil && net.ParseIP(host).IsUnspecified() {
			addr = "port " + port + " of this machine"
		}
		fmt.Fprintf(out, "Other hubs connect to %s.\n", addr)
	}
	fmt.Fprintln(out, "Stop with Ctrl-C.")
}

// page is the address of a page, without a port that browsers add themselves.
func page(host, port string) string {
	if port == "80" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "http://" + host + "/"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// neighbors are the pages' addresses as other devices see them.
func neighbors(port string) (pages []string) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.To4() == nil || n.IP.IsLoopback() || len(pages) == maxShown {
			continue
		}
		pages = append(pages, page(n.IP.String(), port))
	}
	return pages
}
