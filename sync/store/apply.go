package store

import (
	"errors"

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
	sums    map[sumID]sumOf
	counts  map[record.Author]int
	rule    []record.Author // whose standing changed: rule their records anew
	changed bool
	// trustLost: the quota dropped a trust record that the roster was computed with.
	trustLost bool
}

func newWriter(s *Store, t tx) *writer {
	return &writer{
		s: s, t: t, state: s.Roster(), gen: generation(t), arrival: number(t, metaArrival),
		horizon: horizon(t), sums: map[sumID]sumOf{}, counts: map[record.Author]int{},
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
	if err := w.each(batch, func(r *record.Record) bool { return isVouch(r) }); err != nil {
		return err
	}
	if err := w.ruleAll(); err != nil {
		return err
	}
	if err := w.each(batch, func(r *record.Record) bool { return !isVouch(r) && !isTrust(r) }); err != nil {
		return err
	}
	return w.ruleAll()
}

func isTrust(r *record.Record) bool { return r.App == record.Roster && r.Class == record.Trust }
func isVouch(r *record.Record) bool { return r.App == record.Roster && r.Class == record.Vouch }

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

// applyTrust admits trust records under the roster they and the stored ones
// make together, so that a chain may arrive in any order within a batch.
func (w *writer) applyTrust(batch []*request) error {
	var fresh []record.Record
	for _, req := range batch {
		for i := range req.recs {
			if id := req.recs[i].ID(); isTrust(&req.recs[i]) && w.t.Get(tID, id[:]) == nil {
				fresh = append(fresh, req.recs[i])
			}
		}
	}
	if len(fresh) > 0 {
		have, err := w.s.trust(w.t)
		if err != nil {
			return err
		}
		w.turn(roster.Compute(w.s.conf.Founding, append(have, fresh...)))
	}
	if err := w.each(batch, isTrust); err != nil {
		return err
	}
	if err := w.ruleAll(); err != nil {
		return err
	}
	for w.trustLost { // each turn drops at least one, so it ends
		w.trustLost = false
		have, err := w.s.trust(w.t)
		if err != nil {
			return err
		}
		w.turn(roster.Compute(w.s.conf.Founding, have))
		if err := w.ruleAll(); err != nil {
			return err
		}
	}
	return nil
}

// turn makes next the roster in force and queues those whose standing changed.
func (w *writer) turn(next *roster.State) {
	if next.Equal(w.state) {
		return
	}
	w.rule = append(w.rule, roster.Changed(w.state, next)...)
	w.state = next
	w.gen++
}

// trust reads the trust records of the set.
func (s *Store) trust(t tx) ([]record.Record, error) {
	var rs []record.Record
	var failed error
	t.Ascend(tOrder, []byte{byte(record.Trust)}, func(k, _ []byte) bool {
		if record.Class(k[0]) != record.Trust {
			return false
		}
		r, err := s.byID(t, record.ID(k[9:]))
		if err != nil {
			failed = err
			return false
		}
		if isTrust(&r) {
			rs = append(rs, r)
		}
		return true
	})
	return rs, failed
}

// offer is the one way into the set.
func (w *writer) offer(r *record.Record) (Verdict, error) {
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
	return hasPrefix(w.t, tVouch, a[:])
}

func hasPrefix(t tx, b table, prefix []byte) (found bool) {
	t.Ascend(b, prefix, func(k, _ []byte) bool {
		found = len(k) >= len(prefix) && string(k[:len(prefix)]) == string(prefix)
		return false
	})
	return found
}
