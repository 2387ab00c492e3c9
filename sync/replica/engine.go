// Package replica is the engine of replication: what a hub says on a link, and
// what it makes of what it hears, until both ends hold equal sets (DESIGN §4).
//
// The engine is a state machine. It owns no socket, file, clock or goroutine: a
// driver hands it frames and the time, sends what Next gives, and takes batches
// of records from it to the store. Stepped from a seed it always does the same.
//
// On a new link both ends tell their state. Where digests differ, what followed
// the remembered place in the peer's log is asked for (tail); where they still
// differ, the sets are reconciled, class by class, trust first; what changes from
// then on is offered live. Tail, reconciliation and live news all end in the
// link's one queue of arrival numbers by class: the most urgent class first, the
// newest first within it, the record itself read when its turn comes.
package replica

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Config is what an engine needs. The zero Limits are DefaultLimits.
type Config struct {
	Self   record.Author
	Store  *store.Store
	Rand   io.Reader     // of nonces and session numbers
	Millis func() uint64 // this hub's clock for peers, 0 while it is not trusted; may be nil
	// PeerClock is told what a peer that trusts its clock says the time is, in
	// milliseconds since 1970; may be nil.
	PeerClock func(peer record.Author, millis uint64)
	Cargo     Cargo // may be nil
	Limits    Limits
}

// Limits are the engine's rates and patience.
type Limits struct {
	AuthorBurst, ViaBurst int           // live forwarding, in records
	AuthorRate, ViaRate   float64       // records a second after the burst
	Changed               time.Duration // least time between two states
	Unchanged             time.Duration // longest time between two states
	Patience              time.Duration // without an acknowledgement or an answer
	Unsettled             time.Duration // how long digests may differ while news flow
	ProofEvery            time.Duration
}

// DefaultLimits are the design's.
func DefaultLimits() Limits {
	return Limits{
		AuthorBurst: 500, AuthorRate: 1, ViaBurst: 5000, ViaRate: 20,
		Changed: time.Second, Unchanged: time.Minute, Patience: 30 * time.Second,
		Unsettled: 10 * time.Second, ProofEvery: time.Hour,
	}
}

// LinkID names a link for as long as it is up.
type LinkID uint64

// Engine is not safe for concurrent use.
type Engine struct {
	conf    Config
	code    coding
	links   map[LinkID]*link
	order   []*link // by id: the same order in every run
	pos     uint64  // the log has been offered to the links up to here
	moment  store.Moment
	roster  *roster.State // by which the links' memory was made
	inbox   inbox
	wanted  wantedSet
	origin  origin
	rates   *rates
	reputes reputes
	twins   twins
	session uint64
}

// New makes an engine that offers on what the store takes in from now on.
func New(c Config) (*Engine, error) {
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits()
	}
	code, err := newCoding()
	if err != nil {
		return nil, err
	}
	e := &Engine{
		conf: c, code: code, links: map[LinkID]*link{}, inbox: newInbox(),
		wanted: newWantedSet(), origin: newOrigin(), rates: newRates(c.Limits), reputes: reputes{}, twins: newTwins(),
		roster: c.Store.Roster(),
	}
	if e.moment, err = c.Store.Moment(0); err != nil {
		return nil, err
	}
	e.pos = e.moment.Arrival
	return e, nil
}

// Up begins a link to a hub whose certificate is proven.
func (e *Engine) Up(now time.Time, id LinkID, peer record.Author) error {
	if _, ok := e.links[id]; ok {
		return fmt.Errorf("link %d is up already", id)
	}
	l := newLink(id, peer, now)
	l.first = bytes.Compare(e.conf.Self[:], peer[:]) < 0
	if _, err := io.ReadFull(e.conf.Rand, l.nonce[:]); err != nil {
		return fmt.Errorf("draw a nonce: %w", err)
	}
	var err error
	if l.taken, err = e.cursor(peer); err != nil {
		return err
	}
	l.from, l.through = e.pos, e.pos
	l.began = e.pos
	for _, d := range e.moment.Digests {
		l.stock += d.Count
	}
	e.links[id] = l
	e.order = append(e.order, l)
	return e.sendState(now, l)
}

// cursor is up to where a peer's log has been taken over, by an earlier link.
func (e *Engine) cursor(peer record.Author) (store.Position, error) {
	if p, ok := e.inbox.peers[peer]; ok {
		return p, nil
	}
	return e.conf.Store.Cursor(peer)
}

// Down ends a link.
func (e *Engine) Down(id LinkID) {
	l := e.links[id]
	if l == nil {
		return
	}
	delete(e.links, id)
	if l.carries {
		e.conf.Cargo.Down(l.heard, id)
	}
	for i := range e.order {
		if e.order[i] == l {
			e.order = append(e.order[:i], e.order[i+1:]...)
			break
		}
	}
	e.wanted.release(l.heard, l.key)
}

// Receive takes a frame from a link. An error that wraps ErrProtocol means that
// the link is to be closed; any other is the store's.
func (e *Engine) Receive(now time.Time, id LinkID, frame []byte) error {
	l := e.links[id]
	if l == nil {
		return nil // it was closed meanwhile
	}
	err := e.receive(now, l, frame)
	if errors.Is(err, ErrProtocol) {
		e.reputes.strike(now, l.key, firstRest)
	}
	return err
}

