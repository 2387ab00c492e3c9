package gossip

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/lamppost-hub/lamppost/sync/record"
)

const (
	// newNames is how many unknown names a second are let in after the first
	// MaxMembers: memberlist keeps the dead for as long as a round of probes takes.
	newNames = 2
	// remembered is how long a name that is gone costs no newNames.
	remembered = time.Minute
	// moving is how long members of the instance before are taken to be up still.
	moving = 15 * time.Second
	// unmasked is how long a name with our key must be up to be a twin where it
	// cannot be asked: longer than the name of a hub that crashed stays up.
	unmasked = 3 * time.Minute
	// maxSeen bounds the addresses of members that are remembered.
	maxSeen = 256
	// maxOwn bounds the names of our own that are remembered.
	maxOwn = 64
)

var errFull = errors.New("too many members, or too many at once")

// roll is who is there, and what of it the consumer has been told.
type roll struct {
	self    record.Author
	refused atomic.Uint64
	wake    chan struct{} // there is something to tell
	kick    chan struct{} // there may be a twin

	mu    sync.Mutex
	gen   int // of the instance that is listened to
	since time.Time
	own   []string // our names, of this instance and of those before
	all   map[string]*entry
	live  map[record.Author]int        // names by key
	seen  map[netip.AddrPort]time.Time // when a member answered there; zero = only heard of
	fresh *rate.Limiter
	queue []string // names with something to tell
	downs int
}

type entry struct {
	Member
	gen    int // heard of by this instance
	live   bool
	twin   bool // answered under our own key
	queued bool
	told   bool // as being up
	last   Member
	gone   time.Time
}

func newRoll(self record.Author) *roll {
	return &roll{
		self: self, wake: make(chan struct{}, 1), kick: make(chan struct{}, 1),
		all: map[string]*entry{}, live: map[record.Author]int{}, seen: map[netip.AddrPort]time.Time{},
		fresh: rate.NewLimiter(newNames, MaxMembers),
	}
}

// begin listens to a new instance, of that name.
func (r *roll) begin(name string, now time.Time) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gen++
	r.since = now
	if len(r.own) == maxOwn {
		r.own = slices.Delete(r.own, 0, 1)
	}
	r.own = append(r.own, name)
	return r.gen
}

// end stops listening to the instance.
func (r *roll) end(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gen++
	r.since = now
}

// admit judges a member that memberlist is about to take in.
func (r *roll) admit(m Member, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.all[m.Name]
	switch {
	case e != nil && e.live, slices.Contains(r.own, m.Name):
		return nil
	case r.countLive() >= MaxMembers, e == nil && !r.fresh.AllowN(now, 1):
		return errFull
	}
	return nil
}

func (r *roll) countLive() int {
	n := 0
	for _, k := range r.live {
		n += k
	}
	return n
}

// up notes a member that is there, or what it says now.
func (r *roll) up(gen int, m Member, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if gen != r.gen || slices.Contains(r.own, m.Name) {
		return
	}
	e := r.all[m.Name]
	if e == nil {
		e = &entry{}
		r.all[m.Name] = e
	}
	if e.live {
		r.uncount(e.Key)
		m.Since, m.Answered = e.Since, e.Answered && e.Addr == m.Addr
	} else {
		m.Since = now
	}
	e.Member, e.gen, e.live = m, gen, true
	r.live[m.Key]++
	if m.Key == r.self {
		poke(r.kick)
	} else if _, ok := r.seen[m.Addr]; !ok && len(r.seen) < maxSeen {
		r.seen[m.Addr] = time.Time{}
	}
	r.enqueue(e)
}

func (r *roll) down(gen int, name string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.all[name]; gen == r.gen && e != nil && e.live {
		r.bury(e, now)
	}
}

func (r *roll) bury(e *entry, now time.Time) {
	e.live, e.twin, e.Answered, e.gone = false, false, false, now
	r.uncount(e.Key)
	r.downs++
	r.enqueue(e)
}

func (r *roll) uncount(key record.Author) {
	if r.live[key]--; r.live[key] == 0 {
		delete(r.live, key)
	}
}

// answered notes that a member's address answered under its name.
func (r *roll) answered(gen int, name string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.all[name]
	if gen != r.gen || e == nil || !e.live {
		return
	}
	e.Answered = true
	if e.Key == r.self {
		e.twin = true
		r.enqueue(e)
		return
	}
	if _, ok := r.seen[e.Addr]; !ok && len(r.seen) >= maxSeen {
		r.forgetOldest()
	}
	r.seen[e.Addr] = now
}

func (r *roll) forgetOldest() {
	var oldest netip.AddrPort
	for a, t := range r.seen {
		if !oldest.IsValid() || t.Before(r.seen[oldest]) {
			oldest = a
		}
	}
	delete(r.seen, oldest)
}

// sweep forgets who is gone for good.
func (r *roll) sweep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, e := range r.all {
		switch {
		case e.live && e.gen != r.gen && now.Sub(r.since) >= moving:
			r.bury(e, now)
		case e.live && e.Key == r.self && !e.twin && now.Sub(e.Since) >= unmasked:
			e.twin = true
			r.enqueue(e)
		case !e.live && !e.queued && !e.told && now.Sub(e.gone) >= remembered:
			delete(r.all, name)
		}
	}
}

func (r *roll) enqueue(e *entry) {
	if !e.queued {
		e.queued = true
		r.queue = append(r.queue, e.Name)
	}
	poke(r.wake)
}

// next is the next thing to tell.
func (r *roll) next() (Member, Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) > 0 {
		e := r.all[r.queue[0]]
		r.queue = r.queue[1:]
		e.queued = false
		present := e.live && (e.Key != r.self || e.twin)
		switch {
		case present && !e.told:
			e.told, e.last = true, r.marked(e)
			if e.Key == r.self {
				return e.last, Twin, true
			}
			return e.last, Up, true
		case present && e.changed(e.last):
			e.last = r.marked(e)
			return e.last, Changed, true
		case !present && e.told:
			e.told = false
			return e.last, Down, true
		}
	}
	r.queue = nil
	return Member{}, 0, false
}

func (r *roll) marked(e *entry) Member {
	m := e.Member
	if r.live[m.Key] > 1 || m.Key == r.self {
		m.Doubt |= KeyShared
	}
	return m
}

func (r *roll) members() []Member {
	return r.list(func(e *entry) bool { return e.live && e.Key != r.self })
}

func (r *roll) twins() []Member { return r.list(func(e *entry) bool { return e.live && e.twin }) }

// suspects are live members with our key that have not answered yet.
func (r *roll) suspects() []Member {
	return r.list(func(e *entry) bool { return e.live && e.Key == r.self && !e.twin })
}

func (r *roll) list(which func(*entry) bool) []Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Member
	for _, e := range r.all {
		if which(e) {
			out = append(out, r.marked(e))
		}
	}
	slices.SortFunc(out, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// member is the live member of that name.
func (r *roll) member(name string) (Member, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.all[name]
	if e == nil || !e.live {
		return Member{}, false
	}
	return e.Member, true
}

// places are the addresses of members that this instance knows to be up, those that are remembered with when
// they answered, and how many members have gone down so far.
func (r *roll) places() (live map[netip.AddrPort]bool, seen map[netip.AddrPort]time.Time, downs int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	live, seen = map[netip.AddrPort]bool{}, map[netip.AddrPort]time.Time{}
	for _, e := range r.all {
		if e.live && e.gen == r.gen && e.Key != r.self {
			live[e.Addr] = true
		}
	}
	for a, t := range r.seen {
		seen[a] = t
	}
	return live, seen, r.downs
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
