package server

import (
	"context"
	"crypto/ed25519"
	"net/netip"
	"runtime"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of the derivations of keys, each of which holds 19 MiB and a core for
// a third of a second on a small machine.
const (
	derivingAtOnce = 2
	derivingQueued = 16 // with those at work
	derivingOfOne  = 2  // of one address, with those at work
)

// derivations turns words into keys, few at a time.
type derivations struct {
	queue, work chan struct{}
	of          *perAddress
}

func newDerivations() *derivations {
	return &derivations{
		queue: make(chan struct{}, derivingQueued),
		work:  make(chan struct{}, derivingAtOnce),
		of:    newPerAddress(derivingOfOne),
	}
}

// key derives a code's key for a client, waiting until it is its turn.
func (d *derivations) key(ctx context.Context, addr netip.Addr, c returncode.Code, community record.Community) (ed25519.PrivateKey, error) {
	if !d.of.enter(addr) {
		return nil, hub.Errorf(hub.TooMany, "", "Your device is still trying other words. Wait a few seconds, then try again.")
	}
	defer d.of.leave(addr)
	busy := hub.Errorf(hub.Unavailable, "", "Many people arrive here just now. Wait a minute, then try again.")
	select {
	case d.queue <- struct{}{}:
		defer func() { <-d.queue }()
	default:
		return nil, busy
	}
	select {
	case d.work <- struct{}{}:
		defer func() { <-d.work }()
	case <-ctx.Done():
		return nil, busy
	}
	// What it has used is given back before the next begins, or it would lie beside
	// that of several others until the heap has grown by half.
	defer runtime.GC()
	return returncode.Key(c, community), nil
}
