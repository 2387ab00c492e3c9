package store

import (
	"bytes"
	"errors"
	"sync"

	"github.com/google/btree"
)

type pair struct{ k, v []byte }

var errClosed = errors.New("the store is closed")

// mem is an engine in memory: copy-on-write trees, so that readers see one
// moment and a failed transaction leaves no trace.
type mem struct {
	write  sync.Mutex // one writer
	mu     sync.Mutex // guards what follows
	trees  [tables]*btree.BTreeG[pair]
	closed bool
}

func newMem() *mem {
	m := &mem{}
	for i := range m.trees {
		m.trees[i] = btree.NewG(16, func(a, b pair) bool { return bytes.Compare(a.k, b.k) < 0 })
	}
	return m
}

// snapshot is a copy to write to. Cloning is lazy; it writes to the tree's owner
// mark, so it is locked.
func (m *mem) snapshot() *memTx {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &memTx{}
	for i, tree := range m.trees {
		t.trees[i] = tree.Clone()
	}
	return t
}

// View reads the trees themselves: a writer works on its own copy.
func (m *mem) View(f func(tx) error) error {
	m.mu.Lock()
	t, closed := &memTx{trees: m.trees}, m.closed
	m.mu.Unlock()
	if closed {
		return errClosed
	}
	return f(t)
}

func (m *mem) Update(f func(tx) error) error {
	m.write.Lock()
	defer m.write.Unlock()
	t := m.snapshot()
	if err := f(t); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed
	}
	m.trees = t.trees
	return nil
}

func (m *mem) Size() int64 { return 0 }

func (m *mem) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// fork is an independent engine with the same content. Like a file's, the content
// outlives closing.
func (m *mem) fork() *mem { return &mem{trees: m.snapshot().trees} }

type memTx struct {
	trees [tables]*btree.BTreeG[pair]
}

func (t *memTx) Get(b table, key []byte) []byte {
	p, ok := t.trees[b].Get(pair{k: key})
	if !ok {
		return nil
	}
	if p.v == nil {
		return []byte{}
	}
	return p.v
}

func (t *memTx) Put(b table, key, value []byte) error {
	t.trees[b].ReplaceOrInsert(pair{bytes.Clone(key), bytes.Clone(value)})
	return nil
}

func (t *memTx) Delete(b table, key []byte) error {
	t.trees[b].Delete(pair{k: key})
	return nil
}

func (t *memTx) Ascend(b table, from []byte, f func(k, v []byte) bool) {
	t.trees[b].AscendGreaterOrEqual(pair{k: from}, func(p pair) bool { return f(p.k, p.v) })
}

func (t *memTx) Descend(b table, below []byte, f func(k, v []byte) bool) {
	if below == nil {
		t.trees[b].Descend(func(p pair) bool { return f(p.k, p.v) })
		return
	}
	t.trees[b].DescendLessOrEqual(pair{k: below}, func(p pair) bool {
		if bytes.Equal(p.k, below) {
			return true
		}
		return f(p.k, p.v)
	})
}
