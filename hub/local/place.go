package local

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

// ErrFull says that all places are taken by people who were here lately. The
// newcomer reads on, and writes under the guest key.
var ErrFull = hub.Errorf(hub.TooMany, "", "There is no room for another name here: %d people have been here in the last 30 days. You can still read everything, and write as a guest.", Places-1)

// place is who has one of the hub's vouches v/0 … v/999.
type place struct {
	Author  record.Author `cbor:"1,keyasint"`
	Since   int64         `cbor:"2,keyasint"` // milliseconds since 1970, for people to read
	Used    time.Duration `cbor:"3,keyasint"` // by the hub's running time
	written time.Duration // Used as in the file
}

func decodePlace(enc []byte) (place, error) {
	var p place
	if err := cbor.Unmarshal(enc, &p); err != nil {
		return p, err
	}
	if p.Used < 0 || p.Used > maxRan {
		return p, errors.New("impossible times")
	}
	return p, isAuthor(p.Author)
}

func placeKey(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }

// Place returns the number of the author's place, assigning one if there is
// none: a free one, else the longest idle of those idle for PlaceIdle, else
// ErrFull. It returns once that is on disk. fresh says that it was assigned just
// now; whether its vouch has been written is for the roster to say, for a crash
// may come in between.
func (l *Local) Place(author record.Author, now time.Time) (n int, fresh bool, err error) {
	if err := isAuthor(author); err != nil {
		return 0, false, err
	}
	if n, ok := l.touch(author); ok {
		l.flushIfDue()
		return n, false, nil
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if n, ok := l.touch(author); ok { // another request of theirs came first
		return n, false, nil
	}
	l.mu.Lock()
	n, ok := l.free()
	l.mu.Unlock()
	if !ok {
		return 0, false, ErrFull
	}
	p := place{Author: author, Since: now.UnixMilli(), Used: l.ran()}
	if err := l.update(func(tx *bbolt.Tx) error {
		return put(tx.Bucket(bucketPlaces), placeKey(n), &p)
	}); err != nil {
		return 0, false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seat(n, p)
	return n, true, nil
}

// Touch notes that the author was active, if they have a place.
func (l *Local) Touch(author record.Author) {
	if _, ok := l.touch(author); ok {
		l.flushIfDue()
	}
}

func (l *Local) touch(author record.Author) (n int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, ok = l.placeOf[author]; ok {
		l.places[n].Used = l.ran()
	}
	return n, ok
}

// BeginAt has places be given from number n on, and after the last from the first.
func (l *Local) BeginAt(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin = n - 1
}

// free picks a place for a newcomer.
func (l *Local) free() (n int, ok bool) {
	for k := range Places - 1 {
		i := 1 + (l.begin+k)%(Places-1)
		switch p := &l.places[i]; {
		case p.Author == record.Author{}:
			return i, true
		case l.ran()-p.Used < PlaceIdle:
		case !ok || p.Used < l.places[n].Used:
			n, ok = i, true
		}
	}
	return n, ok
}

func (m *memory) seat(n int, p place) {
	if was := m.places[n].Author; m.placeOf[was] == n {
		delete(m.placeOf, was)
	}
	p.written = p.Used
	m.places[n] = p
	if p.Author != (record.Author{}) {
		m.placeOf[p.Author] = n
	}
}

// Seat takes over what the hub's vouches say, by place number, where the file
// says otherwise: after it was lost, or came back from a backup, a neighbor's
// place must not pass to somebody else. Call it before serving.
func (l *Local) Seat(vouched map[int]record.Author, now time.Time) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	changed := map[int]place{}
	l.mu.Lock()
	for n := Places - 1; n > 0; n-- { // downwards: of two places of one author the smaller counts
		a := vouched[n]
		if isAuthor(a) != nil || l.places[n].Author == a {
			continue
		}
		if m, ok := l.placeOf[a]; ok && isAuthor(vouched[m]) != nil {
			changed[m] = place{} // nobody has two, and the vouches know of this one only
		}
		changed[n] = place{Author: a, Since: now.UnixMilli(), Used: l.ran()}
	}
	l.mu.Unlock()
	if len(changed) == 0 {
		return nil
	}
	if err := l.update(func(tx *bbolt.Tx) error {
		for n, p := range changed {
			b := tx.Bucket(bucketPlaces)
			if isAuthor(p.Author) != nil {
				if err := b.Delete(placeKey(n)); err != nil {
					return err
				}
			} else if err := put(b, placeKey(n), &p); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := Places - 1; n > 0; n-- {
		if p, ok := changed[n]; ok {
			l.seat(n, p)
		}
	}
	return nil
}

// guestInfo separates the guest key from all else that is made of a hub's key.
const guestInfo = "lamppost guest key 1"

// errNoHub is a mistake in the wiring.
var errNoHub = errors.New("the guest key is asked for without the hub's key")

// Guest returns the hub's guest key, making it the first time. It is vouched
// for at place 0, and whoever has no place writes under it.
//
// It follows from the hub's key: were it drawn, two machines with that key, as
// after a card is copied, would each vouch for guests of its own in the one place,
// and what the guests of one wrote would no longer count.
func (l *Local) Guest(now time.Time) (ed25519.PrivateKey, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	key := l.guest
	l.mu.Unlock()
	if key != nil {
		return key, nil
	}
	if l.hub == nil {
		return nil, errNoHub
	}
	seed, err := hkdf.Key(sha256.New, l.hub.Seed(), nil, guestInfo, ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("make the guest key: %w", err)
	}
	key = ed25519.NewKeyFromSeed(seed)
	p := place{Author: record.AuthorOf(key), Since: now.UnixMilli(), Used: l.ran()}
	if err := l.update(func(tx *bbolt.Tx) error {
		if err := tx.Bucket(bucketMeta).Put(keyGuest, seed); err != nil {
			return err
		}
		return put(tx.Bucket(bucketPlaces), placeKey(0), &p)
	}); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.guest = key
	l.seat(0, p)
	return key, nil
}
