package replica

import (
	"errors"
	"time"

	"github.com/lamppost-hub/lamppost/sync/reconcile"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Reconciliation frames are bounded well below maxMessage.
const reconcileFrame = 32 << 10

// maxWants is how many ids one message asks for.
const maxWants = 1000

// After a reconciliation that left digests different, the next waits this long,
// doubling.
const (
	firstWait   = 2 * time.Second
	longestWait = 5 * time.Minute
)

// reconciling is a link's reconciliation: as the end that began it, or as the
// one that answers.
type reconciling struct {
	begun   *reconcile.Initiator
	session uint64
	class   record.Class
	over    record.Day
	moved   time.Time
	next    time.Time
	wait    time.Duration
	all     [record.Classes]bool // a fingerprint was forged: compare every id

	answers  *reconcile.Responder
	answerOf uint64
}

func (r *reconciling) running() bool { return r.begun != nil }

// calm forgets the waits: the sets are equal.
func (r *reconciling) calm() { r.wait, r.next = 0, time.Time{} }

// soon forgets how long earlier comparisons were in vain.
func (r *reconciling) soon(now time.Time) {
	r.wait = 0
	if next := now.Add(firstWait); r.next.After(next) {
		r.next = next
	}
}

// beginReconcile starts with the most urgent class that differs.
func (e *Engine) beginReconcile(now time.Time, l *link) error {
	for c, differs := range l.differ {
		if differs || l.rec.all[c] {
			return e.reconcileClass(now, l, record.Class(c))
		}
	}
	return nil
}

func (e *Engine) reconcileClass(now time.Time, l *link, c record.Class) error {
	own, err := e.conf.Store.Horizon()
	if err != nil {
		return err
	}
	over := max(own, l.peer.Horizon)
	set, err := e.conf.Store.Set(c, over)
	if err != nil {
		return err
	}
	i, err := reconcile.NewInitiator(set, reconcile.Options{FrameLimit: reconcileFrame, Exhaustive: l.rec.all[c]})
	if err != nil {
		return err
	}
	e.session++
	l.out.seen.round++
	l.rec.begun, l.rec.session, l.rec.class, l.rec.over, l.rec.moved = i, e.session, c, over, now
	return e.sendReconcile(l, c, reconcileMsg{Session: e.session, First: true, Over: over, Message: i.Start()})
}

func (e *Engine) sendReconcile(l *link, c record.Class, v reconcileMsg) error {
	m, err := e.code.marshal(kReconcile, v)
	if err != nil {
		return err
	}
	l.told += uint64(len(m))
	l.out.push(lane(c), m)
	return nil
}

func (e *Engine) onReconcile(now time.Time, l *link, where lane, v *reconcileMsg) error {
	if where == control {
		return violation("a reconciliation of no class")
	}
	if v.Reply {
		return e.onReply(now, l, record.Class(where), v)
	}
	if v.First {
		if l.asking.tokens -= 5; l.asking.tokens < 0 {
			return violation("it asks too much")
		}
		own, err := e.conf.Store.Horizon()
		if err != nil {
			return err
		}
		if v.Over < own || e.inbox.behind() { // it moved meanwhile; or the set is about to
			return e.sendStop(l, v.Session)
		}
		set, err := e.conf.Store.Set(record.Class(where), v.Over)
		if err != nil {
			return err
		}
		if l.rec.answers, err = reconcile.NewResponder(set, reconcile.Options{FrameLimit: reconcileFrame}); err != nil {
			return err
		}
		l.rec.answerOf = v.Session
	}
	if l.rec.answers == nil || v.Session != l.rec.answerOf {
		return e.sendStop(l, v.Session)
	}
	reply, err := l.rec.answers.Respond(v.Message)
	if err != nil {
		return violation("reconciliation: %v", err)
	}
	return e.sendReconcile(l, record.Class(where), reconcileMsg{Session: v.Session, Reply: true, Over: v.Over, Message: reply})
}

func (e *Engine) sendStop(l *link, session uint64) error {
	m, err := e.code.marshal(kStop, stop{Session: session})
	if err != nil {
		return err
	}
	l.out.push(control, m)
	return nil
}

func (e *Engine) onStop(now time.Time, l *link, v *stop) error {
	if l.rec.running() && v.Session == l.rec.session {
		e.endReconcile(now, l)
	}
	return nil
}

// onReply goes on with a reconciliation: what the peer lacks is queued, what we
// lack is asked for.
func (e *Engine) onReply(now time.Time, l *link, c record.Class, v *reconcileMsg) error {
	if !l.rec.running() || v.Session != l.rec.session || c != l.rec.class {
		return nil
	}
	l.rec.moved = now
	reply, have, need, err := l.rec.begun.Next(v.Message)
	if err != nil && !errors.Is(err, reconcile.ErrTooManyIDs) { // then these are a first part
		return violation("reconciliation: %v", err)
	}
	if err := e.offerIDs(l, c, have); err != nil {
		return err
	}
	if err := e.wantIDs(now, l, c, need); err != nil {
		return err
	}
	if reply != nil {
		return e.sendReconcile(l, c, reconcileMsg{Session: v.Session, Over: v.Over, Message: reply})
	}
	l.rec.all[c], l.differ[c] = false, false
	e.endReconcile(now, l)
	for _, more := range l.differ {
		if more {
			return e.beginReconcile(now, l)
		}
	}
	l.rec.wait = min(max(2*l.rec.wait, firstWait), longestWait)
	l.rec.next = now.Add(l.rec.wait)
	return nil
}

func (e *Engine) endReconcile(now time.Time, l *link) {
	l.rec.begun = nil
	l.again = true
	l.rec.next = now.Add(firstWait)
}

// offerIDs queues what a comparison says that the peer lacks, though the peer may have
// shown that it held it before: it can have lost it since.
func (e *Engine) offerIDs(l *link, c record.Class, have []reconcile.ID) error {
	ids := recordIDs(have)
	ns, err := e.conf.Store.Find(ids...)
	if err != nil {
		return err
	}
	for i, n := range ns {
		if n != 0 && !l.out.seen.lately(ids[i]) {
			l.out.seen.drop(ids[i])
			l.out.offer(c, n)
		}
	}
	return nil
}

func recordIDs(in []reconcile.ID) []record.ID {
	out := make([]record.ID, len(in))
	for i, id := range in {
		out[i] = id
	}
	return out
}

// wantIDs asks for ids that are neither held (a peer may name them under another
// time) nor asked of another peer already.
func (e *Engine) wantIDs(now time.Time, l *link, c record.Class, need []reconcile.ID) error {
	held, err := e.conf.Store.Find(recordIDs(need)...)
	if err != nil {
		return err
	}
	var ids []byte
	for i, id := range need {
		if held[i] == 0 && e.wanted.add(now, store.Short(id[:8]), l.key) {
			ids = append(ids, id[:]...)
		}
		if len(ids) == 32*maxWants || i == len(need)-1 && len(ids) > 0 {
			m, err := e.code.marshal(kWants, wants{IDs: ids})
			if err != nil {
				return err
			}
			l.out.push(lane(c), m)
			ids = nil
		}
	}
	return nil
}

func (e *Engine) onWants(l *link, where lane, v *wants) error {
	n := len(v.IDs) / 32
	if where == control || n == 0 || n > maxWants || len(v.IDs)%32 != 0 {
		return violation("wants of %d bytes", len(v.IDs))
	}
	ids := make([]record.ID, n)
	for i := range ids {
		ids[i] = record.ID(v.IDs[32*i:])
	}
	ns, err := e.conf.Store.Find(ids...)
	if err != nil {
		return err
	}
	for i, at := range ns {
		if at != 0 {
			l.out.seen.drop(ids[i])
			l.out.offer(record.Class(where), at)
		}
	}
	return nil
}
