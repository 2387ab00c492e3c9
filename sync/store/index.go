package store

import (
	"bytes"
	"errors"
	"strings"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// terms are what a record is listed under: none when it is withdrawn.
func (s *Store) terms(r *record.Record) []string {
	if _, ok := s.conf.Index.Versions[r.App]; !ok || s.conf.Index.Terms == nil || r.Withdrawn() {
		return nil
	}
	terms := s.conf.Index.Terms(*r)
	if len(terms) > MaxTerms {
		terms = terms[:MaxTerms]
	}
	kept := make([]string, 0, len(terms)) // the app's slice is not ours to change
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

// reindex builds the terms of each app whose index has another version, and
// drops those of apps that have none any more.
func (s *Store) reindex(t tx) error {
	var gone []record.App
	t.Ascend(tMeta, []byte(metaIndex), func(k, _ []byte) bool {
		app, ok := strings.CutPrefix(string(k), metaIndex)
		if _, still := s.conf.Index.Versions[record.App(app)]; ok && !still {
			gone = append(gone, record.App(app))
		}
		return ok
	})
	for _, app := range gone {
		if err := errors.Join(s.unindex(t, app), t.Delete(tMeta, []byte(metaIndex+string(app)))); err != nil {
			return err
		}
	}
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

func (s *Store) unindex(t tx, app record.App) error {
	for _, k := range keysOf(t, tTerm, app) {
		if err := t.Delete(tTerm, k); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) reindexApp(t tx, app record.App) error {
	if err := s.unindex(t, app); err != nil {
		return err
	}
	for _, k := range keysOf(t, tSlot, app) {
		at := bytes.Clone(t.Get(tSlot, k)[:8])
		r, err := s.decode(t.Get(tRecord, at))
		if err != nil {
			continue // leaves the set when it is next read
		}
		for _, term := range s.terms(&r) {
			if err := t.Put(tTerm, termKey(r.App, term, r.Time, r.ID()), at); err != nil {
				return err
			}
		}
	}
	return nil
}

// keysOf is an app's keys in a table whose keys begin with it.
func keysOf(t tx, b table, app record.App) (keys [][]byte) {
	prefix := append([]byte(app), 0)
	t.Ascend(b, prefix, func(k, _ []byte) bool {
		if !bytes.HasPrefix(k, prefix) {
			return false
		}
		keys = append(keys, bytes.Clone(k))
		return true
	})
	return keys
}
