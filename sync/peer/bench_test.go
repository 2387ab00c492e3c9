package peer_test

import (
	"io"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

// BenchmarkLink is the time from Drop to the next link: TCP, Noise, yamux,
// hello, offer.
func BenchmarkLink(b *testing.B) {
	x := start(b, lower())
	y := start(b, higher(), peers(x.Addrs()...), hasty(0, 1))
	x.link(b)
	y.link(b)
	n := y.count()
	for b.Loop() {
		y.Drop(x.ID())
		n++
		y.until(b, "the next link", func(ls []peer.Link, served int) bool { return served >= n && len(ls) == 1 })
		x.link(b)
	}
}

// BenchmarkStream is what a link carries one way and back.
func BenchmarkStream(b *testing.B) {
	x := start(b, lower())
	y := start(b, higher(), peers(x.Addrs()...))
	l := x.link(b)
	y.link(b)
	buf, back := make([]byte, 4096), make([]byte, 4096)
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		if _, err := l.Stream.Write(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(l.Stream, back); err != nil {
			b.Fatal(err)
		}
	}
}
