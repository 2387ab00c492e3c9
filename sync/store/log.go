package store

import (
	"bytes"
	"errors"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Entry is one change of the set: what a link needs to know to offer it on.
type Entry struct {
	Arrival uint64
	ID      record.ID
	record.Head
}

// Position is a place in a store's log: an arrival number under an epoch.
type Position struct{ Epoch, Arrival uint64 }

// Moment is where the set stands: the log's end and the digests at a horizon.
type Moment struct {
	Position
	Horizon record.Day
	Digests [record.Classes]Digest
}

// Moment reads where the set stands, counting what expires at the later of h and
// the store's own horizon.
func (s *Store) Moment(h record.Day) (m Moment, err error) {
	err = s.engine.View(func(t tx) error {
		m.Position = Position{s.epoch, number(t, metaArrival)}
		m.Horizon = max(h, horizon(t))
		m.Digests = digests(t, m.Horizon)
		return nil
	})
	return m, err
}

// Since yields up to limit entries that changed the set after an arrival number,
// oldest first. What was replaced meanwhile is not among them.
func (s *Store) Since(after uint64, limit int) (es []Entry, err error) {
	err = s.engine.View(func(t tx) error {
		t.Ascend(tRecord, u64(after+1), func(k, v []byte) bool {
			if len(es) >= limit {
				return false
			}
			if len(v) < 32 {
				return true
			}
			h, err := record.HeadOf(v[32:])
			if err != nil { // damaged: found when it is read for a peer
				return true
			}
			es = append(es, Entry{be.Uint64(k), record.ID(v[:32]), h})
			return true
		})
		return nil
	})
	return es, err
}

// SinceOf yields a class's entries after an arrival number. It looks at the whole
// class: for those of which there are few.
func (s *Store) SinceOf(c record.Class, after uint64) (es []Entry, err error) {
	err = s.engine.View(func(t tx) error {
		t.Ascend(tOrder, []byte{byte(c)}, func(k, _ []byte) bool {
			if record.Class(k[0]) != c {
				return false
			}
			at := t.Get(tID, k[9:])
			if at == nil || be.Uint64(at) <= after {
				return true
			}
			v := t.Get(tRecord, at)
			if len(v) < 32 {
				return true
			}
			if h, err := record.HeadOf(v[32:]); err == nil {
				es = append(es, Entry{be.Uint64(at), record.ID(v[:32]), h})
			}
			return true
		})
		return nil
	})
	return es, err
}

// Knows reports whether a position is one of this store's own log, so that what
// followed it can be told. A copy's or an older backup's twin does not know it.
func (s *Store) Knows(p Position) (ok bool, err error) {
	err = s.engine.View(func(t tx) error {
		ok = p.Arrival == 0 || inEpoch(t, p.Epoch, p.Arrival)
		return nil
	})
	return ok, err
}

// Vouchers are hubs, at most limit, whose vouches in the set name an author.
func (s *Store) Vouchers(a record.Author, limit int) (hubs []record.Author, err error) {
	err = s.engine.View(func(t tx) error {
		for from := bytes.Clone(a[:]); from != nil && len(hubs) < limit; {
			next := from
			from = nil
			t.Ascend(tVouch, next, func(k, _ []byte) bool {
				if bytes.HasPrefix(k, a[:]) {
					hub := record.Author(k[len(a) : len(a)+len(a)])
					hubs = append(hubs, hub)
					from = append(bytes.Clone(k[:len(a)+len(hub)]), 0xff, 0xff, 0xff) // beyond its places
				}
				return false
			})
		}
		return nil
	})
	return hubs, err
}

// Load reads encodings by arrival number for a peer; nil where a number's record
// was replaced since. Each is checked against its id; a bad one is quarantined
// and reads as nil, to be fetched again.
func (s *Store) Load(arrivals ...uint64) (encs [][]byte, err error) {
	var bad []uint64
	err = s.engine.View(func(t tx) error {
		encs = make([][]byte, len(arrivals))
		for i, n := range arrivals {
			v := t.Get(tRecord, u64(n))
			switch {
			case v == nil:
			case len(v) < 32 || record.Sum(v[32:]) != record.ID(v[:32]):
				bad = append(bad, n)
			default:
				encs[i] = append([]byte(nil), v[32:]...)
			}
		}
		return nil
	})
	return encs, errors.Join(err, s.quarantine(bad))
}

// Find gives the arrival numbers of ids, 0 for one that is not in the set.
func (s *Store) Find(ids ...record.ID) (arrivals []uint64, err error) {
	err = s.engine.View(func(t tx) error {
		arrivals = make([]uint64, len(ids))
		for i, id := range ids {
			if v := t.Get(tID, id[:]); v != nil {
				arrivals[i] = be.Uint64(v)
			}
		}
		return nil
	})
	return arrivals, err
}

// Short is the first 8 bytes of an id, enough to ask whether a record is held: a
// mistaken yes is found by the digests.
type Short [8]byte

// Holds reports which of the short ids the set has.
func (s *Store) Holds(ids []Short) (held []bool, err error) {
	err = s.engine.View(func(t tx) error {
		held = make([]bool, len(ids))
		for i, id := range ids {
			held[i] = hasPrefix(t, tID, id[:])
		}
		return nil
	})
	return held, err
}
