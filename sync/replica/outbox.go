package replica

import (
	"container/heap"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// maxQueued bounds the bytes of messages that wait on a link: a peer that asks
// and does not listen is left.
const maxQueued = 8 << 20

// maxPending bounds the arrival numbers that wait on a link. Beyond it live news
// are left to a tail once the link has caught up.
const maxPending = 200_000

// outbox is what waits to go out on a link, by lane.
type outbox struct {
	part    [lanes][]byte   // what is left of a message under way
	queue   [lanes][][]byte // messages
	pending [record.Classes]arrivals
	bytes   int                 // in queue and part
	waiting map[uint64]struct{} // numbers in pending
	seen    seen                // what the peer showed that it holds
}

func newOutbox() outbox { return outbox{waiting: map[uint64]struct{}{}, seen: newSeen(8192)} }

func (o *outbox) push(l lane, m []byte) {
	o.queue[l] = append(o.queue[l], m)
	o.bytes += len(m)
}

// offer queues a record by number; it reports false when there is no room.
func (o *outbox) offer(c record.Class, n uint64) bool {
	if _, ok := o.waiting[n]; ok || c >= record.Classes {
		return true
	}
	if len(o.waiting) >= maxPending {
		return false
	}
	o.waiting[n] = struct{}{}
	heap.Push(&o.pending[c], n)
	return true
}

// take removes the newest number of a class.
func (o *outbox) take(c record.Class) uint64 {
	n := heap.Pop(&o.pending[c]).(uint64) //nolint:forcetypeassert // arrivals holds nothing else
	delete(o.waiting, n)
	return n
}

// drained reports whether all data has been handed over to be sent.
func (o *outbox) drained() bool {
	if len(o.waiting) > 0 {
		return false
	}
	for l := range control {
		if len(o.part[l]) > 0 || len(o.queue[l]) > 0 {
			return false
		}
	}
	return true
}

// arrivals is a heap of numbers, the largest first.
type arrivals []uint64

func (a arrivals) Len() int           { return len(a) }
func (a arrivals) Less(i, j int) bool { return a[i] > a[j] }
func (a arrivals) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)        { *a = append(*a, x.(uint64)) } //nolint:forcetypeassert // ours
func (a *arrivals) Pop() any {
	n := len(*a) - 1
	x := (*a)[n]
	*a = (*a)[:n]
	return x
}

// seen remembers the last ids that a peer showed it holds. It may not hold them any more
// where the roster has since ruled otherwise: what a comparison says weighs more.
type seen struct {
	ids   map[store.Short]uint32 // with the round in which each was shown last
	ring  []store.Short          // grows up to most
	most  int
	at    int
	round uint32 // counts the comparisons that this end began
}

func newSeen(n int) seen {
	return seen{ids: make(map[store.Short]uint32), most: n}
}

func (s *seen) add(id record.ID) {
	k := store.Short(id[:8])
	if _, ok := s.ids[k]; !ok {
		if len(s.ring) < s.most {
			s.ring = append(s.ring, k)
		} else {
			delete(s.ids, s.ring[s.at])
			s.ring[s.at] = k
			s.at = (s.at + 1) % len(s.ring)
		}
	}
	s.ids[k] = s.round
}

func (s *seen) has(id record.ID) bool {
	_, ok := s.ids[store.Short(id[:8])]
	return ok
}

// lately reports whether it was shown since the last comparison began.
func (s *seen) lately(id record.ID) bool {
	round, ok := s.ids[store.Short(id[:8])]
	return ok && round == s.round
}

func (s *seen) drop(id record.ID) { delete(s.ids, store.Short(id[:8])) }

// forget lets go of all of it.
func (s *seen) forget() {
	clear(s.ids)
	s.ring, s.at = s.ring[:0], 0
}
