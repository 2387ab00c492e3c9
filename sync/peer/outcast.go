package peer

import (
	"errors"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Outcast reports whether an error is the other hub's word that this one has no
// certificate, or one that was revoked: it will not be welcome soon.
func Outcast(err error) bool {
	_, told := errors.AsType[*ToldError](err)
	return told && uncertain(err)
}

// uncertain reports whether two hubs do not link because one has no certificate.
func uncertain(err error) bool {
	return errors.Is(err, ErrNoCertificate) || errors.Is(err, ErrRevoked)
}

// outcastMost is the longest wait before a hub is dialled again where one of the
// two has no certificate.
const outcastMost = 5 * time.Minute

// outcastAfter is that wait after so many failures: from the slow pace it doubles.
// Once there is a certificate, Redial makes it end.
func outcastAfter(slow time.Duration, fails int) time.Duration {
	return min(slow<<min(max(fails, 1)-1, 6), outcastMost)
}

// maxAway bounds the peers of whom the book knows why they were turned away.
const maxAway = 256

// turnedAway notes why a greeting came to nothing and reports whether that is news.
func (b *book) turnedAway(p record.Author, err error) bool {
	why := kind(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away[p] == why {
		return false
	}
	if len(b.away) >= maxAway { // strangers can have any number of keys
		clear(b.away)
	}
	b.away[p] = why
	return true
}

// welcomed ends what turnedAway has noted.
func (b *book) welcomed(p record.Author) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.away, p)
}
