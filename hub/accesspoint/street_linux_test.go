package accesspoint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// The addresses of those who are in the tests.
const (
	ana, ben = "10.44.0.5", "10.44.0.6" // phones
	server   = "9.9.9.9"                // in the internet
	router   = "192.168.7.1"            // of the uplink's LAN, and its printer
)

// street is a hub with two phones, a LAN and the internet.
type street struct {
	hub, ana, ben, isp space
	folder             string
}

func newStreet(t *testing.T, p Plan) street {
	t.Helper()
	hub, air, isp := box(t)
	s := street{hub, newSpace(t), newSpace(t), isp, t.TempDir()}
	air.run("ip", "link", "add", "br0", "type", "bridge")
	air.run("ip", "link", "set", "br0", "up")
	air.run("ip", "link", "set", "hub", "master", "br0")
	for name, phone := range map[string]space{"ana": s.ana, "ben": s.ben} {
		air.cable(name, phone, "wlan0")
		air.run("ip", "link", "set", name, "master", "br0", "up")
		air.run("bridge", "link", "set", "dev", name, "isolated", "on") // as hostapd's ap_isolate
	}
	for at, phone := range map[string]space{ana: s.ana, ben: s.ben} {
		phone.run("ip", "addr", "add", at+"/20", "dev", "wlan0")
		phone.run("ip", "route", "add", "default", "via", "10.44.0.1")
	}
	// By way of the hub, as a phone may try that is not told the others' addresses.
	s.ana.run("ip", "route", "add", ben, "via", "10.44.0.1")
	s.ben.run("ip", "route", "add", ana, "via", "10.44.0.1")
	isp.run("ip", "addr", "add", router+"/24", "dev", "customer")
	isp.run("ip", "addr", "add", server+"/32", "dev", "lo")
	isp.run("ip", "route", "add", "10.44.0.0/20", "via", "192.168.7.2", "src", server)
	ok(t, hub.up(p, s.folder))
	for _, port := range []int{8080, 5353, 22, 443, 853, 4680, 4681} {
		hub.serves("hub", "10.44.0.1", port)
	}
	for _, port := range []int{80, 443, 25, 853, 9100} {
		isp.serves("outside", server, port)
	}
	s.ana.serves("ana", ana, 7)
	s.ben.serves("ben", ben, 7)
	// The kernel tells late that there is a carrier.
	for range 50 {
		if s.ana.ask("tcp", "10.44.0.1:80", 200*time.Millisecond).says == "hub "+ana {
			return s
		}
	}
	t.Fatal("the phones do not reach the hub")
	return s
}

// serves has the machine say who it is and who asked, over TCP and UDP, until the
// test ends; over UDP at one address, from which it then answers.
func (s space) serves(name, udpAt string, port int) {
	s.t.Helper()
	s.do(func() {
		ln, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
		ok(s.t, err)
		packets, err := net.ListenPacket("udp4", fmt.Sprintf("%s:%d", udpAt, port))
		ok(s.t, err)
		s.t.Cleanup(func() { ln.Close(); packets.Close() })
		go func() {
			for {
				c, err := ln.Accept()
				if err != nil {
					return
				}
				fmt.Fprint(c, name, " ", host(c.RemoteAddr()))
				c.Close()
			}
		}()
		go func() {
			buf := make([]byte, 512)
			for {
				_, from, err := packets.ReadFrom(buf)
				if err != nil {
					return
				}
				_, _ = packets.WriteTo([]byte(name+" "+host(from)), from)
			}
		}()
	})
}

func host(a net.Addr) string {
	h, _, _ := net.SplitHostPort(a.String())
	return h
}

// reply is what came of asking.
type reply struct {
	says string
	err  error
	took time.Duration
}

func (r reply) refused() bool { return errors.Is(r.err, syscall.ECONNREFUSED) }

// ask connects from the machine and reads what is said.
func (s space) ask(network, to string, patience time.Duration) (r reply) {
	begun := time.Now()
	s.do(func() {
		ctx, cancel := context.WithTimeout(s.t.Context(), patience)
		defer cancel()
		var c net.Conn
		if c, r.err = new(net.Dialer).DialContext(ctx, network, to); r.err != nil {
			return
		}
		defer c.Close()
		if r.err = c.SetDeadline(begun.Add(patience)); r.err != nil {
			return
		}
		if network == "udp" {
			fmt.Fprint(c, "?")
		}
		buf := make([]byte, 512)
		n, err := c.Read(buf)
		r.says, r.err = string(buf[:n]), err
	})
	r.took = time.Since(begun)
	return r
}

// patience is longer than anything takes that comes at all.
const patience = 2 * time.Second

// hears holds a machine to whom it hears.
func (s space) hears(network, to, want string) {
	s.t.Helper()
	if r := s.ask(network, to, patience); r.says != want {
		s.t.Errorf("%s %s says %q (%v), not %q", network, to, r.says, r.err, want)
	}
}

// refuses holds what is asked of to an immediate no: a phone that hears nothing
// waits for seconds. The best of three counts, since other programs run as well.
func (s space) refuses(network, to string) {
	s.t.Helper()
	best := time.Hour
	for range 3 {
		r := s.ask(network, to, patience)
		if !r.refused() {
			s.t.Errorf("%s %s is not refused: %q %v", network, to, r.says, r.err)
			return
		}
		best = min(best, r.took)
	}
	if best > 50*time.Millisecond {
		s.t.Errorf("%s %s is refused after %v", network, to, best)
	}
}

// silent holds a machine to hear nothing.
func (s space) silent(network, to string) {
	s.t.Helper()
	if r := s.ask(network, to, 300*time.Millisecond); r.says != "" {
		s.t.Errorf("%s %s says %q", network, to, r.says)
	}
}

// gate does something with the phones that are let through.
func (s street) gate(do func(g *Gate) error) {
	s.hub.t.Helper()
	s.hub.do(func() {
		g, err := NewGate()
		if err == nil {
			err = do(g)
		}
		if err != nil {
			s.hub.t.Error(err)
		}
	})
}

func (s street) lets(phone string) {
	s.gate(func(g *Gate) error { return g.Open(netip.MustParseAddr(phone), s.hardware(phone)) })
}

func (s street) stops(phone string) {
	s.gate(func(g *Gate) error { return g.Close(netip.MustParseAddr(phone), s.hardware(phone)) })
}

// hardware is the hardware address of a phone.
func (s street) hardware(phone string) (hw net.HardwareAddr) {
	at := map[string]space{ana: s.ana, ben: s.ben}[phone]
	at.do(func() {
		i, err := net.InterfaceByName("wlan0")
		ok(at.t, err)
		hw = i.HardwareAddr
	})
	return hw
}
