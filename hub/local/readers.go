package local

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

// Bounds of what is kept for readers, so that all of it together stays within some
// tens of megabytes whatever people do.
const (
	MaxReaders = 1_500 // people; beyond it those without a place fall away, then the longest idle
	MaxMarks   = 128   // lists of one person; beyond it the one seen longest ago falls away
	MaxHidden  = 500   // people whom one person hides

	visitGap = 10 * time.Minute // without a look at a list; the next is another visit
)

// ErrHidesMany says that somebody hides as many people as one may.
var ErrHidesMany = hub.Errorf(hub.TooMany, "", "You have hidden %d people, which is as many as can be. Show some of them again first.", MaxHidden)

// reader is what is kept for one person, under their key.
type reader struct {
	Marks  map[string]sight `cbor:"1,keyasint,omitempty"` // by listKey
	Hidden []record.Author  `cbor:"2,keyasint,omitempty"` // the latest last
	Used   time.Duration    `cbor:"3,keyasint"`           // by the hub's running time

	hides map[record.Author]bool // Hidden, to be looked up
	dirty bool                   // not all of it is in the file
}

// sight is how far somebody has seen one list.
type sight struct {
	Last   record.Time   `cbor:"1,keyasint"` // where the newest item stood
	Before record.Time   `cbor:"2,keyasint,omitempty"`
	At     time.Duration `cbor:"3,keyasint"` // by the hub's running time

	// What had come by then. Marks of before this was kept have neither.
	LastCame   arrival `cbor:"4,keyasint,omitzero"`
	BeforeCame arrival `cbor:"5,keyasint,omitzero"`
}

// arrival is a hub.Arrival in the file.
type arrival struct {
	Epoch  uint64 `cbor:"1,keyasint"`
	Number uint64 `cbor:"2,keyasint"`
}

// now is the same for a look at this time: after a while it begins another visit.
func (s sight) now(ran time.Duration) sight {
	if ran-s.At >= visitGap {
		s.Before, s.BeforeCame = s.Last, s.LastCame
	}
	s.At = ran
	return s
}

// listKey names a list of an app.
func listKey(app record.App, list hub.Term) string { return string(app) + "/" + string(list) }

// maxListKey is the longest of them.
const maxListKey = 16 + 1 + 64

// Seen is how far somebody has seen a list of an app, as a look at it now finds it;
// zero if they never did.
func (l *Local) Seen(who record.Author, app record.App, list hub.Term) hub.Seen {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.readers[who]
	if r == nil {
		return hub.Seen{}
	}
	s, ok := r.Marks[listKey(app, list)]
	if !ok {
		return hub.Seen{}
	}
	s = s.now(l.ran())
	return hub.Seen{
		Last:   hub.Mark{Newest: hub.Cursor(s.Last), Came: hub.Arrival(s.LastCame)},
		Before: hub.Mark{Newest: hub.Cursor(s.Before), Came: hub.Arrival(s.BeforeCame)},
	}
}

// See notes that somebody sees a list, and how far. It does not wait for the disk.
func (l *Local) See(who record.Author, app record.App, list hub.Term, now hub.Mark) {
	key := listKey(app, list)
	if isAuthor(who) != nil || len(key) > maxListKey {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.reader(who)
	s := r.Marks[key].now(l.ran())
	s.Last, s.LastCame = max(1, record.Time(now.Newest)), arrival(now.Came) // 0 is a list never seen
	r.Marks[key], r.Used, r.dirty = s, l.ran(), true
	if len(r.Marks) > MaxMarks {
		delete(r.Marks, slices.MinFunc(slices.Collect(maps.Keys(r.Marks)), func(a, b string) int {
			return int(r.Marks[a].At - r.Marks[b].At)
		}))
	}
}

// Hides reports whether somebody has hidden somebody else for themselves.
func (l *Local) Hides(who, other record.Author) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.readers[who]
	return r != nil && r.hides[other]
}

// Hidden are the people whom somebody has hidden, the latest first.
func (l *Local) Hidden(who record.Author) []record.Author {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.readers[who]
	if r == nil {
		return nil
	}
	all := slices.Clone(r.Hidden)
	slices.Reverse(all)
	return all
}

