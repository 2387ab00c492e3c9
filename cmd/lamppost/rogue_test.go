package main

import (
	"bytes"
	"compress/lzw"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// rogue is somebody with a stolen network key.
type rogue struct {
	network []byte
	aead    cipher.AEAD
}

func newRogue(t *testing.T, stolenFrom *hubProc) *rogue {
	t.Helper()
	f, err := node.ReadFolder(stolenFrom.folder)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(f.Network)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return &rogue{f.Network, aead}
}

// seal is a message as memberlist encrypts it (version 1: AES-GCM, no padding).
func (r *rogue) seal(plain, head []byte) []byte {
	nonce := make([]byte, r.aead.NonceSize())
	_, _ = rand.Read(nonce) // it does not fail
	return r.aead.Seal(append([]byte{1}, nonce...), nonce, plain, head)
}

// packet sends a message by UDP. The system may not send what is too large.
func (r *rogue) packet(t *testing.T, to string, plain []byte) {
	t.Helper()
	c, err := net.Dial("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = c.Write(r.seal(plain, nil)) // nobody may listen for a moment
}

// stream sends a message by TCP, and hangs up.
func (r *rogue) stream(t *testing.T, to string, plain []byte) {
	t.Helper()
	c, err := net.DialTimeout("tcp", to, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := binary.BigEndian.AppendUint32([]byte{10}, uint32(len(plain)+1+r.aead.NonceSize()+r.aead.Overhead()))
	_, _ = c.Write(append(head, r.seal(plain, head)...)) // it may be cut off in the middle
}

// member takes part under a key that is made up, until the test ends.
func (r *rogue) member(t *testing.T, among string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gossip.New(gossip.Config{
		Key: record.AuthorOf(key), Network: r.network, Bind: "127.0.0.1:0",
		Interfaces: func() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")} },
		Says: func() gossip.Says {
			return gossip.Says{Addrs: []netip.AddrPort{netip.MustParseAddrPort("127.0.9.9:9")}}
		},
		Known: func() []string { return []string{among} },
		Heard: func(gossip.Member, gossip.Event) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// alive is memberlist's message that somebody is there, in MessagePack.
func alive(name string, meta []byte) []byte {
	str := func(b []byte, s string) []byte {
		return append(append(b, 0xda, byte(len(s)>>8), byte(len(s))), s...)
	}
	b := append(str([]byte{4, 0x86}, "Incarnation"), 1)
	b = str(str(b, "Node"), name)
	b = str(str(b, "Addr"), "\x7f\x00\x09\x08")
	b = append(str(b, "Port"), 0xcd, 0x12, 0x49)
	b = str(str(b, "Meta"), string(meta))
	return str(str(b, "Vsn"), "\x01\x05\x02\x00\x00\x00")
}

// bomb is a compressed message that grows a thousandfold.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := lzw.NewWriter(&b, lzw.LSB, 8)
	if _, err := z.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	m := append([]byte{9, 0x82, 0xa4}, "Algo\x00\xa3Buf\xda"...)
	return append(append(m, byte(b.Len()>>8), byte(b.Len())), b.Bytes()...)
}

// resident is the memory that a hub takes, in bytes.
func (h *hubProc) resident(t *testing.T) (n int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// TestAStolenNetworkKeyDisturbsNobody: somebody who has the network key and no
// certificate sends what memberlist alone would fall for: metadata and names of
// absurd size, messages that claim to be or grow to gigabytes, members by the
// hundred that are none. The hubs go on, in bounded memory.
func TestAStolenNetworkKeyDisturbsNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 2)
	at := map[*hubProc]string{}
	for _, h := range hubs {
		h.stop(t)
		at[h] = freeAddr(t)
		h.flags = []string{"--membership", at[h]}
	}
	for _, h := range hubs {
		h.start(t)
	}
	first := hubs[0]
	meets := func(n int) {
		t.Helper()
		first.until(t, fmt.Sprintf("has %d members around", n), func() bool { return len(first.status(t).Members) >= n })
	}
	first.awaitLinks(t)
	r := newRogue(t, first)
	const made = 3
	for range made {
		r.member(t, at[first])
	}
	meets(made)
	procs := []any{hubs[0].cmd, hubs[1].cmd}
	before := first.resident(t)
	huge := bytes.Repeat([]byte{0xff}, 60_000)
	name := func(i int) string { return fmt.Sprintf("%012x-%08x", i, i) }
	grows := bomb(t)
	for i := range max(50, count(1000)) {
		for _, h := range hubs {
			r.packet(t, at[h], alive(name(i), huge[:i*59%60_000]))
			r.packet(t, at[h], alive(string(huge[:i%1000])+name(i), nil))
			r.packet(t, at[h], grows)
			if i%10 == 0 {
				r.stream(t, at[h], grows)
				r.stream(t, at[h], append([]byte{6, 0x83}, "\xa4Join\xc3\xa5Nodes\xce\xff\xff\xff\xff\xacUserStateLen\xce\xff\xff\xff\xff"...))
			}
		}
	}
	all := &journal{texts: map[string]string{}}
	few(t, hubs[0], all, "Ana", 5)
	few(t, hubs[1], all, "Ben", 5)
	agree(t, hubs, all.all())
	if hubs[0].cmd != procs[0] || hubs[1].cmd != procs[1] {
		t.Error("a hub was started again")
	}
	s := first.status(t)
	sound := bytes.Repeat([]byte{7}, 32) // a key, as a member says it; so the rest was refused for what it was
	first.until(t, "believes what is well-formed", func() bool {
		r.packet(t, at[first], alive(fmt.Sprintf("%x-%08x", sound[:6], 1), append([]byte{0xa1, 0x01, 0x58, 0x20}, sound...)))
		return slices.ContainsFunc(first.status(t).Members, func(m control.Member) bool { return m.Peer == hex.EncodeToString(sound) })
	})
	if n := len(s.Members); n > made+1 {
		t.Errorf("%d members are believed to be around: %+v", n, s.Members)
	}
	grown := first.resident(t) - before
	if grown > 64<<20 {
		t.Errorf("it has taken %d MiB more", grown>>20)
	}
	t.Logf("%d members made up, %d MiB more at most", len(s.Members), grown>>20)
}
