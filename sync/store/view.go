package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// View is one consistent moment of the set, valid within Read's function.
type View struct {
	s     *Store
	t     tx
	state *roster.State
	bad   []uint64 // arrival numbers of damaged records
}

// Read runs f on one moment of the store. f must not wait for anything outside.
// Damaged records are passed over, and leave the set afterwards to be fetched
// again.
func (s *Store) Read(f func(*View) error) error {
	v := &View{s: s}
	err := s.view(func(t tx, state *roster.State) error {
		v.t, v.state = t, state
		return f(v)
	})
	v.t = nil
	return errors.Join(err, s.quarantine(v.bad))
}

// Roster is who may do what at that moment.
func (v *View) Roster() *roster.State { return v.state }

// Held is a record of the set under its arrival number.
type Held struct {
	record.Record
	Arrival uint64
	Memo    *record.Memo // stays with the record while that is at hand
}

// Newest yields the app's records listed under a term, newest first, with listed
// times before the given one; 0 is no bound.
func (v *View) Newest(app record.App, term string, before record.Time) iter.Seq2[Held, error] {
	prefix, below := listed(app, term, before)
	return v.held(prefix, func(f func(k, at []byte) bool) { v.t.Descend(tTerm, below, f) })
}

// Times yields where Newest would find records, without reading any.
func (v *View) Times(app record.App, term string, before record.Time) iter.Seq[record.Time] {
	prefix, below := listed(app, term, before)
	return func(yield func(record.Time) bool) {
		v.t.Descend(tTerm, below, func(k, _ []byte) bool {
			at, ok := bytes.CutPrefix(k, prefix)
			return ok && len(at) >= 8 && yield(record.Time(be.Uint64(at)))
		})
	}
}

// listed is how the keys of a list begin, and what they are below.
func listed(app record.App, term string, before record.Time) (prefix, below []byte) {
	prefix = termPrefix(app, term)
	if before == 0 {
		return prefix, next(prefix)
	}
	return prefix, append(bytes.Clone(prefix), u64(uint64(before))...)
}

// Terms yields the terms with a prefix under which the app lists anything, in
// their order. It takes as long as there are terms, however much each lists.
func (v *View) Terms(app record.App, prefix string) iter.Seq[string] {
	return func(yield func(string) bool) {
		head := append([]byte(app), 0)
		all := append(bytes.Clone(head), prefix...)
		for from := all; from != nil; {
			var term []byte
			v.t.Ascend(tTerm, from, func(k, _ []byte) bool {
				if bytes.HasPrefix(k, all) {
					term, _, _ = bytes.Cut(bytes.Clone(k[len(head):]), []byte{0})
				}
				return false
			})
			if term == nil || !yield(string(term)) {
				return
			}
			from = next(termPrefix(app, string(term)))
		}
	}
}

// Slots yields every author's record of one key, withdrawn ones included.
func (v *View) Slots(app record.App, key string) iter.Seq2[Held, error] {
	prefix := slotPrefix(app, key)
	return v.held(prefix, func(f func(k, at []byte) bool) { v.t.Ascend(tSlot, prefix, f) })
}

func (v *View) records(prefix []byte, walk func(func(k, at []byte) bool)) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		for h, err := range v.held(prefix, walk) {
			if !yield(h.Record, err) {
				return
			}
		}
	}
}

func (v *View) held(prefix []byte, walk func(func(k, at []byte) bool)) iter.Seq2[Held, error] {
	return func(yield func(Held, error) bool) {
		walk(func(k, at []byte) bool {
			if !bytes.HasPrefix(k, prefix) {
				return false
			}
			r, ok := v.read(at[:8])
			return !ok || yield(Held{r.Record, be.Uint64(at), &r.memo}, nil)
		})
	}
}

// read reads a record of the set; false if it is damaged.
func (v *View) read(at []byte) (*atHand, bool) {
	r, err := v.s.atHand(v.t.Get(tRecord, at))
	if err != nil {
		v.bad = append(v.bad, be.Uint64(at))
		return nil, false
	}
	return r, true
}

// InSlot is the record that stands in one slot.
func (v *View) InSlot(slot record.Slot) (h Held, ok bool, err error) {
	if at := v.t.Get(tSlot, slotKey(slot)); at != nil {
		return v.one(at[:8])
	}
	return h, false, nil
}

// Get is a record of the set by id.
func (v *View) Get(id record.ID) (r record.Record, ok bool, err error) {
	if at := v.t.Get(tID, id[:]); at != nil {
		h, ok, err := v.one(at)
		return h.Record, ok, err
	}
	return r, false, nil
}

func (v *View) one(at []byte) (h Held, ok bool, err error) {
	if r, ok := v.read(at); ok {
		return Held{r.Record, be.Uint64(at), &r.memo}, true, nil
	}
	return h, false, nil
}

// Count is how many slots the author holds.
func (v *View) Count(a record.Author) int {
	if b := v.t.Get(tCount, a[:]); len(b) == 4 {
		return int(be.Uint32(b))
	}
	return 0
}

// Vouches yields the vouch records in the set that name the author.
func (v *View) Vouches(subject record.Author) iter.Seq2[Held, error] {
	return v.held(subject[:], func(f func(k, at []byte) bool) { v.t.Ascend(tVouch, subject[:], f) })
}

// Vouched yields everybody whom a vouch in the set names, by key.
func (v *View) Vouched() iter.Seq[record.Author] {
	return func(yield func(record.Author) bool) {
		var last record.Author
		v.t.Ascend(tVouch, nil, func(k, _ []byte) bool {
			who := record.Author(k[:len(last)])
			if who == last {
				return true
			}
			last = who
			return yield(who)
		})
	}
}

// byID reads a record of the set.
func (s *Store) byID(t tx, id record.ID) (record.Record, error) {
	at := t.Get(tID, id[:])
	if at == nil {
		return record.Record{}, fmt.Errorf("%w: an index names a record that is not there", ErrDamaged)
	}
	return s.decode(t.Get(tRecord, at))
}

// Trust yields the set's records of class trust, by their time in milliseconds.
func (v *View) Trust() iter.Seq2[record.Record, error] {
	of := []byte{byte(record.Trust)}
	return v.records(of, func(f func(k, at []byte) bool) {
		v.t.Ascend(tOrder, of, func(k, _ []byte) bool { return f(k, v.t.Get(tID, k[9:])) })
	})
}

// By yields the author's records in the set, the soonest expiring first.
func (v *View) By(a record.Author) iter.Seq2[record.Record, error] {
	return v.records(a[:], func(f func(k, at []byte) bool) { v.t.Ascend(tAuthor, a[:], f) })
}

// Latest is the newest time of the author's records in the set; 0 if there are none.
func (v *View) Latest(a record.Author) (latest record.Time) {
	v.t.Ascend(tAuthor, a[:], func(k, _ []byte) bool {
		if !bytes.HasPrefix(k, a[:]) {
			return false
		}
		latest = max(latest, record.Time(be.Uint64(k[36:])))
		return true
	})
	return latest
}
