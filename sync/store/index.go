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

// index lists a record at the end of the transaction.
func (w *writer) index(r *record.Record, at []byte) {
	w.s.termKeys(r, func(term string, key []byte) {
		w.touch(r.App, term)
		w.lists.keys[string(key)] = at
	})
}

// unindex takes a record from its lists at the end of the transaction.
func (w *writer) unindex(r *record.Record) {
	w.s.termKeys(r, func(term string, key []byte) {
		w.touch(r.App, term)
		w.lists.keys[string(key)] = nil
	})
}

// flushLists writes what the transaction changed in lists, in the order of the
// table: bbolt moves all that follows in a page for each key put before it.
func (w *writer) flushLists() error { return fileTerms(w.t, w.lists.keys) }

// fileTerms puts keys into the table of terms in their order; those with nil are
// deleted.
func fileTerms(t tx, lists map[string][]byte) error {
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		var err error
		if at := lists[key]; at != nil {
			err = t.Put(tTerm, []byte(key), at)
		} else {
			err = t.Delete(tTerm, []byte(key))
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
	return s.inChunks(tTerm, app, func(t tx, keys [][]byte) error {
		for _, k := range keys {
			if err := t.Delete(tTerm, k); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) indexApp(app record.App) error {
	return s.inChunks(tSlot, app, func(t tx, keys [][]byte) error {
		lists := map[string][]byte{}
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
			s.termKeys(&r, func(_ string, key []byte) { lists[string(key)] = at })
		}
		return fileTerms(t, lists)
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
