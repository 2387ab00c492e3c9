package gossip_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/gossip/gossiptest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// forger has the network key and no scruples.
type forger struct {
	t    *testing.T
	at   *gossiptest.Transport
	aead cipher.AEAD
}

func (w *town) forger(i int) *forger {
	tr, err := w.net.Transport(at(i))
	if err != nil {
		w.t.Fatal(err)
	}
	block, err := aes.NewCipher(networkKey(7))
	if err != nil {
		w.t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		w.t.Fatal(err)
	}
	return &forger{w.t, tr, gcm}
}

func (f *forger) seal(version byte, plain, head []byte) []byte {
	nonce := randomBytes(f.aead.NonceSize())
	return f.aead.Seal(append([]byte{version}, nonce...), nonce, plain, head)
}

// packet sends a sealed packet.
func (f *forger) packet(to *hub, version byte, plain []byte) { f.raw(to, f.seal(version, plain, nil)) }

func (f *forger) raw(to *hub, b []byte) {
	if _, err := f.at.WriteTo(b, to.addr()); err != nil {
		f.t.Error(err)
	}
}

// stream opens a stream, sends a sealed message and returns what comes back.
func (f *forger) stream(to *hub, plain []byte) []byte {
	c, err := f.at.DialTimeout(to.addr(), time.Second)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	head := binary.BigEndian.AppendUint32([]byte{10}, uint32(len(plain)+1+f.aead.NonceSize()+f.aead.Overhead()))
	if _, err := c.Write(append(head, f.seal(1, plain, head)...)); err != nil {
		return nil
	}
	return readAll(c)
}

func readAll(c net.Conn) []byte {
	var all []byte
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		all = append(all, b[:n]...)
		if err != nil {
			return all
		}
	}
}

func (h *hub) addr() string { return netip.AddrPortFrom(h.have[0].Addr(), gossiptest.Port).String() }

// alive is memberlist's message that a member is there.
func alive(name string, ip netip.Addr, meta []byte, versions ...byte) []byte {
	b := []byte{4, 0x86}
	b = append(bin(b, "Incarnation"), 1)
	b = bin(bin(b, "Node"), name)
	b = bin(bin(b, "Addr"), string(ip.AsSlice()))
	b = append(bin(b, "Port"), 0xcd, gossiptest.Port>>8, gossiptest.Port&0xff)
	b = bin(bin(b, "Meta"), string(meta))
	return bin(bin(b, "Vsn"), string(versions))
}

// bin appends a MessagePack string in its older form, which memberlist speaks.
func bin(b []byte, s string) []byte {
	if len(s) < 32 {
		return append(append(b, 0xa0|byte(len(s))), s...)
	}
	return append(append(b, 0xda, byte(len(s)>>8), byte(len(s))), s...)
}

func says(t testing.TB, key record.Author, addrs ...string) []byte {
	var s gossip.Says
	for _, a := range addrs {
		s.Addrs = append(s.Addrs, netip.MustParseAddrPort(a))
	}
	b, err := gossip.EncodeSays(key, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
