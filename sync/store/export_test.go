package store

import (
	"errors"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Hooks are called around the transactions of a store made by Hooked; nil ones
// do nothing.
type Hooks struct {
	Begin  func()       // before a write transaction begins
	Put    func() error // before each Put and Delete
	Commit func() error // after f, before the commit
	After  func() error // after the commit: what reached the disk and failed yet
}

// Hooked is a memory store with hooks.
func Hooked(c Config, h *Hooks) (*Store, error) { return open(&hooked{newMem(), h}, c) }

// HookedFile is a store in a file with hooks.
func HookedFile(path string, c Config, h *Hooks) (*Store, error) {
	e, err := openBolt(path)
	if err != nil {
		return nil, err
	}
	s, err := open(&hooked{e, h}, c)
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return s, nil
}

// Queued is how many requests wait for a commit.
func (s *Store) Queued() int {
	s.commits.mu.Lock()
	defer s.commits.mu.Unlock()
	return len(s.commits.queue)
}

type hooked struct {
	engine
	h *Hooks
}

func (e *hooked) Update(f func(tx) error) error {
	if e.h.Begin != nil {
		e.h.Begin()
	}
	err := e.engine.Update(func(t tx) error {
		if err := f(hookedTx{t, e.h}); err != nil || e.h.Commit == nil {
			return err
		}
		return e.h.Commit()
	})
	if err == nil && e.h.After != nil {
		err = e.h.After()
	}
	return err
}

type hookedTx struct {
	tx
	h *Hooks
}

func (t hookedTx) Put(b table, k, v []byte) error {
	if t.h.Put != nil {
		if err := t.h.Put(); err != nil {
			return err
		}
	}
	return t.tx.Put(b, k, v)
}

func (t hookedTx) Delete(b table, k []byte) error {
	if t.h.Put != nil {
		if err := t.h.Put(); err != nil {
			return err
		}
	}
	return t.tx.Delete(b, k)
}

// SpoilSums makes fingerprints wrong, one that is there and one that is not.
func SpoilSums(s *Store) error {
	return s.engine.Update(func(t tx) error {
		for _, k := range [][]byte{sumKey(record.Trust, record.Never), sumKey(record.Talk, 20_000)} {
			if err := t.Put(tSum, k, make([]byte, 40)); err != nil {
				return err
			}
		}
		return nil
	})
}
