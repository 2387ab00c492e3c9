package local

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

// prepare makes the buckets of a new file and refuses a newer program's.
func (l *Local) prepare() error {
	fresh := false
	err := l.db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketMeta) == nil {
			fresh = true
			return nil
		}
		if n, ok := number(tx, keyFormat); !ok || n != format {
			return fmt.Errorf("written by another version of Lamppost (format %d, this one knows %d): start that version, or rename the file and start again", n, format)
		}
		return nil
	})
	if err != nil || !fresh {
		return err
	}
	return l.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketSessions, bucketPlaces} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return putNumber(tx, keyFormat, format)
	})
}

// load reads the file into memory.
func (l *Local) load() error {
	return l.db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketMeta) == nil || tx.Bucket(bucketSessions) == nil || tx.Bucket(bucketPlaces) == nil {
			return fmt.Errorf("%w (a part is missing)", ErrDamaged)
		}
		if n, ok := number(tx, keyRan); ok && n > 0 {
			l.before = min(time.Duration(n), maxRan)
		}
		if n, ok := number(tx, keySaved); ok {
			l.saved = time.UnixMilli(n).UTC()
		}
		if n, ok := number(tx, keyAhead); ok {
			l.mistaken = time.UnixMilli(n).UTC()
		}
		if seed := tx.Bucket(bucketMeta).Get(keyGuest); len(seed) == ed25519.SeedSize {
			l.guest = ed25519.NewKeyFromSeed(seed)
		}
		if err := tx.Bucket(bucketSessions).ForEach(l.loadSession); err != nil {
			return err
		}
		if b := tx.Bucket(bucketAddresses); b != nil {
			if err := b.ForEach(l.loadAddress); err != nil {
				return err
			}
		}
		if b := tx.Bucket(bucketInvitations); b != nil {
			if err := b.ForEach(l.loadInvitation); err != nil {
				return err
			}
		}
		if b := tx.Bucket(bucketReaders); b != nil {
			if err := b.ForEach(l.loadReader); err != nil {
				return err
			}
		}
		if b := tx.Bucket(bucketAccepted); b != nil {
			if err := b.ForEach(l.loadAcceptance); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketPlaces).ForEach(l.loadPlace)
	})
}

// maxRan bounds what is believed of a running time.
const maxRan = 200 * 365 * 24 * time.Hour

func (l *Local) loadSession(k, v []byte) error {
	s, err := decodeSession(v)
	if err != nil || len(k) != len(mark{}) {
		l.skipped++
		return nil //nolint:nilerr // one bad entry is one person signing in again; Skipped tells
	}
	s.Born, s.Used = min(s.Born, l.before), min(s.Used, l.before)
	l.sessions[mark(k)] = s
	return nil
}

func (l *Local) loadPlace(k, v []byte) error {
	p, err := decodePlace(v)
	if err != nil || len(k) != 2 || binary.BigEndian.Uint16(k) >= Places {
		l.skipped++
		return nil //nolint:nilerr // Seat brings the place back; Skipped tells
	}
	n := int(binary.BigEndian.Uint16(k))
	p.Used = min(p.Used, l.before)
	p.written = p.Used
	l.places[n] = p
	if _, ok := l.placeOf[p.Author]; !ok {
		l.placeOf[p.Author] = n
	}
	return nil
}

// put writes an entry of our own making.
func put(b *bbolt.Bucket, key []byte, v any) error {
	enc, err := cbor.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, enc)
}

// keepOnly removes the entries that are not to be kept, once all have been seen: a
// bucket must not change under ForEach.
func keepOnly(b *bbolt.Bucket, kept func(key []byte) bool) error {
	var gone [][]byte
	if err := b.ForEach(func(k, _ []byte) error {
		if !kept(k) {
			gone = append(gone, slices.Clone(k))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, k := range gone {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// isAuthor refuses the zero key, which stands for nobody.
func isAuthor(a record.Author) error {
	if a == (record.Author{}) {
		return errors.New("no author")
	}
	return nil
}
