// Package gateway knows whether the internet can be reached from this hub.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// State is what is known of the internet.
type State int

// Nothing is known until the first looks agree.
const (
	Unknown State = iota
	Up
	Down
)

func (s State) String() string { return [...]string{"unknown", "up", "down"}[s] }

// Means is one way to see whether the internet answers.
type Means struct {
	Name string
	// Try returns nil if the internet answered, and ErrPortal if something else did
	// in its place, which counts more than what other means see. It ends with ctx.
	Try func(ctx context.Context) error
}

// How often and how long is looked, and how much it takes to change one's mind: a
// lossy uplink must not have pages flicker, and one that came back is wanted soon.
const (
	lookUp     = 30 * time.Second // while it works
	lookDown   = 3 * time.Second  // while it does not
	lookHope   = time.Second      // when it seems to work again
	lookDoubt  = 2 * time.Second  // when it seems to work no more, or nothing is known
	patience   = 3 * time.Second  // for one look
	agreeing   = 2                // means that have to see it in one look
	toBeUp     = 2                // looks in a row
	toBeDown   = 3
	toBeginsAs = 2 // looks in a row for the first word on it
)

// Watch looks for the internet again and again.
type Watch struct {
	means []Means
	way   func(context.Context) error // nil: it is always looked; an error: nothing can be seen
	log   *slog.Logger

	mu      sync.Mutex
	state   State
	since   time.Time
	changed chan struct{}
}

// NewWatch returns a watch of at least two means that do not depend on one another.
func NewWatch(log *slog.Logger, means ...Means) *Watch {
	return &Watch{means: means, log: log, changed: make(chan struct{})}
}

// State is what is known now.
func (w *Watch) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Since is when that began, on this machine's clock; the zero time if nothing is known.
func (w *Watch) Since() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.since
}

// Changed is closed at the next change.
func (w *Watch) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) error {
	var j judgement
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		seen := w.look(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if j.hear(seen) {
			w.become(j.state)
		}
		timer.Reset(j.next())
	}
}

func (w *Watch) become(s State) {
	w.mu.Lock()
	w.state, w.since = s, time.Now()
	close(w.changed)
	w.changed = make(chan struct{})
	w.mu.Unlock()
	if s == Up {
		w.log.Info("the internet can be reached")
	} else {
		w.log.Info("the internet cannot be reached")
	}
}

// look asks all means at once and reports whether enough of them see the internet.
func (w *Watch) look(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if w.way != nil {
		if err := w.way(ctx); err != nil {
			w.log.Debug("no way to the internet", "err", err)
			return false
		}
	}
	answers := make(chan error, len(w.means))
	for _, m := range w.means {
		go func() {
			err := m.Try(ctx)
			if err != nil {
				err = fmt.Errorf("%s: %w", m.Name, err)
			}
			answers <- err
		}()
	}
	seen := 0
	for range w.means {
		switch err := <-answers; {
		case err == nil:
			seen++
		case errors.Is(err, ErrPortal):
			w.log.Debug("not the internet", "err", err)
			return false
		default:
			w.log.Debug("no internet seen", "err", err)
		}
	}
	return seen >= agreeing
}

// judgement turns looks into a state, with hysteresis.
type judgement struct {
	state State
	last  bool
	row   int // looks in a row that saw what the last saw
}

// hear takes one look and reports whether the state is another now.
func (j *judgement) hear(seen bool) bool {
	if j.row == 0 || seen != j.last {
		j.last, j.row = seen, 0
	}
	j.row++
	to, need := Down, toBeDown
	if seen {
		to, need = Up, toBeUp
	}
	if j.state == Unknown {
		need = toBeginsAs
	}
	if to == j.state || j.row < need {
		return false
	}
	j.state = to
	return true
}

// next is how long to wait for the next look.
func (j *judgement) next() time.Duration {
	switch {
	case j.state == Down && j.last:
		return lookHope
	case j.state == Unknown, j.state == Up && !j.last:
		return lookDoubt
	case j.state == Up:
		return lookUp
	default:
		return lookDown
	}
}
