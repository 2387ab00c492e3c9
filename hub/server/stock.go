package server

import (
	"context"
	"crypto/ed25519"
	"net/netip"
	"time"

	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// How far ahead codes are made for newcomers: a bus load of phones writes within
// seconds, and a key takes a core for a tenth of a second or a third.
const (
	stocked    = 256             // at most, in memory alone
	stockShare = 4               // times as long as a key took, nothing is done
	stockCalm  = 5 * time.Second // since somebody took one: they come first
)

// fresh is a code that nobody has yet, with its key.
type fresh struct {
	code returncode.Code
	key  ed25519.PrivateKey
}

// newcomer is a code for somebody who is new: one of the stock, or else one whose key
// is derived while they wait.
func (d *derivations) newcomer(ctx context.Context, addr netip.Addr, community record.Community) (fresh, error) {
	d.taken.Store(int64(time.Since(d.begun)))
	select {
	case f := <-d.stock:
		return f, nil
	default:
	}
	f := fresh{code: returncode.New(nil)}
	var err error
	f.key, err = d.key(ctx, addr, f.code, community)
	return f, err
}

// fill makes codes ahead until ctx ends, on a fifth of a core, and rests while there
// are enough.
func (d *derivations) fill(ctx context.Context, community record.Community) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		if calm := time.Since(d.begun) - time.Duration(d.taken.Load()); calm < stockCalm {
			timer.Reset(stockCalm - calm)
			continue
		}
		began := time.Now()
		f := fresh{code: returncode.New(nil)}
		var err error
		if f.key, err = d.derive(ctx, f.code, community); err != nil {
			return
		}
		timer.Reset(stockShare * time.Since(began))
		select {
		case d.stock <- f:
		case <-ctx.Done():
			return
		}
	}
}

// PrepareForMany makes what newcomers need before they come, until ctx ends. It is for
// hubs that phones are led to, where many come at once.
func (s *Server) PrepareForMany(ctx context.Context) error {
	s.derive.fill(ctx, s.cfg.Community)
	return nil
}

// Prepared is how many newcomers can write at once without anybody waiting.
func (s *Server) Prepared() int { return len(s.derive.stock) }
