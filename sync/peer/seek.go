package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/transport"
)

// Bounds on what is dialled by wish.
const (
	MaxWants     = 320 // hubs and addresses at a time
	MaxWantAddrs = 12  // tried of one hub

	maxSeeking = 16                     // hubs dialled at the same time
	maxIdling  = 4                      // of the idle ones
	idlePause  = 250 * time.Millisecond // between two idle ones: four dials a second at most
	staggered  = 250 * time.Millisecond // between two addresses of one hub (RFC 8305, section 5)
	remembered = time.Hour              // how long the failures of who is not wanted any more are kept in mind
)

// Want is a hub to be linked with, or an address to find out who is there.
type Want struct {
	Peer  record.Author // zero = whoever is there
	Addrs []string      // "ip:port", the best first; of a zero Peer one
	Idle  bool          // it has time: it waits for those that have not
}

// Seek has the host dial these hubs, in place of those it was told before, for as
// long as they have no link. Links stay. What exceeds MaxWants is left out.
//
// A hub's addresses are tried at short intervals until one answers. After a
// failure it is tried again by and by: in seconds while it has been missing for
// less than an hour, then every 5 minutes; at once where it has an address that is
// new. Idle ones are dialled at a pace that 256 dead addresses do not raise.
func (h *Host) Seek(wants []Want) {
	h.seeker.set(wants, time.Now())
}

// seeker knows whom to dial and when.
type seeker struct {
	pace backoff
	wake chan struct{}

	mu    sync.Mutex
	all   map[string]*want
	idled time.Time // when an idle one was dialled last
}

// want is a Want with its keeping.
type want struct {
	Want
	tried  map[string]bool // addresses that were tried since the last link
	wanted bool
	left   time.Time // not wanted since
	busy   bool
	linked time.Time // since when there was a link, at the last look
	fails  int
	since  time.Time // failing, or wanted
	next   time.Time
	err    error
}

func newSeeker(pace backoff) *seeker {
	return &seeker{pace: pace, wake: make(chan struct{}, 1), all: make(map[string]*want)}
}

func (w *Want) name() string {
	if w.Peer == (record.Author{}) && len(w.Addrs) > 0 {
		return w.Addrs[0]
	}
	return w.Peer.String()
}

func (s *seeker) set(wants []Want, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.all {
		w.wanted = false
	}
	for _, in := range wants[:min(len(wants), MaxWants)] {
		if len(in.Addrs) == 0 {
			continue
		}
		in.Addrs = slices.Clone(in.Addrs[:min(len(in.Addrs), MaxWantAddrs)])
		w := s.all[in.name()]
		if w == nil {
			w = &want{since: now, tried: make(map[string]bool)}
			s.all[in.name()] = w
		}
		w.Want, w.wanted, w.left = in, true, time.Time{}
		if slices.ContainsFunc(in.Addrs, func(a string) bool { return !w.tried[a] }) {
			w.next = now
		}
	}
	for name, w := range s.all {
		switch {
		case w.wanted || w.busy:
		case w.left.IsZero():
			w.left = now
		case now.Sub(w.left) > remembered, len(s.all) > 2*MaxWants:
			delete(s.all, name)
		}
	}
	poke(s.wake)
}

// hasten makes every want due.
func (s *seeker) hasten(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.all {
		w.next, w.fails, w.since = now, 0, now
	}
	poke(s.wake)
}

// due takes those that are to be dialled now, and says when to ask again.
func (s *seeker) due(now time.Time, link func(record.Author) (since time.Time, ok bool)) (out []*want, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait = time.Minute
	var ready []*want
	busy, idle := 0, 0
	for _, w := range s.all {
		if w.busy {
			busy++
			if w.Idle {
				idle++
			}
			continue
		}
		if !w.wanted || s.stands(w, now, link) {
			continue
		}
		if d := w.next.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		ready = append(ready, w)
	}
	slices.SortFunc(ready, func(a, b *want) int { return a.next.Compare(b.next) })
	for _, w := range ready {
		if busy >= maxSeeking {
			break
		}
		if w.Idle {
			if idle >= maxIdling {
				continue // one that ends wakes us
			}
			if d := s.idled.Add(idlePause).Sub(now); d > 0 {
				wait = min(wait, d)
				continue
			}
			s.idled = now
			idle++
		}
		busy++
		w.busy = true
		for _, a := range w.Addrs {
			w.tried[a] = true
		}
		out = append(out, w)
	}
	return out, wait
}

