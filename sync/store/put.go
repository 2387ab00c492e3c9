package store

import (
	"bytes"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// put adds an allowed record unless its slot holds a newer one or its author's
// quota is full of what outlasts it.
func (w *writer) put(r *record.Record) (Verdict, error) {
	slot := slotKey(r.Slot())
	before := w.t.Get(tSlot, slot)
	if before != nil {
		before = firstCame(w.t, bytes.Clone(before[:8]))
	}
	old, err := w.inSlot(slot)
	if err != nil {
		return Verdict{}, err
	}
	switch {
	case old != nil && !record.Supersedes(r, old):
		return Verdict{Outcome: Known}, nil
	case old != nil:
		if err := w.remove(old); err != nil {
			return Verdict{}, err
		}
	}
	if w.count(r.Author) >= w.state.Quota(r.Author) {
		if full, err := w.evict(r); full || err != nil {
			return Verdict{Outcome: Full}, err
		}
	}
	w.arrival++
	w.changed = true
	w.trustMoved = w.trustMoved || isTrust(r)
	id, at := r.ID(), u64(w.arrival)
	w.addCount(r.Author, 1)
	w.sum(r.Class, r.Expires(), id, 1)
	for _, p := range []struct {
		t    table
		k, v []byte
	}{
		{tRecord, at, append(id[:len(id):len(id)], r.Encoding()...)},
		{tID, id[:], at},
		{tSlot, slot, append(at[:8:8], u64(uint64(r.Time))...)},
		{tAuthor, authorKey(r), at},
		{tOrder, orderKey(r.Class, r.Time, id), be.AppendUint32(nil, uint32(r.Expires()))},
	} {
		if err := w.t.Put(p.t, p.k, p.v); err != nil {
			return Verdict{}, err
		}
	}
	if before == nil {
		before = at
	}
	if err := w.index(r, at, before); err != nil {
		return Verdict{}, err
	}
	if err := w.name(r, at); err != nil {
		return Verdict{}, err
	}
	if err := w.linkVouch(r, at); err != nil {
		return Verdict{}, err
	}
	return Verdict{Outcome: Added, Arrival: w.arrival}, nil
}

// inSlot is the record that stands in a slot, nil if none does.
func (w *writer) inSlot(slot []byte) (*record.Record, error) {
	v := w.t.Get(tSlot, slot)
	if v == nil {
		return nil, nil
	}
	return w.one(bytes.Clone(v[:8]))
}

// one reads a record of the set; nil if it was damaged and has left it.
func (w *writer) one(at []byte) (*record.Record, error) {
	rs, err := w.read([][]byte{at}, func(*record.Record) bool { return true })
	if err != nil || len(rs) == 0 {
		return nil, err
	}
	return &rs[0], nil
}

// evict makes room for r by dropping its author's record that expires soonest,
// then is oldest, then has the smallest id. It reports whether that is r itself.
func (w *writer) evict(r *record.Record) (bool, error) {
	low, err := w.lowest(r.Author)
	if err != nil || low == nil {
		return false, err
	}
	if bytes.Compare(rank(r), rank(low)) < 0 {
		return true, nil
	}
	return false, w.remove(low)
}

// lowest is the author's record that falls to the quota first, nil if there is
// none or if it was damaged.
func (w *writer) lowest(a record.Author) (*record.Record, error) {
	var at []byte
	w.t.Ascend(tAuthor, a[:], func(k, v []byte) bool {
		if bytes.HasPrefix(k, a[:]) {
			at = bytes.Clone(v)
		}
		return false
	})
	if at == nil {
		return nil, nil
	}
	return w.one(at)
}

// remove takes a record out of the set with all that points to it.
func (w *writer) remove(r *record.Record) error {
	id := r.ID()
	at := bytes.Clone(w.t.Get(tID, id[:]))
	if at == nil {
		return fmt.Errorf("%w: a record of the set has no number", ErrDamaged)
	}
	w.changed = true
	w.trustMoved = w.trustMoved || isTrust(r)
	w.addCount(r.Author, -1)
	w.sum(r.Class, r.Expires(), id, -1)
	for _, p := range []struct {
		t table
		k []byte
	}{
		{tRecord, at},
		{tID, id[:]},
		{tSlot, slotKey(r.Slot())},
		{tAuthor, authorKey(r)},
		{tOrder, orderKey(r.Class, r.Time, id)},
	} {
		if err := w.t.Delete(p.t, p.k); err != nil {
			return err
		}
	}
	if err := w.unindex(r, at); err != nil {
		return err
	}
	if err := w.unname(r, at); err != nil {
		return err
	}
	return w.unlinkVouch(r)
}

// linkVouch makes a vouch in the set count for its subject.
func (w *writer) linkVouch(r *record.Record, at []byte) error {
	place, v, ok := roster.VouchOf(*r)
	if !ok {
		return nil
	}
	w.queue(v.Subject)
	delete(w.vouches, v.Subject)
	if err := w.know(v.Subject); err != nil {
		return err
	}
	return w.t.Put(tVouch, vouchKey(v.Subject, r.Author, place), at)
}

func (w *writer) unlinkVouch(r *record.Record) error {
	place, v, ok := roster.VouchOf(*r)
	if !ok {
		return nil
	}
	w.queue(v.Subject)
	delete(w.vouches, v.Subject)
	return w.t.Delete(tVouch, vouchKey(v.Subject, r.Author, place))
}

func (w *writer) count(a record.Author) int {
	n, ok := w.counts[a]
	if !ok {
		if v := w.t.Get(tCount, a[:]); len(v) == 4 {
			n = int(be.Uint32(v))
		}
		w.counts[a] = n
	}
	return n
}

func (w *writer) addCount(a record.Author, d int) { w.counts[a] = w.count(a) + d }

func (w *writer) flushCounts() error {
	for a, n := range w.counts {
		var err error
		if n <= 0 {
			err = w.t.Delete(tCount, a[:])
		} else {
			err = w.t.Put(tCount, a[:], be.AppendUint32(nil, uint32(n)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
