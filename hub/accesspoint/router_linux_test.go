package accesspoint

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAPhoneDoesNotPassForARouter: one advertisement would lead the hub's IPv6 to the
// phone. The rules keep it out, and the interface does not hear it without them.
func TestAPhoneDoesNotPassForARouter(t *testing.T) {
	for name, without := range map[string][]string{
		"by the rules":     {"sysctl", "-qw", "net.ipv6.conf.wlan0.accept_ra=1"},
		"by the interface": {"nft", "delete", "table", "inet", "lamppost"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t, testPlan())
			s.hub.run("ip", "addr", "add", "fe80::1/64", "dev", "wlan0", "nodad")
			s.ana.run("ip", "addr", "add", "fe80::5/64", "dev", "wlan0", "nodad")
			s.hub.run(without[0], without[1:]...)
			s.ana.advertises()
			s.ana.hears("tcp", "10.44.0.1:8080", "hub "+ana) // it comes after
			if now := s.hub.run("sh", "-c", "ip -6 route; ip -6 addr"); strings.Contains(now, "2001:db8:") || strings.Contains(now, "default") {
				t.Errorf("the hub takes a phone for its router:\n%s", now)
			}
		})
	}
}

// TestWhatAPhoneTaughtBeforePortalUpIsForgotten, and what somebody set is not.
func TestWhatAPhoneTaughtBeforePortalUpIsForgotten(t *testing.T) {
	s := newStreet(t, testPlan())
	ok(t, s.hub.down(s.folder))
	s.hub.run("ip", "link", "set", "wlan0", "up")
	s.hub.run("ip", "addr", "add", "fe80::1/64", "dev", "wlan0", "nodad")
	s.hub.run("ip", "addr", "add", "fd00:5::1/64", "dev", "wlan0", "nodad")
	s.hub.run("ip", "route", "add", "fd00:6::/64", "via", "fe80::9", "dev", "wlan0")
	s.ana.run("ip", "addr", "add", "fe80::5/64", "dev", "wlan0", "nodad")
	before := s.hub.run("sh", "-c", "ip -6 route; cat /proc/sys/net/ipv6/conf/wlan0/mtu")
	s.ana.advertises()
	taught := func() string {
		return s.hub.run("sh", "-c", "ip -6 route; cat /proc/sys/net/ipv6/conf/wlan0/mtu; ip -6 addr show dev wlan0 | grep 2001 || true")
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(taught(), "default"); {
		if time.Now().After(deadline) {
			t.Fatalf("nothing was learned: %s", taught())
		}
	}
	s.hub.run("ip", "-6", "route", "del", "default") // else it is this machine's own way to the internet
	if !strings.Contains(taught(), "2001:db8:") {
		t.Fatalf("no network was learned: %s", taught())
	}
	ok(t, s.hub.up(testPlan(), s.folder))
	if now := taught(); now != before {
		t.Errorf("before:\n%s\nnow:\n%s", before, now)
	}
}

// advertises has the machine pass for a router of IPv6 (RFC 4861), with a network of its own.
func (s space) advertises() {
	s.t.Helper()
	prefix := netip.MustParseAddr("2001:db8::").As16()
	b := []byte{134, 0, 0, 0, 64, 0}
	b = binary.BigEndian.AppendUint16(b, 1800) // seconds that it is the router
	b = append(b, make([]byte, 8)...)
	b = append(b, 3, 4, 64, 0xc0) // a prefix: on the link, and for addresses
	b = binary.BigEndian.AppendUint32(b, 86400)
	b = binary.BigEndian.AppendUint32(b, 86400)
	b = append(append(b, make([]byte, 4)...), prefix[:]...)
	s.do(func() {
		fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMPV6)
		ok(s.t, err)
		defer unix.Close(fd)
		ok(s.t, unix.BindToDevice(fd, "wlan0"))
		ok(s.t, unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, 255))
		ok(s.t, unix.Bind(fd, &unix.SockaddrInet6{Addr: netip.MustParseAddr("fe80::5").As16()}))
		ok(s.t, unix.Sendto(fd, b, 0, &unix.SockaddrInet6{Addr: netip.MustParseAddr("ff02::1").As16()}))
	})
}
