package gossip

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"
)

func open(t *testing.T, addr string) *network {
	t.Helper()
	n, err := listen(netip.MustParseAddr(addr), 0, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func (n *network) at(t *testing.T, ip string) string {
	t.Helper()
	_, port, err := n.FinalAdvertiseAddr(ip, 0)
	if err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(netip.MustParseAddr(ip), uint16(port)).String()
}

// hears waits for a packet.
func (n *network) hears(t *testing.T) *memberlist.Packet {
	t.Helper()
	select {
	case p := <-n.packets:
		return p
	case <-time.After(10 * time.Second):
		t.Fatal("no packet came")
		return nil
	}
}

func TestPacketsAndStreamsPass(t *testing.T) {
	all, one := open(t, "::"), open(t, "127.0.0.1")
	for from, to := range map[*network]string{all: one.at(t, "127.0.0.1"), one: all.at(t, "127.0.0.1")} {
		if _, err := from.WriteTo([]byte("hello"), to); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []*network{all, one} {
		p := n.hears(t)
		if string(p.Buf) != "hello" || addrOf(p.From) != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("heard %q from %v", p.Buf, p.From)
		}
	}
	c, err := one.DialTimeout(all.at(t, "::1"), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := <-all.streams
	defer got.Close()
	if a := addrOf(got.RemoteAddr()); a != netip.MustParseAddr("::1") {
		t.Errorf("a stream is from %v", a)
	}
}

func TestAnEmptyAndAnEndlessPacketAreNoHarm(t *testing.T) {
	n := open(t, "127.0.0.1")
	c, err := net.Dial("udp", n.at(t, "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, b := range [][]byte{{}, make([]byte, 60_000), []byte("after")} {
		if _, err := c.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if p := n.hears(t); len(p.Buf) != maxPacket || cap(p.Buf) > 2*maxPacket {
		t.Errorf("of an endless packet %d bytes are kept, in %d", len(p.Buf), cap(p.Buf))
	}
	if p := n.hears(t); string(p.Buf) != "after" {
		t.Errorf("after it %q was heard", p.Buf)
	}
}

func TestTheNetworkEndsThoughNobodyTakesWhatCame(t *testing.T) {
	n := open(t, "127.0.0.1")
	at := n.at(t, "127.0.0.1")
	if _, err := n.WriteTo([]byte("nobody"), at); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
}
