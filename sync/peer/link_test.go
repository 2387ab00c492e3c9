package peer_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

func peers(addrs ...string) func(*peer.Config) {
	return func(c *peer.Config) { c.Peers = addrs }
}

func TestTwoHubsLinkAndBytesFlow(t *testing.T) {
	for name, k := range map[string][2]func() ed25519.PrivateKey{
		"the deciding hub is dialled": {lower, higher},
		"the deciding hub dials":      {higher, lower},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, k[0]())
			b := start(t, k[1](), peers(a.Addrs()...))
			la, lb := a.link(t), b.link(t)
			if la.Peer != b.ID() || lb.Peer != a.ID() {
				t.Errorf("linked with %s and %s, want %s and %s", la.Peer, lb.Peer, b.ID(), a.ID())
			}
			if la.Opener == lb.Opener {
				t.Error("both or none have opened the link")
			}
			if lb.Addr != a.Addrs()[0] {
				t.Errorf("link is with %s, dialled %s", lb.Addr, a.Addrs()[0])
			}
			echo(t, a, b)
		})
	}
}
