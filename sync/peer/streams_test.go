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

// openMany opens streams one after the other, says as much on each as it gets rid
// of, and keeps what the hub does not shut.
func (s *stranger) openMany(n int, protocols ...protocol.ID) (held int) {
	ctx, cancel := context.WithTimeout(network.WithNoDial(context.Background(), "one visit"), soon)
	defer cancel()
	text := bytes.Repeat([]byte("x"), 16<<10)
	for i := range n {
		conns := s.Network().ConnsToPeer(s.hub)
		if len(conns) == 0 {
			return held
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
		_, _ = st.Write(text)
		held++
	}
	return held
}

// TestAThousandStreamsOfAPeerAreBounded: one that has shown nothing, and one that
// is of the community, open a thousand streams each and leave them standing. What
// the hub keeps of that is bounded, and others are linked and served.
func TestAThousandStreamsOfAPeerAreBounded(t *testing.T) {
	for name, hello := range map[string]*peer.Hello{
		"a stranger": nil, "a hub of the community": {Founding: []byte(town), Now: 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, higher())
			served := start(t, key(9), peers(b.Addrs()[0]))
			echo(t, b, served)
			_, stranger, err := ed25519.GenerateKey(nil)
			if err != nil {
				t.Fatal(err)
			}
			s := visit(t, b, identity(t, stranger))
			if hello != nil {
				if err := s.greet(t, *hello); err != nil {
					t.Fatal(err)
				}
			}
			before := heap()
			held := s.openMany(1000, peer.HelloProtocol, peer.SyncProtocol, "/x/1")
			if n := b.Streams(); n > peer.MaxPeerStreams+16 {
				t.Errorf("%d streams are open at the hub", n)
			}
			if grown := heap() - before; grown > mostKept {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			t.Logf("%d were begun, %d are open at the hub", held, b.Streams())
			echo(t, b, served)
			start(t, key(10), peers(b.Addrs()[0])).link(t)
		})
	}
}
