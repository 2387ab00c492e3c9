package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Outcome is what became of a record.
type Outcome uint8

// The outcomes.
const (
	Refused Outcome = iota // Verdict.Err says why
	Added                  // now in the set, under Verdict.Arrival
	Known                  // it, or a newer one of its slot, is in the set already
	Expired                // collected before it came
	Full                   // its author's quota is full of what expires later
	Aside                  // not allowed now; kept in case its author is vouched for again
)

// Verdict is what became of one record. Err wraps an error of package roster.
type Verdict struct {
	Outcome Outcome
	Arrival uint64
	Err     error
}

// ErrBusy means that more waits to be written than is good; try again.
var ErrBusy = errors.New("too much is waiting to be written")

// maxQueue bounds the records that wait for a commit, maxCommit those of one.
const (
	maxQueue  = 20_000
	maxCommit = 4_096
)

// committer lets concurrent writers share a commit: whoever comes first leads
// and takes along what has gathered meanwhile.
type committer struct {
	lead  chan struct{}
	mu    sync.Mutex
	queue []*request
	size  int
}

type request struct {
	recs     []record.Record
	verdicts []Verdict
	done     chan error
}

func (c *committer) init() { c.lead = make(chan struct{}, 1) }

func (c *committer) add(r *request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size > 0 && c.size+len(r.recs) > maxQueue {
		return ErrBusy
	}
	c.queue = append(c.queue, r)
	c.size += len(r.recs)
	return nil
}

func (c *committer) take() (batch []*request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for len(c.queue) > 0 && (n == 0 || n+len(c.queue[0].recs) <= maxCommit) {
		n += len(c.queue[0].recs)
		batch = append(batch, c.queue[0])
		c.queue = c.queue[1:]
	}
	c.size -= n
	return batch
}

// Apply offers verified records to the set in one synced transaction, which
// other callers may share, and says what became of each. An error means that
// none was taken; it wraps ErrFull, ErrDamaged or ErrBusy where they apply.
// When ctx ends first the records may still be taken.
func (s *Store) Apply(ctx context.Context, rs ...record.Record) ([]Verdict, error) {
	if len(rs) == 0 {
		return nil, nil
	}
	if len(rs) > maxQueue {
		return nil, fmt.Errorf("%w: %d records at once", ErrBusy, len(rs))
	}
	r := &request{recs: rs, verdicts: make([]Verdict, len(rs)), done: make(chan error, 1)}
	if err := s.commits.add(r); err != nil {
		return nil, err
	}
	for {
		select {
		case err := <-r.done:
			return r.verdicts, err
		case <-ctx.Done():
			return nil, ctx.Err()
		case s.commits.lead <- struct{}{}:
			s.leadOne()
		}
	}
}

// leadOne commits what has gathered and lets the next lead, also where an app's
// index panics.
func (s *Store) leadOne() {
	defer func() { <-s.commits.lead }()
	s.commit(s.commits.take())
}

// errBroken is told to those whose commit panicked.
var errBroken = errors.New("a commit was broken off")

func (s *Store) commit(batch []*request) {
	if len(batch) == 0 {
		return
	}
	err := errBroken
	defer func() {
		for _, r := range batch {
			r.done <- err
		}
	}()
	err = s.update(func(w *writer) error { return w.apply(batch) })
}

// update runs f as the one writer and publishes what it changed, before the next
// writer begins.
func (s *Store) update(f func(*writer) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	var w *writer
	err := s.engine.Update(func(t tx) error {
		state := s.standing(generation(t))
		if state == nil {
			state = s.compute(t)
		}
		if s.unbegun {
			if err := beginEpoch(t, s.epoch); err != nil {
				return err
			}
		}
		w = newWriter(s, t, state)
		if err := f(w); err != nil {
			return err
		}
		return w.finish()
	})
	if err == nil {
		s.unbegun = false
		s.publish(w)
	}
	if full := errors.Is(err, ErrFull); full || err == nil {
		s.full.Store(full)
	}
	return err
}
