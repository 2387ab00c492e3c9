package peer_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/sync/peer"
)

// A link carries blobs where both ends know them. A hub from before is linked all
// the same, whichever of the two opens the link.
func TestHubsFromBeforeBlobsAreLinked(t *testing.T) {
	before := func(c *peer.Config) { c.Blobs = false }
	for _, c := range []struct {
		name          string
		lower, higher []func(*peer.Config)
		blobs         bool
	}{
		{"both know them", nil, nil, true},
		{"who opens does not", []func(*peer.Config){before}, nil, false},
		{"who answers does not", nil, []func(*peer.Config){before}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t, lower(), c.lower...)
			b := start(t, higher(), append(c.higher, peers(a.Addrs()...))...)
			echo(t, a, b)
			if l, m := a.link(t), b.link(t); l.Blobs != c.blobs || m.Blobs != c.blobs {
				t.Errorf("blobs: %v and %v", l.Blobs, m.Blobs)
			}
		})
	}
}
