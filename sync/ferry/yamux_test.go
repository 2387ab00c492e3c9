package ferry_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
)

// muxed is a link between two hubs as libp2p multiplexes it, over TCP.
type muxed struct {
	far  record.Author
	conn network.MuxedConn
	down atomic.Bool
}

func (m *muxed) Open(ctx context.Context, hub record.Author) (ferry.Stream, error) {
	if hub != m.far {
		return nil, ferrytest.ErrCut
	}
	return m.conn.OpenStream(ctx)
}

func (m *muxed) Linked() []record.Author {
	if m.down.Load() {
		return nil
	}
	return []record.Author{m.far}
}

func TestStreamsOfLibp2pConform(t *testing.T) {
	ferrytest.Conform(t, func(t *testing.T, serve ferrytest.Served) ferrytest.Pair {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		var near, far net.Conn
		var both sync.WaitGroup
		var failed error
		both.Go(func() { near, failed = net.Dial("tcp", l.Addr().String()) })
		far, err = l.Accept()
		both.Wait()
		if err != nil || failed != nil {
			t.Fatal(err, failed)
		}
		there, err := yamux.DefaultTransport.NewConn(far, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		here, err := yamux.DefaultTransport.NewConn(near, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		var served sync.WaitGroup
		served.Go(func() {
			for {
				s, err := there.AcceptStream()
				if err != nil {
					return
				}
				served.Go(func() { serve(t.Context(), mill, s) })
			}
		})
		m := &muxed{far: elm, conn: here}
		cut := func() {
			m.down.Store(true)
			_ = here.Close()
			_ = there.Close()
		}
		t.Cleanup(func() {
			cut()
			served.Wait()
		})
		return ferrytest.Pair{Near: mill, Far: elm, Network: m, Cut: cut}
	})
}
