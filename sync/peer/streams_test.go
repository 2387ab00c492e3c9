package peer_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"runtime"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// mostKept is by how much a peer that opens streams without end may make a hub's
// heap grow, in bytes.
const mostKept = 8 << 20

// heap is what is in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// openMany opens streams one after the other and keeps what the hub does not shut. On
// every other one it says as much as it gets rid of; on the rest it begins to agree on a
// protocol, and leaves it at that.
func (s *stranger) openMany(n int, protocols ...protocol.ID) (begun int) {
	ctx, cancel := context.WithTimeout(network.WithNoDial(context.Background(), "one visit"), soon)
	defer cancel()
	text := bytes.Repeat([]byte("x"), 16<<10)
	for i := range n {
		conns := s.Network().ConnsToPeer(s.hub)
		if len(conns) == 0 {
			return begun
		}
		st, err := conns[0].NewStream(ctx)
		if err != nil {
			continue
		}
		_ = st.SetDeadline(time.Now().Add(10 * time.Millisecond))
		_ = st.SetProtocol(protocols[i%len(protocols)])
		if _, err := st.Write([]byte("\x13/multistream/1.0.0\n")); err != nil {
			_ = st.Reset()
			continue
		}
		if i%2 == 0 {
			_, _ = st.Write(text)
		}
		begun++
	}
	return begun
}

// TestAThousandStreamsOfAPeerAreBounded: one that has shown nothing, and two that are of
// the community, one below the hub and one above it, open a thousand streams each and
// leave them standing. What the hub keeps of that is bounded, and others are linked and
// served.
func TestAThousandStreamsOfAPeerAreBounded(t *testing.T) {
	welcome := &peer.Hello{Founding: []byte(town), Now: 1}
	for name, visitor := range map[string]struct {
		hub, key ed25519.PrivateKey
		hello    *peer.Hello
	}{
		"a stranger":                           {higher(), lower(), nil},
		"a hub of the community":               {higher(), lower(), welcome},
		"a hub of the community, that decides": {lower(), higher(), welcome},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, visitor.hub)
			served := start(t, key(9), peers(b.Addrs()[0]))
			echo(t, b, served)
			s := visit(t, b, identity(t, visitor.key))
			s.SetStreamHandler(peer.SyncProtocol, func(network.Stream) {}) // who decides is offered a link, and has to speak its protocol
			if visitor.hello != nil {
				if err := s.greet(t, *visitor.hello); err != nil {
					t.Fatal(err)
				}
			}
			before := heap()
			begun := s.openMany(1000, peer.HelloProtocol, peer.SyncProtocol, "/x/1")
			if begun < 900 {
				t.Fatalf("only %d streams were begun", begun)
			}
			until(t, "that streams are left standing at the hub", func() bool { return b.Streams() > peer.MaxPeerStreams/2 })
			if n := b.Streams(); n > peer.MaxPeerStreams+16 {
				t.Errorf("%d streams are open at the hub", n)
			}
			if grown := heap() - before; grown > mostKept {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			t.Logf("%d were begun, %d are open at the hub", begun, b.Streams())
			echo(t, b, served)
			start(t, key(10), peers(b.Addrs()[0])).link(t)
		})
	}
}
