package store

import (
	"bytes"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func isTrust(r *record.Record) bool { return r.App == record.Roster && r.Class == record.Trust }
func isVouch(r *record.Record) bool { return r.App == record.Roster && r.Class == record.Vouch }

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
	if len(fresh) == 0 {
		return nil
	}
	have, err := w.trust()
	if err != nil {
		return err
	}
	if err := w.turn(w.admitted(have, fresh)); err != nil {
		return err
	}
	if err := w.each(batch, isTrust); err != nil {
		return err
	}
	return w.settle()
}

// admitted is the roster that follows from have and from what it then admits of
// fresh: what a key says of itself is nothing where nobody vouches for it (see
// roster.Compute).
func (w *writer) admitted(have, fresh []record.Record) *roster.State {
	have = have[:len(have):len(have)]
	next := roster.Compute(w.s.conf.Founding, append(have, fresh...))
	kept := make([]record.Record, 0, len(fresh))
	for _, r := range fresh {
		if next.Admits(r, w.vouched(r.Author)) == nil {
			kept = append(kept, r)
		}
	}
	if len(kept) == len(fresh) {
		return next
	}
	return roster.Compute(w.s.conf.Founding, append(have, kept...))
}

// settle brings roster and set into agreement: where trust records came or went,
// the roster is computed anew, and whose standing changed is ruled anew. The
// roster computes in passes that never look back, and what falls to a quota does
// not return within a transaction, so this ends.
func (w *writer) settle() error {
	for w.trustMoved || len(w.rule) > 0 {
		if w.trustMoved {
			w.trustMoved = false
			have, err := w.trust()
			if err != nil {
				return err
			}
			if err := w.turn(roster.Compute(w.s.conf.Founding, have)); err != nil {
				return err
			}
		}
		if err := w.ruleAll(); err != nil {
			return err
		}
	}
	return nil
}

// turn makes next the roster in force and queues those whose standing changed.
// A certificate counts as a vouch for its key.
func (w *writer) turn(next *roster.State) error {
	if next.Equal(w.state) {
		return nil
	}
	for _, a := range roster.Changed(w.state, next) {
		w.queue(a)
		if next.Certified(a) {
			if err := w.know(a); err != nil {
				return err
			}
		}
	}
	w.state = next
	w.gen++
	return nil
}

// know remembers that an author has been vouched for.
func (w *writer) know(a record.Author) error {
	if w.t.Get(tKnown, a[:]) != nil {
		return nil
	}
	return w.t.Put(tKnown, a[:], []byte{1})
}

// queue has an author's records ruled anew.
func (w *writer) queue(a record.Author) {
	if !w.queued[a] {
		w.queued[a] = true
		w.rule = append(w.rule, a)
	}
}

// trust reads the trust records of the set.
func (w *writer) trust() ([]record.Record, error) {
	var arrivals [][]byte
	w.t.Ascend(tOrder, []byte{byte(record.Trust)}, func(k, _ []byte) bool {
		if record.Class(k[0]) != record.Trust {
			return false
		}
		arrivals = append(arrivals, bytes.Clone(w.t.Get(tID, k[9:])))
		return true
	})
	return w.read(arrivals, isTrust)
}

// read reads records of the set, those that pick wants. Damaged ones leave it.
func (w *writer) read(arrivals [][]byte, pick func(*record.Record) bool) (rs []record.Record, err error) {
	for _, at := range arrivals {
		r, err := w.s.decode(w.t.Get(tRecord, at))
		if err != nil {
			if err := w.quarantineOne(at); err != nil {
				return nil, err
			}
			continue
		}
		if pick(&r) {
			rs = append(rs, r)
		}
	}
	return rs, nil
}
