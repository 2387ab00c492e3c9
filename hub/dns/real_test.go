package dns_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
	"github.com/lamppost-hub/lamppost/hub/portal"
)

// What is said over UDP is said over TCP, and what is not answered there ends the
// connection.
func TestEveryRowIsAnsweredOverTCPAsWell(t *testing.T) {
	p := open(t, func(c *dns.Config) { c.Probes = portal.Hosts() })
	for _, r := range rows() {
		t.Run("row "+r.row+" over TCP in "+[]string{"C", "A", "O"}[r.state], func(t *testing.T) {
			p.set(r.state)
			conn := p.dial(t)
			if _, err := conn.Write(frame(r.ask)); err != nil {
				t.Fatal(err)
			}
			if got := said(hear(t, conn)); got != r.want {
				t.Errorf("%s, want %s", got, r.want)
			}
		})
	}
}

// dialFrom connects from an address of loopback.
func (p place) dialFrom(t *testing.T, addr netip.Addr) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: addr.AsSlice()}}).DialContext(t.Context(), "tcp", p.at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// On real sockets: a thousand connections that came to half a length, half a query, or
// nothing, and a phone beside them.
func TestD23AThousandConnectionsThatComeToNothing(t *testing.T) {
	p := open(t)
	if conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 3, 0, 1)}}).DialContext(t.Context(), "tcp", p.at); err != nil {
		t.Skip("no second address on loopback")
	} else {
		conn.Close()
	}
	packet := query("www.example.com", wire.TypeA)
	halves := [][]byte{nil, frame(packet)[:1], frame(packet)[:20], {0x0F, 0xFF}}
	var all []net.Conn
	for i := range 1000 {
		conn := p.dialFrom(t, netip.AddrFrom4([4]byte{127, 3, byte(i % 50), 1}))
		_, _ = conn.Write(halves[i%len(halves)]) // those beyond the bounds are closed
		all = append(all, conn)
	}
	if got := said(p.send(t, packet, patience)); got != toVirtual {
		t.Errorf("over UDP, beside them: %s", got)
	}
	late := p.dial(t)
	write(t, late, frame(packet))
	if got := said(hear(t, late)); got != toVirtual {
		t.Errorf("over TCP, beside them: %s", got)
	}
	for i, conn := range all {
		if err := conn.SetReadDeadline(time.Now().Add(dns.Idle + patience)); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, conn); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("connection %d heard %d bytes, %v", i, n, err)
		}
	}
	conn := p.dial(t)
	write(t, conn, frame(packet))
	if got := said(hear(t, conn)); got != toVirtual {
		t.Errorf("after them: %s", got)
	}
}
