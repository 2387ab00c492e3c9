package local

import (
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

// Seats are the residents by the numbers of their places, but for the guests'.
func (l *Local) Seats() map[int]record.Author {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[int]record.Author{}
	for n := 1; n < Places; n++ {
		if a := l.places[n].Author; a != (record.Author{}) {
			out[n] = a
		}
	}
	return out
}

// Move gives an author another place, because the hub's vouch there is for somebody
// else: a free one that is not among the taken. It returns once that is on disk,
// with ErrFull where there is none. Whoever has the old place Seat takes over.
func (l *Local) Move(author record.Author, taken map[int]record.Author, now time.Time) (int, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	old, seated := l.placeOf[author]
	to := 0
	for k := 0; k < Places-1 && to == 0; k++ {
		n := 1 + (l.begin+k)%(Places-1)
		if isAuthor(taken[n]) != nil && isAuthor(l.places[n].Author) != nil {
			to = n
		}
	}
	l.mu.Unlock()
	if to == 0 {
		return 0, ErrFull
	}
	p := place{Author: author, Since: now.UnixMilli(), Used: l.ran()}
	if err := l.update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketPlaces)
		if seated {
			if err := b.Delete(placeKey(old)); err != nil {
				return err
			}
		}
		return put(b, placeKey(to), &p)
	}); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if seated {
		l.seat(old, place{})
	}
	l.seat(to, p)
	return to, nil
}
