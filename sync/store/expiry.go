package store

import (
	"bytes"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// grace is how many days past its expiry a slot is kept, so that hubs whose
// clocks differ by less agree on what there is.
const grace = 7

// sweep bounds the records that one transaction collects.
const sweep = 2_000

func horizon(t tx) record.Day { return record.Day(number(t, metaHorizon)) }

// Horizon is the day before whose expiry records have been collected and are no
// longer taken.
func (s *Store) Horizon() (h record.Day, err error) {
	err = s.engine.View(func(t tx) error {
		h = horizon(t)
		return nil
	})
	return h, err
}

// Collect moves the horizon to a week before today and drops what expired before
// it. It never moves back. Call it only with a day that is known to be true.
func (s *Store) Collect(today record.Day) error {
	h, err := s.Horizon()
	if err != nil {
		return err
	}
	if today > grace && today-grace > h {
		h = today - grace
		err := s.update(func(w *writer) error {
			w.horizon = h
			w.changed = true // digests cover less
			return w.t.Put(tMeta, metaHorizon, u64(uint64(h)))
		})
		if err != nil {
			return err
		}
	}
	for {
		n, err := s.collectSome(h)
		if n < sweep || err != nil {
			return err
		}
	}
}

// collectSome drops some of what expired before h, of the set and set aside.
func (s *Store) collectSome(h record.Day) (n int, err error) {
	var ids [][]byte
	var aside [][]byte
	err = s.engine.View(func(t tx) error {
		t.Ascend(tOrder, nil, func(k, v []byte) bool {
			if record.Day(be.Uint32(v)) < h {
				ids = append(ids, bytes.Clone(k[9:]))
			}
			return len(ids) < sweep
		})
		t.Ascend(tAside, nil, func(k, v []byte) bool {
			if len(v) < 4 || record.Day(be.Uint32(v)) < h {
				aside = append(aside, bytes.Clone(k))
			}
			return len(aside) < sweep
		})
		return nil
	})
	if err != nil || len(ids)+len(aside) == 0 {
		return 0, err
	}
	return max(len(ids), len(aside)), s.update(func(w *writer) error {
		for _, id := range ids {
			at := bytes.Clone(w.t.Get(tID, id))
			if at == nil { // replaced meanwhile
				continue
			}
			r, err := w.one(at)
			if err != nil {
				return err
			}
			if r == nil { // damaged, and gone with that
				continue
			}
			if err := w.remove(r); err != nil {
				return err
			}
		}
		for _, k := range aside {
			if err := w.dropAside(k); err != nil {
				return err
			}
		}
		return w.settle()
	})
}
