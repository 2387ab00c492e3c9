package pmtiles

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"unsafe"
)

// Cache is what several files share: the directories that were read last, in bounded
// memory, and what unpacks. It is safe for concurrent use.
type Cache struct {
	unpackers unpackers

	mu    sync.Mutex // guards what follows
	most  int        // bytes
	used  int
	slots map[dirKey]*slot
	order *list.List // of *slot that are filled; the last used first
}

// DefaultCache is room for the directories around some dozen places that people look at,
// in bytes.
const DefaultCache = 4 << 20

// NewCache makes a cache for so many bytes of directories; 0 is DefaultCache.
func NewCache(most int) *Cache {
	if most <= 0 {
		most = DefaultCache
	}
	return &Cache{most: most, slots: map[dirKey]*slot{}, order: list.New()}
}

// dirKey is a leaf directory and what it may speak of.
type dirKey struct {
	of     *Archive
	span   Span
	in, to uint64
}

// slot is a directory that was read, or is being read.
type slot struct {
	key     dirKey
	done    chan struct{} // closed when entries and err are there
	entries []Entry
	err     error
	at      *list.Element // in the order; nil while it is being read
}

// dirCost is what a directory takes beside its entries, about, in bytes.
const dirCost = 256

func (s *slot) bytes() int { return dirCost + len(s.entries)*int(unsafe.Sizeof(Entry{})) }

var errGaveUp = errors.New("the directory was not read to its end")

// get is a directory, read by load if it is not here. Whoever else asks for it meanwhile
// waits for the same reading. An error is not kept.
func (c *Cache) get(ctx context.Context, key dirKey, load func() ([]Entry, error)) ([]Entry, error) {
	c.mu.Lock()
	s, ok := c.slots[key]
	if ok {
		if s.at != nil {
			c.order.MoveToFront(s.at)
		}
		c.mu.Unlock()
		select {
		case <-s.done:
			return s.entries, s.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	s = &slot{key: key, done: make(chan struct{}), err: errGaveUp}
	c.slots[key] = s
	c.mu.Unlock()
	defer c.fill(s) // also when load panics, or others would wait for ever
	s.entries, s.err = load()
	return s.entries, s.err
}

// fill tells those who wait, and makes room.
func (c *Cache) fill(s *slot) {
	close(s.done)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots[s.key] != s {
		return // its file was forgotten meanwhile
	}
	if s.err != nil || s.bytes() > c.most {
		delete(c.slots, s.key)
		return
	}
	s.at = c.order.PushFront(s)
	for c.used += s.bytes(); c.used > c.most; {
		c.drop(c.order.Back())
	}
}

// drop takes one out of the order.
func (c *Cache) drop(at *list.Element) {
	if s, ok := c.order.Remove(at).(*slot); ok {
		c.used -= s.bytes()
		delete(c.slots, s.key)
	}
}

// forget lets go of what was read of a file.
func (c *Cache) forget(a *Archive) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, s := range c.slots {
		switch {
		case key.of != a:
		case s.at != nil:
			c.drop(s.at)
		default:
			delete(c.slots, key)
		}
	}
}
