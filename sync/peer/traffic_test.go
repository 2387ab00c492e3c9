package peer_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

func TestBytesAreCountedByProtocol(t *testing.T) {
	a := start(t, lower())
	b := start(t, higher(), peers(a.Addrs()...))
	a.link(t)
	b.link(t)
	const hello, link = "/lamppost/hello/1", "/lamppost/sync/2"
	since := func(h *hub, before map[string]peer.Traffic) peer.Traffic {
		now := h.Traffic()
		return peer.Traffic{Sent: now[link].Sent - before[link].Sent, Received: now[link].Received - before[link].Received}
	}
	beforeA, beforeB := a.Traffic(), b.Traffic()
	echo(t, a, b)
	over, other := since(a, beforeA), since(b, beforeB)
	if over.Sent != 100_000 || over.Received != 100_000 || other != over {
		t.Errorf("100,000 bytes and their echo: one end counts %+v, the other %+v", over, other)
	}
	if h := a.Traffic()[hello]; h.Sent == 0 || h != beforeA[hello] {
		t.Errorf("hello: %+v, then %+v", beforeA[hello], h)
	}
}
