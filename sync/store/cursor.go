package store

import "github.com/lamppost-hub/lamppost/sync/record"

// Cursor is up to where a peer's log has been taken over; zero if never.
func (s *Store) Cursor(peer record.Author) (p Position, err error) {
	err = s.engine.View(func(t tx) error {
		p = position(t.Get(tCursor, peer[:]))
		return nil
	})
	return p, err
}

// Cursors is up to where the logs of all peers have been taken over.
func (s *Store) Cursors() (all map[record.Author]Position, err error) {
	all = map[record.Author]Position{}
	err = s.engine.View(func(t tx) error {
		t.Ascend(tCursor, nil, func(k, v []byte) bool {
			if p := position(v); len(k) == len(record.Author{}) && p != (Position{}) {
				all[record.Author(k)] = p
			}
			return true
		})
		return nil
	})
	return all, err
}

func position(v []byte) Position {
	if len(v) != 16 {
		return Position{}
	}
	return Position{be.Uint64(v), be.Uint64(v[8:])}
}

// SetCursors remembers, durably, up to where peers' logs have been taken over.
// What is behind a number that is remembered under the same epoch is passed over.
func (s *Store) SetCursors(m map[record.Author]Position) error {
	if len(m) == 0 {
		return nil
	}
	return s.update(func(w *writer) error {
		for peer, p := range m {
			if old := position(w.t.Get(tCursor, peer[:])); old.Epoch == p.Epoch && old.Arrival >= p.Arrival {
				continue
			}
			if err := w.t.Put(tCursor, peer[:], append(u64(p.Epoch), u64(p.Arrival)...)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Span is an epoch of a store's log: the number at which it began and the last
// one given while it ran. The next epoch begins where this one ends.
type Span struct{ Epoch, First, Last uint64 }

// Lineage is the epochs of this store's log, oldest first, the running one last;
// at most the last 256. What a copy's twin, or this hub before a restore, gave
// out after the two parted is in none of them.
func (s *Store) Lineage() (spans []Span, err error) {
	err = s.engine.View(func(t tx) error {
		h := t.Get(tMeta, metaEpochs)
		for ; len(h) >= 16; h = h[16:] {
			x := Span{be.Uint64(h), be.Uint64(h[8:]), number(t, metaArrival)}
			if len(h) >= 32 {
				x.Last = be.Uint64(h[24:])
			}
			spans = append(spans, x)
		}
		return nil
	})
	return spans, err
}

// LastBut is the newest number of the log whose record is not of the app; 0 if
// there is none.
func (s *Store) LastBut(app record.App) (n uint64, err error) {
	err = s.engine.View(func(t tx) error {
		t.Descend(tRecord, nil, func(k, v []byte) bool {
			if len(v) < 32 {
				return true
			}
			if h, err := record.HeadOf(v[32:]); err == nil && h.App != app {
				n = be.Uint64(k)
			}
			return n == 0
		})
		return nil
	})
	return n, err
}
