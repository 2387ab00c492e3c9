// Package local keeps what belongs to one hub alone and is never replicated:
// sessions with the residents' sealed keys, who has which resident place, the
// guest key, what each has seen and whom they hide, which phones have been let
// through and which address each has, where other hubs were met, whom this hub has invited, and the time last
// known to be right. It is one bbolt file.
//
// # Time
//
// A hub's wall clock may jump by years, and a session that dies of that takes
// with it a key that its owner may not have written down yet. So everything
// that ends here after some time ends after that much time of the hub running,
// counted by a clock that only moves forward. The times that callers hand in
// are for people to read and decide nothing, but for Invitations. While a hub is switched off nobody
// could have used it, so nothing grows idle.
//
// # Flash wear
//
// What changes with every request (when a session and a place were last used, what
// somebody has seen, and when a hub was last met) is kept in memory and written once
// an hour for all together. A crash loses at
// most that hour of it, and nothing else: what a method acknowledges is on disk.
package local

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

// Limits of a hub.
const (
	MaxSessions   = 20_000 // a hub; beyond it those of people without a place fall away, then the longest idle
	MaxPerAuthor  = 16     // sessions of one resident; beyond it the longest idle falls away
	MaxGuests     = 2_000  // sessions of the guest key, likewise
	Places        = 1_000  // resident places, of which number 0 is the guest key's
	CookieIdle    = 90 * 24 * time.Hour
	PathLife      = 24 * time.Hour
	PlaceIdle     = 30 * 24 * time.Hour // before a place may pass to somebody else
	flushInterval = time.Hour           // between two writes of what was used when
	touchInterval = 24 * time.Hour      // between two writes of one place's
)

// Options are what a hub, or a test, hands in.
type Options struct {
	Hub     ed25519.PrivateKey   // the hub's key, of which the guests' is made; nil where no guests are asked for
	Elapsed func() time.Duration // how long the process has run, never falling; nil is the monotonic clock
	Rand    io.Reader            // nil is crypto/rand
	NoSync  bool                 // loses data in a power cut; for tests
}

// Local is one hub's own data. It is safe for concurrent use.
type Local struct {
	db      *bbolt.DB
	hub     ed25519.PrivateKey
	rand    io.Reader
	elapsed func() time.Duration
	before  time.Duration // how long the hub ran before this process
	skipped int
	limits  limits

	writing sync.Mutex // one change at a time; held over the disk's sync, always taken before mu
	mu      sync.Mutex // guards what follows; never held over the disk
	memory
}

// memory is what is in the file, and what is on its way there.
type memory struct {
	sessions    map[mark]*session
	places      [Places]place
	placeOf     map[record.Author]int
	begin       int // places are given from the one after this on
	addresses   addressBook
	invitations map[join.ID]invitation
	readers     map[record.Author]*reader
	accepted    map[string]*acceptance
	guest       ed25519.PrivateKey // nil until there is one
	saved       time.Time
	mistaken    time.Time // up to here, above saved, times come from a clock that was ahead
	flushed     time.Duration
}

type limits struct{ sessions, author, guests int }

// The buckets of the file. A session's entry is named by the SHA-256 of its
// token, a place's by its number in two bytes, an address's by its kind and itself,
// an invitation's by its id, a reader's by their key, a device's by its address, a
// lease by its device. The last five buckets are made when they are needed: older
// programs knew none.
var (
	bucketMeta        = []byte("meta")
	bucketSessions    = []byte("sessions")
	bucketPlaces      = []byte("places")
	bucketAddresses   = []byte("addresses")
	bucketInvitations = []byte("invitations")
	bucketReaders     = []byte("readers")
	bucketAccepted    = []byte("accepted")
	bucketLeases      = []byte("leases")

	keyFormat = []byte("format")
	keyRan    = []byte("ran")
	keyGuest  = []byte("guest")
	keySaved  = []byte("saved")
	keyAhead  = []byte("ahead")
)

// format is the file's only layout so far.
const format = 1

// Open opens the file, or makes it, for its owner alone. Errors match ErrInUse
// or ErrDamaged, or tell what the system said; a damaged file is left untouched.
func Open(path string, o Options) (*Local, error) {
	if o.Elapsed == nil {
		start := time.Now()
		o.Elapsed = func() time.Duration { return time.Since(start) }
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	db, err := openFile(path, bbolt.Options{NoSync: o.NoSync})
	if err != nil {
		return nil, err
	}
	l := &Local{
		db: db, hub: o.Hub, rand: o.Rand, elapsed: o.Elapsed,
		limits: limits{MaxSessions, MaxPerAuthor, MaxGuests},
		memory: memory{
			sessions: map[mark]*session{}, placeOf: map[record.Author]int{}, addresses: newAddressBook(),
			invitations: map[join.ID]invitation{}, readers: map[record.Author]*reader{},
			accepted: map[string]*acceptance{},
		},
	}
	if err = l.prepare(); err == nil {
		err = l.load()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s is %w", path, err), db.Close())
	}
	l.flushed = l.ran()
	return l, nil
}

// Close writes what is still in memory and lets go of the file.
func (l *Local) Close() error {
	return errors.Join(l.flush(), l.db.Close())
}

// Skipped is how many entries of the file could not be read when it was opened.
// They stay in it, and what they said is lost.
func (l *Local) Skipped() int { return l.skipped }

// ran is how long the hub has run, over all its starts.
func (l *Local) ran() time.Duration { return l.before + l.elapsed() }

// update changes the file in one synced transaction. Callers hold writing.
func (l *Local) update(change func(*bbolt.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil { // the database panics on pages that make no sense
			err = fmt.Errorf("%w (%w: %v)", errStore, ErrDamaged, p)
		}
	}()
	err = l.db.Update(func(tx *bbolt.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return putNumber(tx, keyRan, int64(l.ran()))
	})
	if err != nil {
		return fmt.Errorf("%w (%w)", errStore, err)
	}
	return nil
}

// errStore is what people are told when the disk does not take what they sent.
var errStore = hub.Errorf(hub.Unavailable, "", "Nothing can be saved here just now; the disk may be full. Reading still works. Please tell whoever looks after this place.")

func putNumber(tx *bbolt.Tx, key []byte, n int64) error {
	return tx.Bucket(bucketMeta).Put(key, binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func number(tx *bbolt.Tx, key []byte) (n int64, ok bool) {
	v := tx.Bucket(bucketMeta).Get(key)
	if len(v) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(v)), true
}
