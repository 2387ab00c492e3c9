package store

import (
	"github.com/lamppost-hub/lamppost/sync/reconcile"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Digest is a class's fingerprint over what expires at the horizon or later,
// with how many records that is.
type Digest struct {
	Fingerprint [16]byte
	Count       uint64
}

type sumID struct {
	class record.Class
	day   record.Day
}

type sumOf struct {
	sum   reconcile.Sum
	count int64
}

// sum adds or takes away a record from its class's and day's fingerprint.
func (w *writer) sum(c record.Class, e record.Day, id record.ID, d int) {
	k := sumID{c, e}
	s, ok := w.sums[k]
	if !ok {
		s = loadSum(w.t.Get(tSum, sumKey(c, e)))
	}
	if d > 0 {
		s.sum.Add((*reconcile.ID)(&id))
	} else {
		s.sum.Sub((*reconcile.ID)(&id))
	}
	s.count += int64(d)
	w.sums[k] = s
}

func loadSum(v []byte) sumOf {
	if len(v) != 40 {
		return sumOf{}
	}
	return sumOf{count: int64(be.Uint64(v)), sum: reconcile.SumFromBytes([32]byte(v[8:]))}
}

// resum corrects sums that are not those of the records, as after a damage that
// leaves the file's structure whole: nothing else would ever notice, and the
// digests would differ from every peer's for good.
func (w *writer) resum() {
	right := map[sumID]sumOf{}
	w.t.Ascend(tOrder, nil, func(k, v []byte) bool {
		if len(k) == 41 && len(v) == 4 {
			at := sumID{record.Class(k[0]), record.Day(be.Uint32(v))}
			s := right[at]
			id := reconcile.ID(k[9:])
			s.sum.Add(&id)
			s.count++
			right[at] = s
		}
		return true
	})
	w.t.Ascend(tSum, nil, func(k, v []byte) bool {
		if len(k) != 5 {
			return true
		}
		at := sumID{record.Class(k[0]), record.Day(be.Uint32(k[1:]))}
		if want := right[at]; loadSum(v) != want {
			w.sums[at] = want
		}
		delete(right, at)
		return true
	})
	for at, want := range right {
		w.sums[at] = want
	}
}

func (w *writer) flushSums() error {
	for k, s := range w.sums {
		var err error
		if s.count == 0 {
			err = w.t.Delete(tSum, sumKey(k.class, k.day))
		} else {
			b := s.sum.Bytes()
			err = w.t.Put(tSum, sumKey(k.class, k.day), append(u64(uint64(s.count)), b[:]...))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func digests(t tx, h record.Day) (ds [record.Classes]Digest) {
	var all [record.Classes]sumOf
	t.Ascend(tSum, nil, func(k, v []byte) bool {
		if c, day := k[0], record.Day(be.Uint32(k[1:])); c < record.Classes && day >= h {
			s := loadSum(v)
			all[c].sum.AddSum(s.sum)
			all[c].count += s.count
		}
		return true
	})
	for c, s := range all {
		ds[c] = Digest{s.sum.Fingerprint(int(s.count)), uint64(s.count)}
	}
	return ds
}

// Digest is the class's fingerprint over all that is in the set at that moment.
func (v *View) Digest(c record.Class) Digest {
	var all sumOf
	v.t.Ascend(tSum, []byte{byte(c)}, func(k, b []byte) bool {
		if record.Class(k[0]) != c {
			return false
		}
		s := loadSum(b)
		all.sum.AddSum(s.sum)
		all.count += s.count
		return true
	})
	return Digest{all.sum.Fingerprint(int(all.count)), uint64(all.count)}
}

// Set is the class's part of the set that expires at h or later, for
// reconciliation: 40 bytes a record, read at once so that no transaction waits
// for a peer.
func (s *Store) Set(c record.Class, h record.Day) (reconcile.Set, error) {
	var items []reconcile.Item
	err := s.engine.View(func(t tx) error {
		t.Ascend(tOrder, []byte{byte(c)}, func(k, v []byte) bool {
			if record.Class(k[0]) != c {
				return false
			}
			if record.Day(be.Uint32(v)) >= h {
				items = append(items, reconcile.Item{Time: be.Uint64(k[1:]), ID: [32]byte(k[9:])})
			}
			return true
		})
		return nil
	})
	return reconcile.NewFlat(items), err
}
