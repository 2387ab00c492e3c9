package store

import (
	"bytes"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// ruleAll rules the records of those whose standing changed. Ruling a hub can
// change the standing of those it vouched for, so it goes on until none is left;
// authority flows down in a few steps, so it ends.
func (w *writer) ruleAll() error {
	for len(w.rule) > 0 {
		a := w.rule[0]
		w.rule = w.rule[1:]
		delete(w.queued, a)
		if err := w.ruleAuthor(a); err != nil {
			return err
		}
	}
	return nil
}

// ruleAuthor moves an author's records out of the set and back into it as the
// roster now says, and trims them to the quota.
func (w *writer) ruleAuthor(a record.Author) error {
	all, err := w.byAuthor(a)
	if err != nil {
		return err
	}
	vouched := w.vouched(a)
	for i := range all {
		r := &all[i]
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
	if err := w.bringBack(a); err != nil {
		return err
	}
	for w.count(a) > w.state.Quota(a) {
		low, err := w.lowest(a)
		if err != nil || low == nil {
			return err
		}
		if err := w.remove(low); err != nil {
			return err
		}
	}
	return nil
}

// byAuthor reads an author's records of the set.
func (w *writer) byAuthor(a record.Author) ([]record.Record, error) {
	var arrivals [][]byte
	w.t.Ascend(tAuthor, a[:], func(k, v []byte) bool {
		if !bytes.HasPrefix(k, a[:]) {
			return false
		}
		arrivals = append(arrivals, bytes.Clone(v))
		return true
	})
	return w.read(arrivals, func(*record.Record) bool { return true })
}