// stands reports whether a want has its link. Where that has ended it is dialled
// at once, or after a moment if it did not last.
func (s *seeker) stands(w *want, now time.Time, link func(record.Author) (time.Time, bool)) bool {
	since, ok := link(w.Peer)
	if ok {
		w.linked, w.fails, w.err = since, 0, nil
		return true
	}
	if w.linked.IsZero() {
		return false
	}
	w.next = now.Add(s.pace.first)
	if now.Sub(w.linked) > lasting {
		w.next = now.Add(atOnce)
	}
	w.linked, w.since = time.Time{}, now
	clear(w.tried)
	for _, a := range w.Addrs {
		w.tried[a] = true
	}
	return false
}

// done notes how an attempt ended.
func (s *seeker) done(w *want, err error, now time.Time) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.busy = false
	poke(s.wake)
	if err == nil {
		w.fails, w.err, w.since = 0, nil, now
		w.next = now.Add(selfRedial) // only of who is nobody's in particular: a link is watched
		if w.Peer != (record.Author{}) {
			w.next = now.Add(s.pace.first)
		}
		return false
	}
	news = w.fails == 0
	w.fails++
	w.err = err
	pause := s.pace.after(w.fails, now.Sub(w.since))
	if ourselves(err) {
		pause = max(pause, selfRedial)
	}
	if w.Peer == (record.Author{}) {
		pause = max(pause, s.pace.slow)
	}
	if uncertain(err) {
		pause = max(pause, outcastAfter(s.pace.slow, w.fails))
	}
	w.next = now.Add(varied(pause))
	return news
}

// seek dials what is wanted until the host closes.
func (h *Host) seek() {
	for {
		changed := h.book.watch()
		now := time.Now()
		wants, wait := h.seeker.due(now, h.linkedSince)
		for _, w := range wants {
			if !h.tasks.start(func() { h.dialWant(w) }) {
				return
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-h.ctx.Done():
		case <-changed:
		case <-h.seeker.wake:
		case <-timer.C:
		}
		timer.Stop()
		if h.ctx.Err() != nil {
			return
		}
	}
}

func (h *Host) linkedSince(p record.Author) (time.Time, bool) {
	if l := h.book.link(p); l != nil {
		return l.since, true
	}
	return time.Time{}, false
}

func (h *Host) dialWant(w *want) {
	h.seeker.mu.Lock()
	in := w.Want
	h.seeker.mu.Unlock()
	err := h.reachAny(h.ctx, in)
	if h.seeker.done(w, err, time.Now()) && h.ctx.Err() == nil {
		h.log.Debug("wanted hub not reached", "peer", in.Peer.Tag(), "addrs", in.Addrs, "err", err)
	}
}

// reachAny dials a hub's addresses, each a moment after the one before, and makes
// the first that answers the link.
func (h *Host) reachAny(ctx context.Context, in Want) error {
	if h.gate.blocks(in.Peer) {
		return ErrBlocked
	}
	ctx, cancel := context.WithTimeout(ctx, 3*h.cfg.times.hello)
	defer cancel()
	a, c, err := h.race(ctx, in)
	if err != nil || c == nil {
		return err
	}
	return h.welcome(ctx, a, c)
}

// raced is the outcome of one address.
type raced struct {
	a   *address
	c   transport.CapableConn
	err error
}

// race is the first connection to one of the addresses; the others are closed.
// Without connection and error there is a link already.
func (h *Host) race(ctx context.Context, in Want) (*address, transport.CapableConn, error) {
	ctx, cancel := context.WithTimeout(ctx, h.cfg.times.hello)
	defer cancel()
	outcomes := make(chan raced, len(in.Addrs))
	begun, ended := 0, 0
	var errs []error
	next := time.NewTimer(0)
	defer next.Stop()
	for ended < len(in.Addrs) {
		select {
		case <-next.C:
			if begun == len(in.Addrs) {
				continue
			}
			addr := in.Addrs[begun]
			begun++
			next.Reset(staggered)
			if !h.tasks.start(func() { outcomes <- h.dialOne(ctx, in.Peer, addr) }) {
				cancel()
				closeLate(outcomes, begun-1-ended)
				return nil, nil, context.Canceled
			}
		case o := <-outcomes:
			ended++
			if o.err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", o.a.text, o.err))
				if begun == ended {
					next.Reset(0)
				}
				continue
			}
			cancel()
			closeLate(outcomes, begun-ended)
			return o.a, o.c, nil
		}
	}
	slices.SortStableFunc(errs, func(a, b error) int { return cmp.Compare(gravity(a), gravity(b)) })
	return nil, nil, errs[0] // the most telling one
}

