package accesspoint

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what is expected anew")

func TestTheRulesAsNftListsThem(t *testing.T) {
	hub, _, _ := box(t)
	listed := testPlan()
	listed.Passes = Listed
	for _, n := range []string{"193.110.81.0/24", "9.9.9.9/32", "9.9.9.8/32", "9.9.9.0/24", "223.255.255.255/32"} {
		listed.Allowed = append(listed.Allowed, netip.MustParsePrefix(n))
	}
	alone := testPlan()
	alone.Uplink, alone.Isolate = "", false
	for name, p := range map[string]Plan{"everything": testPlan(), "listed": listed, "no-uplink": alone} {
		folder := t.TempDir()
		ok(t, hub.up(p, folder))
		got := hub.run("nft", "list", "ruleset")
		ok(t, hub.down(folder))
		path := filepath.Join("testdata", name+".nft")
		if *update {
			ok(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		ok(t, err)
		if !bytes.Equal([]byte(got), want) {
			t.Errorf("%s differs from what nft lists (-update writes it anew):\n%s", path, got)
		}
	}
}

func TestAPhoneThatIsNew(t *testing.T) {
	s := newStreet(t, testPlan())
	for _, to := range []string{"10.44.0.1", "192.0.2.1", server, "93.184.216.34", router, "192.168.7.2"} {
		for _, port := range []string{":443", ":853", ":22", ":25", ":4680", ":4681", ":9100"} {
			s.ana.refuses("tcp", to+port)
		}
		s.ana.hears("tcp", to+":80", "hub "+ana)
		s.ana.hears("tcp", to+":53", "hub "+ana)
		s.ana.hears("udp", to+":53", "hub "+ana)
	}
	s.hub.serves("hub", "10.44.0.1", portDHCP)
	s.ana.hears("udp", "10.44.0.1:67", "hub "+ana)
	for _, port := range []string{":443", ":853", ":4681"} { // once each: the kernel tells a phone six times in a row
		if r := s.ana.ask("udp", "10.44.0.1"+port, patience); !r.refused() {
			t.Errorf("UDP port %s is not refused: %q %v", port, r.says, r.err)
		}
	}
}

func TestAPhoneThatIsLetThrough(t *testing.T) {
	s := newStreet(t, testPlan())
	s.lets(ana)
	s.lets(ana)
	s.ana.hears("tcp", server+":80", "outside 192.168.7.2")
	s.ana.hears("tcp", server+":443", "outside 192.168.7.2")
	s.ana.hears("udp", server+":443", "outside 192.168.7.2")
	s.ana.hears("udp", server+":53", "hub "+ana)
	s.ana.hears("tcp", "192.0.2.1:80", "hub "+ana)
	s.ana.hears("tcp", "10.44.0.1:80", "hub "+ana)
	for _, to := range []string{server + ":25", server + ":853", router + ":9100", router + ":80", "192.168.7.2:22", "10.44.0.1:443", "100.64.0.1:443"} {
		s.ana.refuses("tcp", to)
	}
	s.ben.hears("tcp", server+":80", "hub "+ben)
	s.ben.refuses("tcp", server+":443")

	s.stops(ana)
	s.stops(ana)
	s.ana.hears("tcp", server+":80", "hub "+ana)
	s.ana.refuses("tcp", server+":443")
}

func TestWhatIsUnderWayEndsWhenAPhoneIsStopped(t *testing.T) {
	s := newStreet(t, testPlan())
	s.lets(ana)
	s.isp.echoes(server + ":7777")
	s.ana.do(func() {
		c, err := net.DialTimeout("tcp", server+":7777", patience)
		ok(t, err)
		defer c.Close()
		says := func() bool {
			ok(t, c.SetDeadline(time.Now().Add(patience)))
			_, err := c.Write([]byte("?"))
			if err == nil {
				_, err = c.Read(make([]byte, 1))
			}
			return err == nil
		}
		if !says() {
			t.Error("nothing comes back")
		}
		s.stops(ana)
		if says() {
			t.Error("it goes on")
		}
	})
}

// echoes has the machine send back what comes on the first connection to an address.
func (s space) echoes(at string) {
	s.do(func() {
		ln, err := net.Listen("tcp", at)
		ok(s.t, err)
		s.t.Cleanup(func() { ln.Close() })
		go func() {
			if c, err := ln.Accept(); err == nil {
				_, _ = io.Copy(c, c)
				c.Close()
			}
		}()
	})
}

func TestNothingPassesOverIPv6(t *testing.T) {
	s := newStreet(t, testPlan())
	s.lets(ana)
	s.hub.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1") // a router already
	for _, a := range []struct {
		at        space
		addr, dev string
	}{{s.hub, "fd00:1::1/64", "wlan0"}, {s.ana, "fd00:1::5/64", "wlan0"}, {s.hub, "fd00:2::2/64", "eth0"}, {s.isp, "fd00:2::1/64", "customer"}} {
		a.at.run("ip", "addr", "add", a.addr, "dev", a.dev, "nodad")
	}
	s.ana.run("ip", "route", "add", "fd00:2::/64", "via", "fd00:1::1")
	s.isp.run("ip", "route", "add", "fd00:1::/64", "via", "fd00:2::2")
	s.isp.echoes("[fd00:2::1]:443")
	s.ana.refuses("tcp", "[fd00:2::1]:443")
	s.ana.refuses("tcp", "[fd00:1::1]:22")
	s.isp.silent("tcp", "[fd00:1::5]:7")
}

func TestAPhoneThatAsksTooFastIsDroppedAndOthersAreNot(t *testing.T) {
	s := newStreet(t, testPlan())
	const sent = 2 * queriesAtOnce
	begun, answered := time.Now(), 0
	s.ana.do(func() {
		c, err := net.Dial("udp", server+":53")
		ok(t, err)
		defer c.Close()
		hears := func(wait time.Duration) bool {
			ok(t, c.SetReadDeadline(time.Now().Add(wait)))
			_, err := c.Read(make([]byte, 64))
			if err == nil {
				answered++
			}
			return err == nil
		}
		for range sent {
			fmt.Fprint(c, "?")
			hears(time.Millisecond)
		}
		for hears(300 * time.Millisecond) {
		}
	})
	// The slower the machine, the more are let in meanwhile.
	most := queriesAtOnce + 1 + int(time.Since(begun).Seconds()*queries)
	if answered < queriesAtOnce/2 || answered > most {
		t.Errorf("of %d queries in a row %d were answered, not from %d to %d", sent, answered, queriesAtOnce/2, most)
	}
	s.ben.hears("udp", server+":53", "hub "+ben)
}

func TestWhatAPhoneUsedIsCountedBothWays(t *testing.T) {
	s := newStreet(t, testPlan())
	used := func() (all map[netip.Addr]uint64) {
		s.gate(func(g *Gate) (err error) { all, err = g.Used(); return err })
		return all
	}
	s.lets(ana)
	s.lets(ben)
	a, b := netip.MustParseAddr(ana), netip.MustParseAddr(ben)
	s.ana.hears("tcp", "10.44.0.1:80", "hub "+ana)
	s.ana.refuses("tcp", router+":9100")
	if u := used(); len(u) != 2 || u[a] != 0 {
		t.Errorf("what does not pass to the internet is counted: %v", u)
	}
	s.ana.hears("udp", server+":443", "outside 192.168.7.2")
	// A datagram of one byte there, one of 19 back, each with 28 bytes of headers.
	if u := used(); u[a] != 28+1+28+19 || u[b] != 0 {
		t.Errorf("%v", u)
	}
	s.stops(ben)
	if u := used(); len(u) != 1 {
		t.Errorf("%v", u)
	}
}

// TestAPhoneIsNotAnotherByItsAddress: each can write what it sends in another's name.
func TestAPhoneIsNotAnotherByItsAddress(t *testing.T) {
	s := newStreet(t, testPlan())
	s.lets(ana)
	s.ana.hears("udp", server+":443", "outside 192.168.7.2")
	s.ben.run("ip", "addr", "add", ana+"/32", "dev", "wlan0")
	heard := make(chan string, 100)
	s.isp.do(func() {
		c, err := net.ListenPacket("udp4", server+":9999")
		ok(t, err)
		t.Cleanup(func() { c.Close() })
		go func() {
			for buf := make([]byte, 64); ; {
				n, _, err := c.ReadFrom(buf)
				if err != nil {
					return
				}
				heard <- string(buf[:n])
			}
		}()
	})
	said := func(from space, what string) {
		from.do(func() {
			c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.ParseIP(ana)}, &net.UDPAddr{IP: net.ParseIP(server), Port: 9999})
			ok(t, err)
			defer c.Close()
			fmt.Fprint(c, what)
		})
	}
	said(s.ben, "from ben")
	said(s.ana, "from ana")
	if got := <-heard; got != "from ana" {
		t.Errorf("the internet hears %q in the name of ana", got)
	}
	s.gate(func(g *Gate) error {
		used, err := g.Used()
		if at := netip.MustParseAddr(ana); used[at] != 28+1+28+19+28+8 {
			t.Errorf("%d bytes are counted", used[at])
		}
		return err
	})
}

