// Package recent keeps what was used lately at hand, so that it is not made anew
// each time. Pure.
package recent

import "sync"

// Map holds what was put in or asked for last, by keys that say all of it: under one
// key there is never anything else. It is safe for concurrent use. A nil Map holds
// nothing.
//
// It has two halves. What is used moves to the young one; when that is full, the old
// one is let go of, and the young one grows old.
type Map[K comparable, V any] struct {
	half int // bytes that one holds

	mu         sync.Mutex
	young, old map[K]sized[V]
	used       int // bytes of the young one
}

type sized[V any] struct {
	v    V
	size int
}

// New makes a map that holds so many bytes, by the sizes that Put is told.
func New[K comparable, V any](bytes int) *Map[K, V] {
	return &Map[K, V]{half: bytes / 2, young: map[K]sized[V]{}}
}

// Get is what stands under a key, if it is at hand.
func (m *Map[K, V]) Get(k K) (v V, ok bool) {
	if m == nil {
		return v, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.young[k]
	if ok {
		return s.v, true
	}
	if s, ok = m.old[k]; ok {
		delete(m.old, k)
		m.put(k, s)
	}
	return s.v, ok
}

// Put keeps v under k; it takes so many bytes. What takes more than half of the map
// is not kept.
func (m *Map[K, V]) Put(k K, v V, bytes int) {
	if m == nil || bytes > m.half {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.young[k]; !ok {
		delete(m.old, k)
		m.put(k, sized[V]{v, bytes})
	}
}

func (m *Map[K, V]) put(k K, s sized[V]) {
	if m.used+s.size > m.half {
		m.old, m.young, m.used = m.young, map[K]sized[V]{}, 0
	}
	m.young[k] = s
	m.used += s.size
}

// Len is how many things are at hand.
func (m *Map[K, V]) Len() int {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.young) + len(m.old)
}
