package local

import (
	"time"

	"go.etcd.io/bbolt"
)

// SaveTime remembers a time that the clock is sure of, for the next start; less
// than an hour's change is not written.
func (l *Local) SaveTime(t time.Time) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	d := t.Sub(l.saved).Abs()
	l.mu.Unlock()
	if d < time.Hour {
		return nil
	}
	t = time.UnixMilli(t.UnixMilli()).UTC()
	if err := l.update(func(tx *bbolt.Tx) error {
		return putNumber(tx, keySaved, t.UnixMilli())
	}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.saved = t
	return nil
}

// SetTime remembers a time that an operator has set, to the millisecond, and the
// highest time of which the hub's clock, if it was ahead, may have left traces.
func (l *Local) SetTime(t, traces time.Time) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	t, traces = time.UnixMilli(t.UnixMilli()).UTC(), time.UnixMilli(traces.UnixMilli()).UTC()
	if err := l.update(func(tx *bbolt.Tx) error {
		if err := putNumber(tx, keySaved, t.UnixMilli()); err != nil {
			return err
		}
		return putNumber(tx, keyAhead, traces.UnixMilli())
	}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.saved, l.mistaken = t, traces
	return nil
}

// SavedTime is the last time saved or set; zero if none was.
func (l *Local) SavedTime() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.saved
}

// Passed reports whether a time that this hub once took for its own says that it
// has passed. It does not if it lies above the time saved and an operator has
// since set a clock back that was ahead.
func (l *Local) Passed(t time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !t.After(l.saved) || t.After(l.mistaken)
}
