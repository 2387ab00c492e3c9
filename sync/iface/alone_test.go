package iface_test

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/iface"
)

// street is a machine with a cable, and Wi-Fi for phones while that is up.
func street(wifi bool) []iface.Interface {
	all := []iface.Interface{{Name: "eth0", Index: 2, Addrs: []netip.Prefix{
		netip.MustParsePrefix("192.168.1.2/24"), netip.MustParsePrefix("fe80::2/64"),
	}}}
	if wifi {
		all = append(all, iface.Interface{Name: "wlan0", Index: 7, Addrs: []netip.Prefix{
			netip.MustParsePrefix("10.44.0.1/20"), netip.MustParsePrefix("fd44::1/64"), netip.MustParsePrefix("fe80::1/64"),
		}})
	}
	return all
}

func addr(s string) netip.Addr {
	if s == "" {
		return netip.Addr{}
	}
	return netip.MustParseAddr(s)
}

func TestWhatGoesByAnInterfaceThatIsLeftAlone(t *testing.T) {
	up := true
	a := iface.LeaveAlone([]string{"wlan0"}, func() ([]iface.Interface, error) { return street(up), nil })
	for _, c := range []struct {
		local, remote string
		want          bool
	}{
		{"", "10.44.0.7", true},
		{"", "::ffff:10.44.0.7", true},
		{"", "10.44.15.255", true},
		{"", "10.44.16.1", false},
		{"", "fd44::7", true},
		{"", "fd45::7", false},
		{"", "fe80::7", false}, // of which network it is nobody can tell
		{"", "fe80::7%wlan0", true},
		{"", "fe80::7%7", true},
		{"", "fe80::7%eth0", false},
		{"fe80::1%wlan0", "fe80::7%wlan0", true},
		{"", "192.168.1.7", false},
		{"192.168.1.2", "192.168.1.7", false},
		{"10.44.0.1", "192.168.1.7", true}, // it came to the address there
		{"::ffff:10.44.0.1", "203.0.113.1", true},
		{"192.168.1.2", "10.44.0.7", true},
		{"", "", false},
	} {
		if got := a.Holds(addr(c.local), addr(c.remote)); got != c.want {
			t.Errorf("from %q to %q: %v", c.local, c.remote, got)
		}
	}
	up = false
	if a.Holds(addr(""), addr("10.44.0.7")) {
		t.Error("another interface leads there now, and it is not spoken with")
	}
	if !a.Holds(addr(""), addr("fe80::7%wlan0")) {
		t.Error("an address of an interface that is away is spoken with")
	}
	up = true
	if !a.Holds(addr(""), addr("10.44.0.7")) {
		t.Error("the interface is back and it is not known")
	}
}

func TestWhileNoListCanBeHadTheLastOneCounts(t *testing.T) {
	var fault error
	a := iface.LeaveAlone([]string{"wlan0"}, func() ([]iface.Interface, error) { return street(fault == nil), fault })
	if !a.Holds(addr(""), addr("10.44.0.7")) {
		t.Error("spoken with")
	}
	fault = errors.New("no memory")
	if !a.Holds(addr(""), addr("10.44.0.7")) {
		t.Error("spoken with while the interfaces cannot be listed")
	}
}

func TestNothingIsLeftAloneUnlessNamed(t *testing.T) {
	a := iface.LeaveAlone(nil, nil)
	if a.Holds(addr("127.0.0.1"), addr("127.0.0.1")) {
		t.Error("loopback is left alone")
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// No moment passes between an interface's getting its address and its being known.
func TestAnAddressIsKnownAtOnce(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	ip(t, "link add wlan0 type veth peer name a1")
	ip(t, "link set a1 up")
	a := iface.LeaveAlone([]string{"wlan0"}, nil)
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	knows := func(what string, want bool) {
		t.Helper()
		if got := a.Holds(addr(""), addr("10.44.0.7")); got != want {
			t.Errorf("%s: %v", what, got)
		}
	}
	for range 20 {
		knows("it has no address", false)
		ip(t, "addr add 10.44.0.1/20 dev wlan0")
		knows("it has an address and is down", false)
		ip(t, "link set wlan0 up")
		knows("it is up", true)
		knows("nothing changed", true)
		ip(t, "addr del 10.44.0.1/20 dev wlan0")
		knows("its address went", false)
		ip(t, "link set wlan0 down")
	}
}

func TestWhichInterfacesThereAreNot(t *testing.T) {
	all, err := net.Interfaces()
	if err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	if got := iface.Missing([]string{"wlan9x", all[0].Name, "nosuch"}); !slices.Equal(got, []string{"wlan9x", "nosuch"}) {
		t.Errorf("%v", got)
	}
}
