package store

import (
	"bytes"
	"maps"
	"slices"
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

// listing is what a transaction changes in lists.
type listing struct {
	keys    map[string][]byte // of the table of terms, to the arrival number; nil: to be deleted
	came    map[string][]byte // the same of the table of when things came
	touched Touched
}

// termKeys are the keys of all of a record's terms.
func (s *Store) termKeys(r *record.Record, visit func(term string, key []byte)) {
	at := r.Time
	if s.conf.Index.Listed != nil {
		if l := s.conf.Index.Listed(*r); l != 0 {
			at = min(at, l)
		}
	}
	for _, term := range s.terms(r) {
		visit(term, termKey(r.App, term, at, r.ID()))
	}
}

// index lists a record at the end of the transaction. Its slot first came under
// another arrival number if the record replaces one.
func (w *writer) index(r *record.Record, at, first []byte) error {
	counted := false
	w.s.termKeys(r, func(term string, key []byte) {
		w.touch(r.App, term)
		w.lists.keys[string(key)] = at
		if w.s.counts(r.App, term) {
			counted = true
			w.lists.came[string(cameKey(r.App, term, first))] = at
		}
	})
	if !counted || bytes.Equal(at, first) {
		return nil
	}
	return w.t.Put(tFirst, at, first)
}

// unindex takes a record from its lists at the end of the transaction.
func (w *writer) unindex(r *record.Record, at []byte) error {
	first := firstCame(w.t, at)
	w.s.termKeys(r, func(term string, key []byte) {
		w.touch(r.App, term)
		w.lists.keys[string(key)] = nil
		if w.s.counts(r.App, term) {
			w.lists.came[string(cameKey(r.App, term, first))] = nil
		}
	})
	return w.t.Delete(tFirst, at)
}

// flushLists writes what the transaction changed in lists, in the order of the
// tables: bbolt moves all that follows in a page for each key put before it.
func (w *writer) flushLists() error {
	if err := file(w.t, tTerm, w.lists.keys); err != nil {
		return err
	}
	return file(w.t, tCame, w.lists.came)
}

// file puts keys into a table in their order; those with nil are deleted.
func file(t tx, b table, lists map[string][]byte) error {
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		var err error
		if at := lists[key]; at != nil {
			err = t.Put(b, []byte(key), at)
		} else {
			err = t.Delete(b, []byte(key))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// chunk is how many keys one transaction of reindexing touches: bbolt sorts what
// is new in a page anew with each key, so very many at once take very long.
const chunk = 4096

// reindex builds the terms of each app whose index has another version, and
// drops those of apps that have none any more. An app whose terms are being
// built has no version, so that one that was cut off begins again.
func (s *Store) reindex() error {
	stale, err := s.stale()
	if err != nil {
		return err
	}
	for app, version := range stale {
		key := []byte(metaIndex + string(app))
		steps := []func() error{
			func() error { return s.engine.Update(func(t tx) error { return t.Delete(tMeta, key) }) },
			func() error { return s.unindex(app) },
		}
		if version >= 0 {
			steps = append(steps,
				func() error { return s.indexApp(app) },
				func() error {
					return s.engine.Update(func(t tx) error { return t.Put(tMeta, key, u64(uint64(version))) })
				})
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
	}
	return nil
}

// stale is the apps whose terms are not of the version they should be; -1 for
// one that is not to have any.
func (s *Store) stale() (map[record.App]int, error) {
	stale := maps.Clone(s.conf.Index.Versions)
	if stale == nil {
		stale = map[record.App]int{}
	}
	err := s.engine.View(func(t tx) error {
		t.Ascend(tMeta, []byte(metaIndex), func(k, v []byte) bool {
			name, ok := strings.CutPrefix(string(k), metaIndex)
			app := record.App(name)
			switch want, still := s.conf.Index.Versions[app]; {
			case ok && !still:
				stale[app] = -1
			case ok && len(v) == 8 && be.Uint64(v) == uint64(want):
				delete(stale, app)
			}
			return ok
		})
		return nil
	})
	return stale, err
}

func (s *Store) unindex(app record.App) error {
	for _, b := range []table{tTerm, tCame} {
		if err := s.inChunks(b, app, func(t tx, keys [][]byte) error {
			for _, k := range keys {
				if err := t.Delete(b, k); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) indexApp(app record.App) error {
	return s.inChunks(tSlot, app, func(t tx, keys [][]byte) error {
		lists, came := map[string][]byte{}, map[string][]byte{}
		for _, k := range keys {
			v := t.Get(tSlot, k)
			if len(v) < 8 {
				continue
			}
			at := bytes.Clone(v[:8])
			r, err := s.decode(t.Get(tRecord, at))
			if err != nil {
				continue // it leaves the set when it is next read
			}
			first := firstCame(t, at)
			s.termKeys(&r, func(term string, key []byte) {
				lists[string(key)] = at
				if s.counts(app, term) {
					came[string(cameKey(app, term, first))] = at
				}
			})
		}
		if err := file(t, tTerm, lists); err != nil {
			return err
		}
		return file(t, tCame, came)
	})
}

// inChunks visits an app's keys in a table whose keys begin with it.
func (s *Store) inChunks(b table, app record.App, visit func(tx, [][]byte) error) error {
	prefix := append([]byte(app), 0)
	for from := prefix; ; {
		var keys [][]byte
		err := s.engine.Update(func(t tx) error {
			t.Ascend(b, from, func(k, _ []byte) bool {
				if !bytes.HasPrefix(k, prefix) {
					return false
				}
				keys = append(keys, bytes.Clone(k))
				return len(keys) < chunk
			})
			return visit(t, keys)
		})
		if err != nil || len(keys) < chunk {
			return err
		}
		from = append(bytes.Clone(keys[len(keys)-1]), 0)
	}
}
