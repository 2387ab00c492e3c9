package store

import (
	"bytes"
	"errors"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// quarantine takes damaged records out of the set with all that points to them,
// keeping what was found for whoever wants to look. Their content cannot be
// trusted to say where they were listed, so the indexes are searched by number;
// this is slow and rare. The digests then differ from the peers', and the
// records come again.
// On a full disk they stay until they are read again.
func (s *Store) quarantine(arrivals []uint64) error {
	if len(arrivals) == 0 {
		return nil
	}
	err := s.update(func(w *writer) error {
		for _, n := range arrivals {
			if err := w.quarantineOne(u64(n)); err != nil {
				return err
			}
		}
		return w.settle()
	})
	if errors.Is(err, ErrFull) {
		return nil
	}
	return err
}

func (w *writer) quarantineOne(at []byte) error {
	raw := bytes.Clone(w.t.Get(tRecord, at))
	if _, err := w.s.decode(raw); err == nil {
		return nil // replaced meanwhile
	}
	w.changed = true
	var id record.ID
	found := false
	w.t.Ascend(tID, nil, func(k, v []byte) bool {
		if found = bytes.Equal(v, at); found {
			id = record.ID(k)
		}
		return !found
	})
	if found {
		if err := w.forget(id); err != nil {
			return err
		}
	}
	for _, b := range []table{tSlot, tAuthor, tTerm, tVouch, tCame} {
		if err := w.forgetNumber(b, at); err != nil {
			return err
		}
	}
	w.lists.naming = w.lists.naming || w.t.Get(tBlob, at) != nil
	for _, b := range []table{tFirst, tBlob} {
		if err := w.t.Delete(b, at); err != nil {
			return err
		}
	}
	if raw == nil {
		return nil
	}
	if err := w.t.Put(tBad, id[:], raw); err != nil {
		return err
	}
	return w.t.Delete(tRecord, at)
}

// forget takes an id out of the digests, the order and the ids.
func (w *writer) forget(id record.ID) error {
	var key []byte
	var expires record.Day
	w.t.Ascend(tOrder, nil, func(k, v []byte) bool {
		if bytes.Equal(k[9:], id[:]) {
			key, expires = bytes.Clone(k), record.Day(be.Uint32(v))
			return false
		}
		return true
	})
	if key != nil {
		w.sum(record.Class(key[0]), expires, id, -1)
		w.trustMoved = w.trustMoved || record.Class(key[0]) == record.Trust
		if err := w.t.Delete(tOrder, key); err != nil {
			return err
		}
	}
	return w.t.Delete(tID, id[:])
}

// forgetNumber drops a table's entries for an arrival number.
func (w *writer) forgetNumber(b table, at []byte) error {
	var keys [][]byte
	w.t.Ascend(b, nil, func(k, v []byte) bool {
		if len(v) >= 8 && bytes.Equal(v[:8], at) {
			keys = append(keys, bytes.Clone(k))
		}
		return true
	})
	for _, k := range keys {
		switch b {
		case tAuthor:
			w.addCount(record.Author(k[:32]), -1)
		case tTerm:
			w.touchKey(k)
		case tVouch:
			w.queue(record.Author(k[:32]))
			delete(w.vouches, record.Author(k[:32]))
		}
		if err := w.t.Delete(b, k); err != nil {
			return err
		}
	}
	return nil
}
