package server_test

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/server"
)

// BenchmarkIdleSockets prints what a live socket holds that nothing happens on,
// its bare client in the same process included.
func BenchmarkIdleSockets(b *testing.B) {
	const n = 1000
	for b.Loop() {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		s := newStation(b, ln, server.Limits{Sockets: n, SocketsEach: n, PerAddress: n})
		before := inUse()
		conns := make([]net.Conn, n)
		for i := range conns {
			conns[i] = s.bare()
		}
		b.ReportMetric(float64(inUse()-before)/n, "bytes/socket")

		began := time.Now()
		s.feed.change("c/1")
		for _, c := range conns {
			if _, err := c.Read(make([]byte, 128)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/change-to-all")
		began = time.Now()
		if err := s.stop(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/stop")
		for _, c := range conns {
			_ = c.Close()
		}
	}
}

// bare opens a live socket without a library.
func (s *station) bare() net.Conn {
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	const hello = "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := io.WriteString(c, hello); err != nil {
		s.t.Fatal(err)
	}
	buf := make([]byte, 512)
	if _, err := c.Read(buf); err != nil {
		s.t.Fatal(err)
	}
	if _, err := c.Write(append([]byte{0x81, 0x80 | byte(len(wish)), 0, 0, 0, 0}, wish...)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := c.Read(buf); err != nil {
		s.t.Fatal(err)
	}
	return c
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse) //nolint:gosec // far below
}
