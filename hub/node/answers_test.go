package node_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// answers listens as some machine that speaks the protocol of joining, with a key
// of its own, and returns its address.
func answers(t *testing.T, key ed25519.PrivateKey, serve func(rw io.ReadWriter, joiner record.Author)) string {
	t.Helper()
	h, err := peer.New(peer.Config{
		Key: key, Listen: []string{"127.0.0.1:0"},
		Hello: func() peer.Hello { return peer.Hello{} },
		Admit: func(context.Context, record.Author, peer.Hello) error { return errors.New("no hub") },
		Serve: func(context.Context, peer.Link) {},
		Guests: map[string]func(context.Context, peer.Guest){
			join.Protocol: func(_ context.Context, g peer.Guest) { serve(g.Stream, g.Peer) },
		},
	})
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return h.Addrs()[0]
}