func TestTheGateIsShutToAll(t *testing.T) {
	s := newStreet(t, testPlan())
	s.lets(ana)
	s.lets(ben)
	s.gate((*Gate).Shut)
	s.ana.refuses("tcp", server+":443")
	s.ben.refuses("tcp", server+":443")
	s.gate(func(g *Gate) error {
		used, err := g.Used()
		if len(used) > 0 {
			t.Errorf("%v pass", used)
		}
		return err
	})
}

func TestPhonesDoNotReachEachOtherNorAreReached(t *testing.T) {
	s := newStreet(t, testPlan())
	s.lets(ana)
	s.lets(ben)
	s.ana.silent("tcp", ben+":7")
	s.ana.silent("udp", ben+":7")
	s.isp.silent("tcp", ana+":7")
	s.isp.silent("udp", ana+":7")
	s.hub.hears("tcp", ana+":7", "ana 10.44.0.1")

	p := testPlan()
	p.Isolate = false
	ok(t, s.hub.up(p, s.folder))
	s.ana.hears("tcp", ben+":7", "ben "+ana)
}

func TestWhatPassesIsTheOperatorsChoice(t *testing.T) {
	p := testPlan()
	p.Passes, p.Allowed = Listed, []netip.Prefix{netip.MustParsePrefix("9.9.0.0/16")}
	s := newStreet(t, p)
	s.isp.run("ip", "addr", "add", "9.8.0.1/32", "dev", "lo")
	s.lets(ana)
	s.ana.hears("tcp", server+":443", "outside 192.168.7.2")
	s.ana.refuses("tcp", "9.8.0.1:443")
	s.ben.refuses("tcp", server+":443")

	p.Passes, p.Allowed = Nothing, nil
	ok(t, s.hub.up(p, s.folder))
	s.lets(ana)
	s.ana.refuses("tcp", server+":443")
}

