package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestNameServersOfTheInternet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver 127.0.0.53\nnameserver 192.168.1.1\nnameserver 9.9.9.9\nsearch lan\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(s ...string) (all []netip.AddrPort) {
		for _, a := range s {
			all = append(all, netip.MustParseAddrPort(a))
		}
		return all
	}
	if got, want := usualUpstreams(file), at("192.168.1.1:53", "9.9.9.9:53", "1.1.1.1:53"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := usualUpstreams(filepath.Join(t.TempDir(), "none")), at("9.9.9.9:53", "1.1.1.1:53"); !slices.Equal(got, want) {
		t.Errorf("where nothing is set: %v", got)
	}
	for _, c := range []struct {
		said []string
		want []netip.AddrPort
	}{
		{[]string{"10.0.0.1", "[fd00::1]:5353", "fd00::2"}, at("10.0.0.1:53", "[fd00::1]:5353", "[fd00::2]:53")},
		{[]string{"router"}, nil}, {[]string{"10.0.0.1:x"}, nil}, {make([]string, 9), nil},
	} {
		if got, err := (&runCommand{Upstream: c.said}).upstreams(); !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%q: %v, %v", c.said, got, err)
		}
	}
}
