package dns

import (
	"container/list"
	"sync"
	"time"
)

// Bounds of how long an answer holds, whatever it says itself.
const (
	maxFresh    = 24 * time.Hour
	maxNegative = 5 * time.Minute
	staleLife   = 30 // seconds that an old answer holds: RFC 8767
)

// key is what is asked of other servers.
type key struct {
	name   string // on the wire, in lower case
	kind   uint16
	do, cd bool
}

func keyOf(a *ask) key {
	return key{name: string(a.q.name), kind: a.q.kind, do: a.opt != nil && a.opt.Do(), cd: a.req.CheckingDisabled}
}

// entry is what is known about a key. Only failed changes once it is in the cache.
type entry struct {
	wire     []byte // the answer, as it was packed here
	missing  bool   // the name does not exist
	scrubbed bool   // something was left out
	learned  time.Time
	until    time.Time // it holds
	failed   time.Time // when a newer one could last not be had
}

func (e *entry) fresh(now time.Time) bool { return now.Before(e.until) }

// stale is not the opposite of fresh: what holds for no time at all is neither in
// the moment that it is learned.
func (e *entry) stale(now time.Time) bool { return !e.fresh(now) && !now.Equal(e.learned) }

// old is what of an entry may be told without knowing better: not that a name does
// not exist.
func (e *entry) old() *entry {
	if e == nil || e.missing {
		return nil
	}
	return e
}

// left is how many seconds a record with this TTL holds from now on.
func (e *entry) left(ttl uint32, now time.Time) uint32 {
	if e.stale(now) {
		return staleLife
	}
	age := uint32(now.Sub(e.learned) / time.Second) // less than maxFresh
	return max(ttl, age) - age
}

// overhead is what an entry takes besides its name and answer, in bytes, about.
const overhead = 256

func (e *entry) size(k key) int { return overhead + len(k.name) + len(e.wire) }

// cache keeps what was used last, up to a number of bytes.
type cache struct {
	max      int // bytes
	maxStale time.Duration

	mu    sync.Mutex
	used  int
	order *list.List // of *kept, the last used first
	of    map[key]*list.Element
}

type kept struct {
	key   key
	entry entry
}

func newCache(bytes int, maxStale time.Duration) *cache {
	return &cache{max: bytes, maxStale: maxStale, order: list.New(), of: make(map[key]*list.Element)}
}

// get returns a copy of what is known, however old within the bound, or nil.
func (c *cache) get(k key, now time.Time) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.find(k)
	if one == nil {
		return nil
	}
	if now.After(one.entry.until.Add(c.maxStale)) {
		c.remove(c.of[k])
		return nil
	}
	c.order.MoveToFront(c.of[k])
	e := one.entry
	return &e
}

// put keeps an entry instead of an older one. One that would take an eighth of all
// there is room for is not kept.
func (c *cache) put(k key, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.of[k]; old != nil {
		c.remove(old)
	}
	if e.size(k) > c.max/8 {
		return
	}
	c.of[k] = c.order.PushFront(&kept{k, *e})
	for c.used += e.size(k); c.used > c.max; {
		c.remove(c.order.Back())
	}
}

// failed notes that there was nothing newer to be had.
func (c *cache) failed(k key, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.find(k); one != nil {
		one.entry.failed = now
	}
}

func (c *cache) find(k key) *kept {
	if el := c.of[k]; el != nil {
		if one, ok := el.Value.(*kept); ok {
			return one
		}
	}
	return nil
}

func (c *cache) remove(el *list.Element) {
	if one, ok := c.order.Remove(el).(*kept); ok {
		c.used -= one.entry.size(one.key)
		delete(c.of, one.key)
	}
}
