package store

import (
	"bytes"
	"iter"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// name notes that a record names blobs.
func (w *writer) name(r *record.Record, at []byte) error {
	if len(r.Blobs) == 0 {
		return nil
	}
	w.lists.naming = true
	return w.t.Put(tBlob, at, nil)
}

func (w *writer) unname(r *record.Record, at []byte) error {
	if len(r.Blobs) == 0 {
		return nil
	}
	w.lists.naming = true
	return w.t.Delete(tBlob, at)
}

// Naming counts changes of which records name blobs, since Open.
func (s *Store) Naming() uint64 { return s.naming.Load() }

// Naming yields the set's records that name blobs, withdrawn ones included.
func (v *View) Naming() iter.Seq[record.Record] {
	return func(yield func(record.Record) bool) {
		if v.t.Get(tMeta, metaBlobs) == nil {
			return // a store from before they were noted, on a full disk
		}
		v.t.Ascend(tBlob, nil, func(at, _ []byte) bool {
			r, ok := v.read(at)
			return !ok || yield(r.Record)
		})
	}
}

// findBlobs notes, once, which records of a store that is older than the note name
// blobs.
func (s *Store) findBlobs() error {
	done := s.unbegun
	err := s.engine.View(func(t tx) error {
		done = done || t.Get(tMeta, metaBlobs) != nil
		return nil
	})
	if done || err != nil {
		return err
	}
	return s.engine.Update(func(t tx) error {
		var found [][]byte
		t.Ascend(tRecord, nil, func(at, v []byte) bool {
			if len(v) < 32 {
				return true
			}
			if h, err := record.HeadOf(v[32:]); err == nil && h.Blobs {
				found = append(found, bytes.Clone(at))
			}
			return true
		})
		for _, at := range found {
			if err := t.Put(tBlob, at, nil); err != nil {
				return err
			}
		}
		return t.Put(tMeta, metaBlobs, []byte{1})
	})
}
