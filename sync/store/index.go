package store

import (
	"bytes"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// terms are what a record is listed under: none when it is withdrawn.
func (s *Store) terms(r *record.Record) []string {
	if s.conf.Index.Terms == nil || r.Withdrawn() {
		return nil
	}
	terms := s.conf.Index.Terms(*r)
	if len(terms) > MaxTerms {
		terms = terms[:MaxTerms]
	}
	kept := terms[:0]
	for _, t := range terms {
		if len(t) > 0 && len(t) <= MaxTerm && !bytes.ContainsRune([]byte(t), 0) {
			kept = append(kept, t)
		}
	}
	return kept
}

func (w *writer) index(r *record.Record, at []byte) error {
	for _, term := range w.s.terms(r) {
		if err := w.t.Put(tTerm, termKey(r.App, term, r.Time, r.ID()), at); err != nil {
			return err
		}
	}
	return nil
}

// reindex builds the terms of each app whose index has another version.
func (s *Store) reindex(t tx) error {
	for app, version := range s.conf.Index.Versions {
		key := []byte(metaIndex + string(app))
		if have := t.Get(tMeta, key); len(have) == 8 && be.Uint64(have) == uint64(version) {
			continue
		}
		if err := s.reindexApp(t, app); err != nil {
			return err
		}
		if err := t.Put(tMeta, key, u64(uint64(version))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) reindexApp(t tx, app record.App) error {
	prefix := append([]byte(app), 0)
	var old, arrivals [][]byte
	t.Ascend(tTerm, prefix, func(k, _ []byte) bool {
		if !bytes.HasPrefix(k, prefix) {
			return false
		}
		old = append(old, bytes.Clone(k))
		return true
	})
	t.Ascend(tSlot, prefix, func(k, v []byte) bool {
		if !bytes.HasPrefix(k, prefix) {
			return false
		}
		arrivals = append(arrivals, bytes.Clone(v[:8]))
		return true
	})
	for _, k := range old {
		if err := t.Delete(tTerm, k); err != nil {
			return err
		}
	}
	for _, at := range arrivals {
		r, err := s.decode(t.Get(tRecord, at))
		if err != nil {
			continue // found and fetched again when it is next read for a peer
		}
		for _, term := range s.terms(&r) {
			if err := t.Put(tTerm, termKey(r.App, term, r.Time, r.ID()), at); err != nil {
				return err
			}
		}
	}
	return nil
}
