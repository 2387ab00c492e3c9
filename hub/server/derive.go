package server

import (
	"context"
	"crypto/ed25519"
	"net/netip"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of the derivations of keys, each of which holds 19 MiB and a core for
// a third of a second on a small machine.
const (
	derivingAtOnce = 2
	derivingQueued = 64              // with those at work
	derivingOfOne  = 2               // of one address, with those at work
	derivingSoon   = 3 * time.Second // by when one of these is done, most likely
)

// derivations turns words into keys, few at a time.
type derivations struct {
	queue, work chan struct{}
	of          *perAddress

	stock chan fresh // made ahead
	begun time.Time
	taken atomic.Int64 // when a newcomer last came, in nanoseconds since begun
}

func newDerivations() *derivations {
	d := &derivations{
		begun: time.Now(),
		stock: make(chan fresh, stocked),
		queue: make(chan struct{}, derivingQueued),
		work:  make(chan struct{}, derivingAtOnce),
		of:    newPerAddress(derivingOfOne),
	}
	d.taken.Store(-int64(stockCalm))
	return d
}

// key derives a code's key for a client, waiting until it is its turn.
func (d *derivations) key(ctx context.Context, addr netip.Addr, c returncode.Code, community record.Community) (ed25519.PrivateKey, error) {
	if !d.of.enter(addr) {
		return nil, hub.Later(derivingSoon, hub.Errorf(hub.TooMany, "", "The six words that this device sent before are still being looked at. Wait a few seconds, then try again."))
	}
	defer d.of.leave(addr)
	busy := hub.Errorf(hub.Unavailable, "", "Many people arrive here just now. Wait a minute, then try again.")
	select {
	case d.queue <- struct{}{}:
		defer func() { <-d.queue }()
	default:
		return nil, busy
	}
	key, err := d.derive(ctx, c, community)
	if err != nil {
		return nil, busy
	}
	return key, nil
}

// derive takes one of the places at work, or fails when ctx ends.
func (d *derivations) derive(ctx context.Context, c returncode.Code, community record.Community) (ed25519.PrivateKey, error) {
	select {
	case d.work <- struct{}{}:
		defer func() { <-d.work }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// What it has used is given back before the next begins, or it would lie beside
	// that of several others until the heap has grown by half.
	defer runtime.GC()
	return returncode.Key(c, community), nil
}
