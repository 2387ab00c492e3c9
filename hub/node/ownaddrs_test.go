package node

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/iface"
)

func TestPhonesAreToldOfTheAddressesThatTheyReach(t *testing.T) {
	at := func(all ...string) (out []netip.Prefix) {
		for _, s := range all {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	all := []iface.Interface{
		{Name: "lo", Loopback: true, Addrs: at("127.0.0.1/8", "::1/128")},
		{Name: "eth0", Addrs: at("192.168.7.2/24", "2001:db8::2/64", "fe80::2/64")},
		{Name: "wlan0", Addrs: at("10.44.0.1/20", "192.0.2.1/32", "fd00::1/64", "169.254.1.1/16")},
	}
	virtual := netip.MustParseAddr("192.0.2.1")
	for _, c := range []struct {
		alone []string
		want  string
	}{
		{[]string{"wlan0"}, "[10.44.0.1]"},
		{nil, "[192.168.7.2 10.44.0.1]"},
		{[]string{"wlan1"}, "[]"},
	} {
		if got := fmt.Sprint(ownAddrs(all, c.alone, virtual)); got != c.want {
			t.Errorf("phones on %v: %s, want %s", c.alone, got, c.want)
		}
	}
}

func TestOtherDevicesFindThePagesWhereTheyAreServed(t *testing.T) {
	own := []netip.Addr{netip.MustParseAddr("10.66.1.1"), netip.MustParseAddr("192.168.1.7")}
	for _, c := range []struct {
		pages string
		own   []netip.Addr
		want  string
	}{
		{"0.0.0.0:8080", own, "10.66.1.1:8080"},
		{"[::]:8080", own, "10.66.1.1:8080"},
		{"[::]:80", own, "10.66.1.1"},
		{"192.168.1.7:80", own, "192.168.1.7"},
		{"[fd00::7]:80", own, "[fd00::7]"},
		{"[fd00::7]:81", own, "[fd00::7]:81"},
		{"127.0.0.1:8080", own, ""}, // only this machine
		{"0.0.0.0:8080", nil, ""},
		{"", own, ""},
	} {
		if got := reachedAt(c.pages, c.own); got != c.want {
			t.Errorf("%q: %q instead of %q", c.pages, got, c.want)
		}
	}
}
