package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// setAside keeps a record the roster excludes where its author was vouched for
// before; what strangers wrote comes again by reconciliation after a vouch.
func (w *writer) setAside(r *record.Record, why error) (bool, error) {
	if w.t.Get(tKnown, r.Author[:]) == nil {
		return false, nil
	}
	return w.keepAside(r, why)
}

// final reports whether a record that is out for this reason is out for good.
func (w *writer) final(r *record.Record, why error) bool {
	switch {
	case errors.Is(why, roster.ErrForm), errors.Is(why, roster.ErrPurged):
		return true
	case errors.Is(why, roster.ErrRevoked):
		return !isVouch(r) // of vouches, lists of what stays may yet come
	}
	return r.Class >= record.People && r.Time <= w.state.Barred(r.Slot())
}

// keepAside sets a record aside, within its author's quota, unless it is out for
// good or a newer one of its slot is there.
func (w *writer) keepAside(r *record.Record, why error) (bool, error) {
	if w.final(r, why) || r.Expires() < w.horizon {
		return false, nil
	}
	key := asideKey(r.Slot())
	if v := w.t.Get(tAside, key); v != nil {
		old, err := w.s.decodeAside(v)
		switch {
		case err == nil && old.ID() == r.ID():
			return true, nil
		case err == nil && !record.Supersedes(r, &old):
			return false, nil
		}
	} else {
		if room, err := w.roomAside(r); !room || err != nil {
			return false, err
		}
		w.asides[r.Author]++
	}
	if err := w.know(r.Author); err != nil { // a hub may be certified and revoked at once
		return false, err
	}
	id := r.ID()
	return true, w.t.Put(tAside, key, append(append(rank(r), id[:]...), r.Encoding()...))
}

// roomAside makes room for one more of an author's, by the order of the quota.
func (w *writer) roomAside(r *record.Record) (bool, error) {
	a := r.Author
	n, counted := w.asides[a]
	if !counted {
		w.eachAside(a, func(_, _ []byte) { n++ })
		w.asides[a] = n
	}
	for ; n >= w.state.Quota(a); n-- {
		var lowest, key []byte
		w.eachAside(a, func(k, v []byte) {
			if v = v[:min(rankLength, len(v))]; key == nil || bytes.Compare(v, lowest) < 0 {
				key, lowest = bytes.Clone(k), bytes.Clone(v)
			}
		})
		if key == nil || bytes.Compare(rank(r), lowest) < 0 {
			return false, nil
		}
		if err := w.dropAside(key); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (w *writer) dropAside(key []byte) error {
	if a := record.Author(key[:32]); w.asides[a] > 0 {
		w.asides[a]--
	}
	return w.t.Delete(tAside, key)
}

func (w *writer) eachAside(a record.Author, f func(k, v []byte)) {
	w.t.Ascend(tAside, a[:], func(k, v []byte) bool {
		if !bytes.HasPrefix(k, a[:]) {
			return false
		}
		f(k, v)
		return true
	})
}

func (s *Store) decodeAside(v []byte) (record.Record, error) {
	if len(v) < rankLength {
		return record.Record{}, fmt.Errorf("%w: a record set aside is %d bytes", ErrDamaged, len(v))
	}
	return s.decode(v[rankLength:])
}

// bringBack takes into the set what the roster now allows of an author's, and
// drops what will never be.
func (w *writer) bringBack(a record.Author) error {
	var keys [][]byte
	var rs []record.Record
	w.eachAside(a, func(k, v []byte) {
		r, err := w.s.decodeAside(v)
		if err != nil {
			r = record.Record{} // damaged: dropped, and fetched again once it is allowed
		}
		keys, rs = append(keys, bytes.Clone(k)), append(rs, r)
	})
	vouched := w.vouched(a)
	for i := range rs {
		r := &rs[i]
		lost := r.Encoding() == nil || r.Expires() < w.horizon
		if !lost {
			why := w.state.Admits(*r, vouched)
			if lost = why != nil && w.final(r, why); why != nil && !lost {
				continue
			}
		}
		if err := w.dropAside(keys[i]); err != nil {
			return err
		}
		if lost {
			continue
		}
		if _, err := w.put(r); err != nil {
			return err
		}
	}
	return nil
}
