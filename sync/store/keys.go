package store

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var be = binary.BigEndian //nolint:gochecknoglobals // another name

func u64(n uint64) []byte { return be.AppendUint64(nil, n) }

// slotPrefix covers every author's slot of one key.
func slotPrefix(app record.App, key string) []byte {
	b := make([]byte, 0, len(app)+len(key)+36)
	b = append(append(b, app...), 0)
	return append(append(b, key...), 0)
}

func slotKey(s record.Slot) []byte {
	b := append(slotPrefix(s.App, s.Key), s.Author[:]...)
	return be.AppendUint16(b, uint16(s.TTL))
}

// rankLength is that of rank: expires(4) time(8) half of an id(16), long enough
// that nobody finds two ids which share it.
const rankLength = 4 + 8 + 16

// rank orders an author's records by which falls to the quota first: what
// expires soonest, then is oldest, then has the smallest id. The author's
// revocation of itself is last (see roster.Own).
func rank(r *record.Record) []byte {
	t := r.Time
	if isTrust(r) && roster.Own(*r) {
		t = math.MaxUint64
	}
	id := r.ID()
	b := be.AppendUint32(make([]byte, 0, rankLength), uint32(r.Expires()))
	b = be.AppendUint64(b, uint64(t))
	return append(b, id[:16]...)
}

func authorKey(r *record.Record) []byte {
	return append(append(make([]byte, 0, 32+rankLength), r.Author[:]...), rank(r)...)
}

func orderKey(c record.Class, t record.Time, id record.ID) []byte {
	b := append(make([]byte, 0, 41), byte(c))
	b = be.AppendUint64(b, t.Millis())
	return append(b, id[:]...)
}

func sumKey(c record.Class, e record.Day) []byte {
	return be.AppendUint32([]byte{byte(c)}, uint32(e))
}

func termPrefix(app record.App, term string) []byte {
	b := make([]byte, 0, len(app)+len(term)+26)
	b = append(append(b, app...), 0)
	return append(append(b, term...), 0)
}

func termKey(app record.App, term string, t record.Time, id record.ID) []byte {
	b := be.AppendUint64(termPrefix(app, term), uint64(t))
	return append(b, id[:16]...)
}

func vouchKey(subject, hub record.Author, place int) []byte {
	b := append(append(make([]byte, 0, 66), subject[:]...), hub[:]...)
	return be.AppendUint16(b, uint16(place))
}

func asideKey(s record.Slot) []byte {
	h := sha256.Sum256(slotKey(s))
	return append(append(make([]byte, 0, 48), s.Author[:]...), h[:16]...)
}

// next is the first key after all that begin with prefix; nil if there is none.
func next(prefix []byte) []byte {
	b := append([]byte(nil), prefix...)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil
}