func TestTheUplinksLANIsClosedAlsoWithPublicAddresses(t *testing.T) {
	s := newStreet(t, testPlan())
	s.hub.run("ip", "addr", "add", "130.1.2.2/24", "dev", "eth0")
	s.isp.run("ip", "addr", "add", "130.1.2.1/24", "dev", "customer")
	s.isp.run("ip", "addr", "add", "130.1.3.1/32", "dev", "lo")
	ok(t, s.hub.down(s.folder))
	ok(t, s.hub.up(testPlan(), s.folder))
	s.lets(ana)
	s.ana.refuses("tcp", "130.1.2.1:9100")
	s.ana.hears("tcp", "130.1.3.1:443", "outside 192.168.7.2")
}

func TestTheGateIsThereOnlyWhileUp(t *testing.T) {
	hub, _, _ := box(t)
	folder := t.TempDir()
	gate := func() (g *Gate, err error) {
		hub.do(func() { g, err = NewGate() })
		return g, err
	}
	if _, err := gate(); !errors.Is(err, ErrNotUp) {
		t.Errorf("before: %v", err)
	}
	ok(t, hub.up(testPlan(), folder))
	g, err := gate()
	ok(t, err)
	ok(t, hub.down(folder))
	hw := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	hub.do(func() {
		if err := g.Shut(); err != nil {
			t.Errorf("shut: %v", err)
		}
		if err := g.Open(netip.MustParseAddr(ana), nil); err == nil || !strings.Contains(err.Error(), "no hardware address") {
			t.Errorf("open: %v", err)
		}
		if err := g.Open(netip.MustParseAddr(ana), hw); !errors.Is(err, ErrNotUp) {
			t.Errorf("open: %v", err)
		}
		if err := g.Open(netip.MustParseAddr("fe80::1"), hw); err == nil || !strings.Contains(err.Error(), "no address of a phone") {
			t.Errorf("open: %v", err)
		}
		if _, err := g.Used(); !errors.Is(err, ErrNotUp) {
			t.Errorf("used: %v", err)
		}
	})
}

func TestAPhoneThatAsksForAddressesTooFastIsDroppedAndOthersAreNot(t *testing.T) {
	s := newStreet(t, testPlan())
	s.hub.serves("hub", "10.44.0.1", portDHCP)
	const sent = 4 * leasesAtOnce
	begun, answered := time.Now(), 0
	for range sent {
		if s.ana.ask("udp", "10.44.0.1:67", 20*time.Millisecond).says != "" {
			answered++
		}
	}
	most := leasesAtOnce + 1 + int(time.Since(begun).Seconds()*leases)
	if answered < leasesAtOnce/2 || answered > most {
		t.Errorf("of %d packets in a row %d were answered, not from %d to %d", sent, answered, leasesAtOnce/2, most)
	}
	s.ben.hears("udp", "10.44.0.1:67", "hub "+ben)
}
