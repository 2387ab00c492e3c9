package store

import (
	"bytes"
	"errors"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// ruleAll rules the records of those whose standing changed. Ruling a hub can
// change the standing of those it vouched for, so it goes on until none is left;
// authority flows down in a few steps, so it ends.
func (w *writer) ruleAll() error {
	for len(w.rule) > 0 {
		a := w.rule[0]
		w.rule = w.rule[1:]
		if err := w.ruleAuthor(a); err != nil {
			return err
		}
	}
	return nil
}

// ruleAuthor moves an author's records out of the set and back into it as the
// roster now says, and trims them to the quota.
func (w *writer) ruleAuthor(a record.Author) error {
	out, err := w.collect(tAuthor, a)
	if err != nil {
		return err
	}
	vouched := w.vouched(a)
	for i := range out {
		r := &out[i]
		why := w.state.Admits(*r, vouched)
		if why == nil {
			continue
		}
		if err := w.remove(r); err != nil {
			return err
		}
		if _, err := w.keepAside(r, why); err != nil {
			return err
		}
	}
	back, err := w.collect(tAside, a)
	if err != nil {
		return err
	}
	for i := range back {
		r := &back[i]
		expired := r.Expires() < w.horizon
		if !expired && w.state.Admits(*r, vouched) != nil {
			continue
		}
		if err := w.t.Delete(tAside, asideKey(r.Slot())); err != nil {
			return err
		}
		if expired {
			continue
		}
		if _, err := w.put(r); err != nil {
			return err
		}
	}
	for w.count(a) > w.state.Quota(a) {
		low, err := w.lowest(a)
		if err != nil || low == nil {
			return err
		}
		w.trustLost = w.trustLost || isTrust(low)
		if err := w.remove(low); err != nil {
			return err
		}
	}
	return nil
}

// collect reads an author's records of the set (tAuthor) or set aside (tAside).
func (w *writer) collect(b table, a record.Author) (rs []record.Record, failed error) {
	w.t.Ascend(b, a[:], func(k, v []byte) bool {
		if !bytes.HasPrefix(k, a[:]) {
			return false
		}
		if b == tAuthor {
			v = w.t.Get(tRecord, v)
		}
		r, err := w.s.decode(v)
		if err != nil {
			failed = err
			return false
		}
		rs = append(rs, r)
		return true
	})
	return rs, failed
}

// setAside keeps a record the roster excludes where its author was vouched for
// before; what strangers wrote comes again by reconciliation after a vouch.
func (w *writer) setAside(r *record.Record, why error) (bool, error) {
	if w.t.Get(tKnown, r.Author[:]) == nil {
		return false, nil
	}
	return w.keepAside(r, why)
}

func (w *writer) keepAside(r *record.Record, why error) (bool, error) {
	final := errors.Is(why, roster.ErrPurged) || errors.Is(why, roster.ErrRevoked) && !isVouch(r)
	if final || isTrust(r) || r.Expires() < w.horizon {
		return false, nil
	}
	key := asideKey(r.Slot())
	if v := w.t.Get(tAside, key); v != nil {
		old, err := w.s.decode(v)
		if err != nil {
			return false, err
		}
		if !record.Supersedes(r, &old) {
			return false, nil
		}
	} else {
		all, err := w.collect(tAside, r.Author)
		if err != nil {
			return false, err
		}
		if len(all) >= w.state.Quota(r.Author) {
			low := r
			for i := range all {
				if bytes.Compare(rank(&all[i]), rank(low)) < 0 {
					low = &all[i]
				}
			}
			if low == r {
				return false, nil
			}
			if err := w.t.Delete(tAside, asideKey(low.Slot())); err != nil {
				return false, err
			}
		}
	}
	id := r.ID()
	return true, w.t.Put(tAside, key, append(id[:len(id):len(id)], r.Encoding()...))
}