// SetHidden hides somebody for somebody, or shows them again, and returns once that
// is on disk. It fails with ErrHidesMany.
func (l *Local) SetHidden(who, other record.Author, hidden bool) error {
	if err := errors.Join(isAuthor(who), isAuthor(other)); err != nil {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	next := reader{Used: l.ran()}
	if r := l.readers[who]; r != nil {
		next.Marks, next.Hidden = maps.Clone(r.Marks), slices.Clone(r.Hidden)
	}
	l.mu.Unlock()
	switch i := slices.Index(next.Hidden, other); {
	case hidden == (i >= 0):
		return nil
	case hidden && len(next.Hidden) >= MaxHidden:
		return ErrHidesMany
	case hidden:
		next.Hidden = append(next.Hidden, other)
	default:
		next.Hidden = slices.Delete(next.Hidden, i, i+1)
	}
	if err := l.update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucketReaders)
		if err != nil {
			return err
		}
		return put(b, who[:], &next)
	}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.reader(who)
	r.Hidden, r.hides, r.Used = next.Hidden, hides(next.Hidden), next.Used
	return nil
}

func hides(hidden []record.Author) map[record.Author]bool {
	all := make(map[record.Author]bool, len(hidden))
	for _, a := range hidden {
		all[a] = true
	}
	return all
}

// reader is somebody's, made if there is none; then another may fall away.
func (m *memory) reader(who record.Author) *reader {
	r := m.readers[who]
	if r != nil {
		return r
	}
	if len(m.readers) >= MaxReaders {
		var out oldestReader
		for a, r := range m.readers {
			_, placed := m.placeOf[a]
			out.see(a, placed, r.Used)
		}
		delete(m.readers, out.who)
	}
	r = &reader{Marks: map[string]sight{}}
	m.readers[who] = r
	return r
}

// oldestReader finds who falls away first.
type oldestReader struct {
	found  bool
	who    record.Author
	placed bool
	used   time.Duration
}

func (o *oldestReader) see(who record.Author, placed bool, used time.Duration) {
	if !o.found || o.placed && !placed || o.placed == placed && used < o.used {
		*o = oldestReader{true, who, placed, used}
	}
}

// loadReader reads an entry. One that cannot be read is left out, and removed with
// the next flush: it costs somebody their marks.
func (l *Local) loadReader(k, v []byte) error {
	var r reader
	if err := cbor.Unmarshal(v, &r); err != nil || len(k) != len(record.Author{}) || len(l.readers) >= MaxReaders ||
		len(r.Marks) > MaxMarks || len(r.Hidden) > MaxHidden {
		return nil //nolint:nilerr // as said above
	}
	for key, s := range r.Marks {
		s.At = min(max(s.At, 0), l.before)
		if r.Marks[key] = s; len(key) > maxListKey {
			delete(r.Marks, key)
		}
	}
	if r.Marks == nil {
		r.Marks = map[string]sight{}
	}
	r.Used, r.hides = min(max(r.Used, 0), l.before), hides(r.Hidden)
	l.readers[record.Author(k)] = &r
	return nil
}

// changedReaders are those whose entries are to be written, each with marks of its
// own.
func (m *memory) changedReaders() map[record.Author]reader {
	out := map[record.Author]reader{}
	for who, r := range m.readers {
		if r.dirty {
			c := *r
			c.Marks = maps.Clone(r.Marks)
			out[who] = c
		}
	}
	return out
}

// wroteReaders notes what the file holds now.
func (m *memory) wroteReaders(changed map[record.Author]reader) {
	for who, wrote := range changed {
		if r := m.readers[who]; r != nil && r.Used == wrote.Used {
			r.dirty = false
		}
	}
}

// saveReaders writes what changed and removes entries that are not kept.
func saveReaders(tx *bbolt.Tx, changed map[record.Author]reader, kept map[record.Author]bool) error {
	b, err := tx.CreateBucketIfNotExists(bucketReaders)
	if err != nil {
		return err
	}
	for who, r := range changed {
		if err := put(b, who[:], &r); err != nil {
			return err
		}
	}
	return keepOnly(b, func(k []byte) bool { return len(k) == len(record.Author{}) && kept[record.Author(k)] })
}
