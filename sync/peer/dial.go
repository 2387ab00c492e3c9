package peer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/core/transport"
)

const (
	turnedAwayInterval = 10 * time.Second // between log lines on who was turned away
	selfRedial         = time.Minute      // an address that was our own may be another's one day
	lasting            = 5 * time.Second  // a link that held so long is missed at once
	atOnce             = 100 * time.Millisecond
)

// backoff paces the attempts at one address: the first wait, then a brisk pace
// while the loss is fresh, then a slow one, for ever or until slowFor. Each is
// varied by a fifth, so that hubs that lost each other do not keep dialling at the
// same moment.
type backoff struct {
	first, brisk, briskFor, slow, slowFor, seldom time.Duration
}

func (b backoff) after(fails int, failing time.Duration) time.Duration {
	switch {
	case fails <= 1:
		return b.first
	case failing < b.briskFor:
		return b.brisk
	case b.slowFor > 0 && failing >= b.slowFor:
		return b.seldom
	}
	return b.slow
}

func varied(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// keepDialling owns one address.
func (h *Host) keepDialling(ctx context.Context, a *address) {
	if h.awaitRun(ctx) != nil {
		return
	}
	fails, since := 0, time.Now()
	for ctx.Err() == nil {
		changed := h.book.watch()
		var wait time.Duration
		if l := h.book.link(a.found()); l != nil {
			a.reached()
			if h.watchLink(ctx, a, l, changed) {
				continue
			}
			fails, since = 0, time.Now()
			wait = h.waitForLost(l)
		} else if err := h.reach(ctx, a); err != nil && ctx.Err() == nil {
			fails++
			if a.failed(err) {
				h.log.Warn("hub not reached", "addr", a.text, "err", err)
			}
			wait = h.waitAfter(err, fails, time.Since(since))
		}
		timer := time.NewTimer(varied(wait))
		select {
		case <-timer.C:
		case <-a.now:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// watchLink waits while the hub of an address is linked and reports whether it
// still is. One that is linked by another way may have moved, and another hub
// may have come to the address: who is there is looked up now and then.
func (h *Host) watchLink(ctx context.Context, a *address, l *link, changed <-chan struct{}) bool {
	var look <-chan time.Time
	if !a.leadsTo(l.session) {
		timer := time.NewTimer(time.Until(a.looked.Add(h.cfg.times.look)))
		defer timer.Stop()
		look = timer.C
	}
	select {
	case <-changed:
	case <-look:
		a.looked = time.Now()
		ctx, cancel := context.WithTimeout(ctx, h.cfg.times.hello)
		defer cancel()
		_, err := h.tcp.dial(ctx, a, h.tcp.nobody)
		if p, ok := mismatched(err); ok && p != h.self {
			a.note(p)
			return true
		}
	case <-ctx.Done():
	}
	return l.alive()
}

// mismatched is who answered where another was expected.
func mismatched(err error) (record.Author, bool) {
	mismatch, ok := errors.AsType[sec.ErrPeerIDMismatch](err)
	if !ok {
		return record.Author{}, false
	}
	p, err := authorOf(mismatch.Actual)
	return p, err == nil
}

// waitForLost is how long a link that ended is left alone.
func (h *Host) waitForLost(l *link) time.Duration {
	if time.Since(l.since) > lasting {
		return atOnce
	}
	return h.cfg.times.redial.first
}

// waitAfter paces attempts by what went wrong: who was refused for what they are
// will not be welcome in a second, and for want of a certificate not in minutes; who was for no given reason, as by a cut that
// is mended again, may be.
func (h *Host) waitAfter(err error, fails int, failing time.Duration) time.Duration {
	_, told := errors.AsType[*ToldError](err)
	switch {
	case ourselves(err):
		return selfRedial
	case uncertain(err):
		return outcastAfter(h.cfg.times.redial.slow, fails)
	case told && !errors.Is(err, ErrRefused), errors.Is(err, errJudged), errors.Is(err, ErrOtherHub), errors.Is(err, ErrBlocked):
		return h.cfg.times.redial.slow
	}
	return h.cfg.times.redial.after(fails, failing)
}

// reach dials an address once. Nil if there is a link with who is there.
func (h *Host) reach(ctx context.Context, a *address) error {
	if h.gate.blocks(a.found()) {
		return ErrBlocked
	}
	connecting, cancel := context.WithTimeout(ctx, h.cfg.times.hello)
	defer cancel()
	c, err := h.connect(connecting, a)
	switch {
	case err != nil && h.gate.blocks(a.found()):
		return ErrBlocked
	case err != nil:
		return err
	case c == nil:
		return nil
	}
	return h.welcome(ctx, a, c)
}

// welcome makes a connection that was dialled the link with who is there, or
// closes it.
func (h *Host) welcome(ctx context.Context, a *address, c transport.CapableConn) error {
	arrived, forget := h.book.await(connEndpoints(c), a)
	defer forget()
	ctx, cancel := context.WithTimeout(ctx, h.cfg.times.hello)
	defer cancel()
	if err := h.tcp.dialed.put(ctx, c); err != nil {
		return err
	}
	var s *session
	select {
	case s = <-arrived:
	case <-ctx.Done():
		_ = c.Close()
		return ctx.Err()
	}
	if err := h.greet(ctx, s); err != nil {
		_ = s.conn.Close()
		return err
	}
	return h.settle(h.ctx, s)
}

// connect opens a connection with who is at the address and proves keys on both
// sides. Who that is may be unknown: libp2p wants to know a key beforehand, so a
// first handshake that expects another one serves to learn it. Without
// connection and error there is a link with that hub already.
func (h *Host) connect(ctx context.Context, a *address) (transport.CapableConn, error) {
	want := h.tcp.nobody
	if p := a.found(); p != (record.Author{}) {
		id, err := idOf(p)
		if err != nil {
			return nil, err
		}
		want = id
	}
	c, err := h.tcp.dial(ctx, a, want)
	p, ok := mismatched(err)
	switch {
	case !ok:
		return c, err
	case p == h.self:
		return nil, &SelfError{a.hostport, h.bearer(ctx, a)}
	case a.pinned != record.Author{}:
		return nil, fmt.Errorf("%w: %s", ErrOtherHub, p)
	}
	a.note(p)
	if h.book.link(p) != nil {
		return nil, nil
	}
	id, err := idOf(p)
	if err != nil {
		return nil, err
	}
	return h.tcp.dial(ctx, a, id)
}
