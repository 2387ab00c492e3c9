package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// writer is one write transaction under way.
type writer struct {
	s       *Store
	t       tx
	state   *roster.State
	gen     uint64
	arrival uint64
	horizon record.Day

	// What the transaction keeps at hand, to be written at its end or to spare
	// asking twice.
	sums    map[sumID]sumOf
	counts  map[record.Author]int
	asides  map[record.Author]int
	vouches map[record.Author]bool
	lists   listing

	rule       []record.Author // whose standing changed: rule their records anew
	queued     map[record.Author]bool
	trustMoved bool // the roster was computed from other trust records than the set has
	changed    bool
}

func newWriter(s *Store, t tx, state *roster.State) *writer {
	return &writer{
		s: s, t: t, state: state, gen: generation(t), arrival: number(t, metaArrival), horizon: horizon(t),
		sums: map[sumID]sumOf{}, counts: map[record.Author]int{}, asides: map[record.Author]int{},
		vouches: map[record.Author]bool{}, queued: map[record.Author]bool{},
		lists: listing{entries: newEntries(), touched: Touched{Terms: map[Term]struct{}{}}},
	}
}

// finish writes what the transaction kept at hand.
func (w *writer) finish() error {
	if err := w.flushSums(); err != nil {
		return err
	}
	if err := w.flushCounts(); err != nil {
		return err
	}
	if err := w.flushLists(); err != nil {
		return err
	}
	return errors.Join(
		w.t.Put(tMeta, metaArrival, u64(w.arrival)),
		w.t.Put(tMeta, metaGeneration, u64(w.gen)),
	)
}

// apply takes trust first, then vouches, then the rest, so that what a batch
// itself allows is allowed whatever its order.
func (w *writer) apply(batch []*request) error {
	if err := w.applyTrust(batch); err != nil {
		return err
	}
	if err := w.each(batch, isVouch); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	if err := w.again(batch); err != nil {
		return err
	}
	if err := w.each(batch, func(r *record.Record) bool { return !isVouch(r) && !isTrust(r) }); err != nil {
		return err
	}
	return w.settle()
}

func (w *writer) each(batch []*request, pick func(*record.Record) bool) error {
	for _, req := range batch {
		for i := range req.recs {
			if r := &req.recs[i]; pick(r) {
				v, err := w.offer(r)
				if err != nil {
					return err
				}
				req.verdicts[i] = v
			}
		}
	}
	return nil
}

// again offers trust records that were not allowed before the batch's vouches:
// what a key says of itself counts once it is vouched for.
func (w *writer) again(batch []*request) error {
	for _, req := range batch {
		for i := range req.recs {
			r, v := &req.recs[i], &req.verdicts[i]
			if !isTrust(r) || v.Outcome != Refused && v.Outcome != Aside {
				continue
			}
			now, err := w.offer(r)
			if err != nil {
				return err
			}
			if now.Outcome == Known { // it came back with its author's vouch
				id := r.ID()
				if at := w.t.Get(tID, id[:]); at != nil {
					now = Verdict{Outcome: Added, Arrival: be.Uint64(at)}
				}
			}
			*v = now
		}
	}
	return w.settle()
}

// offer is the one way into the set.
func (w *writer) offer(r *record.Record) (Verdict, error) {
	if r.Encoding() == nil || r.Community != w.s.codec.Community() {
		return Verdict{Outcome: Refused, Err: fmt.Errorf("%w, or not signed", record.ErrForeign)}, nil
	}
	if id := r.ID(); w.t.Get(tID, id[:]) != nil {
		return Verdict{Outcome: Known}, nil
	}
	if r.Expires() < w.horizon {
		return Verdict{Outcome: Expired}, nil
	}
	if err := w.state.Admits(*r, w.vouched(r.Author)); err != nil {
		kept, kerr := w.setAside(r, err)
		if kept {
			return Verdict{Outcome: Aside, Err: err}, kerr
		}
		return Verdict{Outcome: Refused, Err: err}, kerr
	}
	return w.put(r)
}

// vouched reports whether a vouch in the set names the author.
func (w *writer) vouched(a record.Author) bool {
	v, ok := w.vouches[a]
	if !ok {
		v = hasPrefix(w.t, tVouch, a[:])
		w.vouches[a] = v
	}
	return v
}

func hasPrefix(t tx, b table, prefix []byte) (found bool) {
	t.Ascend(b, prefix, func(k, _ []byte) bool {
		found = bytes.HasPrefix(k, prefix)
		return false
	})
	return found
}
