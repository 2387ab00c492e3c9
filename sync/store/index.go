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

// entries are what is to be changed in lists: of a key the arrival number, or nil if it
// is to be deleted.
type entries struct {
	terms map[string][]byte // of the table of terms
	came  map[string][]byte // of the table of when things came
}

func newEntries() entries { return entries{map[string][]byte{}, map[string][]byte{}} }

// listing is what a transaction changes in lists.
type listing struct {
	entries
	touched Touched
	naming  bool // which records name blobs
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

// enter notes the arrival number of a record, or nil, under all of its terms. Its slot
// first came under another number if the record replaces one. It tells each term, and
// reports whether any is counted.
func (s *Store) enter(e entries, r *record.Record, at, first []byte, tell func(record.App, string)) (counted bool) {
	s.termKeys(r, func(term string, key []byte) {
		tell(r.App, term)
		e.terms[string(key)] = at
		if s.counts(r.App, term) {
			counted = true
			e.came[string(cameKey(r.App, term, first))] = at
		}
	})
	return counted
}

// flush writes the entries, in the order of the tables: bbolt moves all that follows in
// a page for each key put before it.
func (e entries) flush(t tx) error {
	if err := file(t, tTerm, e.terms); err != nil {
		return err
	}
	return file(t, tCame, e.came)
}

// index lists a record at the end of the transaction.
func (w *writer) index(r *record.Record, at, first []byte) error {
	if counted := w.s.enter(w.lists.entries, r, at, first, w.touch); !counted || bytes.Equal(at, first) {
		return nil
	}
	return w.t.Put(tFirst, at, first)
}

// unindex takes a record from its lists at the end of the transaction.
func (w *writer) unindex(r *record.Record, at []byte) error {
	w.s.enter(w.lists.entries, r, nil, firstCame(w.t, at), w.touch)
	return w.t.Delete(tFirst, at)
}

// flushLists writes what the transaction changed in lists.
func (w *writer) flushLists() error { return w.lists.flush(w.t) }

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
		if err := s.empty(b, app); err != nil {
			return err
		}
	}
	return nil
}

// empty takes an app's keys out of a table.
func (s *Store) empty(b table, app record.App) error {
	return s.inChunks(b, app, func(t tx, keys [][]byte) error {
		for _, k := range keys {
			if err := t.Delete(b, k); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) indexApp(app record.App) error {
	return s.inChunks(tSlot, app, func(t tx, keys [][]byte) error {
		lists := newEntries()
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
			s.enter(lists, &r, at, firstCame(t, at), func(record.App, string) {})
		}
		return lists.flush(t)
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
