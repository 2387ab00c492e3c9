package accesspoint

import (
	"fmt"
	"strings"
	"testing"
)

// Android asks over HTTPS as well, and waits ten seconds for each answer that does
// not come.
func TestRow9HTTPSIsResetAtOnce(t *testing.T) {
	p := testPlan()
	p.Passes = Nothing // there is no internet
	s := newStreet(t, p)
	for _, to := range []string{server, "142.250.74.36", "192.0.2.1", "10.44.0.1"} {
		s.ana.refuses("tcp", to+":443")
	}
	s.lets(ana)
	for _, to := range []string{server, "142.250.74.36", "192.0.2.1", "10.44.0.1"} {
		s.ana.refuses("tcp", to+":443")
	}
}

// Neither does the hub have to know a way there.
func TestRow9HTTPSIsResetAtOnceWithoutAnUplink(t *testing.T) {
	p := testPlan()
	p.Uplink = ""
	s := newStreet(t, p)
	s.hub.run("ip", "route", "flush", "table", "main", "root", "0.0.0.0/0", "exact", "0.0.0.0/0")
	for _, to := range []string{server, "142.250.74.36", "192.0.2.1", "10.44.0.1"} {
		s.ana.refuses("tcp", to+":443")
		s.ana.refuses("tcp", to+":853")
	}
	s.ana.hears("tcp", "142.250.74.36:80", "hub "+ana)
}

// With a certificate phones are told over HTTPS where the page is, at the hub alone.
func TestRow34HTTPSReachesTheHubAlone(t *testing.T) {
	p := testPlan()
	p.Passes, p.API = Nothing, 4443
	s := newStreet(t, p)
	s.hub.serves("api", "10.44.0.1", 4443)
	s.ana.hears("tcp", "10.44.0.1:443", "api "+ana)
	for _, to := range []string{server, "192.0.2.1"} {
		s.ana.refuses("tcp", to+":443")
	}
}

// TestWhatIsClosedIsRefusedOverIPv6: a phone has an address there without being given one.
func TestWhatIsClosedIsRefusedOverIPv6(t *testing.T) {
	s := newStreet(t, testPlan())
	s.hub.run("ip", "addr", "add", "fe80::1/64", "dev", "wlan0", "nodad")
	s.hub.run("ip", "addr", "add", "fe80::1/64", "dev", "eth0", "nodad")
	s.ana.run("ip", "addr", "add", "fe80::5/64", "dev", "wlan0", "nodad")
	at := func(from space, port int) string {
		index, _, _ := strings.Cut(from.run("ip", "-o", "link", "show", "wlan0"), ":")
		return fmt.Sprintf("[fe80::1%%%s]:%d", index, port)
	}
	for _, port := range []int{22, 443, 853, 4680, 4681, 8080} {
		s.hub.echoes(at(s.hub, port))
	}
	for _, port := range []int{22, 443, 853, 4680, 4681, 9} {
		s.ana.refuses("tcp", at(s.ana, port))
	}
	if r := s.ana.ask("udp", at(s.ana, 4681), patience); !r.refused() {
		t.Errorf("UDP is not refused: %q %v", r.says, r.err)
	}
	if r := s.ana.ask("tcp", at(s.ana, 8080), patience); r.refused() {
		t.Errorf("the pages are refused: %v", r.err)
	}
}