// closeLate closes the connections that come too late, of attempts that end now.
func closeLate(outcomes <-chan raced, n int) {
	for range n {
		if o := <-outcomes; o.c != nil {
			_ = o.c.Close()
		}
	}
}

// gravity orders errors by how much they tell: an answer before none.
func gravity(err error) int {
	switch {
	case errors.Is(err, ErrSelf), errors.Is(err, ErrOtherHub):
		return 0
	case errors.Is(err, ErrUnanswered):
		return 1
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return 3
	}
	return 2
}

func (h *Host) dialOne(ctx context.Context, p record.Author, addr string) raced {
	a, err := parseAddress(addr)
	if err != nil {
		return raced{a: &address{text: addr}, err: err}
	}
	if p != (record.Author{}) {
		a.pinned, a.last = p, p
	}
	c, err := h.connect(ctx, a)
	return raced{a: a, c: c, err: err}
}

// Attempt is how the dialling of a want stands.
type Attempt struct {
	Want
	Fails int       // in a row
	Since time.Time // failing since
	Next  time.Time // when it is tried again
	Err   error     // of the last attempt; nil before the first
}

// Attempts are the wants that have no link, those of hubs before those of
// addresses, each in order of key and address. An
// address without a key is left out once it is known who is there.
func (h *Host) Attempts() []Attempt {
	h.seeker.mu.Lock()
	defer h.seeker.mu.Unlock()
	var out []Attempt
	for _, w := range h.seeker.all {
		if !w.wanted || w.Peer == (record.Author{}) && w.err == nil {
			continue
		}
		if _, ok := h.linkedSince(w.Peer); !ok {
			a := Attempt{Want: w.Want, Fails: w.fails, Since: w.since, Next: w.next, Err: w.err}
			a.Addrs = slices.Clone(a.Addrs)
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Attempt) int {
		return cmp.Or(boolCompare(a.Peer == (record.Author{}), b.Peer == (record.Author{})), cmp.Compare(a.name(), b.name()))
	})
	return out
}

// Failing are the hubs whose last attempt failed and which have no link, with how
// often in a row; those not wanted any more are remembered for an hour.
func (h *Host) Failing() map[record.Author]int {
	h.seeker.mu.Lock()
	defer h.seeker.mu.Unlock()
	out := make(map[record.Author]int)
	for _, w := range h.seeker.all {
		if _, ok := h.linkedSince(w.Peer); !ok && w.fails > 0 && w.Peer != (record.Author{}) {
			out[w.Peer] = w.fails
		}
	}
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Lost cuts the links whose own end is at an address that this machine has no
// more, which nothing else would tell for a while, and those that Config.Refuse
// would not let come about any more.
func (h *Host) Lost(gone func(local netip.Addr) bool) {
	for _, c := range h.book.those(func(s *session) bool { return gone(s.at.local.Addr()) || h.unwanted(s) }) {
		_ = c.Close()
	}
}

// unwanted reports whether there is not to be such a connection now.
func (h *Host) unwanted(s *session) bool {
	return !s.asked && h.cfg.Refuse(s.at.local.Addr(), s.at.remote.Addr())
}
