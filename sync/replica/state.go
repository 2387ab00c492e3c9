package replica

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// sendState queues this hub's state as it stands.
func (e *Engine) sendState(now time.Time, l *link) error {
	var theirs record.Day
	if l.peer != nil {
		theirs = l.peer.Horizon
	}
	own, err := e.conf.Store.Horizon()
	if err != nil {
		return err
	}
	m, err := e.conf.Store.Moment(theirs)
	if err != nil {
		return err
	}
	l.settle(e.offered())
	s := &state{
		Epoch: m.Epoch, Arrival: m.Arrival, From: l.from, Through: min(l.through, m.Arrival),
		Taken: [2]uint64{l.taken.Epoch, l.taken.Arrival}, Horizon: own, Over: m.Horizon, Nonce: l.nonce[:],
	}
	if e.conf.Millis != nil {
		s.Millis = e.conf.Millis()
	}
	for _, d := range m.Digests {
		s.Digests = append(s.Digests, digest{Fingerprint: d.Fingerprint[:], Count: d.Count})
	}
	b, err := e.code.marshal(kState, s)
	if err != nil {
		return err
	}
	l.said, l.saidAt, l.again = s, now, false
	l.out.push(control, b)
	return nil
}

// settle moves through on when nothing of the log is still waiting to be sent.
func (l *link) settle(offered uint64) {
	if l.tail == nil && l.lag == 0 && l.out.drained() {
		l.through = max(l.through, offered)
	}
}

// offered is up to where the log has been offered to the links that are up.
func (e *Engine) offered() uint64 {
	if n, ok := e.rates.firstHeld(); ok {
		return n - 1
	}
	return e.pos
}

// stateDue reports whether a state is to be said: when the set changed or the
// peer's differs at most once in Changed, else once in Unchanged.
func (e *Engine) stateDue(now time.Time, l *link) bool {
	since := now.Sub(l.saidAt)
	if since >= e.conf.Limits.Unchanged {
		return true
	}
	return since >= e.conf.Limits.Changed && (l.again || l.said.Arrival != e.moment.Arrival)
}

func (e *Engine) onState(now time.Time, l *link, s *state) error {
	if err := s.check(); err != nil {
		return err
	}
	l.peer = s
	if err := e.watchLogs(now, l, s); err != nil {
		return err
	}
	if s.Millis != 0 && e.conf.PeerClock != nil {
		e.conf.PeerClock(l.key, s.Millis)
	}
	if !l.tailing.IsZero() && s.From <= l.tailFor {
		l.tailing = time.Time{}
	}
	if s.Through == s.Arrival { // all it had for us is here
		e.wanted.release(now, l.key)
	}
	if l.follows(s) && len(l.elsewhere) == 0 {
		e.claim(l, store.Position{Epoch: s.Epoch, Arrival: s.Through})
	}
	m, err := e.conf.Store.Moment(s.Horizon)
	if err != nil {
		return err
	}
	if m.Horizon != l.said.Over { // what we said is no use to the peer
		l.again = true
	}
	if m.Horizon != s.Over { // one of us did not know the other's horizon yet
		l.again = true
		return nil
	}
	differ := false
	for c := range l.differ {
		l.differ[c] = !s.Digests[c].equal(m.Digests[c])
		differ = differ || l.differ[c]
	}
	switch {
	case !differ:
		l.since = time.Time{}
		l.rec.calm()
		clear(l.elsewhere)
		l.same = m.Position
		e.claim(l, store.Position{Epoch: s.Epoch, Arrival: s.Arrival})
	case l.since.IsZero():
		l.since = now
		fallthrough
	default:
		l.again = true
	}
	return e.pull(now, l)
}

// follows reports whether what the peer has offered on this link begins no later
// than where its log was left.
func (l *link) follows(s *state) bool {
	return s.From == 0 || l.granted && s.From <= l.tailFor || l.taken.Epoch == s.Epoch && l.taken.Arrival >= s.From
}

// pull asks for what the peer has and we lack: first what followed the place in
// its log that we remember, then, where digests still differ though neither end
// has news under way, by reconciliation.
func (e *Engine) pull(now time.Time, l *link) error {
	if l.peer == nil || l.since.IsZero() {
		return nil
	}
	if !l.asked {
		l.asked = true
		if from, ok := l.tailFrom(e.moment); ok {
			return e.askTail(now, l, from)
		}
	}
	if !l.first || now.Before(l.rec.next) || l.rec.running() || e.busy(l) {
		return nil
	}
	if now.Sub(l.since) < e.conf.Limits.Unsettled && !l.untailed && !e.settled(l) {
		return nil
	}
	return e.beginReconcile(now, l)
}

// busy reports whether so much is under way that the digests have to differ:
// what was asked for, either way, is still to come, or to be stored.
func (e *Engine) busy(l *link) bool {
	asked := !l.tailing.IsZero() || e.wanted.of(l.key) > 0 || e.inbox.behind()
	asks := l.tail != nil || !l.out.drained() || l.newest > l.flow.acked+much
	return asked || asks
}

// settled reports whether no news are under way either way, so that a
// difference is a real one.
func (e *Engine) settled(l *link) bool {
	p := l.peer
	return p.Through == p.Arrival && p.Taken == [2]uint64{e.moment.Epoch, e.moment.Arrival} &&
		l.taken == store.Position{Epoch: p.Epoch, Arrival: p.Through} && e.inbox.empty()
}

// tailFrom decides whether to ask for a tail, and from where: from the place we
// remember, or, when short ids of all the peer has cost less than finding the
// difference, from the beginning.
func (l *link) tailFrom(m store.Moment) (store.Position, bool) {
	if l.taken != (store.Position{}) {
		return l.taken, true
	}
	var ours, theirs uint64
	for c, d := range l.peer.Digests {
		theirs += d.Count
		ours += m.Digests[c].Count
	}
	return store.Position{}, theirs <= 2000 || 2*ours < theirs
}
