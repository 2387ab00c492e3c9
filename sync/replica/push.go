package replica

import (
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// offerLive offers a change of our set to every link whose peer has not shown
// that it holds it, as fast as its author and its hub may.
func (e *Engine) offerLive(now time.Time, x store.Entry) error {
	n := news{Entry: x, from: e.origin.from(x.ID)}
	if !e.isNews(n) {
		return nil
	}
	var err error
	if n.payers, err = e.payersOf(x); err != nil {
		return err
	}
	if e.rates.take(now, n) {
		e.offerAll(n)
	}
	return nil
}

// news is a change of our set.
type news struct {
	store.Entry
	from   LinkID       // the link on which it came, 0 if it is our own
	payers []record.Via // hubs any of which may answer for it
}

// maxPayers bounds the hubs that are asked.
const maxPayers = 16

// payersOf are the hubs on whose account a record is forwarded: the one that it
// names as the signing hub if that vouches for the author, else those that do. A
// hub's own records and a coordinator's are on their own. What a record says of
// itself is not enough: whoever floods would use up what is another hub's.
func (e *Engine) payersOf(x store.Entry) ([]record.Via, error) {
	if e.conf.Store.Roster().Certified(x.Author) {
		return []record.Via{x.Author.Via()}, nil
	}
	hubs, err := e.conf.Store.Vouchers(x.Author, maxPayers)
	if err != nil {
		return nil, err
	}
	var vias []record.Via
	for _, h := range hubs {
		if h.Via() == x.Via {
			return []record.Via{x.Via}, nil
		}
		vias = append(vias, h.Via())
	}
	return vias, nil
}

func (l *link) lacks(x news) bool {
	return x.from != l.id && x.Arrival > l.from && !l.out.seen.has(x.ID)
}

// isNews reports whether there is a peer to be told.
func (e *Engine) isNews(x news) bool {
	return slices.ContainsFunc(e.order, func(l *link) bool { return l.lacks(x) })
}

func (e *Engine) offerAll(x news) {
	for _, l := range e.order {
		if l.lacks(x) && !l.out.offer(x.Class, x.Arrival) && l.lag == 0 {
			l.lag = x.Arrival
		}
	}
}

// release offers what was held back and may go now.
func (e *Engine) release(now time.Time) {
	for _, x := range e.rates.release(now) {
		e.offerAll(x)
	}
}

// maxHeld bounds what is held back for its rate. What falls out is left to the
// digests: tail and reconciliation know no rate.
const maxHeld = 10_000

// maxBuckets bounds the authors and hubs whose rate is kept in mind.
const maxBuckets = 20_000

// rates are the token buckets of live forwarding, by author and by signing hub.
type rates struct {
	lim     Limits
	authors map[record.Author]*bucket
	vias    map[record.Via]*bucket
	held    []news
}

func newRates(l Limits) *rates {
	return &rates{lim: l, authors: map[record.Author]*bucket{}, vias: map[record.Via]*bucket{}}
}

// take reports whether x may go now; if not it is held back.
func (r *rates) take(now time.Time, x news) bool {
	if r.allow(now, x) {
		return true
	}
	if len(r.held) < maxHeld {
		r.held = append(r.held, x)
	}
	return false
}

func (r *rates) allow(now time.Time, x news) bool {
	if len(r.authors) > maxBuckets {
		dropFull(r.authors, now, r.lim.AuthorRate, r.lim.AuthorBurst)
	}
	if len(r.vias) > maxBuckets {
		dropFull(r.vias, now, r.lim.ViaRate, r.lim.ViaBurst)
	}
	a := bucketOf(r.authors, x.Author, now, r.lim.AuthorBurst)
	a.fill(now, r.lim.AuthorRate, r.lim.AuthorBurst)
	if a.tokens < 1 {
		return false
	}
	for _, via := range x.payers {
		v := bucketOf(r.vias, via, now, r.lim.ViaBurst)
		if v.fill(now, r.lim.ViaRate, r.lim.ViaBurst); v.tokens >= 1 {
			a.tokens--
			v.tokens--
			return true
		}
	}
	return len(x.payers) == 0 // nobody vouches any more: it is about to leave the set
}

// release takes what may go now out of what is held back, oldest first. Of a
// slot that was written again only the newest is still in the store by then.
func (r *rates) release(now time.Time) (out []news) {
	kept := r.held[:0]
	for _, x := range r.held {
		if r.allow(now, x) {
			out = append(out, x)
		} else {
			kept = append(kept, x)
		}
	}
	r.held = kept
	return out
}

// firstHeld is the lowest number held back.
func (r *rates) firstHeld() (uint64, bool) {
	if len(r.held) == 0 {
		return 0, false
	}
	return r.held[0].Arrival, true // they are appended in the log's order
}

// bucket is a token bucket.
type bucket struct {
	tokens float64
	at     time.Time
}

func (b *bucket) fill(now time.Time, rate float64, burst int) {
	if d := now.Sub(b.at); d > 0 {
		b.tokens = min(float64(burst), b.tokens+rate*d.Seconds())
		b.at = now
	}
}

func bucketOf[K comparable](m map[K]*bucket, k K, now time.Time, burst int) *bucket {
	b := m[k]
	if b == nil {
		b = &bucket{tokens: float64(burst), at: now}
		m[k] = b
	}
	return b
}

// dropFull forgets the buckets that are full again: they say nothing.
func dropFull[K comparable](m map[K]*bucket, now time.Time, rate float64, burst int) {
	for k, b := range m {
		if b.fill(now, rate, burst); b.tokens >= float64(burst) {
			delete(m, k)
		}
	}
}