// Broke notes that a link's peer broke the protocol with what was no frame at all. The
// link is to be closed.
func (e *Engine) Broke(now time.Time, id LinkID) {
	if l := e.links[id]; l != nil {
		e.reputes.strike(now, l.key, firstRest)
	}
}

func (e *Engine) receive(now time.Time, l *link, frame []byte) error {
	l.heard = now
	l.traffic.in += uint64(len(frame))
	where, m, err := l.in.add(frame)
	if err != nil {
		return err
	}
	if where != control {
		if l.received += uint64(len(frame)); l.received-l.acked > maxWindow+maxMessage {
			return violation("it sends without waiting for acknowledgements")
		}
	}
	if m == nil {
		return nil
	}
	return e.handle(now, l, where, m)
}

func (e *Engine) handle(now time.Time, l *link, where lane, m []byte) error {
	k := kind(m[0])
	if l.peer == nil && k != kState && k != kAck {
		return violation("message %d before a state", k)
	}
	if err := l.charge(now, k); err != nil {
		return err
	}
	switch k {
	case kState:
		return decodeAnd(e, m, func(v *state) error { return e.onState(now, l, v) })
	case kAck:
		return decodeAnd(e, m, func(v *ack) error { l.flow.acknowledge(now, v.Bytes); return nil })
	case kRecords:
		return decodeAnd(e, m, func(v *records) error { return e.onRecords(now, l, v) })
	case kTail:
		return decodeAnd(e, m, func(v *tailRequest) error { return e.onTail(l, v) })
	case kTailNo:
		return decodeAnd(e, m, func(*tailNo) error { return e.onTailNo(l) })
	case kOffer:
		return decodeAnd(e, m, func(v *offer) error { return e.onOffer(now, l, where, v) })
	case kAnswer:
		return decodeAnd(e, m, func(v *answer) error { return e.onAnswer(l, v) })
	case kReconcile:
		return decodeAnd(e, m, func(v *reconcileMsg) error { return e.onReconcile(now, l, where, v) })
	case kStop:
		return decodeAnd(e, m, func(v *stop) error { return e.onStop(now, l, v) })
	case kWants:
		return decodeAnd(e, m, func(v *wants) error { return e.onWants(l, where, v) })
	case kProof:
		return decodeAnd(e, m, func(v *proof) error { return e.onProof(now, l, v) })
	case kCargo:
		return e.onCargo(now, l, where, m)
	default:
		return violation("message %d", k)
	}
}

func decodeAnd[T any](e *Engine, m []byte, f func(*T) error) error {
	var v T
	if err := e.code.unmarshal(m, &v); err != nil {
		return err
	}
	return f(&v)
}

// Changed reads on in the store's log and offers what is new to the links. Call
// it whenever the store says that its set has changed.
func (e *Engine) Changed(now time.Time) error {
	// First the moment: what is written between the two is left for the next time.
	m, err := e.conf.Store.Moment(0)
	if err != nil {
		return err
	}
	e.judgeAnew(now)
	for {
		es, err := e.conf.Store.Since(e.pos, 4096)
		if err != nil {
			return err
		}
		for _, x := range es {
			e.pos = x.Arrival
			if err := e.offerLive(now, x); err != nil {
				return err
			}
		}
		if len(es) < 4096 {
			break
		}
	}
	e.moment, e.pos = m, max(e.pos, m.Arrival)
	e.origin.forget()
	return nil
}

// judgeAnew forgets what was made of peers under another roster: what they held then they
// may have had to let go of, and what they refused they may take now.
func (e *Engine) judgeAnew(now time.Time) {
	r := e.conf.Store.Roster()
	if r == e.roster {
		return
	}
	e.roster = r
	for _, l := range e.order {
		l.out.seen.forget()
		l.rec.soon(now)
	}
}

// Stale is a link the engine has given up on, and why.
type Stale struct {
	Link LinkID
	Why  error
}

// Tick does what is due and returns the links to be closed. Call it about ten
// times a second while links are up, and once a second while it is Quiet.
func (e *Engine) Tick(now time.Time) ([]Stale, error) {
	var stale []Stale
	e.release(now)
	if e.wanted.prune(now) {
		for _, l := range e.order {
			l.rec.calm()
		}
	}
	for _, l := range e.order {
		if why := e.greedy(now, l); why != nil {
			e.reputes.strike(now, l.key, greedyRest)
			stale = append(stale, Stale{l.id, why})
			continue
		}
		if why := l.stuck(now, e.conf.Limits); why != nil {
			stale = append(stale, Stale{l.id, why})
			continue
		}
		if err := e.tickLink(now, l); err != nil {
			return stale, err
		}
	}
	return stale, nil
}

func (e *Engine) tickLink(now time.Time, l *link) error {
	l.ackDue = l.received > l.acked
	if err := e.catchUp(l); err != nil {
		return err
	}
	if e.stateDue(now, l) {
		if err := e.sendState(now, l); err != nil {
			return err
		}
	}
	if l.rec.running() && now.Sub(l.rec.moved) > 4*e.conf.Limits.Patience {
		e.endReconcile(now, l)
	}
	if err := e.pull(now, l); err != nil {
		return err
	}
	return e.proofDue(now, l)
}
